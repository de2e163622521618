"""The stock OpenAI client against Caprock, which asks Bedrock: what goes in comes out, or is refused by name."""
import base64

import openai
import pytest

MOCK = "bedrock_mock"
CLAUDE = "us.anthropic.claude-sonnet-4-20250514-v1:0"
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
TOOLS = [{"type": "function", "function": {"name": n, "description": "Computes.", "parameters": SCHEMA}} for n in ("add", "mul")]


@pytest.fixture(scope="module")
def client(served):
    return openai.OpenAI(api_key="unused", base_url=f"{served.url}/v1", max_retries=0)


def user(content):
    return {"role": "user", "content": content}


def ask(client, *messages, model=CLAUDE, **more):
    return client.chat.completions.create(model=model, messages=list(messages), max_tokens=4000, **more)


def test_plain_and_streamed_with_usage(client):
    plain = ask(client, user("Hello"))
    assert plain.choices[0].message.content == "You said: Hello" and plain.choices[0].finish_reason == "stop"
    with ask(client, user("Hello"), stream=True, stream_options={"include_usage": True}) as stream:
        chunks = list(stream)
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == "You said: Hello"
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert chunks[-1].usage.total_tokens == plain.usage.total_tokens > 0


@pytest.mark.parametrize("streamed", [False, True])
def test_two_tools_there_and_back(client, streamed):
    messages = [user("Compute")]
    if streamed:
        with client.chat.completions.stream(model=CLAUDE, messages=messages, max_tokens=4000, tools=TOOLS) as stream:
            turn = stream.get_final_completion().choices[0]
    else:
        turn = ask(client, *messages, tools=TOOLS).choices[0]
    assert turn.finish_reason == "tool_calls"
    assert [c.function.name for c in turn.message.tool_calls] == ["add", "mul"]
    messages.append({"role": "assistant", "content": turn.message.content, "tool_calls": [
        {"id": c.id, "type": "function", "function": {"name": c.function.name, "arguments": c.function.arguments}} for c in turn.message.tool_calls]})
    messages += [{"role": "tool", "tool_call_id": c.id, "content": f"<{c.function.name}>"} for c in turn.message.tool_calls]
    answer = ask(client, *messages, tools=TOOLS).choices[0].message.content
    assert "<add>" in answer and "<mul>" in answer


def test_image_arrives_whole(client):
    url = "data:image/png;base64," + base64.b64encode(PNG).decode()
    answer = ask(client, user([{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {"url": url}}]))
    assert f"[image png {len(PNG)} bytes" in answer.choices[0].message.content


def test_thoughts_and_their_signature_go_round(client, mock):
    thinking = {"reasoning": {"max_tokens": 2000}}
    first = ask(client, user("Why?"), extra_body=thinking, tools=TOOLS).choices[0].message
    assert first.reasoning_content.startswith("Thinking about")
    detail = first.reasoning_details[0]
    assert detail["signature"]
    with ask(client, user("Why?"), extra_body=thinking, tools=TOOLS, stream=True) as stream:
        deltas = [c.choices[0].delta.model_dump() for c in stream if c.choices]
    pieces = [p for d in deltas for p in d.get("reasoning_details") or ()]
    assert "".join(p.get("text", "") for p in pieces) == first.reasoning_content
    assert "".join(p.get("signature", "") for p in pieces) == detail["signature"]
    mock.forget_attempts()
    results = [{"role": "tool", "tool_call_id": c.id, "content": "1"} for c in first.tool_calls]
    ask(client, user("Why?"), first.model_dump(exclude_none=True, exclude={"annotations"}), *results, extra_body=thinking, tools=TOOLS)
    assert len(mock.attempts()) == 1  # the mock refuses a signature that is not its own


def test_cache_point_reaches_bedrock(client):
    long = {"type": "text", "text": "A long text. " * 2000, "cache_control": {"type": "ephemeral"}}
    first = ask(client, user([long, {"type": "text", "text": "Hi"}])).usage
    again = ask(client, user([long, {"type": "text", "text": "Hi"}])).usage
    assert first.prompt_tokens_details.cache_write_tokens > 0
    assert again.prompt_tokens_details.cached_tokens == first.prompt_tokens_details.cache_write_tokens
    assert again.prompt_tokens == first.prompt_tokens


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("fault, kind", [("status-429", openai.RateLimitError), ("status-503", openai.InternalServerError),
                                         ("status-404", openai.NotFoundError), ("status-400", openai.BadRequestError)])
def test_errors_before_the_first_byte(client, fault, kind, streamed):
    with pytest.raises(kind) as failed:
        ask(client, user("Hi"), model=f"{CLAUDE}.fault.{fault}", stream=streamed)
    assert failed.value.code != "context_length_exceeded"


@pytest.mark.parametrize("fault", ["fin-500", "rst-500", "crc-3", "truncate-3", "end-3", "exception-3", "exception-3-throttlingException"])
def test_broken_stream_is_an_error_and_no_end(client, fault):
    seen = []
    with pytest.raises((openai.APIError, openai.APIConnectionError)):
        with ask(client, user("word " * 30), model=f"{CLAUDE}.fault.{fault}", stream=True) as stream:
            seen.extend(stream)
    assert all(c.choices[0].finish_reason is None for c in seen)


def test_what_bedrock_cannot_say_is_refused_by_name(client):
    for param, more in [("seed", {"seed": 7}), ("frequency_penalty", {"frequency_penalty": 0.5}), ("logit_bias", {"logit_bias": {"1": 1}})]:
        with pytest.raises(openai.BadRequestError) as failed:
            ask(client, user("Hi"), **more)
        assert param in f"{failed.value.param} {failed.value.message}", failed.value
