"""The mock proves itself: boto3 and AWS's SDK for JavaScript, over HTTP/2 and HTTP/1.1, see the same of every case."""
import pytest

from . import cases
from .agreement import run_boto3, run_js
from .running import RunningMock

CALLS = cases.calls()


def _run(runner):
    mock = RunningMock()
    try:
        outcomes = dict(zip(CALLS, runner(mock.url, list(CALLS.values()))))
        return outcomes, mock.attempts()
    finally:
        mock.stop()


@pytest.fixture(scope="module")
def boto3_seen():
    return _run(run_boto3)


@pytest.fixture(scope="module", params=["default", "http2", "http1"])
def js_seen(request):
    return request.param, _run(lambda url, calls: run_js(url, calls, request.param))


def common(outcome):
    """What both SDKs report. Of a stream that broke: that it did, for what came out before depends on buffers; of an
    exception in a stream the type and the events before it, for JavaScript's has no status when it comes first."""
    if outcome.get("error", {}).get("kind") == "broken":
        return {"error": "broken"}
    return {k: v for k, v in outcome.items() if k != "status" or outcome.get("answer")}


def test_clients_agree(boto3_seen, js_seen):
    seen = boto3_seen[0]
    differing = {name: (seen[name], js_seen[1][0][name]) for name in CALLS if common(seen[name]) != common(js_seen[1][0][name])}
    assert not differing, "\n".join(f"{name}:\n  boto3 {a}\n  js    {b}" for name, (a, b) in differing.items())


def test_versions_of_http_are_what_the_clients_choose(boto3_seen, js_seen):
    handler, (_, attempts) = js_seen
    runtime = {a["http"] for a in attempts if a["operation"] == "Converse"}
    assert runtime == ({"1.1"} if handler == "http1" else {"2"})
    assert {a["http"] for a in boto3_seen[1]} == {"1.1"}


def test_every_case_was_asked_once_and_signed(boto3_seen, js_seen):
    for attempts in (boto3_seen[1], js_seen[1][1]):
        assert len(attempts) == len(CALLS)
        assert all(a["auth"] and a["auth"]["kind"] == "sigv4" for a in attempts)
        assert not [a for a in attempts if a["end"].startswith("defect")]


@pytest.mark.parametrize("name", cases.ERRORS)
def test_errors_are_bedrocks(boto3_seen, name):
    _, status, kind, words = cases.ERRORS[name]
    for way in ("error", "stream_error"):
        outcome = boto3_seen[0][f"{way}/{name}"]
        assert (outcome["status"], outcome["error"]["kind"]) == (status, kind), outcome
        assert words in outcome["error"]["message"]


@pytest.mark.parametrize("name", cases.INVOKE_ERRORS)
def test_errors_of_bodies_are_the_families(boto3_seen, name):
    _, status, kind, words = cases.INVOKE_ERRORS[name]
    outcome = boto3_seen[0][f"invoke_error/{name}"]
    assert (outcome["status"], outcome["error"]["kind"]) == (status, kind), outcome
    assert words in outcome["error"]["message"]


@pytest.mark.parametrize("name", cases.CONVERSE)
def test_a_stream_says_what_the_document_says(boto3_seen, name):
    whole, events = boto3_seen[0][f"converse/{name}"], boto3_seen[0][f"stream/{name}"]["events"]
    assert "error" not in whole and "error" not in boto3_seen[0][f"stream/{name}"], (whole, events)
    blocks = {}
    for event in events:
        (kind, payload), = event.items()
        if kind == "contentBlockDelta":
            blocks.setdefault(payload["contentBlockIndex"], []).append(payload["delta"])
    texts = ["".join(d.get("text", "") for d in deltas) for _, deltas in sorted(blocks.items()) if "text" in deltas[0]]
    # The stream's own prompt differs in one word where a cache is involved.
    assert [t.replace("Long tale", "Long text") for t in texts] == [b["text"] for b in whole["answer"]["output"]["message"]["content"] if "text" in b]
    assert [list(e)[0] for e in events][-2:] == ["messageStop", "metadata"]
    assert events[-2]["messageStop"]["stopReason"] == whole["answer"]["stopReason"]
    assert events[-1]["metadata"]["usage"].keys() == whole["answer"]["usage"].keys()


@pytest.mark.parametrize("words", cases.FAULTS)
def test_faults_strike_where_they_should(boto3_seen, js_seen, words):
    count, kind = cases.FAULTS[words]
    for outcome in (boto3_seen[0][f"fault/{words}"], js_seen[1][0][f"fault/{words}"]):
        assert outcome.get("error", {}).get("kind") == kind, outcome
        if count is not None and kind != "broken":
            assert len(outcome["events"]) == count
        if kind is not None:
            assert not any("messageStop" in event for event in outcome["events"])
