"""InvokeModel of Claude: Anthropic's Messages, turned into Converse's words for the common rules and back."""
import json

from . import converse, replies, rules
from .errors import validation

_KNOWN = {"anthropic_version", "anthropic_beta", "max_tokens", "messages", "system", "temperature", "top_p", "top_k", "stop_sequences",
          "tools", "tool_choice", "thinking", "metadata", "output_config", "context_management"}
_STOP = {"end_turn": "end_turn", "max_tokens": "max_tokens", "stop_sequence": "stop_sequence", "tool_use": "tool_use",
         "content_filtered": "refusal", "model_context_window_exceeded": "model_context_window_exceeded"}


def _field(condition, path, what):
    if not condition:
        raise validation(f"{path}: {what}")


def to_converse(body):
    for key in body:
        _field(key in _KNOWN, key, "Extra inputs are not permitted")
    for key in ("anthropic_version", "max_tokens", "messages"):
        _field(key in body, key, "Field required")
    _field(body["anthropic_version"] == "bedrock-2023-05-31", "anthropic_version", "Input should be 'bedrock-2023-05-31'")
    _field(isinstance(body["max_tokens"], int) and not isinstance(body["max_tokens"], bool), "max_tokens", "Input should be a valid integer")
    _field(body["max_tokens"] >= 1, "max_tokens", "Input should be greater than or equal to 1")
    _field(isinstance(body["messages"], list), "messages", "Input should be a valid list")
    _field(body["messages"], "messages", "at least one message is required")
    request = {"messages": _merged([_message(m, f"messages.{i}") for i, m in enumerate(body["messages"])]),
               "inferenceConfig": {"maxTokens": body["max_tokens"]}}
    for theirs, ours in (("temperature", "temperature"), ("top_p", "topP"), ("stop_sequences", "stopSequences")):
        if body.get(theirs) is not None:
            request["inferenceConfig"][ours] = body[theirs]
    if system := body.get("system"):
        request["system"] = [{"text": system}] if isinstance(system, str) else [b for i, item in enumerate(system) for b in _blocks(item, f"system.{i}")]
    if body.get("thinking"):
        request["additionalModelRequestFields"] = {"thinking": body["thinking"]}
    if body.get("tools"):
        request["toolConfig"] = _tools(body)
    schema = ((body.get("output_config") or {}).get("format") or {}).get("schema")
    if schema is not None:
        request["outputConfig"] = {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": json.dumps(schema)}}}}
    return request


def _merged(messages):
    """Unlike Converse, Messages takes several of one role in a row for one."""
    out = []
    for message in messages:
        if out and out[-1]["role"] == message["role"]:
            out[-1]["content"] += message["content"]
        else:
            out.append(message)
    return out


def _message(message, path):
    _field(isinstance(message, dict), path, "Input should be an object")
    for key in ("role", "content"):
        _field(key in message, f"{path}.{key}", "Field required")
    _field(message["role"] in ("user", "assistant"), f"{path}.role", "Input should be 'user' or 'assistant'")
    content = message["content"]
    if isinstance(content, str):
        content = [{"type": "text", "text": content}]
    _field(isinstance(content, list), f"{path}.content", "Input should be a valid list")
    return {"role": message["role"], "content": [b for i, item in enumerate(content) for b in _blocks(item, f"{path}.content.{i}")]}


def _blocks(item, path):
    """One block, and the cache point that its cache_control stands for."""
    kind = item.get("type")
    _field(kind in _READ, f"{path}", f"Input tag '{kind}' found using 'type' does not match any of the expected tags: {', '.join(map(repr, _READ))}")
    try:
        block = _READ[kind](item)
    except KeyError as error:
        raise validation(f"{path}.{kind}.{error.args[0]}: Field required") from None
    if control := item.get("cache_control"):
        _field(control.get("type") == "ephemeral", f"{path}.cache_control.type", "Input should be 'ephemeral'")
        return [block, {"cachePoint": {"type": "default", "ttl": control.get("ttl", "5m")}}]
    return [block]


def _image(item):
    source = item["source"]
    if source["type"] != "base64":
        raise validation("image sources of type 'url' are not supported on Bedrock")
    return {"image": {"format": source["media_type"].removeprefix("image/"), "source": {"bytes": source["data"]}}}


def _document(item):
    source = item["source"]
    return {"document": {"format": "pdf" if source["type"] == "base64" else "txt", "name": item.get("title", "document"),
                         "source": {"bytes": source["data"]} if source["type"] == "base64" else {"text": source["data"]}}}


def _result(item):
    content = item.get("content", "")
    content = [{"text": content}] if isinstance(content, str) else [b for i, c in enumerate(content) for b in _blocks(c, f"tool_result.content.{i}")]
    return {"toolResult": {"toolUseId": item["tool_use_id"], "content": content, "status": "error" if item.get("is_error") else "success"}}


_READ = {
    "text": lambda item: {"text": item["text"]},
    "image": _image,
    "document": _document,
    "tool_use": lambda item: {"toolUse": {"toolUseId": item["id"], "name": item["name"], "input": item["input"]}},
    "tool_result": _result,
    "thinking": lambda item: {"reasoningContent": {"reasoningText": {"text": item["thinking"], "signature": item["signature"]}}},
    "redacted_thinking": lambda item: {"reasoningContent": {"redactedContent": item["data"]}},
}


def _tools(body):
    tools = []
    for i, tool in enumerate(body["tools"]):
        for key in ("name", "input_schema"):
            _field(key in tool, f"tools.{i}.custom.{key}", "Field required")
        tools.append({"toolSpec": {"name": tool["name"], "description": tool.get("description", ""), "inputSchema": {"json": tool["input_schema"]}}})
        if control := tool.get("cache_control"):
            tools.append({"cachePoint": {"type": "default", "ttl": control.get("ttl", "5m")}})
    choice = body.get("tool_choice") or {"type": "auto"}
    if choice["type"] == "none":
        return {}
    return {"tools": tools, "toolChoice": {"tool": {"name": choice["name"]}} if choice["type"] == "tool" else {choice["type"]: {}}}


def _written(block):
    kind = rules.kind_of(block)
    if kind == "text":
        return {"type": "text", "text": block["text"]}
    if kind == "toolUse":
        return {"type": "tool_use", "id": block["toolUse"]["toolUseId"], "name": block["toolUse"]["name"], "input": block["toolUse"]["input"]}
    reasoning = block["reasoningContent"]
    if "redactedContent" in reasoning:
        return {"type": "redacted_thinking", "data": reasoning["redactedContent"]}
    return {"type": "thinking", "thinking": reasoning["reasoningText"]["text"], "signature": reasoning["reasoningText"]["signature"]}


def _usage(usage):
    out = {"input_tokens": usage["inputTokens"], "output_tokens": usage["outputTokens"],
           "cache_read_input_tokens": usage.get("cacheReadInputTokens", 0), "cache_creation_input_tokens": usage.get("cacheWriteInputTokens", 0)}
    for detail in usage.get("cacheDetails", ()):
        out["cache_creation"] = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0} | {f"ephemeral_{detail['ttl']}_input_tokens": detail["inputTokens"]}
    return out


def document(model, reply):
    return {"id": "msg_bdrk_01Mock", "type": "message", "role": "assistant", "model": model.id.split(".")[1].rsplit("-v", 1)[0],
            "content": [_written(b) for b in reply.blocks], "stop_reason": _STOP.get(reply.stop, reply.stop),
            "stop_sequence": reply.stop_sequence or None, "usage": _usage(reply.usage)}


def events(model, reply):
    whole = document(model, reply)
    start = whole | {"content": [], "stop_reason": None, "stop_sequence": None, "usage": whole["usage"] | {"output_tokens": 1}}
    yield {"type": "message_start", "message": start}
    for index, block in enumerate(whole["content"]):
        empty = {"text": {"text": ""}, "tool_use": {"input": {}}, "thinking": {"thinking": "", "signature": ""}, "redacted_thinking": {}}[block["type"]]
        yield {"type": "content_block_start", "index": index, "content_block": block | empty}
        for delta in _deltas(block, reply.deltas):
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    yield {"type": "message_delta", "delta": {"stop_reason": whole["stop_reason"], "stop_sequence": whole["stop_sequence"]}, "usage": {"output_tokens": reply.usage["outputTokens"]}}
    yield {"type": "message_stop"}


def _deltas(block, count):
    if block["type"] == "text":
        yield from ({"type": "text_delta", "text": part} for part in converse.pieces(block["text"], count))
    elif block["type"] == "tool_use":
        yield from ({"type": "input_json_delta", "partial_json": part} for part in converse.pieces(json.dumps(block["input"], ensure_ascii=False), 4))
    elif block["type"] == "thinking":
        yield from ({"type": "thinking_delta", "thinking": part} for part in converse.pieces(block["thinking"], 0))
        yield {"type": "signature_delta", "signature": block["signature"]}


def prepare(model, body, identifier, state):
    request = to_converse(body)
    rules.check_conversation(model, request)
    return replies.make(model, request, state, identifier)
