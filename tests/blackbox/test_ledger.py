"""Every call to a model is a row of the ledger, to the nano-dollar, also when the process is killed after it."""
import sqlite3
import time

import pytest

MOCK = "bedrock_mock"
NOVA = "us.amazon.nova-lite-v1:0"  # 60 and 240 nano-dollars a token


@pytest.fixture
def gateway(serve, mock):
    mock.reset()
    return serve(environment=mock.environment | {"BEDROCK_EMBEDDING_MODEL_ID": "none"})


def converse(server, text, model=NOVA):
    return server.client.post(f"/model/{model.replace(':', '%3A')}/converse",
                              json={"messages": [{"role": "user", "content": [{"text": text}]}], "inferenceConfig": {"maxTokens": 100}})


def rows(server, count, seconds=20):
    """The ledger's rows, as soon as there are so many: they are written behind the reply."""
    deadline = time.monotonic() + seconds
    while True:
        with sqlite3.connect(f"file:{server.data}/caprock.db?mode=ro", uri=True) as db:
            db.row_factory = sqlite3.Row
            found = [dict(row) for row in db.execute("SELECT * FROM usage ORDER BY no")]
        if len(found) >= count:
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def test_ledger_has_what_the_replies_said(gateway, mock):
    told = [converse(gateway, f"call {n} " + "word " * n).json()["usage"] for n in range(20)]
    kept = rows(gateway, 20)
    assert sorted((r["input_tokens"], r["output_tokens"]) for r in kept) == sorted((u["inputTokens"], u["outputTokens"]) for u in told)
    assert sum(r["nano_usd"] for r in kept) == sum(u["inputTokens"] * 60 + u["outputTokens"] * 240 for u in told)
    assert len(kept) == len(mock.attempts()) and {r["tenant"] for r in kept} == {"default"}
    assert {(r["outcome"], r["provider"], r["surface"], r["attempts"]) for r in kept} == {("ok", "bedrock", "bedrock", 1)}


def test_failed_calls_are_in_it_and_cost_nothing_that_is_known(gateway):
    assert converse(gateway, "hello", "anthropic.claude-denied-v1:0").status_code == 403
    row, = rows(gateway, 1)
    assert row["outcome"] == "error" and row["nano_usd"] is None and row["output_tokens"] == 0


def test_rows_survive_a_kill(gateway, serve, mock):
    converse(gateway, "hello")
    before = rows(gateway, 1)
    gateway.kill()
    assert rows(gateway, 1) == before
