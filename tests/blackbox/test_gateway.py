"""What the gateway makes of faults of a provider: tried again, tried elsewhere, or told; and the account of every call."""
import concurrent.futures
import contextlib
import json
import re
import socket
import time

import boto3
import botocore.config
import httpx
import openai
import pytest

MOCK = "bedrock_mock"
CLAUDE = "us.anthropic.claude-sonnet-4-20250514-v1:0"
NOVA = "amazon.nova-lite-v1:0"
# As a new user has it, but for the waits, which would only make the tests slow.
PATIENT = {"CAPROCK_RETRY_MAX_ATTEMPTS": "3", "CAPROCK_RETRY_BASE": "20ms", "CAPROCK_RETRY_THROTTLING_BASE": "50ms"}


@pytest.fixture
def gateway(serve, mock):
    """gateway("--set", …): a server in front of the mock, with retries."""
    mock.reset()
    mock.clock(0)

    def start(*arguments, **environment):
        return serve(*arguments, environment=mock.environment | PATIENT | environment)

    return start


def post(server, model, stream=False, text="Hi", **more):
    return server.client.post("/v1/chat/completions", json={"model": model, "stream": stream, "messages": [{"role": "user", "content": text}]}, **more)


def converse(server, model, stream=False):
    body = {"messages": [{"role": "user", "content": [{"text": "Hi"}]}]}
    return server.client.post(f"/model/{model.replace(':', '%3A')}/converse{'-stream' if stream else ''}", json=body)


def calls(server, count):
    """The account of the calls; it is written behind the answer."""
    deadline = time.monotonic() + 5
    while True:
        found = [line for line in server.log_lines() if line.get("message") == "model call" or line.get("msg") == "model call"]
        if len(found) >= count or time.monotonic() > deadline:
            return found
        time.sleep(0.02)


def metric(server, name, **labels):
    total = 0.0
    for line in server.client.get("/metrics").text.splitlines():
        if line.startswith(name + "{") and all(f'{k}="{v}"' in line for k, v in labels.items()):
            total += float(line.rsplit(" ", 1)[1])
    return total


def statuses(mock):
    return [a["status"] for a in mock.attempts()]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("fault, first", [("status-429", 429), ("status-429.amz-retry-after-30", 429), ("status-500", 500), ("status-503", 503),
                                          ("status-429.type-ModelNotReadyException", 429), ("rst--1", None), ("fin--1", None)])
def test_one_fault_is_not_seen(gateway, mock, fault, first, stream):
    server = gateway()
    answer = post(server, f"{CLAUDE}.fault.{fault}.times-1", stream)
    assert answer.status_code == 200 and "You" in answer.text, answer.text
    assert statuses(mock) == [first, 200]
    assert answer.headers["x-caprock-route"].endswith("; reason=first; attempts=2")
    call, = calls(server, 1)
    assert (call["outcome"], call["attempts"], call["surface"], call["region"]) == ("ok", 2, "openai", "us-east-1")
    assert call["input_tokens"] > 0 and call["output_tokens"] > 0 and call["usage_known"]


@pytest.mark.parametrize("stream", [False, True])
def test_three_throttles_are_told_in_each_dialect_with_when_to_come_again(gateway, mock, stream):
    server = gateway()
    model = f"{CLAUDE}.fault.status-429"
    answer = post(server, model, stream)
    assert answer.status_code == 429 and answer.json()["error"]["code"] == "rate_limit_exceeded", answer.text
    assert int(answer.headers["retry-after"]) >= 1
    assert statuses(mock) == [429, 429, 429]
    mock.forget_attempts()
    answer = converse(server, model, stream)
    assert answer.status_code == 429 and answer.headers["x-amzn-errortype"].startswith("ThrottlingException"), "as AWS said it"
    assert statuses(mock) == [429, 429, 429]
    answer = post(server, f"{CLAUDE}.fault.status-429.retry-after-7", stream)
    assert answer.headers["retry-after"] == "7", "what Bedrock says is passed on"


def test_stock_clients_see_one_error(gateway, mock):
    server = gateway()
    model = f"{CLAUDE}.fault.status-429"
    with pytest.raises(openai.RateLimitError):
        openai.OpenAI(api_key="unused", base_url=f"{server.url}/v1", max_retries=0).chat.completions.create(
            model=model, messages=[{"role": "user", "content": "Hi"}])
    bedrock = boto3.client("bedrock-runtime", endpoint_url=server.url, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b",
                           config=botocore.config.Config(retries={"total_max_attempts": 1}))
    with pytest.raises(bedrock.exceptions.ThrottlingException):
        bedrock.converse(modelId=model, messages=[{"role": "user", "content": [{"text": "Hi"}]}])
    assert statuses(mock) == [429] * 6


@pytest.mark.parametrize("fault", ["status-400", "status-404", "status-403.type-AccessDeniedException",
                                   "status-400.type-ServiceQuotaExceededException", "status-424.type-ModelErrorException"])
def test_what_would_fail_again_is_asked_once(gateway, mock, fault):
    assert post(gateway(), f"{CLAUDE}.fault.{fault}").status_code >= 400
    assert len(mock.attempts()) == 1


@pytest.mark.parametrize("fault", ["rst-700", "fin-700", "crc-3", "end-3", "exception-3-throttlingException"])
def test_after_the_first_event_nothing_is_tried_again(gateway, mock, fault):
    server = gateway("--set", f"fallback.models={NOVA}")
    answer = post(server, f"{CLAUDE}.fault.{fault}", stream=True, text="word " * 30)
    assert answer.status_code == 200 and '"error"' in answer.text and "[DONE]" not in answer.text and '"finish_reason":"stop"' not in answer.text
    assert len(mock.attempts()) == 1
    call, = calls(server, 1)
    assert call["outcome"] == "broken" and call["attempts"] == 1


def test_silent_model_is_not_asked_again(gateway, mock):
    server = gateway("--set", "models.request_timeout=1s", "--set", f"fallback.models={NOVA}")
    assert post(server, f"{CLAUDE}.fault.delay-5000").status_code >= 500
    assert len(mock.attempts()) == 1, "it was sent whole, and may have been done"
    mock.forget_attempts()
    server = gateway("--set", "models.request_timeout=1s", "--set", "retry.after_sent_timeout=true")
    assert post(server, f"{CLAUDE}.fault.delay-5000.times-1").status_code == 200
    assert len(mock.attempts()) == 2


def test_clock_that_is_off_is_corrected_once(gateway, mock):
    server = gateway()
    mock.clock(3600)
    assert post(server, CLAUDE).status_code == 200
    assert post(server, CLAUDE).status_code == 200
    assert statuses(mock) == [403, 200, 200]
    mock.clock(0)


def test_keys_that_ended_are_read_anew_once(gateway, mock, tmp_path):
    keys = tmp_path / "credentials"

    def write(number):
        mock.credentials(access_key_id=f"AKIA{number}", secret_access_key=f"s{number}")
        keys.write_text(f"[default]\naws_access_key_id = AKIA{number}\naws_secret_access_key = s{number}\n")

    write(1)
    server = gateway(AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="", AWS_SHARED_CREDENTIALS_FILE=str(keys))
    assert post(server, CLAUDE).status_code == 200
    mock.reset()
    write(2)
    time.sleep(11)  # a refusal sends for new keys at most once in ten seconds
    answer = post(server, CLAUDE)
    assert answer.status_code == 200, answer.text
    assert [a["auth"]["key"] for a in mock.attempts() if a["auth"]] [-1] == "AKIA2" and statuses(mock) == [403, 200]


def test_fallback_answers_and_the_breaker_opens(gateway, mock):
    broken = f"{CLAUDE}.fault.status-503"
    server = gateway("--set", f"fallback.models={NOVA}", "--set", "fallback.breaker_open=2s")
    for _ in range(3):
        answer = post(server, broken)
        assert answer.status_code == 200 and answer.headers["x-caprock-route"].startswith(f"{NOVA}; reason="), answer.headers
    assert statuses(mock) == [503, 503, 200, 503, 503, 200, 503, 200], "a fault is tried twice; after five in a row nobody asks"
    assert metric(server, "caprock_breaker_open", model=broken) == 1
    mock.forget_attempts()
    answer = post(server, broken)
    assert answer.headers["x-caprock-route"] == f"{NOVA}; reason=breaker_open; attempts=1" and statuses(mock) == [200]
    time.sleep(2.1)  # the rest that was set
    mock.forget_attempts()
    assert post(server, broken).status_code == 200
    assert statuses(mock) == [503, 200], "one probe"
    assert metric(server, "bedrock_requests_total", model=NOVA, status="success") == 5
    assert metric(server, "caprock_rerouted_total", model=NOVA, reason="breaker_open") >= 1


def test_throttled_goes_elsewhere_at_once(gateway, mock):
    server = gateway("--set", f"fallback.models={NOVA}", CAPROCK_RETRY_THROTTLING_BASE="20s")
    answer = post(server, f"{CLAUDE}.fault.status-429")
    assert answer.status_code == 200 and answer.headers["x-caprock-route"] == f"{NOVA}; reason=throttled; attempts=2"


def test_error_is_that_of_the_model_that_was_wanted(gateway, mock):
    server = gateway("--set", f"fallback.models={NOVA}.fault.status-404")
    assert post(server, f"{CLAUDE}.fault.status-503").status_code == 503


def test_alias_is_a_group(gateway, mock):
    server = gateway("--set", f"routing.aliases=smart = {CLAUDE}.fault.status-429 | small, small = {NOVA}", BEDROCK_DEFAULT_MODEL="smart")
    answer = post(server, "smart")
    assert answer.status_code == 200 and answer.headers["x-caprock-route"].startswith(NOVA)
    assert answer.json()["model"] == "smart"
    assert converse(server, "smart").status_code == 200
    assert calls(server, 2)[-1]["asked"] == "smart"


@pytest.mark.parametrize("setting, value, word", [
    ("routing.aliases", "a = b, b = a", "leads back to itself"), ("routing.aliases", "a =", "leads to nothing"),
    ("fallback.chains", "m = m", "falls back on itself"), ("routing.aliases", "a", "must be NAME = MODEL")])
def test_mistakes_in_routes_are_named(caprock, setting, value, word):
    done = caprock("config", "check", "--set", f"{setting}={value}")
    section, key = setting.split(".")
    assert done.returncode == 2 and word in done.stdout + done.stderr and f"[{section}] {key}" in done.stdout + done.stderr


def test_deadline_holds_for_everything(gateway, mock):
    server = gateway("--set", "server.request_timeout=2s", CAPROCK_RETRY_THROTTLING_BASE="60s", CAPROCK_RETRY_MAX_BACKOFF="60s")
    started = time.monotonic()
    answer = post(server, f"{CLAUDE}.fault.status-429")
    assert answer.status_code in (429, 504) and time.monotonic() - started < 3


def test_storm_of_throttling_makes_few_attempts_more(gateway, mock):
    server = gateway(CAPROCK_RETRY_THROTTLING_BASE="5ms")
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: post(server, f"{CLAUDE}.fault.status-429").status_code, range(800)))
    assert set(answers) == {429}
    assert len(mock.attempts()) / len(answers) < 1.2


def gone(mock, within=1.0):
    deadline = time.monotonic() + within
    while time.monotonic() < deadline and mock.attempts()[-1]["end"] == "open":
        time.sleep(0.02)
    return mock.attempts()[-1]["end"]


@pytest.mark.parametrize("http2", [False, True])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("policy", ["abort", "drain"])
def test_client_that_goes(gateway, mock, stream, http2, policy):
    server = gateway("--set", f"gateway.on_disconnect={policy}")
    fault = "gap-150" if stream else "delay-1500"
    with httpx.Client(base_url=server.url, http1=not http2, http2=http2) as client, contextlib.suppress(httpx.ReadTimeout):
        body = {"model": f"{CLAUDE}.fault.{fault}", "stream": stream, "messages": [{"role": "user", "content": "word " * 5}]}
        with client.stream("POST", "/v1/chat/completions", json=body, timeout=0.5) as answer:
            next(answer.iter_bytes())
    if policy == "abort":
        assert gone(mock) == "client_gone"
    else:
        assert gone(mock, within=10) == "complete"
    call, = calls(server, 1)
    assert call["outcome"] == "client_gone" and len(mock.attempts()) == 1
    assert call["usage_known"] == (policy == "drain") and (policy == "abort" or call["output_tokens"] > 0)


def test_drain_has_an_end(gateway, mock):
    server = gateway("--set", "gateway.on_disconnect=drain", "--set", "gateway.drain_time=500ms")
    with pytest.raises(httpx.ReadTimeout):
        post(server, f"{CLAUDE}.fault.delay-20000", timeout=0.3)
    assert gone(mock, within=3) == "client_gone"
    assert calls(server, 1)[0]["outcome"] == "client_gone"


def test_account_and_metrics_of_every_end(gateway, mock):
    server = gateway()
    assert post(server, CLAUDE).status_code == 200
    assert post(server, f"{CLAUDE}.fault.status-400").status_code == 400
    assert post(server, "openai/nobody").status_code >= 400
    kinds = [(c["outcome"], c["attempts"]) for c in calls(server, 3)]
    assert kinds == [("ok", 1), ("error", 1), ("error", 1)] or kinds == [("ok", 1), ("error", 1), ("error", 0)], kinds
    assert metric(server, "bedrock_requests_total", model=CLAUDE, status="success") == 1
    assert metric(server, "bedrock_errors_total", model="other", type="invalid_request") >= 1, "nobody makes a series by asking for a model"
    assert metric(server, "bedrock_tokens_total", model=CLAUDE, direction="output") > 0
    assert metric(server, "bedrock_response_time_seconds_count", model=CLAUDE) == 1
