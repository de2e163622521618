"""boto3's converse and converse_stream."""
import json

import boto3
from botocore.exceptions import ClientError

from .driver import image_of, new_turn, run, usage

client = boto3.client("bedrock-runtime")


def request_of(call):
    content = [{"text": call["text"]}]
    if data := image_of(call):
        content.append({"image": {"format": "png", "source": {"bytes": data}}})
    request = {"modelId": call["model"], "messages": [{"role": "user", "content": content}], "inferenceConfig": {"maxTokens": call["max_tokens"]}}
    if call.get("system"):
        request["system"] = [{"text": call["system"]}] + ([{"cachePoint": {"type": "default"}}] if call.get("cache_system") else [])
    if call.get("tools"):
        request["toolConfig"] = {"tools": [{"toolSpec": {"name": t["name"], "description": t["description"], "inputSchema": {"json": t["schema"]}}} for t in call["tools"]]}
    if call.get("thinking"):
        request["additionalModelRequestFields"] = {"thinking": {"type": "enabled", "budget_tokens": call["thinking"]}}
    return request


def streamed(request, call, turn):
    """The message, put together from its events."""
    blocks, message = {}, {"role": "assistant", "content": []}
    for event in (stream := client.converse_stream(**request)["stream"]):
        (kind, body), = event.items()
        block = blocks.setdefault(body["contentBlockIndex"], {}) if "contentBlockIndex" in body else None
        if kind == "contentBlockStart":
            block["toolUse"] = body["start"]["toolUse"] | {"input": ""}
        elif kind == "contentBlockDelta":
            add(block, body["delta"])
            turn["text"] += body["delta"].get("text", "")
            turn["deltas"] += "text" in body["delta"]
            if turn["deltas"] == call.get("leave_after"):
                stream.close()
                return None
        elif kind == "messageStop":
            turn["stop"] = body["stopReason"]
        elif kind == "metadata":
            turn["usage"] = usage_of(body["usage"])
    for block in blocks.values():
        if "toolUse" in block:
            block["toolUse"]["input"] = json.loads(block["toolUse"]["input"])
        message["content"].append(block)
    return message


def add(block, delta):
    if "text" in delta:
        block["text"] = block.get("text", "") + delta["text"]
    elif "toolUse" in delta:
        block["toolUse"]["input"] += delta["toolUse"]["input"]
    else:
        text = block.setdefault("reasoningContent", {"reasoningText": {}})["reasoningText"]
        for name, piece in delta["reasoningContent"].items():
            text[name] = text.get(name, "") + piece


def usage_of(found):
    return usage(found["inputTokens"], found["outputTokens"], found.get("cacheReadInputTokens"), found.get("cacheWriteInputTokens"))


def whole(request, turn):
    answer = client.converse(**request)
    turn["stop"], turn["usage"] = answer["stopReason"], usage_of(answer["usage"])
    turn["text"] = "".join(b.get("text", "") for b in answer["output"]["message"]["content"])
    return answer["output"]["message"]


def ask(call, turns):
    request = request_of(call)
    while True:
        turns.append(turn := new_turn())
        message = streamed(request, call, turn) if call.get("stream") else whole(request, turn)
        if message is None:
            return
        calls = [b["toolUse"] for b in message["content"] if "toolUse" in b]
        turn["calls"] = [{"name": c["name"], "input": c["input"]} for c in calls]
        turn["reasoning"] = "".join(b["reasoningContent"]["reasoningText"]["text"] for b in message["content"] if "reasoningContent" in b)
        if not calls:
            return
        results = [{"toolResult": {"toolUseId": c["toolUseId"], "content": [{"text": call["results"][c["name"]]}]}} for c in calls]
        request["messages"] += [message, {"role": "user", "content": results}]


def failed(error):
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"], error.response["ResponseMetadata"].get("HTTPStatusCode") if "ResponseMetadata" in error.response else None
    return type(error).__name__, None


if __name__ == "__main__":
    run(ask, failed)
