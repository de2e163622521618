"""The binary, and servers of it on free ports with data folders of their own."""
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import time

import httpx
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
BINARY = pathlib.Path(os.environ.get("CAPROCK_BINARY", ROOT / "build/release/caprock"))
DATA = pathlib.Path(os.environ.get("CAPROCK_TEST_DATA", ROOT.parent / "shared" / "data"))
START_SECONDS = 20


def needs_data(*parts):
    """Skips the test where the shared data is absent; else gives the path."""
    path = DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{path} is not here: real documents are only beside the project's own checkout")
    return path


def clean_environment(home):
    """What a new user has: none of our variables, and a home of the test's own. But one attempt a request, so that a test
    sees the fault that it ordered; test_gateway.py is about the others."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CAPROCK_", "AWS_", "BEDROCK_", "OPENAI_", "OPENROUTER_", "XDG_"))}
    return kept | {"HOME": str(home), "XDG_DATA_HOME": str(home / "data"), "CAPROCK_RETRY_MAX_ATTEMPTS": "1"}


class Server:
    """A running server. `stop()` drains it; `kill()` is kill -9."""

    def __init__(self, folder, *arguments, environment=None, files=()):
        self.data = folder / "data"
        self.log_path = folder / "server.log"
        self.arguments = [str(BINARY), "serve", "--listen", "127.0.0.1:0", "--data", str(self.data), *arguments]
        self.environment = clean_environment(folder) | (environment or {})
        self.process = None

    def start(self):
        self.log = open(self.log_path, "ab")
        started = time.monotonic()
        self.process = subprocess.Popen(self.arguments, stdout=self.log, stderr=self.log, env=self.environment)
        self.lock = self._wait_for_lock()
        self.url = f"http://{self.lock['address']}"
        self.client = httpx.Client(base_url=self.url, timeout=60)
        self._wait_until_ready()
        self.start_seconds = time.monotonic() - started
        return self

    def _alive(self):
        code = self.process.poll()
        if code is not None:
            raise AssertionError(f"the server ended with {code}:\n{self.log_text()}")

    def _wait_for_lock(self):
        deadline = time.monotonic() + START_SECONDS
        path = self.data / "caprock.lock"
        while time.monotonic() < deadline:
            self._alive()
            with contextlib.suppress(OSError, ValueError, KeyError):
                lock = json.loads(path.read_text())
                if lock["pid"] == self.process.pid and lock["address"]:
                    return lock
            time.sleep(0.01)
        raise AssertionError(f"no lock file after {START_SECONDS} s:\n{self.log_text()}")

    def _wait_until_ready(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            self._alive()
            with contextlib.suppress(httpx.HTTPError):
                if self.client.get("/ready").status_code == 200:
                    return
            time.sleep(0.01)
        raise AssertionError(f"not ready after {START_SECONDS} s:\n{self.log_text()}")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.client.close()

    def start_again(self):
        """On the address it had before."""
        self.arguments[self.arguments.index("--listen") + 1] = self.lock["address"]
        return self.start()

    def stop(self, seconds=40):
        """SIGTERM; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the server did not stop within {seconds} s:\n{self.log_text()}") from None
        self.client.close()
        self.log.close()
        return code

    def log_text(self):
        return self.log_path.read_text(errors="replace")[-4000:]

    def log_lines(self):
        return [json.loads(line) for line in self.log_path.read_text().splitlines() if line.startswith("{")]

    # What most tests do.
    def ingest(self, content, **fields):
        answer = self.client.post("/documents/ingest?wait=true", json={"content": content} | fields)
        assert answer.status_code in (200, 202), answer.text
        return answer.json()

    def query(self, query, **fields):
        answer = self.client.post("/query", json={"query": query} | fields)
        assert answer.status_code == 200, answer.text
        return answer.json()
