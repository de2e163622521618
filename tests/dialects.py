"""The streams of Caprock's dialects, asked for and read without any SDK: what a client can know from the bytes alone."""
import json
from dataclasses import dataclass, field

from botocore.eventstream import EventStreamBuffer, ParserError


@dataclass
class Seen:
    text: str = ""
    arguments: str = ""
    stop: str | None = None
    complete: bool = False  # the dialect's very last word came
    error: dict | None = None
    events: int = 0


@dataclass(frozen=True)
class Dialect:
    """`path(model)`, `body(model, text)`, and `read(bytes)` of the body of a stream so far."""
    name: str
    path: object
    body: object
    read: object
    headers: dict = field(default_factory=dict)


def _sse(data):
    """(event, data) of what is whole."""
    for block in data.decode(errors="replace").split("\n\n")[:-1]:
        fields = dict(line.partition(": ")[::2] for line in block.split("\n") if ": " in line)
        if "data" in fields:
            yield fields.get("event"), fields["data"]


def read_bedrock(data):
    seen, buffer = Seen(), EventStreamBuffer()
    buffer.add_data(data)
    try:
        for message in buffer:
            _bedrock_event(seen, message.headers, json.loads(message.payload))
    except ParserError as broken:  # what was damaged upstream is passed on as it came: its checksum tells
        seen.error = {"type": type(broken).__name__, "message": str(broken)}
    return seen


def _bedrock_event(seen, headers, payload):
    seen.events += 1
    if headers[":message-type"] != "event":
        seen.error = {"type": headers.get(":exception-type") or headers.get(":error-code"), "message": payload.get("message")}
        return
    delta = payload.get("delta", {})
    seen.text += delta.get("text", "")
    seen.arguments += delta.get("toolUse", {}).get("input", "")
    seen.stop = payload.get("stopReason", seen.stop)
    seen.complete |= headers[":event-type"] == "metadata"


def read_openai(data):
    seen = Seen()
    for _, text in _sse(data):
        seen.events += 1
        if text == "[DONE]":
            seen.complete = True
            continue
        event = json.loads(text)
        seen.error = event.get("error", seen.error)
        for choice in event.get("choices", ()):
            delta = choice.get("delta", {})
            seen.text += delta.get("content") or ""
            seen.arguments += "".join(c.get("function", {}).get("arguments") or "" for c in delta.get("tool_calls") or ())
            seen.stop = choice.get("finish_reason") or seen.stop
    return seen


def read_responses(data):
    seen = Seen()
    for kind, text in _sse(data):
        seen.events += 1
        event = json.loads(text)
        assert event["type"] == kind, (kind, event)
        seen.text += event["delta"] if kind == "response.output_text.delta" else ""
        seen.arguments += event["delta"] if kind == "response.function_call_arguments.delta" else ""
        seen.error = event if kind == "error" else seen.error
        if kind in ("response.completed", "response.incomplete"):
            seen.stop, seen.complete = event["response"]["status"], True
    return seen


def read_anthropic(data):
    seen = Seen()
    for kind, text in _sse(data):
        seen.events += 1
        event = json.loads(text)
        assert event["type"] == kind, (kind, event)
        seen.error = event.get("error", seen.error)
        delta = event.get("delta", {})
        seen.text += delta.get("text", "")
        seen.arguments += delta.get("partial_json", "")
        seen.stop = delta.get("stop_reason") or seen.stop
        seen.complete |= kind == "message_stop"
    return seen


def _bedrock_path(model):
    return "/model/" + model.replace(":", "%3A").replace("/", "%2F") + "/converse-stream"


BEDROCK = Dialect("bedrock", _bedrock_path, lambda model, text: {"messages": [{"role": "user", "content": [{"text": text}]}]}, read_bedrock)
OPENAI = Dialect("openai", lambda model: "/v1/chat/completions",
                 lambda model, text: {"model": model, "messages": [{"role": "user", "content": text}], "stream": True}, read_openai)
ANTHROPIC = Dialect("anthropic", lambda model: "/v1/messages",
                    lambda model, text: {"model": model, "max_tokens": 1000, "messages": [{"role": "user", "content": text}], "stream": True}, read_anthropic,
                    {"anthropic-version": "2023-06-01"})
RESPONSES = Dialect("responses", lambda model: "/v1/responses", lambda model, text: {"model": model, "input": text, "stream": True}, read_responses)
DIALECTS = [BEDROCK, OPENAI, RESPONSES, ANTHROPIC]
