"""openai's chat completions, whole and streamed."""
import json

import openai

from .driver import new_turn, run, usage

client = openai.OpenAI(max_retries=0)


def request_of(call):
    content = call["text"]
    if call.get("image"):
        content = [{"type": "text", "text": content}, {"type": "image_url", "image_url": {"url": "data:image/png;base64," + call["image"]}}]
    messages = [{"role": "user", "content": content}]
    if call.get("system"):
        part = {"type": "text", "text": call["system"]} | ({"cache_control": {"type": "ephemeral"}} if call.get("cache_system") else {})
        messages.insert(0, {"role": "system", "content": [part]})
    request = {"model": call["model"], "messages": messages, "max_tokens": call["max_tokens"]}
    if call.get("tools"):
        request["tools"] = [{"type": "function", "function": {"name": t["name"], "description": t["description"], "parameters": t["schema"]}} for t in call["tools"]]
    if call.get("thinking"):
        request["extra_body"] = {"reasoning": {"max_tokens": call["thinking"]}}
    return request


def usage_of(found):
    details = found.prompt_tokens_details
    read, written = (details.cached_tokens or 0, getattr(details, "cache_write_tokens", 0) or 0) if details else (0, 0)
    return usage(found.prompt_tokens - read - written, found.completion_tokens, read, written)


def whole(request, turn):
    answer = client.chat.completions.create(**request)
    choice = answer.choices[0]
    turn["text"], turn["stop"], turn["usage"] = choice.message.content or "", choice.finish_reason, usage_of(answer.usage)
    return choice.message.model_dump(exclude_none=True)


def streamed(request, call, turn):
    """The message, put together from its chunks."""
    message, calls, thoughts = {"role": "assistant", "content": ""}, {}, {}
    with client.chat.completions.create(**request, stream=True, stream_options={"include_usage": True}) as stream:
        for chunk in stream:
            turn["usage"] = usage_of(chunk.usage) if chunk.usage else turn["usage"]
            for choice in chunk.choices:
                turn["stop"] = choice.finish_reason or turn["stop"]
                delta = choice.delta.model_dump(exclude_none=True)
                text = delta.get("content") or ""
                message["content"] += text
                turn["text"] += text
                turn["deltas"] += bool(text)
                join(calls, delta.get("tool_calls", ()))
                join(thoughts, delta.get("reasoning_details", ()))
                message["reasoning_content"] = message.get("reasoning_content", "") + delta.get("reasoning_content", "")
            if turn["deltas"] == call.get("leave_after"):
                return None
    return message | ({"tool_calls": list(calls.values())} if calls else {}) | ({"reasoning_details": list(thoughts.values())} if thoughts else {})


def join(pieces, deltas):
    """Deltas with an index, put together as OpenAI's own client does."""
    for delta in deltas:
        known = pieces.setdefault(delta.get("index", 0), {})
        for name, value in delta.items():
            if isinstance(value, dict):
                inner = known.setdefault(name, {})
                for key, piece in value.items():
                    inner[key] = inner.get(key, "") + piece
            elif name in ("text", "signature", "data"):
                known[name] = known.get(name, "") + value
            elif name != "index" or "function" not in delta:
                known[name] = value


def ask(call, turns):
    request = request_of(call)
    while True:
        turns.append(turn := new_turn())
        message = streamed(request, call, turn) if call.get("stream") else whole(request, turn)
        if message is None:
            return
        calls = message.get("tool_calls", [])
        turn["calls"] = [{"name": c["function"]["name"], "input": json.loads(c["function"]["arguments"])} for c in calls]
        turn["reasoning"] = message.get("reasoning_content", "")
        if not calls:
            return
        request["messages"] = [*request["messages"], message, *({"role": "tool", "tool_call_id": c["id"], "content": call["results"][c["function"]["name"]]} for c in calls)]


def failed(error):
    return type(error).__name__, getattr(error, "status_code", None)


if __name__ == "__main__":
    run(ask, failed)
