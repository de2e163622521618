"""The stock OpenAI client against Caprock, which asks a provider behind the same protocol."""
import base64
import time

import httpx
import openai
import pytest

MOCK = "openai_mock"
TOOLS = [{"type": "function", "function": {"name": n, "parameters": {"type": "object"}}} for n in ("add", "mul")]
PNG = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()


@pytest.fixture(params=["/v1", "/openai/v1"])
def client(served, request):
    return openai.OpenAI(api_key="unused", base_url=served.url + request.param, max_retries=0)


def user(text):
    return {"role": "user", "content": text}


def test_plain_and_streamed_say_the_same(client):
    plain = client.chat.completions.create(model="openai/echo", messages=[user("Hello there, you")])
    assert plain.choices[0].message.content == "Hello there, you"
    assert plain.choices[0].finish_reason == "stop"
    assert plain.usage.prompt_tokens == 3 and plain.usage.total_tokens == 6
    with client.chat.completions.create(model="openai/echo", messages=[user("Hello there, you")], stream=True,
                                        stream_options={"include_usage": True}) as stream:
        chunks = list(stream)
    pieces = [c.choices[0].delta.content for c in chunks if c.choices and c.choices[0].delta.content]
    assert len(pieces) == 3 and "".join(pieces) == "Hello there, you"
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert chunks[-1].usage.total_tokens == 6
    assert len({c.id for c in chunks}) == 1


def test_two_tools_in_one_turn_there_and_back(client):
    messages = [user("Compute")]
    with client.chat.completions.stream(model="openai/tools", messages=messages, tools=TOOLS) as stream:
        turn = stream.get_final_completion().choices[0]
    assert turn.finish_reason == "tool_calls"
    assert [(c.function.name, c.function.arguments) for c in turn.message.tool_calls] == [("add", '{"n": 0}'), ("mul", '{"n": 1}')]
    messages.append({"role": "assistant", "tool_calls": [c.model_dump() for c in turn.message.tool_calls]})
    messages += [{"role": "tool", "tool_call_id": c.id, "content": f"<{c.function.name}>"} for c in turn.message.tool_calls]
    answer = client.chat.completions.create(model="openai/tools", messages=messages, tools=TOOLS)
    assert answer.choices[0].message.content == "Results: <add>, <mul>"


def test_request_reaches_the_provider_whole(client, mock):
    mock.reset()
    client.chat.completions.create(
        model="openai/echo", temperature=0.5, top_p=0.25, stop=["END"], seed=7, max_completion_tokens=50, user="u-1",
        reasoning_effort="low", parallel_tool_calls=False, tools=TOOLS, tool_choice="none",
        response_format={"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}, "strict": True}},
        messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": [
            {"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": PNG, "detail": "low"}}]}])
    body = mock.attempts("/v1/chat/completions")[0]["body"]
    assert body["messages"][0] == {"role": "system", "content": "Be brief."}
    assert body["messages"][1]["content"][1] == {"type": "image_url", "image_url": {"url": PNG, "detail": "low"}}
    wanted = {"temperature": 0.5, "top_p": 0.25, "stop": ["END"], "seed": 7, "max_completion_tokens": 50, "user": "u-1",
              "reasoning_effort": "low", "parallel_tool_calls": False, "tool_choice": "none"}
    assert {k: body[k] for k in wanted} == wanted
    assert body["response_format"]["json_schema"] == {"name": "n", "schema": {"type": "object"}, "strict": True}


def test_thoughts_and_refusals_come_through(client):
    thinker = client.chat.completions.create(model="openai/thinker", messages=[user("Why?")])
    assert thinker.choices[0].message.reasoning_content == "Let me think."
    assert thinker.choices[0].message.content == "So it is."
    refuser = client.chat.completions.create(model="openai/refuser", messages=[user("Why?")])
    assert refuser.choices[0].message.refusal == "I cannot help with that."


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("fault, kind, code", [
    ("status-429", openai.RateLimitError, "rate_limit_exceeded"), ("status-400", openai.BadRequestError, "context_length_exceeded"),
    ("status-401", openai.InternalServerError, None), ("status-503", openai.InternalServerError, None),
    ("status-404", openai.NotFoundError, "model_not_found")])
def test_errors_before_the_first_byte(client, fault, kind, code, stream):
    with pytest.raises(kind) as failed:
        client.chat.completions.create(model=f"openai/echo.{fault}", messages=[user("Hi")], stream=stream)
    assert failed.value.code == code
    if fault == "status-429":
        assert failed.value.response.headers["retry-after"] == "2"
    if fault == "status-401":
        assert failed.value.response.headers["x-should-retry"] == "false"


def test_bad_requests_name_their_field(client):
    for param, more in [("n", {"n": 2}), ("logprobs", {"logprobs": True}), ("temperature", {"temperature": 9}),
                        ("messages[1].tool_call_id", {"messages": [user("a"), {"role": "tool", "tool_call_id": "x", "content": "1"}]})]:
        with pytest.raises(openai.BadRequestError) as failed:
            client.chat.completions.create(**{"model": "openai/echo", "messages": [user("Hi")]} | more)
        assert failed.value.param == param and failed.value.type == "invalid_request_error"
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model="nowhere", messages=[user("Hi")])


def test_unknown_members_are_ignored_and_told(client):
    raw = client.chat.completions.with_raw_response.create(model="openai/echo", messages=[user("Hi")], extra_body={"shiny": 1})
    assert raw.headers["x-caprock-ignored-fields"] == "shiny"


@pytest.mark.parametrize("fault", ["cut-900", "unfinished", "error-3"])
def test_broken_stream_is_an_error_for_the_client(client, fault, served):
    seen = []
    with pytest.raises(openai.APIError), client.chat.completions.create(
            model=f"openai/echo.{fault}", messages=[user("word " * 20)], stream=True) as stream:
        seen.extend(stream)
    assert seen and all(c.choices[0].finish_reason is None for c in seen)
    raw = served.client.post("/v1/chat/completions", json={
        "model": f"openai/echo.{fault}", "messages": [user("word " * 20)], "stream": True}).text
    assert "[DONE]" not in raw and raw.rstrip().splitlines()[-1].startswith('data: {"error":')


def test_pieces_come_as_the_model_sends_them(client):
    times = []
    with client.chat.completions.create(model="openai/echo.slow", messages=[user("word " * 10)], stream=True) as stream:
        for _ in stream:
            times.append(time.monotonic())
    assert times[-1] - times[0] > 0.2, "the stream was held back"


def test_reader_that_goes_aborts_the_model(served, mock):
    mock.reset()
    body = {"model": "openai/echo.slow", "messages": [user("word " * 200)], "stream": True}
    with httpx.stream("POST", f"{served.url}/v1/chat/completions", json=body) as response:
        next(response.iter_bytes())
    deadline = time.monotonic() + 5
    while not mock.attempts("/v1/chat/completions")[0]["aborted"]:
        assert time.monotonic() < deadline, "the model goes on for nobody"
        time.sleep(0.02)


def test_embeddings_of_a_provider_and_of_the_model_inside(client):
    packed = client.embeddings.create(model="openai/text-embedding-3-small", input=["a pump", "a valve"])
    plain = client.embeddings.create(model="openai/text-embedding-3-small", input=["a pump", "a valve"], encoding_format="float")
    assert len(packed.data) == 2 and len(packed.data[0].embedding) == 1536 and packed.usage.prompt_tokens == 4
    assert packed.data[1].embedding == pytest.approx(plain.data[1].embedding, abs=1e-6)
    inside = next(m.id for m in client.models.list() if m.owned_by == "caprock" and m.id != "extractive")
    vector = client.embeddings.create(model=inside, input="a pump").data[0].embedding
    assert sum(v * v for v in vector) == pytest.approx(1, abs=1e-3)
    for param, more in [("input", {"input": []}), ("input[0]", {"input": [[1, 2]]}), ("dimensions", {"dimensions": 0})]:
        with pytest.raises(openai.BadRequestError) as failed:
            client.embeddings.create(**{"model": inside, "input": "x"} | more)
        assert failed.value.param == param


def test_models(client):
    assert {"extractive", "openai/echo"} <= {m.id for m in client.models.list()}
    assert client.models.retrieve("openai/echo").owned_by == "openai"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("openai/nobody")


def test_wrong_key_is_told_in_the_dialect(serve, mock):
    server = serve(environment=mock.environment | {"CAPROCK_API_KEY": "right"})
    client = openai.OpenAI(api_key="wrong", base_url=f"{server.url}/v1", max_retries=0)
    with pytest.raises(openai.AuthenticationError) as failed:
        client.models.list()
    assert failed.value.code == "invalid_api_key"
    assert client.with_options(api_key="right").models.list().data
