"""Who is let in: SigV4 over the raw path, bearer, and every way to be refused."""
import hashlib
import ssl
import subprocess

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from . import agreement, cases
from .agreement import client
from .auth import Keys
from .exchange import Exchange
from .running import ACCESS_KEY, BEARER, SECRET_KEY, RunningMock

MOCK = "bedrock_mock"
TEXT = cases.CONVERSE["text"]


@pytest.fixture(autouse=True)
def clean(mock):
    mock.reset()


def refused(made, given=TEXT):
    with pytest.raises(ClientError) as caught:
        made.converse(**given)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def test_stock_boto3_sends_no_content_hash(mock):
    client(mock.url, "bedrock-runtime").converse(**TEXT)
    record, = mock.attempts()
    assert record["auth"]["signed_headers"] == ["content-type", "host", "x-amz-date"]
    assert not [1 for name, _ in record["headers"] if name == "x-amz-content-sha256"]


def test_js_signs_authority_over_http2_and_host_over_http1(mock):
    agreement.run_js(mock.url, [{"service": "bedrock-runtime", "operation": "Converse", "input": TEXT}], "http2")
    agreement.run_js(mock.url, [{"service": "bedrock-runtime", "operation": "Converse", "input": TEXT}], "http1")
    two, one = mock.attempts()
    assert ":authority" in two["auth"]["signed_headers"] and "host" not in two["auth"]["signed_headers"]
    assert "host" in one["auth"]["signed_headers"]


def test_arn_arrives_encoded_once(mock):
    client(mock.url, "bedrock-runtime").converse(**cases.CONVERSE["arn"])
    record, = mock.attempts()
    assert record["path"] == "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fabcd1234efgh/converse"
    assert record["model"] == cases.ARN


def test_wrong_secret_and_unknown_key(mock):
    assert refused(client(mock.url, "bedrock-runtime", secret="x"))[0] == "InvalidSignatureException"
    assert refused(client(mock.url, "bedrock-runtime", key="AKIDNOBODY")) == ("UnrecognizedClientException", "The security token included in the request is invalid.")


def test_session_token(mock):
    mock.credentials(access_key_id="ASIATEST", secret_access_key="s", session_token="t")
    client(mock.url, "bedrock-runtime", key="ASIATEST", secret="s", aws_session_token="t").converse(**TEXT)
    assert refused(client(mock.url, "bedrock-runtime", key="ASIATEST", secret="s", aws_session_token="u"))[0] == "UnrecognizedClientException"
    assert refused(client(mock.url, "bedrock-runtime", key="ASIATEST", secret="s"))[0] == "UnrecognizedClientException"


def test_expired_credentials(mock):
    mock.credentials(access_key_id="ASIAOLD", secret_access_key="s", session_token="t", expires=1)
    assert refused(client(mock.url, "bedrock-runtime", key="ASIAOLD", secret="s", aws_session_token="t"))[0] == "ExpiredTokenException"


@pytest.mark.parametrize("skew, words", [(600, "Signature expired"), (-600, "Signature not yet current")])
def test_clock_that_differs(mock, skew, words):
    mock.clock(skew)
    kind, message = refused(client(mock.url, "bedrock-runtime"))
    assert kind == "InvalidSignatureException" and words in message
    mock.clock(200)
    client(mock.url, "bedrock-runtime").converse(**TEXT)


def test_skew_for_one_request(mock):
    assert refused(client(mock.url, "bedrock-runtime", header="skew-3600"))[0] == "InvalidSignatureException"


def _signed(mock, body=b'{"messages":[{"role":"user","content":[{"text":"hi"}]}]}', **headers):
    """What boto3 would send, to be spoilt."""
    request = AWSRequest("POST", f"{mock.url}/model/anthropic.claude-3-5-sonnet-20240620-v1%3A0/converse", headers={"content-type": "application/json"} | headers, data=body)
    SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "bedrock", "us-east-1").add_auth(request)
    return request


def _post(request, body=None, **changed):
    headers = {k.lower(): v for k, v in request.headers.items()} | changed
    answer = httpx.post(request.url, content=body or request.data, headers={k: v for k, v in headers.items() if v is not None})
    return answer.status_code, answer.headers.get("x-amzn-errortype", "").partition(":")[0], answer


def test_signed_as_is(mock):
    assert _post(_signed(mock))[0] == 200
    assert _post(_signed(mock, **{"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}))[0] == 200


def test_every_spoilt_part_is_found(mock):
    request = _signed(mock)
    assert _post(request, body=request.data + b" ")[1] == "InvalidSignatureException"
    assert _post(request, **{"content-type": "text/plain"})[1] == "InvalidSignatureException"
    assert _post(request, **{"x-amz-meta": "added later"})[1] == "InvalidSignatureException"
    assert _post(request, authorization=None)[1] == "MissingAuthenticationTokenException"
    assert _post(request, authorization="AWS4-HMAC-SHA256 nonsense")[1] == "IncompleteSignatureException"
    assert _post(request, authorization=request.headers["Authorization"].replace("/bedrock/", "/s3/"))[1] == "InvalidSignatureException"
    assert _post(request, **{"x-amz-date": "20200101T000000Z"})[1] == "InvalidSignatureException"
    status, _, answer = _post(request, authorization="Bearer nobody")
    assert (status, answer.json()["message"]) == (403, "Authentication failed: Please make sure your API Key is valid.")


def test_wrong_content_hash_that_is_signed(mock):
    assert _post(_signed(mock, **{"X-Amz-Content-SHA256": hashlib.sha256(b"other").hexdigest()}))[1] == "InvalidSignatureException"


def test_bearer_by_js_in_the_clear(mock):
    outcome, = agreement.run_js(mock.url, [{"service": "bedrock-runtime", "operation": "Converse", "input": TEXT}], "default", bearer=BEARER)
    assert outcome["status"] == 200
    assert mock.attempts()[0]["auth"] == {"kind": "bearer", "key": BEARER}


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True, capture_output=True)
    running = RunningMock("--certificate", folder / "cert.pem", "--key", folder / "key.pem", verify=ssl.create_default_context(cafile=folder / "cert.pem"))
    running.certificate = str(folder / "cert.pem")
    yield running
    assert running.stop() == 0


def test_bearer_by_boto3_over_tls(tls, monkeypatch):
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", BEARER)
    made = client(tls.url, "bedrock-runtime", key=None, secret=None, verify=tls.certificate)
    assert made.converse(**TEXT)["stopReason"] == "end_turn"
    events = list(made.converse_stream(**TEXT)["stream"])
    assert "metadata" in events[-1]
    assert {a["auth"]["kind"] for a in tls.attempts()} == {"bearer"}
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "wrong")
    assert refused(client(tls.url, "bedrock-runtime", key=None, secret=None, verify=tls.certificate))[0] == "AccessDeniedException"


def test_http2_by_alpn(tls, monkeypatch):
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", tls.certificate)
    outcome, = agreement.run_js(tls.url, [{"service": "bedrock-runtime", "operation": "ConverseStream", "input": TEXT}], "default")
    assert list(outcome["events"][-1]) == ["metadata"]
    assert tls.attempts()[-1]["http"] == "2"


def test_golden_vectors():
    """Two requests whose signatures are published and were recomputed: the verifier makes the same ones."""
    body = b'{"messages": [{"role": "user", "content": [{"text": "hi"}]}], "inferenceConfig": {"maxTokens": 16}}'
    headers = [("content-type", "application/json"), ("host", "bedrock-runtime.us-east-1.amazonaws.com"), ("x-amz-date", "20260102T030405Z")]
    vectors = [("anthropic.claude-3-5-sonnet-20240620-v1%3A0", [], "8899d588a27c6b50eca04d325ea3861f0c1cf7460477dfad088b08f8e52b6259"),
               ("arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fabcd1234efgh", [("x-amz-security-token", "SESSIONTOKEN")],
                "3f4bedfd4a6cdc642a09ccbfe8d7addef782da46b76984781f381d02ab8fb458")]
    for label, more, wanted in vectors:
        exchange = Exchange("POST", f"/model/{label}/converse", "", headers + more, body, 1)
        names = sorted(name for name, _ in exchange.headers)
        assert Keys()._signature(exchange, {"secret": SECRET_KEY}, names, "us-east-1", "20260102T030405Z") == wanted
