"""OpenAI's client for JavaScript besides conversations (those: tests/compatibility): embeddings, models, its helpers, its errors."""
import json
import subprocess

import pytest

from mock_bedrock.agreement import CLIENTS, node

CLAUDE = "bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0"


@pytest.mark.skipif(not (CLIENTS / "node_modules").exists(), reason="scripts/node_env.sh has not installed tests/clients")
@pytest.mark.parametrize("path", ["/v1", "/openai/v1"])
def test_everything_besides_conversations(served_by_both, path):
    job = {"url": served_by_both.url + path, "model": CLAUDE, "embedding": "openai/text-embedding-3-small"}
    done = subprocess.run([node(), "openai_rest.mjs"], cwd=CLIENTS, input=json.dumps(job), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    out = json.loads(done.stdout)
    assert {"extractive", "openai/echo", CLAUDE} <= set(out["models"]) and out["owner"]
    assert out["dimensions"] == [1536, 1536] and out["tokens"] == 4
    assert isinstance(out["chat"]["n"], int) and isinstance(out["response"]["n"], int)
    assert out["streamed"] == "You said: Hello"
    assert out["unknown_model"]["kind"] == out["earlier"]["kind"] == "NotFoundError"
    assert out["stored"] == {"kind": "BadRequestError", "status": 400, "param": "store", "code": None}
    assert (out["field"]["kind"], out["field"]["param"]) == ("BadRequestError", "input")
