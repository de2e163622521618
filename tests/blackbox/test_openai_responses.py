"""The Responses API by the stock OpenAI client, over models of Bedrock and of a provider of OpenAI's protocol."""
import base64
import json
import time

import httpx
import openai
import pydantic
import pytest

CLAUDE = "us.anthropic.claude-sonnet-4-20250514-v1:0"
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
TOOLS = [{"type": "function", "name": n, "description": "Computes.", "parameters": SCHEMA} for n in ("add", "mul")]
THINKING = {"reasoning": {"max_tokens": 2000}}


@pytest.fixture(scope="module", params=["/v1", "/openai/v1"])
def client(served_by_both, request):
    return openai.OpenAI(api_key="unused", base_url=served_by_both.url + request.param, max_retries=0)


def user(content):
    return {"role": "user", "content": content}


def streamed(client, **request):
    """The events of a stream, and the response that it ends with."""
    with client.responses.create(stream=True, **request) as stream:
        events = list(stream)
    assert [e.sequence_number for e in events] == list(range(len(events)))
    return events, events[-1].response


@pytest.mark.parametrize("model, said", [("openai/echo", "Hello there, you"), (CLAUDE, "You said: Hello there, you")])
def test_plain_and_streamed_say_the_same(client, model, said):
    plain = client.responses.create(model=model, input="Hello there, you", instructions="Be brief.", metadata={"a": "b"}, store=False)
    assert plain.output_text == said and plain.status == "completed" and plain.id.startswith("resp_")
    assert plain.metadata == {"a": "b"} and plain.instructions == "Be brief." and plain.error is None and plain.incomplete_details is None
    assert plain.usage.total_tokens == plain.usage.input_tokens + plain.usage.output_tokens > 0
    assert plain.output[0].id.startswith("msg_") and plain.output[0].status == "completed"
    events, last = streamed(client, model=model, input="Hello there, you", instructions="Be brief.", metadata={"a": "b"})
    types = [e.type for e in events]
    assert types[:4] == ["response.created", "response.in_progress", "response.output_item.added", "response.content_part.added"]
    assert types[-4:] == ["response.output_text.done", "response.content_part.done", "response.output_item.done", "response.completed"]
    assert "".join(e.delta for e in events if e.type == "response.output_text.delta") == said
    assert last.output_text == said and last.usage == plain.usage


def test_reply_has_every_member_of_the_sdks_type(client):
    reply = client.responses.create(model="openai/echo", input="Hi", tools=TOOLS, text={"verbosity": "low"})
    given = reply.model_fields_set
    wanted = {"id", "created_at", "error", "incomplete_details", "instructions", "metadata", "model", "object", "output", "parallel_tool_calls",
              "temperature", "tool_choice", "tools", "top_p", "background", "max_output_tokens", "previous_response_id", "reasoning",
              "service_tier", "status", "text", "truncation", "usage", "user"}
    assert wanted <= given, wanted - given
    openai.types.responses.Response.model_validate_json(json.dumps(reply.to_dict()))  # unlike the SDK itself this checks every type


@pytest.mark.parametrize("model", ["openai/tools", CLAUDE])
@pytest.mark.parametrize("stream", [False, True])
def test_two_tools_in_one_turn_there_and_back(client, model, stream):
    items = [user("Compute")]
    ask = {"model": model, "input": items, "tools": TOOLS, "max_output_tokens": 4000}
    turn = streamed(client, **ask)[1] if stream else client.responses.create(**ask)
    calls = [item for item in turn.output if item.type == "function_call"]
    assert [c.name for c in calls] == ["add", "mul"] and all(json.loads(c.arguments) is not None for c in calls)
    items += [item.to_dict() for item in turn.output]
    items += [{"type": "function_call_output", "call_id": c.call_id, "output": f"<{c.name}>"} for c in calls]
    answer = client.responses.create(**ask | {"input": items})
    assert "<add>" in answer.output_text and "<mul>" in answer.output_text


def test_helper_of_the_sdk_reads_the_stream(client):
    with client.responses.stream(model=CLAUDE, input="Compute", tools=TOOLS, max_output_tokens=4000) as stream:
        seen = [event.type for event in stream]
        final = stream.get_final_response()
    assert "response.function_call_arguments.done" in seen and seen[-1] == "response.completed"
    assert [item.name for item in final.output if item.type == "function_call"] == ["add", "mul"]
    with client.responses.stream(model=CLAUDE, input="Hello") as stream:
        assert stream.get_final_response().output_text == "You said: Hello"


def test_image_and_file_arrive_whole(client):
    content = [{"type": "input_text", "text": "What?"},
               {"type": "input_image", "image_url": "data:image/png;base64," + base64.b64encode(PNG).decode(), "detail": "auto"},
               {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64," + base64.b64encode(b"%PDF-1.4").decode()}]
    answer = client.responses.create(model=CLAUDE, input=[user(content)]).output_text
    assert f"[image png {len(PNG)} bytes" in answer and "document" in answer


class Number(pydantic.BaseModel):
    n: int


def test_json_schema_is_kept(client):
    parsed = client.responses.parse(model=CLAUDE, input="A number", text_format=Number)
    assert isinstance(parsed.output_parsed, Number)
    with pytest.raises(openai.BadRequestError):
        client.responses.create(model=CLAUDE, input="A number", text={"format": {"type": "json_object"}})


@pytest.mark.parametrize("stream", [False, True])
def test_thoughts_and_their_signature_go_round(client, bedrock_mock, stream):
    ask = {"model": CLAUDE, "input": [user("Why?")], "tools": TOOLS, "extra_body": THINKING, "max_output_tokens": 4000,
           "include": ["reasoning.encrypted_content"]}
    if stream:
        events, first = streamed(client, **ask)
        pieces = "".join(e.delta for e in events if e.type == "response.reasoning_summary_text.delta")
        assert pieces == first.output[0].summary[0].text
    else:
        first = client.responses.create(**ask)
    thought = first.output[0]
    assert thought.type == "reasoning" and thought.summary[0].text.startswith("Thinking about") and thought.encrypted_content
    calls = [item for item in first.output if item.type == "function_call"]
    bedrock_mock.forget_attempts()
    again = [user("Why?"), *(item.to_dict() for item in first.output), *({"type": "function_call_output", "call_id": c.call_id, "output": "1"} for c in calls)]
    assert client.responses.create(**ask | {"input": again}).status == "completed"  # the mock refuses a signature that is not its own
    sent = bedrock_mock.attempts()[-1]["body"]["messages"][1]["content"]
    assert sent[0]["reasoningContent"]["reasoningText"]["text"] == thought.summary[0].text
    broken = [user("Why?"), thought.to_dict() | {"encrypted_content": "gAAAA"}, *again[2:]]
    with pytest.raises(openai.BadRequestError) as failed:
        client.responses.create(**ask | {"input": broken})
    assert failed.value.param == "input[1].encrypted_content"


def test_reply_cut_by_its_limit_is_incomplete(client):
    ask = {"model": CLAUDE, "input": "word " * 50, "max_output_tokens": 5}
    plain = client.responses.create(**ask)
    assert plain.status == "incomplete" and plain.incomplete_details.reason == "max_output_tokens"
    events, last = streamed(client, **ask)
    assert events[-1].type == "response.incomplete" and last.status == "incomplete" and last.output[-1].status == "incomplete"


def test_request_reaches_the_provider_whole(client, openai_mock):
    openai_mock.reset()
    client.responses.create(
        model="openai/echo", input=[{"role": "developer", "content": "Be brief."}, user("Hi")], temperature=0.5, top_p=0.25, max_output_tokens=50,
        user="u-1", reasoning={"effort": "low", "summary": "auto"}, parallel_tool_calls=False, tools=TOOLS, tool_choice={"type": "function", "name": "mul"},
        prompt_cache_key="k", text={"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}, "strict": True}, "verbosity": "low"})
    body = openai_mock.attempts("/v1/chat/completions")[0]["body"]
    assert body["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    wanted = {"temperature": 0.5, "top_p": 0.25, "max_completion_tokens": 50, "user": "u-1", "reasoning_effort": "low", "parallel_tool_calls": False,
              "tool_choice": {"type": "function", "function": {"name": "mul"}}, "prompt_cache_key": "k", "verbosity": "low"}
    assert {k: body[k] for k in wanted} == wanted
    assert body["response_format"]["json_schema"] == {"name": "n", "schema": {"type": "object"}, "strict": True}


def test_refusal_is_a_part_of_its_own(client):
    part = client.responses.create(model="openai/refuser", input="Why?").output[0].content[0]
    assert part.type == "refusal" and part.refusal == "I cannot help with that."
    events, last = streamed(client, model="openai/refuser", input="Why?")
    assert "".join(e.delta for e in events if e.type == "response.refusal.delta") == last.output[0].content[0].refusal


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("fault, kind, code, param", [
    ("status-429", openai.RateLimitError, "rate_limit_exceeded", None), ("status-400", openai.BadRequestError, "context_length_exceeded", "input"),
    ("status-401", openai.InternalServerError, None, None), ("status-503", openai.InternalServerError, None, None),
    ("status-404", openai.NotFoundError, "model_not_found", "model")])
def test_errors_before_the_first_byte(client, fault, kind, code, param, stream):
    with pytest.raises(kind) as failed:
        client.responses.create(model=f"openai/echo.{fault}", input="Hi", stream=stream)
    assert (failed.value.code, failed.value.param) == (code, param)


@pytest.mark.parametrize("param, more", [
    ("store", {"store": True}), ("previous_response_id", {"previous_response_id": "resp_1"}), ("background", {"background": True}),
    ("conversation", {"conversation": "conv_1"}), ("tools[0].type", {"tools": [{"type": "web_search"}]}), ("truncation", {"truncation": "auto"}),
    ("input[1].call_id", {"input": [user("a"), {"type": "function_call_output", "call_id": "x", "output": "1"}]}),
    ("input[0].type", {"input": [{"type": "item_reference", "id": "msg_1"}]}), ("max_output_tokens", {"max_output_tokens": 0})])
def test_what_is_not_done_is_refused_by_name(client, param, more):
    with pytest.raises(openai.BadRequestError) as failed:
        client.responses.create(**{"model": "openai/echo", "input": "Hi"} | more)
    assert failed.value.param == param and failed.value.type == "invalid_request_error"
    if param == "store":
        assert '"store": false' in failed.value.message


def test_stored_responses_are_not_found(client):
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve("resp_1")
    with pytest.raises(openai.NotFoundError):
        client.responses.delete("resp_1")


def test_unknown_members_are_ignored_and_told(client):
    raw = client.responses.with_raw_response.create(model="openai/echo", input="Hi", extra_body={"shiny": 1})
    assert raw.headers["x-caprock-ignored-fields"] == "shiny"


@pytest.mark.parametrize("model", [f"openai/echo.{f}" for f in ("cut-900", "unfinished", "error-3")]
                         + [f"{CLAUDE}.fault.{f}" for f in ("fin-500", "rst-500", "crc-3", "truncate-3", "end-3", "exception-3-throttlingException")])
def test_broken_stream_fails_and_never_completes(client, served_by_both, model):
    seen = []
    with pytest.raises(openai.APIError), client.responses.create(model=model, input="word " * 30, stream=True) as stream:
        seen.extend(e.type for e in stream)
    assert "response.output_text.delta" in seen and "response.completed" not in seen
    raw = served_by_both.client.post("/v1/responses", json={"model": model, "input": "word " * 30, "stream": True}).text
    events = [json.loads(line[6:]) for line in raw.splitlines() if line.startswith("data: ")]
    assert [e["type"] for e in events[-2:]] == ["error", "response.failed"]
    assert events[-2]["error"]["message"] == events[-2]["message"] == events[-1]["response"]["error"]["message"]
    assert events[-1]["response"]["status"] == "failed" and "response.completed" not in raw and "output_text.done" not in raw


def test_reader_that_goes_aborts_the_model(served_by_both, openai_mock):
    openai_mock.reset()
    body = {"model": "openai/echo.slow", "input": "word " * 200, "stream": True}
    with httpx.stream("POST", f"{served_by_both.url}/v1/responses", json=body) as response:
        next(response.iter_bytes())
    deadline = time.monotonic() + 5
    while not openai_mock.attempts("/v1/chat/completions")[0]["aborted"]:
        assert time.monotonic() < deadline, "the model goes on for nobody"
        time.sleep(0.02)


def test_wrong_key_is_told_in_the_dialect(serve, openai_mock):
    server = serve(environment=openai_mock.environment | {"CAPROCK_API_KEY": "right"})
    client = openai.OpenAI(api_key="wrong", base_url=f"{server.url}/v1", max_retries=0)
    with pytest.raises(openai.AuthenticationError) as failed:
        client.responses.create(model="openai/echo", input="Hi")
    assert failed.value.code == "invalid_api_key"
