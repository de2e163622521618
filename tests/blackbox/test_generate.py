"""POST /generate, /generate/batch and GET /models, over models of Bedrock and of a provider of OpenAI's protocol."""
import datetime
import time

import pytest

CLAUDE = "us.anthropic.claude-sonnet-4-20250514-v1:0"
LISTED = f"bedrock/{CLAUDE}"
SONNET_45 = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"  # refuses temperature beside top_p
FIELDS = ["text", "model_used", "tokens_used", "response_time", "cost_estimate", "request_id", "timestamp", "cached", "metadata"]


def generate(server, **body):
    answer = server.client.post("/generate", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("model, said", [("openai/echo", "Hello there"), (CLAUDE, "You said: Hello there")])
def test_answer_is_whole(served_by_both, model, said):
    answer = generate(served_by_both, prompt="Hello there", model_preference=model, request_id="mine-1", max_tokens=100)
    assert list(answer) == FIELDS
    assert (answer["text"], answer["request_id"], answer["cached"]) == (said, "mine-1", False)
    used = answer["metadata"]["token_usage"]
    assert answer["tokens_used"] == used["total"] == used["input"] + used["output"] > 0
    assert answer["metadata"]["stop_reason"] == "end_turn" and 0 < answer["response_time"] < 30
    age = datetime.datetime.now(datetime.timezone.utc) - datetime.datetime.fromisoformat(answer["timestamp"].replace("Z", "+00:00"))
    assert abs(age.total_seconds()) < 60
    assert answer["cost_estimate"] is None or answer["cost_estimate"] > 0


def test_only_what_the_caller_set_is_sent(served_by_both, bedrock_mock, openai_mock):
    bedrock_mock.forget_attempts()
    openai_mock.reset()
    generate(served_by_both, prompt="Hi", model_preference=CLAUDE)
    assert set(bedrock_mock.attempts()[-1]["body"]) == {"messages"}
    generate(served_by_both, prompt="Why?", context="It rains.", model_preference="openai/echo", temperature=0.1, stop_sequences=["END"])
    body = openai_mock.attempts("/v1/chat/completions")[-1]["body"]
    assert body == {"model": "echo", "temperature": 0.1, "stop": ["END"], "messages": [{"role": "user", "content": "<context>\nIt rains.\n</context>\n\nWhy?"}]}


def test_parameters_that_the_model_does_not_take_are_told(served_by_both, bedrock_mock):
    bedrock_mock.forget_attempts()
    answer = generate(served_by_both, prompt="Hi", model_preference=SONNET_45, temperature=0.2, top_p=0.9, top_k=5)
    assert answer["metadata"]["parameters_not_taken"] == ["top_p"]
    sent = bedrock_mock.attempts()[-1]["body"]
    assert sent["inferenceConfig"] == {"temperature": 0.2} and sent["additionalModelRequestFields"] == {"top_k": 5}
    assert generate(served_by_both, prompt="Hi", model_preference="openai/echo", top_k=5)["metadata"]["parameters_not_taken"] == ["top_k"]


def test_default_model(serve, bedrock_mock, server):
    with_default = serve(environment=bedrock_mock.environment | {"BEDROCK_DEFAULT_MODEL": CLAUDE})
    assert generate(with_default, prompt="Hi")["model_used"] == CLAUDE
    refused = server.client.post("/generate", json={"prompt": "Hi"})
    assert refused.status_code == 404 and refused.json()["error"]["field"] == "model_preference"
    assert "default" in refused.json()["error"]["message"]


@pytest.mark.parametrize("field, body", [
    ("prompt", {}), ("prompt", {"prompt": ""}), ("prompt", {"prompt": 7}), ("max_tokens", {"prompt": "a", "max_tokens": 0}),
    ("temperature", {"prompt": "a", "temperature": "hot"}), ("top_p", {"prompt": "a", "top_p": 1.5}), ("top_k", {"prompt": "a", "top_k": 1.5}),
    ("stop_sequences[1]", {"prompt": "a", "stop_sequences": ["x", 1]}), ("model", {"prompt": "a", "model": "m"})])
def test_bad_requests_name_their_field(served_by_both, field, body):
    answer = served_by_both.client.post("/generate", json=body)
    assert answer.status_code == 400 and answer.json()["error"]["field"] == field, answer.text
    batch = served_by_both.client.post("/generate/batch", json={"requests": [{"prompt": "fine"}, body]})
    assert batch.status_code == 400 and batch.json()["error"]["field"] == f"requests[1].{field}", batch.text


@pytest.mark.parametrize("fault, status, kind", [("status-429.retry-after-7", 429, "rate_limited"), ("status-404", 404, "not_found"), ("status-503", 503, "unavailable")])
def test_errors_keep_their_kind(served_by_both, fault, status, kind):
    answer = served_by_both.client.post("/generate", json={"prompt": "a", "model_preference": f"{CLAUDE}.fault.{fault}"})
    assert (answer.status_code, answer.json()["error"]["type"]) == (status, kind), answer.text
    if status == 429:
        assert answer.headers["retry-after"] == "7" and answer.json()["error"]["retry_after"] == 7
    if status == 404:
        assert answer.json()["error"]["field"] == "model_preference"


def test_batch_is_in_order_and_one_failure_harms_no_other(served_by_both, bedrock_mock):
    models = [CLAUDE, "openai/echo", f"{CLAUDE}.fault.status-429", "openai/nobody", "openai/refuser", CLAUDE]
    answer = served_by_both.client.post("/generate/batch", json={"requests": [{"prompt": f"n{i}", "model_preference": m} for i, m in enumerate(models)]})
    assert answer.status_code == 200
    all_of_them = answer.json()["responses"]
    assert [r.get("text") for r in all_of_them] == ["You said: n0", "n1", None, None, "", "You said: n5"]
    assert [r["error"]["type"] for r in all_of_them if "error" in r] == ["rate_limited", "not_found"]
    assert len({r["request_id"] if "request_id" in r else r["error"]["request_id"] for r in all_of_them}) == len(models)


def test_batch_runs_side_by_side_within_its_limit_and_its_deadline(serve, bedrock_mock):
    server = serve("--set", "generate.batch_parallel=4", "--set", "generate.batch_requests=9", "--set", "server.request_timeout=4s", environment=bedrock_mock.environment)
    slow = {"prompt": "x", "model_preference": f"{CLAUDE}.fault.delay-400"}
    began = time.monotonic()
    all_of_them = server.client.post("/generate/batch", json={"requests": [slow] * 8}).json()["responses"]
    assert all("text" in r for r in all_of_them) and time.monotonic() - began < 8 * 0.4
    too_slow = {"prompt": "x", "model_preference": f"{CLAUDE}.fault.delay-60000"}
    answer = server.client.post("/generate/batch", json={"requests": [slow] + [too_slow] * 5 + [slow]})
    assert answer.status_code == 200
    assert [r["error"]["type"] if "error" in r else "text" for r in answer.json()["responses"]] == ["text"] + ["deadline_exceeded"] * 5 + ["text"]
    refused = server.client.post("/generate/batch", json={"requests": [slow] * 10})
    assert refused.status_code == 400 and refused.json()["error"]["field"] == "requests"


def test_models(served_by_both, server):
    models = {m["model_id"]: m for m in served_by_both.client.get("/models").json()["models"]}
    assert {"extractive", "openai/echo", LISTED} <= set(models)
    assert list(models[LISTED]) == ["model_id", "name", "provider", "max_tokens", "context_tokens", "cost_per_token", "available", "performance_score", "last_updated"]
    assert models[LISTED]["provider"] == "bedrock" and models[LISTED]["performance_score"] is None
    assert models[LISTED]["cost_per_token"].keys() == {"input", "output"} and models[LISTED]["last_updated"].endswith("Z")
    assert models["extractive"]["cost_per_token"] == {"input": 0, "output": 0}
    assert "extractive" in {m["model_id"] for m in server.client.get("/models").json()["models"]}
