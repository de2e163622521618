"""Issued keys: what is open before the first, that every surface demands one after it, and that revoked ones end at once."""
import json
import os
import stat
import time

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

BODY = {"messages": [{"role": "user", "content": [{"text": "hi"}]}]}


def callers(client, **headers):
    ready = client.get("/ready", headers=headers).json()
    return next(d for d in ready["dependencies"] if d["name"] == "callers")


def create(caprock, server, *arguments):
    run = caprock("keys", "create", "--json", "--data", server.data, *arguments)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def aws(server, key, secret=None):
    return boto3.client("bedrock-runtime", region_name="eu-central-1", endpoint_url=server.url, aws_access_key_id=key["access_key_id"],
                        aws_secret_access_key=secret or key["secret_access_key"], config=Config(retries={"total_max_attempts": 1}))


def code_of(call, *arguments, **named):
    with pytest.raises(ClientError) as caught:
        call(*arguments, **named)
    response = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


def test_first_key_closes_every_surface(serve, caprock):
    server = serve()
    assert "open" in callers(server.client)["detail"]
    assert server.client.get("/documents").status_code == 200
    key = create(caprock, server, "--name", "first")
    assert set(key) == {"key_id", "api_key", "access_key_id", "secret_access_key"}
    for method, path in (("GET", "/documents"), ("GET", "/v1/models"), ("GET", "/keys"), ("POST", "/v1/chat/completions")):
        assert server.client.request(method, path, json={} if method == "POST" else None).status_code == 401, path
    for path in ("/model/m/converse", "/model/m/converse-stream"):
        assert server.client.post(path, json=BODY).status_code == 403, path
    for headers in ({"authorization": f"Bearer {key['api_key']}"}, {"x-api-key": key["api_key"]}):
        for path in ("/documents", "/v1/models", "/foundation-models"):
            assert server.client.get(path, headers=headers).status_code == 200, path
    assert callers(server.client)["detail"] == "a key is needed"
    text = server.log_text()
    assert key["api_key"] not in text and key["secret_access_key"] not in text


def test_plain_key_may_not_issue_keys_and_an_admin_may(serve, caprock):
    server = serve()
    plain, admin = create(caprock, server, "--name", "app"), create(caprock, server, "--name", "ops", "--admin")
    assert server.client.get("/keys", headers={"x-api-key": plain["api_key"]}).status_code == 403
    listed = server.client.get("/keys", headers={"x-api-key": admin["api_key"]}).json()["keys"]
    assert [k["name"] for k in listed] == ["app", "ops"]
    assert not any("secret" in name or name == "api_key" for k in listed for name in k)


def test_pair_signs_for_boto3_and_everything_wrong_is_one_refusal(serve, caprock):
    server = serve()
    key = create(caprock, server, "--name", "sdk")
    # Let in: what is missing is only the model.
    status, code, _ = code_of(aws(server, key).converse, modelId="nobody.has-this", **BODY)
    assert (status, code) == (400, "ValidationException")
    wrong = code_of(aws(server, key, "x" * 40).converse, modelId="m", **BODY)
    unknown = code_of(aws(server, key | {"access_key_id": "CPRKAAAAAAAAAAAAAAAA"}).converse, modelId="m", **BODY)
    assert wrong == unknown and wrong[:2] == (403, "InvalidSignatureException")


def test_revoked_key_ends_at_once_and_the_server_stays_closed(serve, caprock):
    server = serve()
    key = create(caprock, server, "--name", "short")
    headers = {"x-api-key": key["api_key"]}
    assert server.client.get("/documents", headers=headers).status_code == 200
    run = caprock("keys", "revoke", key["key_id"], "--data", server.data)
    began = time.monotonic()
    assert run.returncode == 0, run.stderr
    assert server.client.get("/documents", headers=headers).status_code == 401
    assert code_of(aws(server, key).converse, modelId="m", **BODY)[0] == 403
    assert time.monotonic() - began < 1
    assert server.client.get("/documents").status_code == 401, "no key is good any more, but nobody asked for an open server"
    assert "revoked" in caprock("keys", "list", "--data", server.data).stdout


def test_keys_survive_kill_and_a_lost_master_key_costs_only_signatures(serve, caprock):
    server = serve()
    key = create(caprock, server, "--name", "kept")
    master = server.data / "master.key"
    assert stat.S_IMODE(os.stat(master).st_mode) == 0o600
    assert key["secret_access_key"].encode() not in b"".join(p.read_bytes() for p in server.data.glob("caprock.db*"))
    server.kill()
    server.start_again()
    assert code_of(aws(server, key).converse, modelId="m", **BODY)[0] == 400
    server.stop()
    master.rename(server.data.parent / "moved")
    server.start_again()
    assert server.client.get("/documents", headers={"x-api-key": key["api_key"]}).status_code == 200
    assert code_of(aws(server, key).converse, modelId="m", **BODY)[0] == 403
    found = callers(server.client)
    assert found["status"] == "degraded" and "master key" in found["detail"]
    run = caprock("keys", "create", "--name", "another", "--data", server.data)
    assert run.returncode == 1 and "master.key" in run.stderr


def test_key_that_others_can_read_is_refused_at_start(serve, caprock):
    server = serve()
    create(caprock, server, "--name", "x")
    server.stop()
    (server.data / "master.key").chmod(0o644)
    run = caprock("serve", "--listen", "127.0.0.1:0", "--data", server.data)
    assert run.returncode != 0 and "chmod 600" in run.stderr


def test_command_works_alone_and_its_key_opens_a_reachable_address(serve, caprock, tmp_path):
    data = tmp_path / "d" / "data"
    run = caprock("keys", "create", "--name", "alone", "--json", "--data", data)
    assert run.returncode == 0, run.stderr
    key = json.loads(run.stdout)
    server = serve("--set", "server.listen=0.0.0.0:0", folder=data.parent)
    port = server.lock["address"].rsplit(":", 1)[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        assert client.get("/documents").status_code == 401
        assert client.get("/documents", headers={"x-api-key": key["api_key"]}).status_code == 200
