"""Answers and vectors by models of Bedrock, and what becomes of everything that can go wrong on the way there."""
import json
import signal
import time

import pytest

from mock_bedrock.running import BEARER

MOCK = "bedrock_mock"
CLAUDE = "us.anthropic.claude-sonnet-4-20250514-v1:0"
QUESTION = "When is the impeller of the Aquila 300 replaced?"
MANUAL = """# Pump manual

Disconnect the mains plug before the housing is opened. The capacitor keeps its charge for 45 seconds.

The impeller of the Aquila 300 is replaced after 2,000 hours of operation. Grease the shaft seal every six months.
"""
ANSWER = json.dumps({"explanation": "The manual says it.", "quotes": [{"ref": 1, "quote": "is replaced after 2,000 hours of operation"}],
                     "answer": "After 2,000 hours of operation [1].", "answer_value": "2000", "ref_id": [1]})


@pytest.fixture
def bedrock(serve, mock):
    """bedrock(**variables): a server with the manual in it whose answers come from the mock."""
    mock.reset()
    mock.reply(contains=QUESTION, text=ANSWER)

    def start(*arguments, **variables):
        server = serve(*arguments, environment=mock.environment | {"BEDROCK_LLM_MODEL_ID": CLAUDE} | variables)
        server.ingest(MANUAL, source="pump.md", title="Pump manual", content_type="text/markdown")
        return server

    return start


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def asked(server, **fields):
    return server.client.post("/query", json={"query": QUESTION} | fields)


def test_answer_quotes_the_document(bedrock, mock):
    answer = bedrock().query(QUESTION)
    assert answer["answer"].startswith("After 2,000 hours of operation") and not answer["abstained"], answer
    assert answer["citations"][0]["quote"] == "is replaced after 2,000 hours of operation"
    assert answer["model_id"] == CLAUDE
    record, = mock.attempts()
    assert (record["operation"], record["status"], record["end"], record["auth"]["kind"]) == ("ConverseStream", 200, "complete", "sigv4")
    assert record["path"] == "/model/us.anthropic.claude-sonnet-4-20250514-v1%3A0/converse-stream"
    used = answer["token_usage"]
    assert used["input"] > 100 and used["output"] > 20 and used["total"] == used["input"] + used["output"]


def test_command_line_answers_with_it(caprock, mock, tmp_path):
    mock.reset()
    mock.reply(contains=QUESTION, text=ANSWER)
    (tmp_path / "pump.md").write_text(MANUAL)
    assert caprock("ingest", "pump.md").returncode == 0
    done = caprock("ask", QUESTION, environment=mock.environment | {"BEDROCK_LLM_MODEL_ID": CLAUDE})
    assert done.returncode == 0 and "After 2,000 hours of operation [1]" in done.stdout, done.stdout + done.stderr
    assert len(mock.attempts()) == 1


def test_conversation_is_streamed_as_it_comes(bedrock):
    server = bedrock()
    with server.client.stream("POST", "/chat/stream", json={"message": QUESTION}) as response:
        kinds = [line[7:] for line in response.iter_lines() if line.startswith("event: ")]
    assert kinds[0] == "start" and kinds[-1] == "done" and kinds.count("token") > 3, kinds


@pytest.mark.parametrize("model", ["amazon.titan-embed-text-v1", "amazon.titan-embed-text-v2:0", "amazon.titan-embed-image-v1",
                                   "amazon.nova-2-multimodal-embeddings-v1:0", "cohere.embed-multilingual-v3", "us.cohere.embed-v4:0"])
def test_every_embedding_model(bedrock, mock, model):
    server = bedrock(BEDROCK_EMBEDDING_MODEL_ID=model)
    found = server.client.post("/query", json={"query": "shaft seal grease", "retrieval_only": True}).json()
    assert "shaft seal" in found["sources"][0]["content"]
    assert {(a["operation"], a["model"], a["status"]) for a in mock.attempts()} == {("InvokeModel", model, 200)}


def test_passages_are_reordered_by_a_model(bedrock, mock):
    server = bedrock("--set", "retrieve.rerank=true", "--set", "bedrock.rerank_model=cohere.rerank-v3-5:0")
    server.ingest("The Aquila is a pump. Its impeller turns.", source="other.md")
    assert asked(server).json()["answer"].startswith("After 2,000 hours")
    record, = mock.attempts(operation="Rerank")
    assert record["status"] == 200 and record["body"]["queries"][0]["textQuery"]["text"] == QUESTION
    mock.fault("status-429", model="*")
    found = server.client.post("/query", json={"query": QUESTION, "retrieval_only": True})
    assert found.status_code == 200 and found.json()["sources"], "a reranker that is out leaves the order as it is"


@pytest.mark.parametrize("fault, status, kind", [
    ("status-429.retry-after-3", 429, "rate_limited"), ("status-429.type-ModelNotReadyException", 503, "unavailable"),
    ("status-503", 503, "unavailable"), ("status-500", 502, "upstream_error"), ("status-424.type-ModelErrorException", 502, "upstream_error"),
    ("status-408", 504, "deadline_exceeded"), ("status-403.type-AccessDeniedException", 403, "permission_denied"),
    ("status-404", 404, "not_found"), ("status-400.type-ServiceQuotaExceededException", 429, "rate_limited"),
    ("status-429.no-type", 429, "rate_limited"), ("status-502.html", 503, "unavailable"), ("status-403.type-ExpiredTokenException", 500, "internal"),
    ("exception-5-throttlingException", 429, "rate_limited"), ("exception-2", 502, "upstream_error"), ("error-4", 502, "upstream_error"),
    ("exception-6-serviceUnavailableException", 503, "unavailable"),
    ("crc-3", 502, "upstream_error"), ("precrc-3", 502, "upstream_error"), ("truncate-4", 502, "upstream_error"), ("end-4", 502, "upstream_error"),
    ("fin-700", 502, "upstream_error"), ("rst-700", 502, "upstream_error"), ("fin--1", 502, "upstream_error")])
def test_everything_that_goes_wrong_is_an_error(bedrock, mock, fault, status, kind):
    answer = asked(bedrock(), model=f"{CLAUDE}.fault.{fault}")
    assert (answer.status_code, answer.json()["error"]["type"]) == (status, kind), answer.text
    assert [a["fault"] for a in mock.attempts()] == [fault], "one attempt, and the fault met it"
    if "retry-after" in fault:
        assert answer.headers["retry-after"] == "3"


@pytest.mark.parametrize("fault", ["trickle-7-1", "gap-20", "delay-200", "stall-500-200", "unknown-3", "close"])
def test_what_is_only_slow_or_new_is_no_error(bedrock, fault):
    answer = asked(bedrock(), model=f"{CLAUDE}.fault.{fault}")
    assert answer.status_code == 200 and answer.json()["answer"].startswith("After 2,000 hours"), answer.text


def test_silence_ends_in_time(bedrock):
    server = bedrock("--set", "models.request_timeout=1s")
    started = time.monotonic()
    answer = asked(server, model=f"{CLAUDE}.fault.stall-300")
    assert answer.status_code == 504 and "silent" in answer.text
    assert time.monotonic() - started < 4


def test_prompt_that_is_too_long_is_asked_again_with_less(serve, mock):
    mock.reset()
    mock.reply(contains=QUESTION, text=ANSWER)
    server = serve(environment=mock.environment | {"BEDROCK_LLM_MODEL_ID": "anthropic.claude-small-context-v1:0"})
    for i in range(30):
        server.ingest(f"{MANUAL}\nThe impeller of the Aquila {i}. " + "It is grey and it turns. " * 40, source=f"pump-{i}.md", content_type="text/markdown")
    answer = asked(server, top_k=20)
    statuses = [a["status"] for a in mock.attempts(operation="ConverseStream")]
    assert answer.status_code == 200 and statuses[0] == 400 and statuses[-1] == 200, (answer.text, statuses)


def test_clock_that_is_off_is_learnt(bedrock, mock):
    server = bedrock()
    mock.clock(3600)
    assert asked(server).status_code == 500
    assert asked(server).status_code == 200
    mock.clock(0)


def test_keys_that_were_replaced_are_read_again(serve, mock, tmp_path):
    mock.reset()
    mock.reply(contains=QUESTION, text=ANSWER)
    keys = tmp_path / "credentials"

    def write(number):
        mock.credentials(access_key_id=f"AKIA{number}", secret_access_key=f"s{number}")
        keys.write_text(f"[default]\naws_access_key_id = AKIA{number}\naws_secret_access_key = s{number}\n")

    write(1)
    environment = {k: v for k, v in mock.environment.items() if "KEY" not in k} | {"AWS_SHARED_CREDENTIALS_FILE": str(keys), "BEDROCK_LLM_MODEL_ID": CLAUDE}
    server = serve(environment=environment)
    server.ingest(MANUAL, source="pump.md", content_type="text/markdown")
    assert asked(server).status_code == 200
    mock.reset()
    mock.reply(contains=QUESTION, text=ANSWER)
    write(2)
    assert asked(server).status_code == 500, "the old keys are not known any more"
    # A refusal sends for new ones at most once in ten seconds.
    deadline = time.monotonic() + 20
    while asked(server).status_code != 200:
        assert time.monotonic() < deadline, "the new keys were not read"
        time.sleep(0.5)
    assert mock.attempts()[-1]["auth"]["key"] == "AKIA2"


def test_bearer_token_is_enough(serve, mock):
    mock.reset()
    mock.reply(contains=QUESTION, text=ANSWER)
    environment = {k: v for k, v in mock.environment.items() if "KEY" not in k} | {"AWS_BEARER_TOKEN_BEDROCK": BEARER, "BEDROCK_LLM_MODEL_ID": CLAUDE}
    server = serve(environment=environment)
    server.ingest(MANUAL, source="pump.md", content_type="text/markdown")
    assert asked(server).status_code == 200
    assert [a["auth"] for a in mock.attempts()] == [{"kind": "bearer", "key": BEARER}]


def test_without_region_the_answer_says_what_to_set(serve, mock):
    environment = {k: v for k, v in mock.environment.items() if "REGION" not in k} | {"BEDROCK_LLM_MODEL_ID": CLAUDE}
    server = serve(environment=environment)
    server.ingest(MANUAL, source="pump.md", content_type="text/markdown")
    answer = asked(server)
    assert answer.status_code >= 400 and "region" in answer.text, answer.text


def test_reader_that_goes_ends_the_call(bedrock, mock):
    server = bedrock()
    mock.reset()
    mock.reply(contains=QUESTION, text=ANSWER + " " * 20_000)
    with pytest.raises(Exception):
        server.client.post("/query", json={"query": QUESTION, "model": f"{CLAUDE}.fault.stall-900"}, timeout=1)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and mock.attempts()[-1]["end"] == "open":
        time.sleep(0.02)
    assert mock.attempts()[-1]["end"] == "client_gone"


def test_models_are_listed(bedrock):
    models = bedrock().client.get("/models").json()
    ids = [m["model_id"] for m in (models["models"] if isinstance(models, dict) else models)]
    assert f"bedrock/{CLAUDE}" in ids and "bedrock/anthropic.claude-3-5-sonnet-20240620-v1:0" in ids
    assert "bedrock/anthropic.claude-sonnet-4-20250514-v1:0" not in ids, "it can only be asked by a profile"


def test_no_secret_is_logged(bedrock, mock):
    server = bedrock()
    asked(server, model=f"{CLAUDE}.fault.status-403.type-ExpiredTokenException")
    log = server.log_path.read_text()
    assert mock.environment["AWS_SECRET_ACCESS_KEY"] not in log and "Signature=" not in log


def test_answer_says_what_it_cost(bedrock):
    server = bedrock(BEDROCK_EMBEDDING_MODEL_ID="none")
    answer = server.query(QUESTION)
    used = answer["token_usage"]
    assert answer["cost_usd"] == pytest.approx((used["input"] * 3 + used["output"] * 15) / 1e6, abs=1e-12) and answer["cost_usd"] > 0
    unpriced = asked(server, model="mistral.mistral-large-2402-v1:0").json()
    assert unpriced["cost_usd"] is None, "a model without a price does not cost nothing"
    models = {m["model_id"]: m for m in server.client.get("/models").json()["models"]}
    assert models["bedrock/amazon.nova-lite-v1:0"]["cost_per_token"] == {"input": 6e-8, "output": 2.4e-7}


def test_models_without_a_price_may_be_refused(bedrock, mock):
    server = bedrock("--set", "pricing.unpriced=refuse")
    answer = asked(server, model="eu.meta.llama3-3-70b-instruct-v1:0")
    assert answer.status_code == 400 and answer.json()["error"]["field"] == "model", answer.text
    assert "has no price for profiles of \"eu\"" in answer.json()["error"]["message"]
    assert asked(server).json()["cost_usd"] > 0


def test_price_file_that_breaks_changes_nothing(bedrock, tmp_path):
    file = tmp_path / "prices.toml"
    entry = 'format = 1\ncurrency = "USD"\n[[source]]\nname = "own"\nurl = "https://example.com/"\nchecked_on = 2026-11-01\n[[price]]\n' \
            'models = ["anthropic.claude-sonnet-4-20250514-v1:0"]\nscopes = ["us"]\neffective_from = 2025-01-01\nsource = "own"\n' \
            'per_million_tokens = { input = IN, output = 1 }\n'
    file.write_text(entry.replace("IN", "1"))
    server = bedrock(CAPROCK_PRICING_FILE=str(file), BEDROCK_EMBEDDING_MODEL_ID="none")

    def cost_is(dollars):
        answer = server.query(QUESTION)
        used = answer["token_usage"]
        return answer["cost_usd"] == pytest.approx((used["input"] * dollars + used["output"]) / 1e6, abs=1e-12)

    def prices_line():
        return {d["name"]: d for d in server.client.get("/ready").json()["dependencies"]}["prices"]

    assert cost_is(1) and prices_line()["status"] == "ok"
    file.write_text(entry.replace("IN", "-5"))
    server.process.send_signal(signal.SIGHUP)
    wait_for(lambda: prices_line()["status"] == "degraded")
    assert "prices.toml:12: input: is -5" in prices_line()["detail"] and cost_is(1)
    file.write_text(entry.replace("IN", "2"))
    server.process.send_signal(signal.SIGHUP)
    wait_for(lambda: prices_line()["status"] == "ok")
    assert cost_is(2)
