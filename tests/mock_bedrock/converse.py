"""Converse and ConverseStream: the reply as one document, or as events in the order of Bedrock."""
import json
import string

from . import catalogue, replies, rules
from .errors import validation


def prepare(request, identifier, state):
    model = catalogue.find(identifier, state.profiles)
    if not model.converse:
        raise validation("This action doesn't support the model that you provided. Try again with a supported text or chat model.")
    rules.check_conversation(model, request)
    return model, replies.make(model, request, state, identifier)


def document(request, reply):
    out = {"output": {"message": {"role": "assistant", "content": reply.blocks}}, "stopReason": reply.stop, "usage": reply.usage,
           "metrics": {"latencyMs": 42}}
    if extra := _extra(request, reply):
        out["additionalModelResponseFields"] = extra
    return out


def _extra(request, reply):
    """Of the paths that may be asked for, the mock's models know /stop_sequence."""
    return {"stop_sequence": reply.stop_sequence or None} if "/stop_sequence" in (request.get("additionalModelResponseFieldPaths") or []) else None


def pieces(text, count):
    """A text in `count` parts, none empty; without a count by words."""
    if not count:
        words = text.split(" ")
        return [word if i == 0 else " " + word for i, word in enumerate(words) if word or i]
    count = min(count, len(text)) or 1
    edges = [len(text) * i // count for i in range(count + 1)]
    return [text[a:b] for a, b in zip(edges, edges[1:])]


def events(request, reply):
    """(type, payload) of each event. Padding "p" hides the length of what was said, as Bedrock pads."""
    yield "messageStart", {"role": "assistant", "p": _padding(0)}
    for index, block in enumerate(reply.blocks):
        kind = rules.kind_of(block)
        if kind == "toolUse":
            yield "contentBlockStart", {"start": {"toolUse": {k: block["toolUse"][k] for k in ("toolUseId", "name")}}, "contentBlockIndex": index, "p": _padding(index)}
        for i, delta in enumerate(_deltas(block, kind, reply.deltas)):
            yield "contentBlockDelta", {"contentBlockIndex": index, "delta": delta, "p": _padding(index + i)}
        yield "contentBlockStop", {"contentBlockIndex": index, "p": _padding(index)}
    stop = {"stopReason": reply.stop, "p": _padding(3)}
    if extra := _extra(request, reply):
        stop["additionalModelResponseFields"] = extra
    yield "messageStop", stop
    yield "metadata", {"usage": reply.usage, "metrics": {"latencyMs": 42}, "p": _padding(5)}


def _deltas(block, kind, count):
    if kind == "text":
        yield from ({"text": part} for part in pieces(block["text"], count))
    elif kind == "toolUse":
        yield from ({"toolUse": {"input": part}} for part in pieces(json.dumps(block["toolUse"]["input"], ensure_ascii=False), 4))
    elif "redactedContent" in block["reasoningContent"]:
        yield {"reasoningContent": {"redactedContent": block["reasoningContent"]["redactedContent"]}}
    else:
        text = block["reasoningContent"]["reasoningText"]
        yield from ({"reasoningContent": {"text": part}} for part in pieces(text["text"], 0))
        yield {"reasoningContent": {"signature": text["signature"]}}


def _padding(seed):
    return (string.ascii_letters + string.digits)[:(seed * 7 + 3) % 40 + 1]
