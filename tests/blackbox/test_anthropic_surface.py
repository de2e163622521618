"""The stock Anthropic client against Caprock: a provider of OpenAI's protocol behind it, and what is refused here."""
import anthropic
import pytest

MOCK = "openai_mock"
TOOLS = [{"name": n, "input_schema": {"type": "object"}} for n in ("add", "mul")]


@pytest.fixture
def client(served):
    return anthropic.Anthropic(api_key="unused", base_url=served.url, max_retries=0)


def ask(client, *messages, model="openai/echo", streamed=False, **more):
    given = {"model": model, "messages": list(messages), "max_tokens": 500} | more
    if not streamed:
        return client.messages.create(**given)
    with client.messages.stream(**given) as stream:
        return stream.get_final_message()


def user(content):
    return {"role": "user", "content": content}


@pytest.mark.parametrize("streamed", [False, True])
def test_another_provider_answers_all_the_same(client, streamed):
    message = ask(client, user("Hello there, you"), streamed=streamed, system="Be brief.")
    assert message.content[0].text == "Hello there, you" and message.stop_reason == "end_turn"
    assert message.usage.output_tokens == 3
    turn = ask(client, user("Compute"), model="openai/tools", tools=TOOLS, streamed=streamed)
    calls = [b for b in turn.content if b.type == "tool_use"]
    assert turn.stop_reason == "tool_use" and [(c.name, c.input) for c in calls] == [("add", {"n": 0}), ("mul", {"n": 1})]
    results = [{"type": "tool_result", "tool_use_id": c.id, "content": f"<{c.name}>"} for c in calls]
    answer = ask(client, user("Compute"), {"role": "assistant", "content": turn.content}, user(results), model="openai/tools", tools=TOOLS, streamed=streamed)
    assert answer.content[0].text == "Results: <add>, <mul>"
    thinker = ask(client, user("Why?"), model="openai/thinker", streamed=streamed)
    assert [b.type for b in thinker.content] == ["thinking", "text"] and thinker.content[0].thinking == "Let me think."


def test_url_of_an_image_goes_to_who_fetches(client, mock):
    mock.reset()
    url = "https://example.com/a.png"
    ask(client, user([{"type": "text", "text": "What?"}, {"type": "image", "source": {"type": "url", "url": url}}]))
    assert mock.attempts("/v1/chat/completions")[0]["body"]["messages"][0]["content"][1]["image_url"]["url"] == url


def test_what_the_provider_cannot_say_is_refused_by_the_clients_name(client):
    cached = [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}]
    for field, more in [("messages.0.content.0.cache_control", {"messages": [user(cached)]}),
                        ("thinking.budget_tokens", {"thinking": {"type": "enabled", "budget_tokens": 2000}, "max_tokens": 4000}),
                        ("top_k", {"extra_body": {"top_k": 5}}),
                        ("tools.0.cache_control", {"tools": [TOOLS[0] | {"cache_control": {"type": "ephemeral"}}]})]:
        with pytest.raises(anthropic.BadRequestError) as failed:
            client.messages.create(**{"model": "openai/echo", "max_tokens": 9, "messages": [user("Hi")]} | more)
        assert field in failed.value.message, failed.value.message


def image(media_type="image/png", data="aWNl"):
    return [{"type": "image", "source": {"type": "base64", "media_type": media_type, "data": data}}]


CALL = {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "add", "input": {}}]}
BAD = [
    ("messages", {"messages": []}),
    ("max_tokens", {"max_tokens": 0}),
    ("messages.0.role", {"messages": [{"role": "assistant", "content": "x"}]}),
    ("messages.0.content", {"messages": [user([])]}),
    ("messages.0.content.0.text", {"messages": [user([{"type": "text", "text": ""}])]}),
    ("messages.0.content.0.tool_use_id", {"messages": [user([{"type": "tool_result", "tool_use_id": "x", "content": "1"}])]}),
    ("messages.1.content.0", {"messages": [user("x"), CALL, user("y")]}),
    ("messages.0.content.0.source.media_type", {"messages": [user(image("image/tiff"))]}),
    ("messages.0.content.0.source.data", {"messages": [user(image(data="%"))]}),
    ("messages.0.content.0.type", {"messages": [user([{"type": "server_tool_use", "id": "x", "name": "web_search", "input": {}}])]}),
    ("tools.0.name", {"tools": [{"name": "n" * 65, "input_schema": {"type": "object"}}]}),
    ("tools.0.input_schema", {"tools": [{"name": "n"}]}),
    ("tools.0.type", {"tools": [{"type": "web_search_20250305", "name": "web_search"}]}),
    ("tool_choice.name", {"tools": TOOLS, "tool_choice": {"type": "tool", "name": "nobody"}}),
    ("thinking.budget_tokens", {"thinking": {"type": "enabled", "budget_tokens": 5}}),
    ("system.0.cache_control.ttl", {"system": [{"type": "text", "text": "x", "cache_control": {"type": "ephemeral", "ttl": "2h"}}]}),
    ("container", {"extra_body": {"container": "c"}}),
    ("mcp_servers", {"extra_body": {"mcp_servers": [{"type": "url", "url": "https://x", "name": "x"}]}}),
    ("temperature", {"extra_body": {"temperature": 7}}),
]


@pytest.mark.parametrize("field, more", BAD, ids=[field for field, _ in BAD])
def test_bad_input_names_its_field(client, field, more):
    with pytest.raises(anthropic.BadRequestError) as failed:
        client.messages.create(**{"model": "openai/echo", "max_tokens": 9, "messages": [user("Hi")]} | more)
    assert field in failed.value.message and failed.value.body["error"]["type"] == "invalid_request_error"


def test_model_that_nobody_has(client):
    with pytest.raises(anthropic.NotFoundError) as failed:
        ask(client, user("Hi"), model="nowhere")
    assert failed.value.body["error"]["type"] == "not_found_error" and "model" in failed.value.message


@pytest.mark.parametrize("body, status, kind", [
    ("[" * 200 + "]" * 200, 400, "invalid_request_error"), ('{"model": "m", "mess', 400, "invalid_request_error"),
    ("x" * 25_000_001, 413, "request_too_large")], ids=["deep", "cut", "large"])
def test_bodies_that_cannot_be_read(served, body, status, kind):
    answer = served.client.post("/v1/messages", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status and answer.json()["type"] == "error" and answer.json()["error"]["type"] == kind
    assert answer.json()["request_id"] == answer.headers["request-id"]


def test_unknown_members_and_betas_are_ignored_and_told(client):
    raw = client.messages.with_raw_response.create(model="openai/echo", max_tokens=9, messages=[user("Hi")], extra_body={"shiny": 1},
                                                   extra_headers={"anthropic-beta": "prompt-caching-2024-07-31,new-thing-2027-01-01"})
    assert raw.headers["x-caprock-ignored-fields"] == "shiny, anthropic-beta:new-thing-2027-01-01"


def test_count_without_a_counter_says_that_it_is_estimated(client):
    raw = client.messages.with_raw_response.count_tokens(model="openai/echo", messages=[user("How long is this?")])
    assert raw.parse().input_tokens > 3 and raw.headers["x-caprock-estimated"] == "true"


@pytest.mark.parametrize("fault", ["cut-900", "unfinished", "error-3"])
def test_broken_stream_of_another_provider_is_an_error(client, served, fault):
    with pytest.raises(anthropic.APIError):
        ask(client, user("word " * 20), model=f"openai/echo.{fault}", streamed=True)
    raw = served.client.post("/v1/messages", json={"model": f"openai/echo.{fault}", "max_tokens": 99, "messages": [user("word " * 20)], "stream": True}).text
    assert "message_stop" not in raw and raw.rstrip().splitlines()[-2] == "event: error"


def test_unknown_path_and_wrong_method_are_told_in_the_dialect(served):
    for method, path, status in (("POST", "/v1/messages/batches", 404), ("GET", "/v1/messages", 405), ("POST", "/anthropic/v1/complete", 404)):
        answer = served.client.request(method, path, json={})
        assert answer.status_code == status and answer.json()["type"] == "error", path


@pytest.mark.parametrize("arguments", [{"api_key": "wrong"}, {"auth_token": "wrong"}], ids=["x-api-key", "bearer"])
def test_key_of_either_kind(serve, mock, arguments):
    server = serve(environment=mock.environment | {"CAPROCK_API_KEY": "right"})
    with pytest.raises(anthropic.AuthenticationError) as failed:
        ask(anthropic.Anthropic(base_url=server.url, max_retries=0, **arguments), user("Hi"))
    assert failed.value.body["error"]["type"] == "authentication_error"
    assert ask(anthropic.Anthropic(base_url=server.url, max_retries=0, **{k: "right" for k in arguments}), user("Hi")).content
