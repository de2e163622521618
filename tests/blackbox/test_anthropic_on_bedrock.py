"""The stock Anthropic client against Caprock, which asks Bedrock: what goes in comes out, or is refused by name."""
import base64
import json
import time

import anthropic
import httpx
import pytest

MOCK = "bedrock_mock"
CLAUDE = "us.anthropic.claude-sonnet-4-20250514-v1:0"
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
TOOLS = [{"name": n, "description": "Computes.", "input_schema": SCHEMA} for n in ("add", "mul")]
THINKING = {"type": "enabled", "budget_tokens": 2000}


@pytest.fixture(params=["", "/anthropic"])
def client(served, request):
    return anthropic.Anthropic(api_key="unused", base_url=served.url + request.param, max_retries=0)


@pytest.fixture
def one(served):
    return anthropic.Anthropic(api_key="unused", base_url=served.url, max_retries=0)


def user(*content):
    return {"role": "user", "content": content[0] if len(content) == 1 and isinstance(content[0], str) else list(content)}


def text(said, **more):
    return {"type": "text", "text": said} | more


def ask(client, *messages, model=CLAUDE, streamed=False, **more):
    given = {"model": model, "messages": list(messages), "max_tokens": 4000} | more
    if not streamed:
        return client.messages.create(**given)
    with client.messages.stream(**given) as stream:
        return stream.get_final_message()


def said(message):
    return "".join(b.text for b in message.content if b.type == "text")


def last_request(mock, path="converse"):
    record = [r for r in mock.attempts() if r["path"].rsplit("/", 1)[1].startswith(path)][-1]
    return record["body"] if isinstance(record["body"], dict) else json.loads(record["body"])


def test_plain_and_streamed_say_the_same(client):
    plain, streamed = ask(client, user("Hello")), ask(client, user("Hello"), streamed=True)
    assert said(plain) == said(streamed) == "You said: Hello"
    assert plain.stop_reason == streamed.stop_reason == "end_turn" and plain.role == streamed.role == "assistant"
    assert plain.usage.input_tokens == streamed.usage.input_tokens > 0
    assert plain.usage.output_tokens == streamed.usage.output_tokens > 0
    assert plain.id.startswith("msg_") and plain.model == CLAUDE and plain._request_id


def test_events_come_in_order_and_one_by_one(one):
    kinds, times = [], []
    with one.messages.create(model=CLAUDE, max_tokens=4000, messages=[user("[[mock: words=10; deltas=10; gap=30]]")], stream=True) as stream:
        for event in stream:
            kinds.append(event.type)
            times.append(time.monotonic())
    assert kinds == ["message_start", "content_block_start"] + ["content_block_delta"] * 10 + ["content_block_stop", "message_delta", "message_stop"]
    assert times[-1] - times[0] > 0.2, "the stream was held back"


@pytest.mark.parametrize("streamed", [False, True])
def test_two_tools_there_and_back(client, streamed):
    turn = ask(client, user("Compute"), tools=TOOLS, streamed=streamed)
    calls = [b for b in turn.content if b.type == "tool_use"]
    assert turn.stop_reason == "tool_use" and [c.name for c in calls] == ["add", "mul"] and all(c.input == {"n": 7} for c in calls)
    results = [{"type": "tool_result", "tool_use_id": calls[0].id, "content": "<add>"},
               {"type": "tool_result", "tool_use_id": calls[1].id, "content": [text("<mul>")], "is_error": True}]
    answer = said(ask(client, user("Compute"), {"role": "assistant", "content": turn.content}, user(*results), tools=TOOLS, streamed=streamed))
    assert "success:<add>" in answer and "error:<mul>" in answer


def test_one_tool_at_a_time_and_a_named_one(one, mock):
    ask(one, user("Compute"), tools=TOOLS, tool_choice={"type": "tool", "name": "mul", "disable_parallel_tool_use": True})
    body = last_request(mock)
    assert body["toolConfig"]["toolChoice"] == {"tool": {"name": "mul"}}
    assert body["additionalModelRequestFields"]["tool_choice"] == {"type": "tool", "name": "mul", "disable_parallel_tool_use": True}


def test_image_and_documents_arrive_whole(one, mock):
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": base64.b64encode(PNG).decode()}}
    assert f"[image png {len(PNG)} bytes" in said(ask(one, user(text("What?"), image)))
    pdf = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": base64.b64encode(b"%PDF-1.4").decode()},
           "title": "Report", "context": "of the pump", "citations": {"enabled": True}}
    plain = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "The seal leaks."}, "title": "Note"}
    parts = {"type": "document", "source": {"type": "content", "content": [text("a"), text("b")]}, "title": "Parts"}
    assert "[document pdf 8 bytes" in said(ask(one, user(text("What?"), pdf, plain, parts)))
    documents = [b["document"] for b in last_request(mock)["messages"][0]["content"] if b.get("document")]
    assert documents[0]["context"] == "of the pump" and documents[0]["citations"] == {"enabled": True} and documents[0]["name"] == "Report"
    assert documents[1]["source"] == {"text": "The seal leaks."} and documents[2]["source"] == {"content": [{"text": "a"}, {"text": "b"}]}


@pytest.mark.parametrize("streamed", [False, True])
def test_thoughts_and_their_signature_go_round(client, mock, streamed):
    first = ask(client, user("Why?"), thinking=THINKING, tools=TOOLS, streamed=streamed)
    thought = first.content[0]
    assert thought.type == "thinking" and thought.thinking.startswith("Thinking about") and thought.signature
    results = [{"type": "tool_result", "tool_use_id": b.id, "content": "1"} for b in first.content if b.type == "tool_use"]
    mock.forget_attempts()
    ask(client, user("Why?"), {"role": "assistant", "content": first.content}, user(*results), thinking=THINKING, tools=TOOLS, streamed=streamed)
    assert len(mock.attempts()) == 1  # the mock refuses a signature that is not its own
    hidden = ask(client, user("Why? [[mock: redacted]]"), thinking=THINKING, streamed=streamed).content[0]
    assert hidden.type == "redacted_thinking"
    answer = ask(client, user("Why?"), {"role": "assistant", "content": [hidden, text("So.")]}, user("And?"), thinking=THINKING, streamed=streamed)
    assert answer.stop_reason == "end_turn"


@pytest.mark.parametrize("streamed", [False, True])
def test_cache_points_keep_their_ttl_and_are_counted(one, mock, streamed):
    marker = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
    asked = {"system": [text(f"A long text {streamed}. " * 2000, **marker)], "tools": [TOOLS[0] | {"cache_control": {"type": "ephemeral"}}],
             "tool_choice": {"type": "auto"}, "streamed": streamed}
    content = user(text("Hi [[mock: tools=0]]", **marker))
    first, again = ask(one, content, **asked).usage, ask(one, content, **asked).usage
    assert first.cache_creation_input_tokens > 0
    assert again.cache_read_input_tokens == first.cache_creation_input_tokens + first.cache_read_input_tokens
    if not streamed:
        assert first.cache_creation.ephemeral_1h_input_tokens + first.cache_creation.ephemeral_5m_input_tokens == first.cache_creation_input_tokens
        assert first.cache_creation.ephemeral_1h_input_tokens > 0
    body = last_request(mock)
    assert body["system"][1]["cachePoint"] == {"type": "default", "ttl": "1h"}
    assert body["messages"][0]["content"][1]["cachePoint"]["ttl"] == "1h"
    assert body["toolConfig"]["tools"][1]["cachePoint"] == {"type": "default"}


@pytest.mark.parametrize("streamed", [False, True])
def test_stop_reasons(one, streamed):
    assert ask(one, user("[[mock: words=50]]"), max_tokens=5, streamed=streamed).stop_reason == "max_tokens"
    cut = ask(one, user("[[mock: text=one STOP two]]"), stop_sequences=["NEVER", "STOP"], streamed=streamed)
    assert (cut.stop_reason, cut.stop_sequence) == ("stop_sequence", "STOP")
    for told, reason in (("content_filtered", "refusal"), ("guardrail_intervened", "refusal"), ("model_context_window_exceeded", "model_context_window_exceeded")):
        assert ask(one, user(f"[[mock: stop={told}]]"), streamed=streamed).stop_reason == reason
    with pytest.raises(anthropic.APIStatusError):
        ask(one, user("[[mock: stop=malformed_model_output]]"), streamed=streamed)


def test_settings_reach_the_model(one, mock):
    ask(one, user("Hi"), metadata={"user_id": "u-1"}, extra_body={"top_k": 5, "temperature": 0.5}, service_tier="standard_only",
        extra_headers={"anthropic-beta": "context-1m-2025-08-07,prompt-caching-2024-07-31"})
    body = last_request(mock)
    assert body["additionalModelRequestFields"] == {"top_k": 5, "anthropic_beta": ["context-1m-2025-08-07"]}
    assert body["inferenceConfig"] == {"maxTokens": 4000, "temperature": 0.5}
    assert body["requestMetadata"] == {"end_user": "u-1"} and body["serviceTier"] == {"type": "default"}
    shaped = ask(one, user("Hi"), output_config={"format": {"type": "json_schema", "schema": SCHEMA}}, model="us.anthropic.claude-sonnet-4-5-20250929-v1:0")
    assert json.loads(said(shaped)) == {"n": 7}


def test_long_prompt(one):
    assert ask(one, user("x y z " * 17_000)).usage.input_tokens > 20_000
    with pytest.raises(anthropic.BadRequestError, match="prompt is too long"):
        ask(one, user("x " * 5_000), model="anthropic.claude-small-context-v1:0")


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("fault, status, kind", [
    ("status-429", 429, "rate_limit_error"), ("status-503", 529, "overloaded_error"), ("status-500", None, "api_error"),
    ("status-404", 404, "not_found_error"), ("status-403", 403, "permission_error"), ("status-400", 400, "invalid_request_error")])
def test_errors_before_the_first_byte(client, fault, status, kind, streamed):
    with pytest.raises(anthropic.APIStatusError) as failed:
        ask(client, user("Hi"), model=f"{CLAUDE}.fault.{fault}", streamed=streamed)
    error = failed.value
    assert error.status_code == status or (status is None and error.status_code >= 500)
    assert error.body["type"] == "error" and error.body["error"]["type"] == kind and "prompt is too long" not in error.message
    assert error.body["request_id"] == error.response.headers["request-id"]


def test_throttling_passes_its_wait_on(one):
    with pytest.raises(anthropic.RateLimitError) as failed:
        ask(one, user("Hi"), model=f"{CLAUDE}.fault.status-429.retry-after-7")
    assert failed.value.response.headers.get("retry-after") == "7"


@pytest.mark.parametrize("fault", ["fin-500", "rst-500", "crc-3", "truncate-3", "end-3", "exception-3", "exception-3-throttlingException"])
def test_broken_stream_is_an_error_and_no_end(one, served, fault):
    seen = []
    asked = {"model": f"{CLAUDE}.fault.{fault}", "max_tokens": 500, "messages": [user("word " * 30)]}
    with pytest.raises(anthropic.APIError):
        with one.messages.create(**asked, stream=True) as stream:
            seen.extend(e.type for e in stream)
    assert "message_stop" not in seen and "message_delta" not in seen
    raw = served.client.post("/v1/messages", json=asked | {"stream": True}).text
    assert "message_stop" not in raw and raw.rstrip().splitlines()[-2] == "event: error"


def test_reader_that_goes_aborts_the_model(served, mock):
    mock.forget_attempts()
    body = {"model": CLAUDE, "max_tokens": 4000, "stream": True, "messages": [user("[[mock: words=500; deltas=500; gap=20]]")]}
    with httpx.stream("POST", f"{served.url}/v1/messages", json=body) as response:
        next(response.iter_bytes())
    deadline = time.monotonic() + 5
    while not (seen := mock.attempts()) or seen[-1]["end"] == "open":
        assert time.monotonic() < deadline, "the model goes on for nobody"
        time.sleep(0.02)
    assert seen[-1]["end"] == "client_gone"


def test_what_bedrock_cannot_say_is_refused_by_the_clients_name(one):
    url = {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}
    for named, content in (("messages.0.content.1", [text("x", cache_control={"type": "ephemeral"}), url]),):
        with pytest.raises(anthropic.BadRequestError) as failed:
            ask(one, user(*content))
        assert named in failed.value.message


def test_tokens_are_counted_by_bedrock(client):
    asked = {"model": CLAUDE, "messages": [user("How long is this?")]}
    counted = client.messages.with_raw_response.count_tokens(**asked)
    assert counted.parse().input_tokens > 0 and "x-caprock-estimated" not in counted.headers
    longer = client.messages.count_tokens(**asked, tools=TOOLS, system="Be brief.")
    assert longer.input_tokens > counted.parse().input_tokens


def test_models_are_listed_in_the_shape_of_who_asks(one, served):
    page = one.models.list(limit=2)
    assert len(page.data) == 2 and page.has_more and all(m.type == "model" and m.display_name for m in page.data)
    every = [m.id for m in one.models.list(limit=3)]
    assert len(every) == len(set(every)) > 3 and f"bedrock/{CLAUDE}" in every
    assert one.models.retrieve(f"bedrock/{CLAUDE}").id == f"bedrock/{CLAUDE}"
    with pytest.raises(anthropic.NotFoundError):
        one.models.retrieve("nobody")
    assert served.client.get("/v1/models").json()["object"] == "list"


def test_silence_is_bridged_by_pings(serve, mock):
    server = serve(environment=mock.environment | {"CAPROCK_SERVER_HEARTBEAT": "50ms"})
    body = {"model": CLAUDE, "max_tokens": 99, "stream": True, "messages": [user("[[mock: words=3; gap=400]]")]}
    raw = server.client.post("/v1/messages", json=body).text
    assert raw.startswith("event: message_start\n") and 'event: ping\ndata: {"type": "ping"}\n\n' in raw and raw.rstrip().endswith('{"type":"message_stop"}')
    with anthropic.Anthropic(api_key="unused", base_url=server.url).messages.stream(**{k: v for k, v in body.items() if k != "stream"}) as stream:
        assert said(stream.get_final_message()) == "word0 word1 word2"
