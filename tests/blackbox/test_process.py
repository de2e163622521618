"""The process: start, refusals, drain, TLS, logs."""
import json
import re
import socket
import sqlite3
import subprocess
import threading
import time

import httpx
import pytest

from harness import ROOT, Server


def test_health_and_ready_say_what_is_there(server):
    health = server.client.get("/health").json()
    assert health["status"] == "ok" and health["version"]
    ready = server.client.get("/ready").json()
    assert ready["status"] in ("ok", "degraded")


def test_every_answer_carries_the_callers_request_id(server):
    answer = server.client.get("/health", headers={"x-request-id": "caller-7"})
    assert answer.headers["x-request-id"] == "caller-7"
    answer = server.client.get("/nowhere")
    assert answer.status_code == 404
    assert answer.json()["error"]["request_id"] == answer.headers["x-request-id"]


def test_log_lines_carry_the_callers_trace(server):
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    server.client.get("/documents", headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01", "x-request-id": "traced-1"})
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        lines = [line for line in server.log_lines() if line.get("request_id") == "traced-1"]
        if lines:
            break
        time.sleep(0.05)
    assert lines and all(line["trace_id"] == trace for line in lines)


def test_port_in_use_is_said(serve, caprock, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        run = caprock("serve", "--listen", address, "--data", tmp_path / "d")
    assert run.returncode != 0
    assert address.split(":")[1] in run.stderr and "in use" in run.stderr


def test_data_folder_in_use_names_its_holder(serve, caprock):
    first = serve()
    run = caprock("serve", "--listen", "127.0.0.1:0", "--data", first.data)
    assert run.returncode != 0
    assert str(first.process.pid) in run.stderr and first.lock["address"] in run.stderr


def test_unwritable_data_folder_is_said(caprock, tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("not a folder")
    run = caprock("serve", "--listen", "127.0.0.1:0", "--data", blocker / "data")
    assert run.returncode != 0 and str(blocker) in run.stderr


def test_open_address_without_key_is_refused(caprock, tmp_path):
    run = caprock("serve", "--listen", "0.0.0.0:0", "--data", tmp_path / "d")
    assert run.returncode != 0
    assert "CAPROCK_API_KEY" in run.stderr or "api_keys" in run.stderr


def test_newer_schema_is_refused(serve, caprock):
    server = serve()
    server.stop()
    database = next(p for p in server.data.rglob("*.db"))
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE schema_versions SET version = 9999")
    connection.close()
    run = caprock("serve", "--listen", "127.0.0.1:0", "--data", server.data)
    assert run.returncode != 0 and "9999" in run.stderr and "newer" in run.stderr


def test_lock_file_is_for_its_owner_only(server):
    assert (server.data / "caprock.lock").stat().st_mode & 0o077 == 0


def test_key_is_required_once_configured(serve):
    server = serve(environment={"CAPROCK_API_KEY": "correct-horse"})
    assert server.client.get("/health").status_code == 200
    refused = server.client.get("/documents")
    assert refused.status_code == 401 and refused.json()["error"]["type"] == "unauthenticated"
    for headers in ({"authorization": "Bearer correct-horse"}, {"x-api-key": "correct-horse"}):
        assert server.client.get("/documents", headers=headers).status_code == 200
    assert server.client.get("/documents", headers={"x-api-key": "wrong"}).status_code == 401


@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"origin": "http://evil.example"}])
def test_pages_of_other_origins_cannot_post(server, headers):
    answer = server.client.post("/query", json={"query": "x"}, headers=headers)
    assert answer.status_code == 403, answer.text
    assert answer.json()["error"]["type"] == "permission_denied"


def test_sigterm_lets_a_running_request_finish(serve):
    server = serve()
    answers = []

    def slow_request():
        body = json.dumps({"content": "Slow but sure. " * 50}).encode()
        with socket.create_connection((server.lock["address"].split(":")[0], int(server.lock["address"].split(":")[1]))) as s:
            s.sendall(b"POST /documents/ingest?wait=true HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
                      b"content-length: %d\r\n\r\n" % len(body))
            s.sendall(body[:10])
            time.sleep(1)
            s.sendall(body[10:])
            answers.append(s.recv(65536))

    thread = threading.Thread(target=slow_request)
    thread.start()
    time.sleep(0.4)
    code = server.stop()
    thread.join()
    assert code == 0
    assert answers and answers[0].startswith(b"HTTP/1.1 20"), answers


def test_tls_serves_and_reloads_its_certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "cert.pem", folder / "key.pem"

    def issue(name):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", key, "-out", certificate, "-days", "2", "-subj", f"/CN={name}",
                        "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)

    def served_subject(port):
        run = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}"], input="", capture_output=True, text=True)
        return next(line for line in run.stdout.splitlines() if line.startswith("subject"))

    issue("first")
    settings = folder / "caprock.toml"
    settings.write_text(f'[server]\ntls_certificate = "{certificate}"\ntls_key = "{key}"\n')
    server = Server(folder, "--config", str(settings))
    server._wait_until_ready = lambda: None
    server.start()
    try:
        port = server.lock["address"].rsplit(":", 1)[1]
        answer = httpx.get(f"https://127.0.0.1:{port}/health", verify=False)
        assert answer.status_code == 200
        assert "first" in served_subject(port)
        issue("second")
        server.process.send_signal(1)
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline and "second" not in served_subject(port):
            time.sleep(0.05)
        assert "second" in served_subject(port)
        old = subprocess.run(["openssl", "s_client", "-tls1_1", "-connect", f"127.0.0.1:{port}"], input="", capture_output=True, text=True)
        assert old.returncode != 0
    finally:
        server.stop()


def test_metrics_are_prometheus_text(server):
    server.client.get("/health")
    text = server.client.get("/metrics").text
    assert "caprock_http_requests_total" in text
    assert "# TYPE" in text


def documented_series():
    """The names in the table of docs/operations.md; `process_*` stand for their siblings."""
    page = (ROOT / "docs" / "operations.md").read_text()
    table = page.split("| series | what |")[1].split("\n\n")[0]
    names = "\n".join(row.split("|")[1] for row in table.splitlines() if row.count("|") > 2)
    return re.findall(r"`([a-z][a-z0-9_]+)(?:\{([a-z_,]+)\})?`", names)


def test_documented_series_are_there_after_an_upload_a_question_and_calls_of_models(serve, bedrock_mock):
    nova, claude = "us.amazon.nova-lite-v1:0", "us.anthropic.claude-sonnet-4-20250514-v1:0"
    server = serve("--set", f"fallback.chains={claude}.fault.status-503 = {nova}", environment=bedrock_mock.environment)
    server.ingest("The keeper of the lighthouse wrote down the height of the tide.", source="tide.txt")
    server.query("Who wrote down the tide?")
    for model, count in ((nova, 1), (f"{claude}.fault.status-403", 1), (f"{claude}.fault.status-503", 6)):
        for _ in range(count):
            server.client.post("/v1/chat/completions", json={"model": model, "messages": [{"role": "user", "content": "Hi"}]})
    text = server.client.get("/metrics").text
    missing = []
    series = documented_series()
    assert len(series) > 8, series
    for name, labels in series:
        sample = re.search(rf"^{name}(?:_bucket|_count)?(?:\{{([^}}]*)\}})? ", text, re.M)
        kept = sample and all(f'{label}="' in (sample.group(1) or "") for label in labels.split(",") if label)
        if not kept:
            missing.append(name)
    assert missing == []


def test_metrics_that_are_switched_off_are_not_found(serve):
    server = serve(environment={"BEDROCK_METRICS_ENABLED": "false"})
    answer = server.client.get("/metrics")
    assert answer.status_code == 404 and "[metrics] enabled" in answer.json()["error"]["message"]


def test_limits_of_bodies_are_settings(serve):
    server = serve("--set", "server.max_upload=20 kB", "--set", "server.max_json_depth=3")
    refused = server.client.post("/documents/upload", files={"file": ("a.txt", b"x" * 30_000)})
    assert refused.status_code == 413 and "20000" in refused.json()["error"]["message"]
    deep = server.client.post("/query", json={"query": "x", "filter": {"and": [{"and": []}]}})
    assert deep.status_code == 400 and "3 levels" in deep.json()["error"]["message"]
