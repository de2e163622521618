"""Surface × provider × case: what goes in comes out, or is refused by name."""
import pytest

from harness import Server

from .cases import CASES, ERRORS
from .providers import PROVIDERS, SETTINGS, normal
from .surfaces import SURFACES


@pytest.fixture(scope="module")
def served(tmp_path_factory, bedrock_mock, openai_mock):
    environment = bedrock_mock.environment | openai_mock.environment | SETTINGS
    instance = Server(tmp_path_factory.mktemp("caprock"), environment=environment).start()
    yield instance
    assert instance.stop() == 0, instance.log_text()


def names(items):
    return {"argvalues": items, "ids": lambda item: item.name}


def reads(case, surface, provider):
    """What the client is to see, as far as its dialect and the provider have words for it."""
    thoughts = [b["reasoningContent"]["reasoningText"] for b in case.blocks if "reasoningContent" in b]
    usage = case.usage
    return {"text": "".join(b.get("text", "") for b in case.blocks), "reasoning": "".join(t["text"] for t in thoughts), "signature": "".join(t["signature"] for t in thoughts),
            "calls": [(b["toolUse"]["toolUseId"], b["toolUse"]["name"], b["toolUse"]["input"]) for b in case.blocks if "toolUse" in b], "stop": surface.stops[case.stop],
            "usage": {"input": usage["inputTokens"], "output": usage["outputTokens"], "read": usage.get("cacheReadInputTokens", 0), "written": usage.get("cacheWriteInputTokens", 0)}}


CELLS = [(surface, provider, case) for surface in SURFACES for provider in PROVIDERS for case in CASES if surface.says(case)]


@pytest.mark.parametrize("surface, provider, case", CELLS, ids=[f"{s.name}-{p.name}-{c.name.replace(' ', '_')}" for s, p, c in CELLS])
def test_what_goes_in_comes_out(served, request, surface, provider, case):
    mock = request.getfixturevalue(provider.fixture)
    for stream in surface.streams:
        provider.prepare(mock, case)
        answer = surface.post(served.client, provider.model, case.request, stream)
        if fields := case.refused.get(provider.name):
            assert answer.status_code == 400 and any(f.lower() in surface.refusal(answer).lower() for f in fields), answer.text
            continue
        assert answer.status_code == 200, answer.text
        assert normal(provider.arrived(mock)) == normal(case.request)
        found = surface.streamed(answer) if stream else surface.whole(answer)
        assert vars(found) == reads(case, surface, provider), "streamed" if stream else "whole"


@pytest.mark.parametrize("kind", ERRORS)
@pytest.mark.parametrize("provider", **names(PROVIDERS))
@pytest.mark.parametrize("surface", **names(SURFACES))
def test_errors_keep_their_kind(served, request, surface, provider, kind):
    (status, name), told = ERRORS[kind]
    expected = told[surface.name] if isinstance(told[surface.name], tuple) else (told[surface.name],)
    for stream in surface.streams:
        answer = surface.post(served.client, provider.faulty(status, name), CASES[0].request, stream)
        assert answer.status_code in expected, f"{answer.status_code} {answer.text}"
        assert "application/json" in answer.headers["content-type"]
