"""Bedrock's own API by stock boto3: what comes through Caprock is what Bedrock itself says, case by case."""
import json
import subprocess
import time

import boto3
import pytest
from botocore.config import Config
from botocore.eventstream import ParserError
from botocore.exceptions import BotoCoreError, ClientError, EventStreamError
from urllib3.exceptions import HTTPError

from harness import Server
from mock_bedrock import cases
from mock_bedrock.agreement import CLIENTS, client, revived, run_boto3, run_js
from mock_bedrock.cases import CLAUDE, user

MOCK = "bedrock_mock"


def calls_of(inputs, operation):
    return [{"service": "bedrock-runtime", "operation": operation, "input": given} for given in inputs]


@pytest.fixture
def sdk(served):
    return boto3.client("bedrock-runtime", region_name="us-east-1", endpoint_url=served.url, aws_access_key_id="any", aws_secret_access_key="any",
                        config=Config(retries={"total_max_attempts": 1}))


@pytest.mark.parametrize("operation", ["Converse", "ConverseStream"])
@pytest.mark.parametrize("name", cases.CONVERSE)
def test_through_caprock_is_as_direct(served, mock, name, operation):
    call = calls_of([cases.CONVERSE[name]], operation)
    mock.reset()
    direct = run_boto3(mock.url, call)[0]
    mock.reset()
    through = run_boto3(served.url, call)[0]
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
def test_errors_are_bedrocks_own(served, mock, name, operation):
    call = calls_of([cases.ERRORS[name][0]], operation)
    mock.reset()
    direct = run_boto3(mock.url, call)[0]
    mock.reset()
    assert run_boto3(served.url, call)[0] == direct


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
def test_broken_stream_is_an_error_to_its_reader_and_never_an_end(sdk, mock, fault):
    mock.reset()
    events = []
    with pytest.raises((EventStreamError, ParserError, HTTPError, BotoCoreError)) as caught:
        for event in sdk.converse_stream(modelId=f"{CLAUDE}.fault.{fault}", messages=[user("one two three four five six")])["stream"]:
            events.append(event)
    assert not any("messageStop" in e or "metadata" in e for e in events)
    if "exception" in fault or "end" in fault:
        code = caught.value.response["Error"]["Code"]
        assert code == ("throttlingException" if "throttling" in fault else "modelStreamErrorException")


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


# ── models of another provider: translated ──────────────────────────────────────────────────────────────────────────
GPT = "openai/echo"


@pytest.fixture
def other(served_by_both):
    return client(served_by_both.url, "bedrock-runtime")


def test_members_that_nobody_knows_are_named(served_by_both):
    path = f"/model/{GPT.replace('/', '%2F')}/converse"
    answer = served_by_both.client.post(path, json={"messages": [user("x")], "maxTokens": 3})
    assert answer.status_code == 400 and answer.headers["x-amzn-errortype"] == "ValidationException"
    assert "maxTokens" in answer.json()["message"] and answer.headers["x-amzn-requestid"]
    cut = served_by_both.client.post(path, content='{"messages":[', headers={"content-type": "application/json"})
    assert cut.status_code == 400 and cut.headers["x-amzn-errortype"] == "ValidationException"


@pytest.mark.parametrize("name,field", [("no_messages", "messages"), ("empty_content", "messages[0].content"), ("result_without_call", "toolUseId"), ("tool_name_too_long", "name")])
def test_bad_input_for_another_provider_names_its_field(other, name, field):
    with pytest.raises(ClientError) as caught:
        other.converse(**revived(cases.ERRORS[name][0]) | {"modelId": GPT})
    assert caught.value.response["Error"]["Code"] == "ValidationException" and field in caught.value.response["Error"]["Message"]


CHAT = {"messages": [{"role": "user", "content": "Hello there"}], "max_tokens": 50}
MESSAGES = CHAT | {"anthropic_version": "bedrock-2023-05-31"}


def text_of(reply):
    return reply["content"][0]["text"] if reply.get("type") == "message" else reply["choices"][0]["message"]["content"]


@pytest.mark.parametrize("body", [CHAT, MESSAGES], ids=["openai", "anthropic"])
def test_invoke_speaks_the_dialect_of_its_body(other, body):
    said = other.converse(modelId=GPT, messages=[user("Hello there")])
    text = said["output"]["message"]["content"][0]["text"]
    answer = other.invoke_model(modelId=GPT, body=json.dumps(body))
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    assert text_of(json.loads(answer["body"].read())) == text
    assert int(headers["x-amzn-bedrock-input-token-count"]) == said["usage"]["inputTokens"]
    stream = other.invoke_model_with_response_stream(modelId=GPT, body=json.dumps(body))
    assert stream["contentType"] == "application/json"
    events = [json.loads(event["chunk"]["bytes"]) for event in stream["body"]]
    if body is MESSAGES:
        pieces = [e["delta"].get("text", "") for e in events if e["type"] == "content_block_delta"]
        assert (events[0]["type"], events[-1]["type"]) == ("message_start", "message_stop")
    else:
        pieces = [c["delta"].get("content") or "" for e in events for c in e["choices"]]
    assert "".join(pieces) == text
    assert events[-1]["amazon-bedrock-invocationMetrics"]["outputTokenCount"] == said["usage"]["outputTokens"]


def test_invoke_of_a_body_that_is_neither_is_refused(other):
    with pytest.raises(ClientError) as caught:
        other.invoke_model(modelId=GPT, body=json.dumps({"inputText": "hi"}))
    assert caught.value.response["Error"]["Code"] == "ValidationException" and "body" in caught.value.response["Error"]["Message"]


@pytest.mark.parametrize("body", [CHAT, MESSAGES], ids=["openai", "anthropic"])
@pytest.mark.parametrize("fault", ["cut-900", "unfinished", "error-3"])
def test_broken_stream_of_another_provider_ends_in_an_exception(other, body, fault):
    with pytest.raises(EventStreamError):
        list(other.invoke_model_with_response_stream(modelId=f"{GPT}.{fault}", body=json.dumps(body))["body"])
