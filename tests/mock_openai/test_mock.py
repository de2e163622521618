"""The real client of OpenAI takes the mock for OpenAI."""
import openai
import pytest

from .running import KEY

MOCK = "openai_mock"
TOOLS = [{"type": "function", "function": {"name": name, "parameters": {"type": "object"}}} for name in ("add", "mul")]


@pytest.fixture(scope="module")
def client(mock):
    return openai.OpenAI(api_key=KEY, base_url=f"{mock.url}/v1", max_retries=0)


def ask(text="Hello there"):
    return [{"role": "user", "content": text}]


def test_plain_and_streamed_say_the_same(client):
    plain = client.chat.completions.create(model="echo", messages=ask())
    assert plain.choices[0].message.content == "Hello there"
    assert plain.usage.prompt_tokens == 2
    with client.chat.completions.create(model="echo", messages=ask(), stream=True, stream_options={"include_usage": True}) as stream:
        chunks = list(stream)
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == "Hello there"
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert chunks[-1].usage == plain.usage


def test_two_tools_in_one_turn(client):
    first = client.chat.completions.create(model="tools", messages=ask(), tools=TOOLS).choices[0].message
    assert [c.function.name for c in first.tool_calls] == ["add", "mul"]
    history = ask() + [first.model_dump(exclude_none=True)]
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="tools", messages=history, tools=TOOLS)
    history += [{"role": "tool", "tool_call_id": c.id, "content": c.function.name} for c in first.tool_calls]
    assert client.chat.completions.create(model="tools", messages=history, tools=TOOLS).choices[0].message.content == "Results: add, mul"
    with client.chat.completions.stream(model="tools", messages=ask(), tools=TOOLS) as stream:
        calls = stream.get_final_completion().choices[0].message.tool_calls
    assert [(c.id, c.function.arguments) for c in calls] == [("call_0", '{"n": 0}'), ("call_1", '{"n": 1}')]


def test_embeddings_and_models(client):
    packed = client.embeddings.create(model="text-embedding-3-small", input=["a b", "c"])
    plain = client.embeddings.create(model="text-embedding-3-small", input=["a b", "c"], encoding_format="float", dimensions=1536)
    assert packed.data[0].embedding == pytest.approx(plain.data[0].embedding, abs=1e-6)
    assert "echo" in [m.id for m in client.models.list()]


def test_errors_are_those_of_openai(client):
    for model, kind in [("echo.status-429", openai.RateLimitError), ("echo.status-401", openai.AuthenticationError),
                        ("nobody", openai.NotFoundError), ("echo.status-500", openai.InternalServerError)]:
        with pytest.raises(kind):
            client.chat.completions.create(model=model, messages=ask())
    with pytest.raises(openai.BadRequestError) as overflow:
        client.chat.completions.create(model="echo.status-400", messages=ask())
    assert overflow.value.code == "context_length_exceeded"
    with pytest.raises(openai.BadRequestError) as unknown:
        client.chat.completions.create(model="echo", messages=ask(), extra_body={"tempreature": 1})
    assert unknown.value.param == "tempreature"


def test_error_in_the_stream(client):
    with pytest.raises(openai.APIError), client.chat.completions.create(model="echo.error-2", messages=ask(), stream=True) as stream:
        list(stream)
