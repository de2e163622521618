"""Bad requests to models: each is answered in the dialect of its surface, with the field named."""
import base64
import datetime
import json
import socket
import subprocess

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

from harness import BINARY, clean_environment

MOCK = "bedrock_mock"
CLAUDE = "us.anthropic.claude-sonnet-4-20250514-v1:0"
NAME = "x" * 65
GIF = base64.b64encode(b"GIF89a" + b"\0" * 20).decode()
DEEP = "[" * 200 + "]" * 200


# What is wrong with a request to a model of Bedrock, Bedrock says itself: these words are ours, for another provider's.
OTHER = "openai/echo"


@pytest.fixture(scope="module")
def served(served_by_both):
    return served_by_both


def converse(model=OTHER, **body):
    return "/model/" + model.replace(":", "%3A").replace("/", "%2F") + "/converse", {"messages": [{"role": "user", "content": [{"text": "Hi"}]}]} | body


def chat(**body):
    return "/v1/chat/completions", {"model": CLAUDE, "messages": [{"role": "user", "content": "Hi"}]} | body


def responses(**body):
    return "/v1/responses", {"model": CLAUDE, "input": "Hi"} | body


def messages(**body):
    return "/v1/messages", {"model": CLAUDE, "max_tokens": 100, "messages": [{"role": "user", "content": "Hi"}]} | body


def said(*content):
    return [{"role": "user", "content": list(content)}]


def function(name):
    return {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}


# What is wrong → request, status, type (or code), and what the answer must name.
BEDROCK = {
    "unknown model": (converse("nobody.has-this-v1:0"), (400, 404), ("ValidationException", "ResourceNotFoundException"), "model"),
    "malformed arn": (converse("arn:aws:bedrock:us-east-1::nothing/x"), (400, 404), ("ValidationException", "ResourceNotFoundException"), "model"),
    "no messages": (converse(messages=[]), (400,), ("ValidationException",), "messages"),
    "empty text": (converse(messages=said({"text": ""})), (400,), ("ValidationException",), "text"),
    "result without call": (converse(messages=said({"toolResult": {"toolUseId": "a", "content": [{"text": "1"}]}})), (400,), ("ValidationException",), "toolResult"),
    "tool name too long": (converse(toolConfig={"tools": [{"toolSpec": {"name": NAME, "inputSchema": {"json": {"type": "object"}}}}]}), (400,), ("ValidationException",), "name"),
    "image of a wrong type": (converse(messages=said({"image": {"format": "bmp", "source": {"bytes": GIF}}})), (400,), ("ValidationException",), "format"),
    "member unknown": (converse(maxTokens=3), (400,), ("ValidationException",), "maxTokens"),
    "wrong type": (converse(inferenceConfig={"maxTokens": "many"}), (400,), ("ValidationException",), "maxTokens"),
}
OPENAI = {
    "unknown model": (chat(model="nobody-has-this"), (400, 404), "model"),
    "no messages": (chat(messages=[]), (400,), "messages"),
    "empty text": (chat(messages=said({"type": "text", "text": ""})), (400,), "messages"),
    "result without call": (chat(messages=[{"role": "user", "content": "a"}, {"role": "tool", "tool_call_id": "x", "content": "1"}]), (400,), "messages[1].tool_call_id"),
    "tool name too long": (chat(tools=[function(NAME)]), (400,), "tools[0].function.name"),
    "image of a wrong type": (chat(messages=said({"type": "image_url", "image_url": {"url": "data:image/bmp;base64," + GIF}})), (400,), "messages[0].content[0]"),
    "wrong type": (chat(max_tokens="many"), (400,), "max_tokens"),
    "responses: unknown model": (responses(model="nobody-has-this"), (400, 404), "model"),
    "responses: nothing": (responses(input=[]), (400,), "input"),
    "responses: empty text": (responses(input=said({"type": "input_text", "text": ""})), (400,), "input"),
    "responses: result without call": (responses(input=[{"type": "function_call_output", "call_id": "x", "output": "1"}]), (400,), "input[0].call_id"),
    "responses: tool name too long": (responses(tools=[{"type": "function", "name": NAME, "parameters": {"type": "object"}}]), (400,), "tools[0].name"),
    "responses: image of a wrong type": (responses(input=said({"type": "input_image", "image_url": "data:image/bmp;base64," + GIF})), (400,), "input[0].content[0]"),
}


ANTHROPIC = {
    "unknown model": (messages(model="nobody-has-this"), ("not_found_error", "invalid_request_error"), "model"),
    "no messages": (messages(messages=[]), ("invalid_request_error",), "messages"),
    "no limit": (("/v1/messages", {"model": CLAUDE, "messages": said({"type": "text", "text": "Hi"})}), ("invalid_request_error",), "max_tokens"),
    "empty text": (messages(messages=said({"type": "text", "text": ""})), ("invalid_request_error",), "messages.0.content.0"),
    "result without call": (messages(messages=said({"type": "tool_result", "tool_use_id": "x", "content": "1"})), ("invalid_request_error",), "tool"),
    "tool name too long": (messages(tools=[{"name": "x" * 129, "input_schema": {"type": "object"}}]), ("invalid_request_error",), "tools.0"),
    "image of a wrong type": (messages(messages=said({"type": "image", "source": {"type": "base64", "media_type": "image/bmp", "data": GIF}})),
                              ("invalid_request_error",), "messages.0.content.0"),
    "wrong type": (messages(max_tokens="many"), ("invalid_request_error",), "max_tokens"),
}


@pytest.mark.parametrize("wrong", ANTHROPIC)
def test_anthropics_dialect_names_the_field(served, wrong):
    (path, body), types, named = ANTHROPIC[wrong]
    answer = served.client.post(path, json=body, headers={"anthropic-version": "2023-06-01"})
    assert answer.status_code in (400, 404) and answer.json()["type"] == "error", answer.text
    error = answer.json()["error"]
    assert error["type"] in types and named in error["message"], error


@pytest.mark.parametrize("wrong", BEDROCK)
def test_bedrocks_dialect_names_the_field(served, wrong):
    (path, body), statuses, types, named = BEDROCK[wrong]
    answer = served.client.post(path, json=body)
    assert answer.status_code in statuses and answer.headers["x-amzn-errortype"].split(":")[0] in types, answer.text
    assert named in answer.json()["message"] and answer.headers["x-amzn-requestid"]


@pytest.mark.parametrize("wrong", OPENAI)
def test_openais_dialect_names_the_field(served, wrong):
    (path, body), statuses, named = OPENAI[wrong]
    answer = served.client.post(path, json=body)
    error = answer.json()["error"]
    assert answer.status_code in statuses and error["message"], answer.text
    assert (error["param"] or error["message"]).startswith(named) or f" {named}" in error["message"], error


SURFACES = {"bedrock": converse, "chat": chat, "responses": responses, "anthropic": messages}


def told(surface, answer):
    """The message of an error, which must have its dialect's shape."""
    if surface == "bedrock":
        assert answer.headers["x-amzn-errortype"].endswith("Exception"), answer.headers
        return answer.json()["message"]
    error = answer.json()["error"]
    if surface == "anthropic":
        assert answer.json()["type"] == "error" and error["type"], answer.text
        return error["message"]
    assert {"message", "type", "param", "code"} <= error.keys()
    return error["message"]


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("body, named", [('{"messages":[', ""), ('{"messages":' + DEEP + "}", "levels"), ("", ""), ("[]", ""), ('{"messages":"\ud800"}', "")],
                         ids=["cut", "too deep", "nothing", "no object", "no UTF-8"])
def test_json_that_cannot_be_read(served, surface, body, named):
    answer = served.client.post(SURFACES[surface]()[0], content=body.encode(errors="surrogatepass"), headers={"content-type": "application/json"})
    assert answer.status_code == 400 and named in told(surface, answer).lower(), answer.text


@pytest.mark.parametrize("surface", SURFACES)
def test_body_above_25_megabytes(served, surface):
    answer = served.client.post(SURFACES[surface]()[0], content=b'{"messages":"' + b"x" * 26_000_000 + b'"}', headers={"content-type": "application/json"})
    assert answer.status_code == 413 and "25000000" in told(surface, answer).replace(",", ""), answer.text


def test_body_that_says_it_is_larger_is_not_waited_for(served):
    host, port = served.lock["address"].split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(f"POST {converse()[0]} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: 999999999\r\n\r\n".encode())
        assert b" 413 " in connection.recv(65536).split(b"\r\n")[0]


# Who asks. One opaque refusal for all that is wrong with a signature.

@pytest.fixture(scope="module")
def locked(served, tmp_path_factory):
    """A key of the server's, from here on demanded: these tests are the module's last."""
    home = tmp_path_factory.mktemp("keys")
    run = subprocess.run([BINARY, "keys", "create", "--name", "k", "--json", "--data", served.data], capture_output=True, text=True, check=True, env=clean_environment(home))
    return json.loads(run.stdout)


def signed(served, key, secret=None, shift=0, service="bedrock", change=None):
    path, body = converse()
    request = botocore.awsrequest.AWSRequest("POST", served.url + path, data=json.dumps(body), headers={"content-type": "application/json"})
    signer = botocore.auth.SigV4Auth(botocore.credentials.Credentials(key["access_key_id"], secret or key["secret_access_key"]), service, "us-east-1")
    now = botocore.auth.get_current_datetime
    botocore.auth.get_current_datetime = lambda *_: now(*_) + datetime.timedelta(seconds=shift)
    try:
        signer.add_auth(request)
    finally:
        botocore.auth.get_current_datetime = now
    headers = dict(request.headers.items())
    if change:
        headers, request.data = change(headers, request.data)
    return served.client.post(path, content=request.data, headers=headers)


def test_signature_that_is_right_is_let_in(served, locked):
    assert signed(served, locked).status_code == 200


@pytest.mark.parametrize("wrong", ["secret", "key", "date", "future", "service", "body", "header"])
def test_signature_that_is_wrong_is_one_refusal(served, locked, wrong):
    reference = signed(served, locked, secret="x" * 40)
    answer = {"secret": lambda: signed(served, locked, secret="y" * 40), "key": lambda: signed(served, locked | {"access_key_id": "CPRKAAAAAAAAAAAAAAAA"}),
              "date": lambda: signed(served, locked, shift=-900), "future": lambda: signed(served, locked, shift=900),
              "service": lambda: signed(served, locked, service="s3"),
              "body": lambda: signed(served, locked, change=lambda h, d: (h, d.replace(b"Hi", b"Ho") if isinstance(d, bytes) else d.replace("Hi", "Ho"))),
              "header": lambda: signed(served, locked, change=lambda h, d: (h | {"Content-Type": "application/json; charset=x"}, d))}[wrong]()
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (403, "InvalidSignatureException")
    assert answer.json() == reference.json()


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer cprk-unknown"}, {"x-api-key": "nobody"}, {"authorization": "Basic x"}], ids=["none", "bearer", "header", "basic"])
@pytest.mark.parametrize("surface", SURFACES)
def test_key_that_is_unknown(served, locked, surface, headers):
    path, body = SURFACES[surface]()
    answer = served.client.post(path, json=body, headers=headers)
    assert answer.status_code == (403 if surface == "bedrock" else 401), answer.text
    assert told(surface, answer)
    if surface == "anthropic":
        assert answer.json()["error"]["type"] == "authentication_error"
    elif surface != "bedrock":
        assert answer.json()["error"]["code"] == "invalid_api_key"
