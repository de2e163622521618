"""openai's responses, whole and streamed, without anything stored."""
import json

import openai

from .driver import new_turn, run, usage

client = openai.OpenAI(max_retries=0)


def request_of(call):
    content = [{"type": "input_text", "text": call["text"]}]
    if call.get("image"):
        content.append({"type": "input_image", "image_url": "data:image/png;base64," + call["image"], "detail": "auto"})
    items = [{"role": "user", "content": content}]
    if call.get("system"):
        part = {"type": "input_text", "text": call["system"]} | ({"cache_control": {"type": "ephemeral"}} if call.get("cache_system") else {})
        items.insert(0, {"role": "developer", "content": [part]})
    request = {"model": call["model"], "input": items, "max_output_tokens": call["max_tokens"]}
    if call.get("tools"):
        request["tools"] = [{"type": "function", "name": t["name"], "description": t["description"], "parameters": t["schema"]} for t in call["tools"]]
    if call.get("thinking"):
        request |= {"extra_body": {"reasoning": {"max_tokens": call["thinking"]}}, "include": ["reasoning.encrypted_content"]}
    return request


def streamed(request, call, turn):
    with client.responses.stream(**request) as stream:
        for event in stream:
            if event.type == "response.output_text.delta":
                turn["text"] += event.delta
                turn["deltas"] += 1
                if turn["deltas"] == call.get("leave_after"):
                    return None
            elif event.type in ("response.completed", "response.incomplete"):
                turn["stop"] = event.response.status
        return stream.get_final_response()


def ask(call, turns):
    request = request_of(call)
    while True:
        turns.append(turn := new_turn())
        reply = streamed(request, call, turn) if call.get("stream") else client.responses.create(**request)
        if reply is None:
            return
        details = reply.usage.input_tokens_details
        read, written = details.cached_tokens or 0, getattr(details, "cache_write_tokens", 0) or 0
        calls = [item for item in reply.output if item.type == "function_call"]
        turn |= {"text": reply.output_text, "stop": reply.status, "usage": usage(reply.usage.input_tokens - read - written, reply.usage.output_tokens, read, written),
                 "reasoning": "".join(s.text for item in reply.output if item.type == "reasoning" for s in item.summary),
                 "calls": [{"name": c.name, "input": json.loads(c.arguments)} for c in calls]}
        if not calls:
            return
        request["input"] = [*request["input"], *(item.to_dict() for item in reply.output),
                            *({"type": "function_call_output", "call_id": c.call_id, "output": call["results"][c.name]} for c in calls)]


def failed(error):
    return type(error).__name__, getattr(error, "status_code", None)


if __name__ == "__main__":
    run(ask, failed)
