"""boto3's invoke_model and invoke_model_with_response_stream, with Claude's own bodies."""
import json

from .claude_request import request_of as messages_of
from .converse import client, failed
from .driver import new_turn, run, usage


def request_of(call):
    body = messages_of(call)
    return {"modelId": body.pop("model"), "body": {"anthropic_version": "bedrock-2023-05-31"} | body}


def streamed(request, call, turn):
    """Claude's message, put together from its events."""
    message = None
    stream = client.invoke_model_with_response_stream(modelId=request["modelId"], body=json.dumps(request["body"]))["body"]
    for chunk in stream:
        event = json.loads(chunk["chunk"]["bytes"])
        kind = event["type"]
        if kind == "message_start":
            message = event["message"]
        elif kind == "content_block_start":
            message["content"].append(event["content_block"] | ({"input": ""} if event["content_block"]["type"] == "tool_use" else {}))
        elif kind == "content_block_delta":
            add(message["content"][event["index"]], event["delta"])
            turn["text"] += event["delta"].get("text", "")
            turn["deltas"] += event["delta"]["type"] == "text_delta"
        elif kind == "message_delta":
            message |= event["delta"]
            message["usage"] |= event["usage"]
            turn["stop"] = message["stop_reason"]
        if turn["deltas"] == call.get("leave_after"):
            stream.close()
            return None
    for block in message["content"]:
        if block["type"] == "tool_use":
            block["input"] = json.loads(block["input"])
    return message


def add(block, delta):
    name = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "signature", "input_json_delta": "partial_json"}[delta["type"]]
    into = "input" if name == "partial_json" else name
    block[into] = block.get(into, "") + delta[name]


def whole(request):
    return json.loads(client.invoke_model(modelId=request["modelId"], body=json.dumps(request["body"]))["body"].read())


def ask(call, turns):
    request = request_of(call)
    while True:
        turns.append(turn := new_turn())
        message = streamed(request, call, turn) if call.get("stream") else whole(request)
        if message is None:
            return
        found, content = message["usage"], message["content"]
        turn |= {"stop": message["stop_reason"], "text": "".join(b["text"] for b in content if b["type"] == "text"),
                 "usage": usage(found["input_tokens"], found["output_tokens"], found.get("cache_read_input_tokens"), found.get("cache_creation_input_tokens")),
                 "reasoning": "".join(b["thinking"] for b in content if b["type"] == "thinking"),
                 "calls": [{"name": b["name"], "input": b["input"]} for b in content if b["type"] == "tool_use"]}
        uses = [b for b in content if b["type"] == "tool_use"]
        if not uses:
            return
        results = [{"type": "tool_result", "tool_use_id": b["id"], "content": call["results"][b["name"]]} for b in uses]
        request["body"]["messages"] += [{"role": "assistant", "content": content}, {"role": "user", "content": results}]


if __name__ == "__main__":
    run(ask, failed)
