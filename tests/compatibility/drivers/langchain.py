"""LangChain's ChatBedrockConverse."""
from botocore.exceptions import ClientError
from langchain_aws import ChatBedrockConverse
from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage

from .driver import new_turn, run, usage


def model_of(call):
    extra = {"thinking": {"type": "enabled", "budget_tokens": call["thinking"]}} if call.get("thinking") else None
    model = ChatBedrockConverse(model=call["model"], max_tokens=call["max_tokens"], additional_model_request_fields=extra)
    if not call.get("tools"):
        return model
    return model.bind_tools([{"type": "function", "function": {"name": t["name"], "description": t["description"], "parameters": t["schema"]}} for t in call["tools"]])


def messages_of(call):
    content = [{"type": "text", "text": call["text"]}]
    if call.get("image"):
        content.append({"type": "image_url", "image_url": {"url": "data:image/png;base64," + call["image"]}})
    messages = [HumanMessage(content=content)]
    if call.get("system"):
        blocks = [{"type": "text", "text": call["system"]}]
        if call.get("cache_system"):
            blocks.append(ChatBedrockConverse.create_cache_point())
        messages.insert(0, SystemMessage(content=blocks))
    return messages


def pieces(message, kind):
    """The texts of one kind of block; content is a text or a list of blocks."""
    if isinstance(message.content, str):
        return message.content if kind == "text" else ""
    found = [b for b in message.content if b.get("type") == kind]
    return "".join(b["text"] if kind == "text" else b["reasoning_content"].get("text", "") for b in found)


def streamed(model, messages, call, turn):
    whole = None
    for chunk in (stream := model.stream(messages)):
        whole = chunk if whole is None else whole + chunk
        turn["text"] += pieces(chunk, "text")
        turn["deltas"] += bool(pieces(chunk, "text"))
        turn["stop"] = chunk.response_metadata.get("stopReason", turn["stop"])
        if turn["deltas"] == call.get("leave_after"):
            stream.close()
            return None
    return whole


def ask(call, turns):
    model, messages = model_of(call), messages_of(call)
    while True:
        turns.append(turn := new_turn())
        message = streamed(model, messages, call, turn) if call.get("stream") else model.invoke(messages)
        if message is None:
            return
        found, details = message.usage_metadata, message.usage_metadata.get("input_token_details", {})
        read, written = details.get("cache_read", 0), details.get("cache_creation", 0) or sum(v for k, v in details.items() if k.startswith("ephemeral"))
        turn |= {"text": pieces(message, "text"), "reasoning": pieces(message, "reasoning_content"), "stop": message.response_metadata.get("stopReason", turn["stop"]),
                 "usage": usage(found["input_tokens"] - read - written, found["output_tokens"], read, written),
                 "calls": [{"name": c["name"], "input": c["args"]} for c in message.tool_calls]}
        if not message.tool_calls:
            return
        messages += [message, *(ToolMessage(call["results"][c["name"]], tool_call_id=c["id"]) for c in message.tool_calls)]


def failed(error):
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"], error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return type(error).__name__, None


if __name__ == "__main__":
    run(ask, failed)
