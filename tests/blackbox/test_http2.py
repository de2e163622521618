"""HTTP/2 by clients that we did not write: curl, httpx, node's http2 module, and hyper-h2 for what none of them would do."""
import concurrent.futures
import contextlib
import json
import re
import signal
import socket
import subprocess
import time

import h2.config
import h2.connection
import httpx
import hyperframe.frame

from harness import ROOT, Server

NODE = ROOT / "tests/clients/node/node_modules/.bin/node"


def node(scenario, url, *arguments):
    run = subprocess.run([str(NODE) if NODE.exists() else "node", str(ROOT / "tests/clients/http2.mjs"), scenario, url, *arguments],
                         capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def curl(*arguments, stdin=None):
    run = subprocess.run(["curl", "-sS", "--max-time", "60", *arguments], input=stdin, capture_output=True)
    assert run.returncode == 0, run.stderr.decode()
    return run.stdout


def http2_client(server):
    return httpx.Client(http1=False, http2=True, base_url=server.url, timeout=60)


def metric(server, series):
    text = server.client.get("/metrics").text
    found = re.search(rf"^{re.escape(series)} (\S+)$", text, re.M)
    return float(found.group(1)) if found else 0.0


class RawClient:
    """A connection of hyper-h2's, for frames that no honest client sends."""

    def __init__(self, server):
        self.host = server.lock["address"]
        self.socket = socket.create_connection(self.host.split(":"), timeout=20)
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
        self.h2.initiate_connection()
        self.goaway = None
        self.flush()

    def flush(self):
        self.socket.sendall(self.h2.data_to_send())

    def headers(self, *extra, method="GET", path="/health"):
        return [(":method", method), (":scheme", "http"), (":path", path), (":authority", self.host), *extra]

    def until_closed(self):
        """Reads to the end; the code of GOAWAY."""
        received = b""
        try:
            while piece := self.socket.recv(65536):
                received += piece
        except ConnectionResetError:
            pass
        while len(received) >= 9:
            frame, length = hyperframe.frame.Frame.parse_frame_header(memoryview(received[:9]))
            frame.parse_body(memoryview(received[9:9 + length]))
            if isinstance(frame, hyperframe.frame.GoAwayFrame):
                self.goaway = frame.error_code
            received = received[9 + length:]
        return self.goaway


def test_curl_asks_with_prior_knowledge(server):
    asked = curl("--http2-prior-knowledge", "-w", "\n%{http_version} %{http_code}", server.url + "/health").decode()
    body, last = asked.rsplit("\n", 1)
    assert last == "2 200" and json.loads(body)["status"] == "ok"
    assert curl("-w", "%{http_version}", "-o", "/dev/null", server.url + "/health") == b"1.1"


def test_large_bodies_go_up_and_down(server, tmp_path):
    text = "".join(f"Line {i} says that the pump was serviced on day {i % 365}.\n" for i in range(40_000))
    file = tmp_path / "large.txt"
    file.write_text(text)
    answer = json.loads(curl("--http2-prior-knowledge", "-F", f"files=@{file}", server.url + "/documents/upload"))
    document = answer["documents"][0]["document"]["id"]
    assert curl("--http2-prior-knowledge", f"{server.url}/documents/{document}/content").decode() == text
    with http2_client(server) as client:
        answer = client.post("/documents/upload", files={"file": ("other.txt", text)})
        assert answer.status_code == 202 and answer.http_version == "HTTP/2", answer.text
        other = answer.json()["documents"][0]["document"]["id"]
        assert client.get(f"/documents/{other}/content").text == text
    cancelled = node("cancel", server.url, f"/documents/{document}/content")
    assert cancelled == {"code": 8, "status": 200}


def test_hundred_streams_on_one_connection(server):
    assert node("hundred", server.url) == {"good": 100, "most": 100}


def test_events_are_streamed(server):
    server.ingest("The shaft seal is greased every 500 hours.", title="Pump")
    told = node("events", server.url)
    assert told["status"] == 200 and told["events"][0] == "start" and told["events"][-1] == "done", told
    assert told["pieces"] > 1, told


def test_errors_have_the_shape_of_their_surface(server):
    with http2_client(server) as client:
        answer = client.post("/query", json={"query": ""})
        assert answer.status_code == 400 and answer.json()["error"]["field"] == "query"
        too_large = client.post("/query", content=b"x" * 26_000_000)
        assert too_large.status_code == 413, too_large.text
        assert client.get("/health", headers={"host": "evil.example"}).status_code == 403
        assert client.get("/health").status_code == 200


def test_log_and_metrics_say_the_protocol(server):
    with http2_client(server) as client:
        client.get("/documents", headers={"x-request-id": "by-http2"})
    deadline = time.monotonic() + 5
    lines = []
    while not lines and time.monotonic() < deadline:
        lines = [line for line in server.log_lines() if line.get("request_id") == "by-http2"]
        time.sleep(0.02)
    assert lines and lines[-1]["protocol"] == "HTTP/2"
    assert metric(server, 'caprock_http_protocol_requests_total{protocol="HTTP/2"}') >= 1


def test_rapid_reset_ends_the_connection_and_others_are_served(server):
    before = metric(server, 'caprock_http2_faults_total{reason="resets"}')
    with http2_client(server) as other, concurrent.futures.ThreadPoolExecutor(1) as pool:
        flood = pool.submit(node, "rapid", server.url)
        answered = 0
        while not flood.done():
            assert other.get("/health").status_code == 200
            answered += 1
        told = flood.result()
    assert told["goaway"] == 11 and told["sent"] < 20_000, told  # ENHANCE_YOUR_CALM
    assert answered > 0
    assert metric(server, 'caprock_http2_faults_total{reason="resets"}') == before + 1


def test_header_bomb_ends_the_connection_and_others_are_served(server):
    with http2_client(server) as other:
        assert other.get("/health").status_code == 200
        client = RawClient(server)
        block = client.h2.encoder.encode(client.headers(("x", "a" * 3000)))
        frame = hyperframe.frame.HeadersFrame(1, block + b"\xbe" * 12_000, flags=["END_HEADERS", "END_STREAM"])
        client.socket.sendall(frame.serialize())
        assert client.until_closed() == 11
        endless = RawClient(server)
        endless.socket.sendall(hyperframe.frame.HeadersFrame(1, block).serialize())
        with contextlib.suppress(OSError):
            for _ in range(1000):
                endless.socket.sendall(hyperframe.frame.ContinuationFrame(1, b"\xbe" * 16_000).serialize())
        assert endless.until_closed() in (11, None)  # None: the reset of the connection overtook it
        assert other.get("/health").status_code == 200
    assert metric(server, 'caprock_http2_faults_total{reason="header_bomb"}') >= 1


def test_drain_finishes_what_runs(serve):
    server = serve()
    address = server.lock["address"].split(":")
    body = json.dumps({"content": "Greased every 500 hours.", "title": "Pump"}).encode()

    def is_listening():
        with contextlib.suppress(OSError), socket.create_connection(address, timeout=1):
            return True
        return False

    def slowly():
        yield body[:10]
        server.process.send_signal(signal.SIGTERM)
        while is_listening():
            time.sleep(0.01)
        yield body[10:]

    with http2_client(server) as client:
        answer = client.post("/documents/ingest", content=slowly(), headers={"content-type": "application/json"})
        assert answer.status_code == 202 and answer.json()["title"] == "Pump", answer.text
        assert server.process.wait(20) == 0


def test_alpn_chooses_http2(serve, tmp_path):
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
                    "-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    server = Server(tmp_path, "--set", f"server.tls_certificate={certificate}", "--set", f"server.tls_key={key}")
    server._wait_until_ready = lambda: None
    server.start()
    try:
        url = "https://" + server.lock["address"]
        ask = ["-k", "-o", "/dev/null", "-w", "%{http_version} %{http_code}", url + "/health"]
        assert curl(*ask) == b"2 200"
        assert curl("--http1.1", *ask) == b"1.1 200"
        assert curl("--no-alpn", *ask) == b"1.1 200"
        told = node("get", url)
        assert told["protocol"] == "h2" and told["status"] == 200
        with httpx.Client(http2=True, verify=False) as client:
            assert client.get(url + "/health").http_version == "HTTP/2"
    finally:
        assert server.stop() == 0
