"""Answers by a model behind OpenAI's protocol: quotes are found or not shown, and a broken reply is an error."""
import json
import time

import httpx
import pytest

MOCK = "openai_mock"
MANUAL = """# Pump manual

Disconnect the mains plug before the housing is opened. The capacitor keeps its charge for 45 seconds.

The impeller of the Aquila 300 is replaced after 2,000 hours of operation. Grease the shaft seal every six months.
"""
QUESTION = "When is the impeller of the Aquila 300 replaced?"


@pytest.fixture
def served(serve, mock):
    """A server whose answers and vectors come from the mock."""
    mock.reset()
    environment = mock.environment | {"BEDROCK_LLM_MODEL_ID": "openai/grounded",
                                      "BEDROCK_EMBEDDING_MODEL_ID": "openai/text-embedding-3-small"}
    server = serve(environment=environment)
    server.ingest(MANUAL, source="pump.md", title="Pump manual", content_type="text/markdown")
    return server


def sse(response):
    """The events of a stream as (type, data)."""
    kind = None
    for line in response.iter_lines():
        if line.startswith("event: "):
            kind = line[7:]
        elif line.startswith("data: "):
            yield kind, json.loads(line[6:])


def chat_events(server, **fields):
    with server.client.stream("POST", "/chat/stream", json={"message": QUESTION} | fields) as response:
        assert response.status_code == 200, response.read()
        return list(sse(response))


def test_answer_quotes_the_document(served, mock):
    answer = served.query(QUESTION)
    assert not answer["abstained"] and not answer.get("degraded"), answer
    assert "2,000 hours" in answer["answer"]
    assert answer["model_id"] == "grounded"
    text = served.client.get(f"/documents/{answer['citations'][0]['document_id']}/text").text
    for citation in answer["citations"]:
        span = citation["span"]
        assert text[span["start"]:span["end"]] == citation["quote"]
        assert "2,000 hours" in citation["quote"]
    assert answer["token_usage"]["input"] > 20 and answer["token_usage"]["output"] > 5
    asked = mock.attempts("/v1/chat/completions")[-1]["body"]
    assert asked["response_format"]["type"] == "json_schema" and asked["stream_options"] == {"include_usage": True}
    assert mock.attempts("/v1/embeddings"), "the vectors come from the provider"


def test_quotation_that_stands_nowhere_is_not_shown(served):
    answer = served.query(QUESTION, model="openai/liar")
    assert answer["citations"] == []
    assert "green cheese" not in json.dumps(answer["citations"])
    assert "check this answer" in json.dumps(answer)


def test_command_asks_the_configured_model(served, caprock, mock):
    done = caprock("ask", QUESTION, "--json", "--url", served.url)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["model_id"] == "grounded" and answer["citations"]


def test_command_alone_asks_it_too(mock, caprock, tmp_path):
    environment = mock.environment | {"BEDROCK_LLM_MODEL_ID": "openai/grounded"}
    (tmp_path / "pump.md").write_text(MANUAL)
    assert caprock("ingest", tmp_path / "pump.md", environment=environment).returncode == 0
    done = caprock("ask", QUESTION, "--json", environment=environment)
    assert done.returncode == 0, done.stderr
    assert "2,000 hours" in json.loads(done.stdout)["answer"]


def test_chat_streams_tokens_and_citations(served):
    events = chat_events(served)
    kinds = [kind for kind, _ in events]
    assert kinds[0] == "start" and kinds[-1] == "done" and "error" not in kinds
    tokens = [data for kind, data in events if kind == "token"]
    assert len(tokens) > 3, "pieces are passed on as they come"
    assert "2,000 hours" in "".join(t["text"] for t in tokens)
    assert any("2,000 hours" in data["quote"] for kind, data in events if kind == "citation")


@pytest.mark.parametrize("fault, status, kind", [
    ("status-429", 429, "rate_limited"), ("status-401", 500, "internal"), ("status-404", 404, "not_found"),
    ("status-500", 502, "upstream_error"), ("status-503", 503, "unavailable"), ("status-filter", 422, "unprocessable"),
    ("cut-900", 502, "upstream_error"), ("unfinished", 502, "upstream_error"), ("error-6", 502, "upstream_error")])
def test_failure_is_an_error_and_no_answer(served, fault, status, kind):
    answer = served.client.post("/query", json={"query": QUESTION, "model": f"openai/grounded.{fault}"})
    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (status, kind), error
    if status == 429:
        assert answer.headers["retry-after"] == "2"
    if fault == "status-401":
        assert "OPENAI_API_KEY" in error["message"]


@pytest.mark.parametrize("fault", ["cut-9000", "unfinished", "error-45"])
def test_stream_that_breaks_after_words_were_shown_ends_in_an_error(served, fault):
    events = chat_events(served, model=f"openai/grounded.{fault}")
    kinds = [kind for kind, _ in events]
    assert kinds.count("token") > 0 and kinds[-1] == "error" and "done" not in kinds, kinds


@pytest.mark.parametrize("fault", ["cut-900", "error-6", "status-503"])
def test_model_that_fails_before_its_first_word_gives_the_friendly_reply(served, fault):
    events = chat_events(served, model=f"openai/grounded.{fault}")
    assert [kind for kind, _ in events if kind == "token"] == []
    assert events[-1][0] == "done" and events[-1][1]["degraded"], events[-1]


def test_prompt_too_long_is_tried_with_less_and_then_said(served, mock):
    answer = served.client.post("/query", json={"query": QUESTION, "model": "openai/grounded.status-400"})
    error = answer.json()["error"]
    assert answer.status_code == 422 and error["field"] == "messages", error
    assert len(mock.attempts("/v1/chat/completions")) == 3


def test_reader_that_goes_aborts_the_model(served, mock):
    with pytest.raises(httpx.ReadTimeout):
        served.client.post("/query", json={"query": QUESTION, "model": "openai/grounded.slow"}, timeout=0.5)
    deadline = time.monotonic() + 5
    while not mock.attempts("/v1/chat/completions")[-1]["aborted"]:
        assert time.monotonic() < deadline, "the model goes on for nobody"
        time.sleep(0.02)


def test_models_are_listed(served):
    models = {m["model_id"]: m for m in served.client.get("/models").json()["models"]}
    assert models["extractive"]["provider"] == "caprock"
    assert models["openai/grounded"]["provider"] == "openai"
    assert models["openai/grounded"]["cost_per_token"] == {"input": None, "output": None}


def test_ready_tells_of_a_model_without_provider(serve):
    server = serve(environment={"BEDROCK_LLM_MODEL_ID": "openai/gpt-x"})
    ready = {d["name"]: d for d in server.client.get("/ready").json()["dependencies"]}
    assert ready["answer model"]["status"] == "degraded" and "OPENAI_API_KEY" in ready["answer model"]["detail"]
    server.ingest(MANUAL, source="pump.md")
    answer = server.client.post("/query", json={"query": QUESTION})
    assert answer.status_code == 404 and "OPENAI_API_KEY" in answer.json()["error"]["message"]


def test_base_url_that_is_caprock_itself_is_not_used(serve):
    server = serve()
    server.stop()
    server.environment |= {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": f"{server.url}/v1"}
    server.start_again()
    assert "is Caprock itself" in server.log_text()
    server.ingest(MANUAL, source="pump.md")
    answer = server.client.post("/query", json={"query": QUESTION, "model": "openai/x"})
    assert answer.json()["error"]["field"] == "model"


def test_settings_are_shown_without_the_key(caprock, mock):
    shown = caprock("config", "show", environment=mock.environment | {"BEDROCK_REQUEST_TIMEOUT": "77"})
    assert f'base_url = "{mock.url}/v1"' in shown.stdout and "mock-openai-key" not in shown.stdout
    assert "request_timeout = \"77s\"" in shown.stdout or "request_timeout = 77" in shown.stdout
    wrong = caprock("config", "check", environment={"OPENAI_BASE_URL": "not a url"})
    assert wrong.returncode == 2 and "[openai] base_url" in wrong.stderr + wrong.stdout
