"""Runs every client's driver against Caprock in front of the mock of Bedrock, and sorts what arrived there."""
import concurrent.futures
import json
import os
import re
import subprocess
import time

from harness import BINARY, ROOT, Server, clean_environment
from mock_bedrock import claude
from mock_bedrock.running import RunningMock

from .features import FEATURES

SIDE_BY_SIDE = 3
_MARKER = re.compile(r"\[([\w-]+)/([\w ]+)\]")


def certificate(folder):
    paths = folder / "cert.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-out", paths[0],
                    "-keyout", paths[1], "-subj", "/CN=caprock", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return paths


def issue_key(server, folder):
    done = subprocess.run([BINARY, "keys", "create", "--name", "clients", "--json", "--data", server.data], env=clean_environment(folder),
                          capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


class Proof:
    """Two servers in front of one mock, in the clear and over TLS, both with a key; and what every client saw."""

    def __init__(self, folder, clients):
        self.folder, self.clients = folder, clients
        self.mock = RunningMock()
        self.servers = []

    def run(self):
        cert, key = certificate(self.folder)
        plain = self._serve("plain")
        secure = self._serve("secure", "--set", f"server.tls_certificate={cert}", "--set", f"server.tls_key={key}")
        known = {"url": plain.url, "secure": secure.url.replace("http:", "https:"), "certificate": str(cert)}
        keys = {"url": issue_key(plain, self.folder), "secure": issue_key(secure, self.folder)}
        with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            runs = {client.key: pool.submit(self._drive, client, known, keys) for client in self.clients}
        self.outcomes = {key: run.result() for key, run in runs.items()}
        self.metrics = plain.client.get("/metrics", headers={"x-api-key": keys["url"]["api_key"]}).text
        self.records = self._records()

    def stop(self):
        codes = [server.stop() for server in self.servers]
        assert self.mock.stop() == 0
        assert codes == [0] * len(codes), codes

    def _serve(self, name, *arguments):
        (self.folder / name).mkdir()
        server = Server(self.folder / name, *arguments, environment=self.mock.environment)
        self.servers.append(server)
        if arguments:
            server._wait_until_ready = lambda: None  # it asks in the clear
        return server.start()

    def _drive(self, client, known, keys):
        """feature → outcomes, or the text of what went wrong with the driver itself."""
        secure = any("{secure}" in value for value in client.environment.values())
        values = known | keys["secure" if secure else "url"]
        environment = clean_environment(self.folder) | {name: value.format(**values) for name, value in client.environment.items()}
        environment |= {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_MAX_ATTEMPTS": "1", "AWS_CONFIG_FILE": os.devnull,
                        "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true", "PYTHONPATH": str(ROOT / "tests")}
        asked = [(f.name, f.calls(client.marker(f.name))) for f in FEATURES if f.name not in client.cannot]
        job = {"calls": [call for _, calls in asked for call in calls]}
        done = subprocess.run(client.command, cwd=ROOT / "tests", input=json.dumps(job), capture_output=True, text=True, timeout=180, env=environment)
        if done.returncode != 0:
            return f"the driver ended with {done.returncode}:\n{done.stderr[-3000:]}"
        outcomes = iter(json.loads(done.stdout))
        return {name: [next(outcomes) for _ in calls] for name, calls in asked}

    def _records(self):
        """(client, feature) → what the mock was asked, with Claude's own bodies in Converse's words; none is still open."""
        deadline = time.monotonic() + 10
        while (attempts := self.mock.attempts()) and any(r["end"] == "open" for r in attempts) and time.monotonic() < deadline:
            time.sleep(0.1)
        found = {}
        for record in attempts:
            if marker := _MARKER.search(json.dumps(record["body"])):
                record["converse"] = claude.to_converse(record["body"]) if record["operation"].startswith("Invoke") else record["body"]
                found.setdefault(marker.groups(), []).append(record)
        return found
