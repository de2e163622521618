"""Native requests to native models: what AWS would have been sent and would have answered, byte for byte, however the answer ends."""
import json
import re
import struct
import time
import urllib.parse
import zlib

import boto3
import pytest
from botocore.config import Config
from botocore.eventstream import EventStreamBuffer

from mock_bedrock import cases
from mock_bedrock.agreement import CLIENTS, client, revived, run_js
from mock_bedrock.cases import CLAUDE, user
from raw_aws import requests_of, send

MOCK = "bedrock_mock"
# The control plane tells what can be asked here, which is more than Bedrock's.
OWN = {"ListFoundationModels", "GetFoundationModel", "ListInferenceProfiles", "GetInferenceProfile", "CreateInferenceProfile"}
PASSED = {name: call for name, call in cases.calls().items() if call["operation"] not in OWN and not name.startswith("fault/")}
# How a stream ends; those that stop or wait are the same and only slower.
FAULTS = [words for words in cases.FAULTS if not words.startswith(("stall", "fin--1", "rst--1"))]
KEPT = re.compile(r"content-type|retry-after|x-amz-retry-after|x-amzn-errortype|x-amzn-bedrock-.*")


def at_model(call, fault):
    return call | {"input": call["input"] | {"modelId": f"{call['input']['modelId']}.fault.{fault}"}}


def asked(mock, url, call, key):
    """One call in a mock that remembers nothing: the answer, and what Bedrock got."""
    mock.reset()
    answer = send(url, requests_of(url, *key)(call | {"input": revived(call["input"])}))
    return answer, mock.attempts()[-1] if mock.attempts() else None


def both_ways(served, mock, call):
    return asked(mock, mock.url, call, ()), asked(mock, served.url, call, ("any", "any"))


def kept(headers):
    return {k: v for k, v in headers.items() if KEPT.fullmatch(k)}


@pytest.mark.parametrize("name", PASSED)
def test_request_and_answer_are_the_same_bytes(served, mock, name):
    (direct, sent), (through, forwarded) = both_ways(served, mock, PASSED[name])
    assert through["status"] == direct["status"], through
    assert through["body"] == direct["body"]
    assert kept(through["headers"]) == kept(direct["headers"])
    assert through["headers"]["x-amzn-requestid"] and through["whole"]
    if sent["operation"] is not None:
        same = ("method", "path", "query", "sha256", "operation", "status", "error")
        assert {k: forwarded[k] for k in same} == {k: sent[k] for k in same}
        assert forwarded["auth"]["key"] == "AKIDEXAMPLE"  # ours; the client signed as somebody else


@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_answer_is_the_same_or_ends_as_broken(served, mock, fault):
    call = at_model({"service": "bedrock-runtime", "operation": "ConverseStream", "input": cases.CONVERSE["text"]}, fault)
    (direct, _), (through, _) = both_ways(served, mock, call)
    assert through["status"] == direct["status"]
    if direct["whole"] and "truncate" not in fault and "precrc" not in fault:
        assert through["body"] == direct["body"]
    else:  # a reset may take what was on its way to the direct client with it
        assert through["whole"]
        assert_ends_in_exception(through["body"], whole_events(direct["body"] or b""))


def whole_events(stream):
    """The bytes up to the last event that is there whole and whose prelude is right."""
    at = 0
    while at + 12 <= len(stream):
        total, _, checksum = struct.unpack(">III", stream[at:at + 12])
        if checksum != zlib.crc32(stream[at:at + 8]) or at + total > len(stream):
            break
        at += total
    return stream[:at]


def assert_ends_in_exception(body, before):
    assert body.startswith(before)
    buffer = EventStreamBuffer()
    buffer.add_data(body[len(before):])
    *events, last = list(buffer)
    assert all(event.headers[":message-type"] == "event" for event in events)
    assert last.headers[":message-type"] == "exception" and last.headers[":exception-type"] == "modelStreamErrorException"


@pytest.mark.parametrize("fault", ["end-3", "truncate-3", "fin-600"])
def test_end_that_the_model_did_not_send_is_no_end(served, mock, fault):
    call = at_model({"service": "bedrock-runtime", "operation": "ConverseStream", "input": cases.CONVERSE["text"]}, fault)
    through, _ = asked(mock, served.url, call, ("any", "any"))
    assert not through["whole"] or b"modelStreamErrorException" in through["body"]
    assert b"messageStop" not in through["body"]


@pytest.mark.skipif(not (CLIENTS / "node_modules").exists(), reason="scripts/node_env.sh has not installed tests/clients")
@pytest.mark.parametrize("handler", ["default", "http1"])
def test_sdk_for_javascript_sees_what_it_sees_directly(served, mock, handler):
    calls = [call for name, call in PASSED.items() if "prompt_100kB" not in name]
    mock.reset()
    direct = run_js(mock.url, calls, handler)
    mock.reset()
    through = run_js(served.url, calls, handler)
    for call, there, here in zip(calls, direct, through):
        assert here == there, call


@pytest.mark.skipif(not (CLIENTS / "node_modules").exists(), reason="scripts/node_env.sh has not installed tests/clients")
@pytest.mark.parametrize("handler", ["default", "http1"])
@pytest.mark.parametrize("fault", ["fin-600", "rst-600", "crc-3", "precrc-2", "truncate-3", "end-3", "exception-3-throttlingException"])
def test_sdk_for_javascript_sees_a_broken_stream_as_broken(served, mock, handler, fault):
    """Under HTTP/2 a stream that is cut within an event is reset."""
    mock.reset()
    calls = [at_model({"service": "bedrock-runtime", "operation": "ConverseStream", "input": cases.CONVERSE["text"]}, fault)]
    outcome = run_js(served.url, calls, handler)[0]
    assert "error" in outcome, outcome
    assert not any("messageStop" in e or "metadata" in e for e in outcome["events"])


# ── flow ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def sdk(served):
    return boto3.client("bedrock-runtime", region_name="us-east-1", endpoint_url=served.url, aws_access_key_id="any", aws_secret_access_key="any",
                        config=Config(retries={"total_max_attempts": 1}))


@pytest.mark.parametrize("operation", ["converse_stream", "invoke_model_with_response_stream"])
def test_client_that_leaves_ends_the_call_within_a_second(served, mock, operation):
    mock.reset()
    own = client(served.url, "bedrock-runtime")
    text = "[[mock: words=400; deltas=400; gap=20]]"
    if operation == "converse_stream":
        stream = own.converse_stream(modelId=CLAUDE, messages=[user(text)])["stream"]
    else:
        body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 2000, "messages": [{"role": "user", "content": text}]}
        stream = own.invoke_model_with_response_stream(modelId=CLAUDE, body=json.dumps(body))["body"]
    next(iter(stream))
    stream.close()
    own.close()
    left, end = time.monotonic(), "open"
    while end == "open" and time.monotonic() < left + 5:
        time.sleep(0.02)
        end = mock.attempts()[-1]["end"]
    assert end == "client_gone" and time.monotonic() - left < 1.5


# ── the rest ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_asynchronous_calls_are_started_looked_at_and_listed(served, mock, sdk):
    mock.reset()
    given = cases.OTHERS["async_start"][2] | {"outputDataConfig": {"s3OutputDataConfig": {"s3Uri": "s3://bucket/k"}}}
    arn = sdk.start_async_invoke(**given)["invocationArn"]
    assert [sdk.get_async_invoke(invocationArn=arn)["status"] for _ in range(2)] == ["InProgress", "Completed"]
    assert [call["invocationArn"] for call in sdk.list_async_invokes(statusEquals="Completed")["asyncInvokeSummaries"]] == [arn]
    assert sdk.list_async_invokes(statusEquals="Failed")["asyncInvokeSummaries"] == []


def test_headers_of_an_invocation_are_signed_and_reach_the_model(sdk, mock):
    mock.reset()
    body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 20, "messages": [{"role": "user", "content": "hi"}]}
    sdk.invoke_model(modelId=CLAUDE, body=json.dumps(body), trace="ENABLED", performanceConfigLatency="optimized", serviceTier="priority")
    headers = dict(mock.attempts()[-1]["headers"])
    assert (headers["x-amzn-bedrock-trace"], headers["x-amzn-bedrock-performanceconfig-latency"], headers["x-amzn-bedrock-service-tier"]) == ("ENABLED", "optimized", "priority")
    assert "x-amzn-bedrock-trace" in headers["authorization"]


def test_name_with_the_providers_prefix_reaches_the_model_without_it(sdk, mock):
    mock.reset()
    assert sdk.converse(modelId=f"bedrock/{CLAUDE}", messages=[user("hi")])["stopReason"] == "end_turn"
    assert mock.attempts()[-1]["path"] == f"/model/{urllib.parse.quote(CLAUDE, safe='')}/converse"


def test_lists_of_the_control_plane_are_filtered_and_in_pages(served):
    control = boto3.client("bedrock", region_name="us-east-1", endpoint_url=served.url, aws_access_key_id="a", aws_secret_access_key="b")
    models = control.list_foundation_models()["modelSummaries"]
    embedding = control.list_foundation_models(byProvider="Cohere", byOutputModality="EMBEDDING")["modelSummaries"]
    assert embedding and len(embedding) < len(models) and all(m["providerName"] == "Cohere" for m in embedding)
    assert CLAUDE in [m["modelId"] for m in models]
    assert control.get_foundation_model(modelIdentifier=CLAUDE)["modelDetails"]["modelId"] == CLAUDE
    pages = control.get_paginator("list_inference_profiles").paginate(PaginationConfig={"PageSize": 2})
    found = [p["inferenceProfileId"] for page in pages for p in page["inferenceProfileSummaries"]]
    assert found == [p["inferenceProfileId"] for p in control.list_inference_profiles()["inferenceProfileSummaries"]] and cases.PROFILE in found
    assert control.get_inference_profile(inferenceProfileIdentifier=cases.PROFILE)["status"] == "ACTIVE"
    with pytest.raises(control.exceptions.ResourceNotFoundException):
        control.get_inference_profile(inferenceProfileIdentifier="us.nobody.nothing-v1:0")
