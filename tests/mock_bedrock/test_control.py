"""What tests steer the mock by: counted attempts, faults that end, scripts, clients that go."""
import json
import time

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from . import cases
from .agreement import client, revived, run_boto3, run_js
from .running import ACCESS_KEY, SECRET_KEY

MOCK = "bedrock_mock"
TEXT = cases.CONVERSE["text"]


@pytest.fixture(autouse=True)
def clean(mock):
    mock.reset()


def said(answer):
    return answer["output"]["message"]["content"][0]["text"]


def test_faults_end_and_attempts_are_counted(mock):
    made = client(mock.url, "bedrock-runtime", attempts=3)
    made.converse(**TEXT | {"modelId": f"{cases.CLAUDE}.fault.status-503.times-2"})
    assert [a["status"] for a in mock.attempts()] == [503, 503, 200]
    assert {a["model"] for a in mock.attempts()} == {cases.CLAUDE}
    mock.forget_attempts()
    assert mock.attempts() == []


def test_fault_by_order_of_the_test(mock):
    mock.fault("status-429.retry-after-1.times-1", model=cases.CLAUDE)
    assert client(mock.url, "bedrock-runtime", attempts=2).converse(**TEXT)["stopReason"] == "end_turn"
    assert [a["error"] for a in mock.attempts()] == ["ThrottlingException", None]


def test_js_retries_are_counted(mock):
    call = {"service": "bedrock-runtime", "operation": "Converse", "input": TEXT | {"modelId": f"{cases.CLAUDE}.fault.status-500.times-1"}}
    outcome, = run_js(mock.url, [call], "default", attempts=3)
    assert outcome["status"] == 200 and len(mock.attempts()) == 2


def test_no_such_fault_is_said(mock):
    with pytest.raises(Exception, match="there is no fault 'nonsense'"):
        client(mock.url, "bedrock-runtime", header="nonsense").converse(**TEXT)


def test_scripts(mock):
    mock.reply(text="first", contains="Hello", times=1)
    mock.reply(blocks=[{"text": "second"}], stopReason="max_tokens", usage={"inputTokens": 5, "outputTokens": 6, "totalTokens": 11})
    made = client(mock.url, "bedrock-runtime")
    first, second = made.converse(**TEXT), made.converse(**TEXT)
    assert (said(first), said(second)) == ("first", "second")
    assert (second["stopReason"], second["usage"]) == ("max_tokens", {"inputTokens": 5, "outputTokens": 6, "totalTokens": 11})


def test_same_request_same_answer(mock):
    made = client(mock.url, "bedrock-runtime")
    for given in cases.CONVERSE.values():
        mock.reset()
        first = made.converse(**revived(given))
        mock.reset()
        second = made.converse(**revived(given))
        assert first["output"] == second["output"] and first["usage"] == second["usage"]


def test_cache_is_written_once_then_read(mock):
    made = client(mock.url, "bedrock-runtime")
    first, second = (made.converse(**cases.CONVERSE["cache_write"])["usage"] for _ in range(2))
    assert first["cacheWriteInputTokens"] > 0 and first["cacheReadInputTokens"] == 0
    assert first["cacheDetails"] == [{"ttl": "1h", "inputTokens": first["cacheWriteInputTokens"]}]
    assert (second["cacheReadInputTokens"], second["cacheWriteInputTokens"]) == (first["cacheWriteInputTokens"], 0)
    assert first["totalTokens"] == second["totalTokens"]


def test_two_tools_in_one_turn_then_their_results(mock):
    made = client(mock.url, "bedrock-runtime")
    question = {"role": "user", "content": [{"text": "Weather and time?"}]}
    turn = made.converse(modelId=cases.CLAUDE, messages=[question], toolConfig={"tools": cases.TOOLS})
    calls = [b["toolUse"] for b in turn["output"]["message"]["content"] if "toolUse" in b]
    assert [c["name"] for c in calls] == ["weather", "time"] and len({c["toolUseId"] for c in calls}) == 2
    assert calls[0]["input"] == {"city": "some city – “ü”", "days": 7}
    results = {"role": "user", "content": [{"toolResult": {"toolUseId": c["toolUseId"], "content": [{"text": c["name"]}]}} for c in calls]}
    end = made.converse(modelId=cases.CLAUDE, messages=[question, turn["output"]["message"], results], toolConfig={"tools": cases.TOOLS})
    assert end["stopReason"] == "end_turn"
    assert all(f"{c['toolUseId']}=success:{c['name']}" in said(end) for c in calls)


def test_reasoning_comes_back_signed(mock):
    made = client(mock.url, "bedrock-runtime")
    given = cases.CONVERSE["reasoning"]
    turn = made.converse(**given)["output"]["message"]
    again = given | {"messages": [*given["messages"], turn, {"role": "user", "content": [{"text": "Go on"}]}]}
    assert made.converse(**again)["stopReason"] == "end_turn"
    turn["content"][0]["reasoningContent"]["reasoningText"]["text"] += "!"
    with pytest.raises(made.exceptions.ValidationException, match="Invalid `signature`"):
        made.converse(**again)


def test_client_that_goes_is_recorded(mock):
    stream = client(mock.url, "bedrock-runtime").converse_stream(**TEXT | {"messages": [cases.user("[[mock: words=500; gap=10]]")]})["stream"]
    next(iter(stream))
    stream.close()
    call = {"service": "bedrock-runtime", "operation": "ConverseStream", "stop_after": 2, "input": TEXT | {"messages": [cases.user("[[mock: words=500; gap=10]]")]}}
    for handler in ("http1", "http2"):
        run_js(mock.url, [call], handler)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and any(a["end"] == "open" for a in mock.attempts()):
        time.sleep(0.01)
    assert [a["end"] for a in mock.attempts()] == ["client_gone"] * 3
    assert all(a["seconds"] < 2 for a in mock.attempts())


def test_deltas_and_gaps_are_as_ordered(mock):
    given = TEXT | {"messages": [cases.user("[[mock: words=100; deltas=64; gap=5]]")]}
    arrived = []
    for event in client(mock.url, "bedrock-runtime").converse_stream(**given)["stream"]:
        if "contentBlockDelta" in event:
            arrived.append(time.monotonic())
    assert len(arrived) == 64
    assert arrived[-1] - arrived[0] >= 63 * 0.005


def test_events_split_anywhere_are_whole(mock):
    whole = list(client(mock.url, "bedrock-runtime").converse_stream(**TEXT)["stream"])
    for size in (1, 3, 11):
        assert list(client(mock.url, "bedrock-runtime", header=f"trickle-{size}-0").converse_stream(**TEXT)["stream"]) == whole


def test_what_sdks_make_of_streams_that_lack_their_end(mock):
    """Neither says so between two frames, boto3 not even within one: whoever stands between must say it for them."""
    calls = [{"service": "bedrock-runtime", "operation": "ConverseStream", "input": TEXT, "header": f"{fault}-3"} for fault in ("end", "truncate")]
    for outcomes, known in ((run_boto3(mock.url, calls), [None, None]), (run_js(mock.url, calls, "default"), [None, "broken"])):
        assert [o.get("error", {}).get("kind") for o in outcomes] == known
        assert [len(o["events"]) for o in outcomes] == [3, 3]


def test_unknown_events_do_no_harm(mock):
    calls = [{"service": "bedrock-runtime", "operation": "ConverseStream", "input": TEXT, "header": "unknown-3"}]
    for outcome, in (run_boto3(mock.url, calls), run_js(mock.url, calls, "default")):
        assert "error" not in outcome and list(outcome["events"][-1]) == ["metadata"]


def test_large_body_is_refused(mock):
    with pytest.raises(Exception, match="RequestEntityTooLarge|too large"):
        client(mock.url, "bedrock-runtime").converse(**TEXT | {"messages": [cases.user("x" * 25_000_001)]})


def _raw(mock, body):
    """Past the checks of the SDKs: (type, message) of the error."""
    request = AWSRequest("POST", f"{mock.url}/model/{cases.CLAUDE.replace(':', '%3A')}/converse", headers={"content-type": "application/json"}, data=json.dumps(body))
    SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "bedrock", "us-east-1").add_auth(request)
    answer = httpx.post(request.url, content=request.data, headers=dict(request.headers.items()))
    assert answer.status_code == 400
    return answer.headers["x-amzn-errortype"].partition(":")[0], answer.json()["message"]


@pytest.mark.parametrize("more, kind, words", [
    ({"inferenceConfig": {"maxTokens": "7"}}, "SerializationException", "STRING_VALUE can not be converted to an Integer"),
    ({"inferenceConfig": {"max_tokens": 7}}, "ValidationException", "'inferenceConfig.max_tokens' failed to satisfy constraint: InferenceConfiguration has no member of this name"),
    ({"inferenceConfig": {"maxTokens": 0}}, "ValidationException", "Member must have value greater than or equal to 1"),
    ({"inferenceConfig": {"temperature": 1.5}}, "ValidationException", "less than or equal to 1"),
    ({"stream": True}, "ValidationException", "Value at 'stream'"),
    ({"messages": [{"role": "tool", "content": []}]}, "ValidationException", "enum value set"),
    ({"messages": [{"role": "user"}]}, "ValidationException", "Value null at 'messages.1.member.content'"),
    ({"messages": [{"role": "user", "content": [{"text": "x", "cachePoint": {"type": "default"}}]}]}, "ValidationException", "exactly one member of the union"),
    ({"messages": [{"role": "user", "content": [{"image": {"format": "png", "source": {"bytes": "***"}}}]}]}, "SerializationException", "Invalid Base64"),
    ({"messages": "hello"}, "SerializationException", "STRING_VALUE can not be converted to a list"),
])
def test_what_does_not_fit_the_service_model_is_refused(mock, more, kind, words):
    found = _raw(mock, {"messages": [cases.user("x")]} | more)
    assert found[0] == kind and words in found[1], found
