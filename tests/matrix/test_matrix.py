"""Surface × provider × case: what goes in comes out, or is refused by name."""
import pytest

from .cases import CASES, ERRORS
from .providers import PROVIDERS, normal
from .surfaces import SURFACES


def names(items):
    return {"argvalues": items, "ids": lambda item: item.name}


def reads(case, surface, provider):
    """What the client is to see, as far as its dialect and the provider have words for it."""
    thoughts = [b["reasoningContent"]["reasoningText"] for b in case.blocks if "reasoningContent" in b]
    usage = case.usage
    return {"text": "".join(b.get("text", "") for b in case.blocks), "reasoning": "".join(t["text"] for t in thoughts), "signature": "".join(t["signature"] for t in thoughts),
            "calls": [(b["toolUse"]["toolUseId"], b["toolUse"]["name"], b["toolUse"]["input"]) for b in case.blocks if "toolUse" in b], "stop": surface.stops[case.stop],
            "usage": {"input": usage["inputTokens"], "output": usage["outputTokens"], "read": usage.get("cacheReadInputTokens", 0), "written": usage.get("cacheWriteInputTokens", 0)}}


@pytest.mark.parametrize("case", **names(CASES))
@pytest.mark.parametrize("provider", **names(PROVIDERS))
@pytest.mark.parametrize("surface", **names(SURFACES))
def test_what_goes_in_comes_out(served_by_both, request, surface, provider, case):
    mock = request.getfixturevalue(provider.fixture)
    for stream in (False, True):
        provider.prepare(mock, case)
        answer = surface.post(served_by_both.client, provider.model, case.request, stream)
        if field := case.refused.get(provider.name):
            assert answer.status_code == 400 and field.lower() in surface.refusal(answer).lower(), answer.text
            continue
        assert answer.status_code == 200, answer.text
        assert normal(provider.arrived(mock)) == normal(case.request)
        found = surface.streamed(answer) if stream else surface.whole(answer)
        assert vars(found) == reads(case, surface, provider), "streamed" if stream else "whole"


@pytest.mark.parametrize("kind", ERRORS)
@pytest.mark.parametrize("provider", **names(PROVIDERS))
@pytest.mark.parametrize("surface", **names(SURFACES))
def test_errors_keep_their_kind(served_by_both, request, surface, provider, kind):
    (status, name), told = ERRORS[kind]
    expected = told[surface.name] if isinstance(told[surface.name], tuple) else (told[surface.name],)
    for stream in (False, True):
        answer = surface.post(served_by_both.client, provider.faulty(status, name), CASES[0].request, stream)
        assert answer.status_code in expected, f"{answer.status_code} {answer.text}"
        assert "application/json" in answer.headers["content-type"]
