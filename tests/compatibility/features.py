"""What each feature asks and what must come back, once for all clients.

A driver gets calls and gives outcomes (README.md has both shapes). `check` is given the outcomes, what arrived at the
model (the mock's records that carry the marker, oldest first), and the client."""
import base64
import hashlib
from dataclasses import dataclass
from typing import Callable

from mock_bedrock.cases import CLAUDE, PNG, PROFILE

TOOLS = [{"name": name, "description": f"Tells the {name} of a city.", "schema": {
    "type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}, "required": ["city", "days"]}}
    for name in ("weather", "time")]
RESULTS = {"weather": "7.5 degrees in Köln", "time": "a quarter past nine"}
ARGUMENTS = {"city": "some city – “ü”", "days": 7}
THINKING = 2000
LONG = "".join(f"{i}. The pump – “Größe {i % 7}” – 水 was serviced.\n" for i in range(8000))
SMALL = "anthropic.claude-small-context-v1:0"


@dataclass(frozen=True)
class Feature:
    name: str
    calls: Callable  # marker → calls
    check: Callable  # outcomes, records, client → None, or it raises


def call(marker, text="", **more):
    return {"model": PROFILE, "text": f"{marker} {text}".strip(), "max_tokens": 4000} | more


def turn(outcome, number=-1):
    assert "error" not in outcome, outcome["error"]
    return outcome["turns"][number]


def check_usage(found):
    assert found["usage"]["input"] > 0 and found["usage"]["output"] > 0, found["usage"]


def plain(marker):
    return [call(marker, "Hello – “wörld” 你好")]


def check_plain(outcomes, records, client):
    answer = turn(outcomes[0])
    assert answer["text"] == f"You said: {client.marker('plain')} Hello – “wörld” 你好"
    assert answer["stop"] in client.dialect.ends, answer["stop"]
    check_usage(answer)
    assert len(records) == 1 and records[0]["auth"]["kind"] == "sigv4"


def streaming(marker):
    return [call(marker, "[[mock: text=one two three four five six; deltas=6]]", stream=True)]


def check_streaming(outcomes, records, client):
    answer = turn(outcomes[0])
    assert answer["text"] == "one two three four five six"
    assert answer["deltas"] == 6, f"{answer['deltas']} pieces of 6"
    assert answer["stop"] in client.dialect.ends, answer["stop"]
    check_usage(answer)


def tools(marker):
    return [call(marker, "Weather and time?", tools=TOOLS, results=RESULTS, stream=stream) for stream in (False, True)]


def check_tools(outcomes, records, client):
    for outcome in outcomes:
        first, last = turn(outcome, 0), turn(outcome)
        assert [(c["name"], c["input"]) for c in first["calls"]] == [("weather", ARGUMENTS), ("time", ARGUMENTS)]
        assert first["stop"] in client.dialect.calls, first["stop"]
        assert all(result in last["text"] for result in RESULTS.values()), last
    for asked, answered in zip(records[::2], records[1::2], strict=True):
        calls, results = messages_of(answered)[-2:]
        assert [s["name"] for s in specs_of(asked)] == ["weather", "time"]
        ids = [b["toolUse"]["toolUseId"] for b in calls["content"] if b.get("toolUse")]
        assert len(ids) == 2 and [b["toolResult"]["toolUseId"] for b in results["content"] if b.get("toolResult")] == ids


def image(marker):
    return [call(marker, "What is it?", image=base64.b64encode(PNG).decode())]


def check_image(outcomes, records, client):
    assert f"[image png {len(PNG)} bytes {hashlib.sha256(PNG).hexdigest()[:8]}]" in turn(outcomes[0])["text"]


def reasoning(marker):
    return [call(marker, "Weather and time?", tools=TOOLS, results=RESULTS, thinking=THINKING, stream=stream) for stream in (False, True)]


def check_reasoning(outcomes, records, client):
    for outcome in outcomes:
        assert turn(outcome, 0)["reasoning"].startswith(f"Thinking about: {client.marker('reasoning')}")
        assert all(result in turn(outcome)["text"] for result in RESULTS.values())
    assert len(records) == 4 and all(r["status"] == 200 for r in records)
    for record in records[1::2]:  # the mock refuses a signature that is not its own, so that it came back whole is shown
        first = messages_of(record)[-2]["content"][0]["reasoningContent"]["reasoningText"]
        assert first["signature"] and first["text"].startswith("Thinking about")


def cache(marker):
    return [call(marker, "Hi", system=f"{marker} " + "A long rule. " * 600, cache_system=True) for _ in range(2)]


def check_cache(outcomes, records, client):
    first, again = (turn(o)["usage"] for o in outcomes)
    assert first["cache_write"] > 1000 and not first["cache_read"], first
    assert again["cache_read"] == first["cache_write"] and not again["cache_write"], again
    assert first["input"] == again["input"] > 0


def long_prompt(marker):
    return [call(marker, "[[mock: text=Read.]] " + LONG)]


def check_long_prompt(outcomes, records, client):
    assert turn(outcomes[0])["text"] == "Read."
    text = "".join(b.get("text", "") for b in messages_of(records[0])[-1]["content"])
    assert text == f"{client.marker('long prompt')} [[mock: text=Read.]] {LONG}".strip(), f"{len(text)} characters"


# What goes wrong: kind → the model that makes it so.
ERRORS = {
    "throttled": f"{PROFILE}.fault.status-429",
    "unavailable": f"{PROFILE}.fault.status-503",
    "failed": f"{PROFILE}.fault.status-500",
    "denied": f"{PROFILE}.fault.status-403.type-AccessDeniedException",
    "unknown": f"{PROFILE}.fault.status-404",
    "invalid": f"{PROFILE}.fault.status-400.message-The_value_at_x_is_wrong",
    "too_long": SMALL,
    "broken": f"{CLAUDE}.fault.exception-5",
    "cut": f"{CLAUDE}.fault.fin-900",
}


def errors(marker):
    made = []
    for kind, model in ERRORS.items():
        text = "word " * (12_000 if kind == "too_long" else 20)
        made.append(call(marker, text, model=model, max_tokens=100, stream=kind in ("broken", "cut")))
    return made


def check_errors(outcomes, records, client):
    wrong = []
    for kind, outcome in zip(ERRORS, outcomes, strict=True):
        error = outcome.get("error")
        expected = client.dialect.errors[kind]
        if error is None or (error["type"], error.get("status")) not in expected:
            wrong.append(f"{kind}: {error or outcome['turns']} instead of {expected}")
        if kind in ("broken", "cut") and any(t.get("stop") in client.dialect.ends for t in outcome["turns"]):
            wrong.append(f"{kind}: an end that the model did not send")
    assert not wrong, "\n".join(wrong)


def disconnect(marker):
    return [call(marker, "[[mock: words=4000; deltas=4000; gap=20]]", stream=True, leave_after=2)]


def check_disconnect(outcomes, records, client):
    assert turn(outcomes[0])["deltas"] >= 2
    assert [r["end"] for r in records] == ["client_gone"], [r["end"] for r in records]


def messages_of(record):
    return record["converse"]["messages"]


def specs_of(record):
    return [t["toolSpec"] for t in record["converse"]["toolConfig"]["tools"] if "toolSpec" in t]


FEATURES = [
    Feature("plain", plain, check_plain), Feature("streaming", streaming, check_streaming), Feature("tools", tools, check_tools),
    Feature("image", image, check_image), Feature("reasoning", reasoning, check_reasoning), Feature("cache points", cache, check_cache),
    Feature("long prompt", long_prompt, check_long_prompt), Feature("errors", errors, check_errors), Feature("disconnect", disconnect, check_disconnect),
]
