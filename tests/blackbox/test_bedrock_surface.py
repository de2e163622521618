"""Bedrock's own API by stock boto3: what comes through Caprock is what Bedrock itself says, case by case."""
import json
import subprocess
import time

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError

from harness import Server
from mock_bedrock import cases
from mock_bedrock.agreement import CLIENTS, run_boto3, run_js
from mock_bedrock.cases import CLAUDE, user

MOCK = "bedrock_mock"
# Spoken to in words of our own, before Bedrock is asked, or by the one table of errors: type and status are held to, the
# message only to the field.
OURS = {"no_messages": "messages", "empty_content": "messages[0].content", "result_without_call": "toolUseId", "tool_name_too_long": "name"}


def calls_of(inputs, operation):
    return [{"service": "bedrock-runtime", "operation": operation, "input": given} for given in inputs]


@pytest.fixture
def sdk(served):
    return boto3.client("bedrock-runtime", region_name="us-east-1", endpoint_url=served.url, aws_access_key_id="any", aws_secret_access_key="any",
                        config=Config(retries={"total_max_attempts": 1}))


def without_padding(outcome):
    """`p` hides lengths of Bedrock's own events, and the latency is a clock's."""
    text = json.loads(json.dumps(outcome))
    for event in text["events"]:
        for payload in event.values():
            payload.pop("p", None)
    return text


@pytest.mark.parametrize("operation", ["Converse", "ConverseStream"])
@pytest.mark.parametrize("name", cases.CONVERSE)
def test_through_caprock_is_as_direct(served, mock, name, operation):
    call = calls_of([cases.CONVERSE[name]], operation)
    mock.reset()
    direct = without_padding(run_boto3(mock.url, call)[0])
    mock.reset()
    through = without_padding(run_boto3(served.url, call)[0])
    assert through == direct


@pytest.mark.skipif(not (CLIENTS / "node_modules").exists(), reason="scripts/node_env.sh has not installed tests/clients")
@pytest.mark.parametrize("handler", ["default", "http1"])
def test_sdk_for_javascript_sees_the_same(served, mock, handler):
    """Its default is HTTP/2 with prior knowledge, where it signs :authority."""
    calls = [call for given in cases.CONVERSE.values() for operation in ("Converse", "ConverseStream") for call in calls_of([given], operation)]
    mock.reset()
    direct = [without_padding(outcome) for outcome in run_js(mock.url, calls, handler)]
    mock.reset()
    through = [without_padding(outcome) for outcome in run_js(served.url, calls, handler)]
    assert through == direct


@pytest.mark.skipif(not (CLIENTS / "node_modules").exists(), reason="scripts/node_env.sh has not installed tests/clients")
@pytest.mark.parametrize("handler", ["default", "http1"])
def test_sdk_for_javascript_signs_with_an_issued_pair(serve, mock, caprock, handler):
    server = serve(environment=mock.environment)
    key = json.loads(caprock("keys", "create", "--name", "js", "--json", "--data", server.data).stdout)
    call = calls_of([cases.CONVERSE["text"]], "Converse")
    pair = {"accessKeyId": key["access_key_id"], "secretAccessKey": key["secret_access_key"]}
    assert run_js(server.url, call, handler, **pair)[0]["status"] == 200
    refused = run_js(server.url, call, handler)[0]
    assert (refused["status"], refused["error"]["kind"]) == (403, "InvalidSignatureException")


@pytest.mark.parametrize("operation", ["Converse", "ConverseStream"])
@pytest.mark.parametrize("name", cases.ERRORS)
def test_errors_have_bedrocks_type(served, mock, name, operation):
    call = calls_of([cases.ERRORS[name][0]], operation)
    mock.reset()
    direct = run_boto3(mock.url, call)[0]
    through = run_boto3(served.url, call)[0]
    assert "error" in through and not through["events"], through
    if name in OURS:
        assert OURS[name] in through["error"]["message"]
    if name == "too_long":
        assert "Input is too long for requested model" in through["error"]["message"]
    assert (through["status"], through["error"]["kind"]) == (direct["status"], direct["error"]["kind"]), through


@pytest.mark.parametrize("status,kind", [(429, "ThrottlingException"), (503, "ServiceUnavailableException"), (403, "AccessDeniedException"), (424, "ModelErrorException"),
                                         (408, "ModelTimeoutException"), (500, "InternalServerException"),
                                         ("429.type-ModelNotReadyException", "ModelNotReadyException"),
                                         ("400.type-ServiceQuotaExceededException", "ServiceQuotaExceededException")])
def test_faults_of_bedrock_keep_their_kind(sdk, mock, status, kind):
    mock.reset()
    with pytest.raises(ClientError) as caught:
        sdk.converse(modelId=f"{CLAUDE}.fault.status-{status}.retry-after-7", messages=[user("x")])
    answer = caught.value.response
    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]) == (int(str(status)[:3]), kind)
    if status == 429:
        assert answer["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "7"
    assert answer["ResponseMetadata"]["RequestId"]


@pytest.mark.parametrize("fault", ["exception-3", "exception-3-throttlingException", "fin-600", "rst-600", "crc-3", "truncate-3", "end-3"])
def test_broken_stream_ends_in_an_exception_and_never_in_an_end(sdk, mock, fault):
    mock.reset()
    events = []
    with pytest.raises(EventStreamError) as caught:
        for event in sdk.converse_stream(modelId=f"{CLAUDE}.fault.{fault}", messages=[user("one two three four five six")])["stream"]:
            events.append(event)
    assert events and not any("messageStop" in e or "metadata" in e for e in events)
    code = caught.value.response["Error"]["Code"]
    assert code == ("throttlingException" if "throttling" in fault else "modelStreamErrorException")


def test_each_event_comes_when_it_is_said(sdk, mock):
    mock.reset()
    began, at = time.monotonic(), []
    stream = sdk.converse_stream(modelId=CLAUDE, messages=[user("[[mock: words=200; deltas=64; gap=20]]")])["stream"]
    for event in stream:
        if "contentBlockDelta" in event:
            at.append(time.monotonic() - began)
    assert len(at) == 64
    gaps = [b - a for a, b in zip(at, at[1:])]
    assert sum(gap > 0.005 for gap in gaps) > 55, gaps


def test_client_that_leaves_ends_the_call_to_the_model(sdk, mock):
    mock.reset()
    mock.forget_attempts()
    stream = sdk.converse_stream(modelId=CLAUDE, messages=[user("[[mock: words=400; deltas=400; gap=20]]")])["stream"]
    next(iter(stream))
    stream.close()
    sdk.close()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and (not (seen := mock.attempts()) or seen[-1]["end"] in ("", "running", None)):
        time.sleep(0.05)
    assert seen[-1]["end"] != "complete", seen[-1]["end"]


def test_issued_pair_signs_for_every_id(served, mock, caprock, serve):
    mock.reset()
    server = serve(environment=mock.environment)
    key = json.loads(caprock("keys", "create", "--name", "b", "--json", "--data", server.data).stdout)
    signed = boto3.client("bedrock-runtime", region_name="us-east-1", endpoint_url=server.url, aws_access_key_id=key["access_key_id"],
                          aws_secret_access_key=key["secret_access_key"])
    for model in (CLAUDE, cases.ARN):
        assert signed.converse(modelId=model, messages=[user("hello")])["stopReason"] == "end_turn"
        events = [next(iter(e)) for e in signed.converse_stream(modelId=model, messages=[user("hello")])["stream"]]
        assert events[0] == "messageStart" and events[-2:] == ["messageStop", "metadata"]


def test_bearer_over_tls(mock, caprock, tmp_path, monkeypatch):
    """boto3 sends a bearer over TLS only."""
    mock.reset()
    certificate, private = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", private, "-out", certificate,
                    "-days", "2", "-subj", "/CN=caprock", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    data = tmp_path / "d" / "data"
    key = json.loads(caprock("keys", "create", "--name", "b", "--json", "--data", data).stdout)
    server = Server(tmp_path / "d", "--set", f"server.tls_certificate={certificate}", "--set", f"server.tls_key={private}", environment=mock.environment)
    server._wait_until_ready = lambda: None
    server.start()
    try:
        monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", key["api_key"])
        bearer = boto3.client("bedrock-runtime", region_name="us-east-1", endpoint_url=server.url.replace("http:", "https:"), verify=str(certificate))
        assert bearer.converse(modelId=CLAUDE, messages=[user("hello")])["stopReason"] == "end_turn"
        monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "cprk-unknown")
        wrong = boto3.client("bedrock-runtime", region_name="us-east-1", endpoint_url=server.url.replace("http:", "https:"), verify=str(certificate))
        with pytest.raises(ClientError) as caught:
            wrong.converse(modelId=CLAUDE, messages=[user("hello")])
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    finally:
        server.stop()


def test_models_are_listed_by_the_control_plane(served):
    control = boto3.client("bedrock", region_name="us-east-1", endpoint_url=served.url, aws_access_key_id="a", aws_secret_access_key="b")
    models = [m["modelId"] for m in control.list_foundation_models()["modelSummaries"]]
    profiles = [p["inferenceProfileId"] for p in control.list_inference_profiles()["inferenceProfileSummaries"]]
    assert any("claude" in m for m in models) and all(m not in profiles for m in models)


def test_members_that_nobody_knows_are_named(served):
    answer = served.client.post(f"/model/{CLAUDE}/converse", json={"messages": [user("x")], "maxTokens": 3})
    assert answer.status_code == 400 and answer.headers["x-amzn-errortype"] == "ValidationException"
    assert "maxTokens" in answer.json()["message"] and answer.headers["x-amzn-requestid"]
    cut = served.client.post(f"/model/{CLAUDE}/converse", content='{"messages":[', headers={"content-type": "application/json"})
    assert cut.status_code == 400 and cut.headers["x-amzn-errortype"] == "ValidationException"
