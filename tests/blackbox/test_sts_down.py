"""A role's session under load while STS is refused, fails, or answers: no request fails as long as the session holds."""
import concurrent.futures
import datetime
import http.server
import json
import threading
import time
import urllib.parse

import pytest

from mock_bedrock.cases import CLAUDE

MOCK = "bedrock_mock"
_XML = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>{key}</AccessKeyId>
<SecretAccessKey>{secret}</SecretAccessKey><SessionToken>{token}</SessionToken><Expiration>{expires}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""
_ERROR = '<ErrorResponse><Error><Type>Receiver</Type><Code>ServiceUnavailable</Code><Message>down</Message></Error></ErrorResponse>'
BODY = {"messages": [{"role": "user", "content": [{"text": "Hi"}]}]}


class Sts:
    """Hands out sessions that the mock of Bedrock knows; `down` makes it fail. Counts what it was asked."""

    def __init__(self, mock, seconds):
        self.mock, self.seconds, self.given, self.refused, self.down = mock, seconds, 0, 0, False
        sts = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                asked = urllib.parse.parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
                status, text = sts.answer(asked)
                self.send_response(status)
                self.send_header("content-length", str(len(text)))
                self.send_header("content-type", "text/xml")
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, asked):
        assert asked["Action"] == ["AssumeRole"], asked
        if self.down:
            self.refused += 1
            return 503, _ERROR
        self.given += 1
        expires = time.time() + self.seconds
        session = {"key": f"ASIASESSION{self.given}", "secret": f"secret-{self.given}", "token": f"token-{self.given}"}
        self.mock.credentials(access_key_id=session["key"], secret_access_key=session["secret"], session_token=session["token"], expires=expires)
        stamp = datetime.datetime.fromtimestamp(expires, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        return 200, _XML.format(expires=stamp, **session)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def sts(mock):
    mock.reset()
    running = Sts(mock, seconds=15)
    yield running
    running.stop()


def until(condition, what):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def test_valid_session_outlives_an_sts_that_is_down(serve, mock, sts):
    """It is renewed when a half to two thirds of it have passed (docs/decisions/0910), and after a failure within a second or two."""
    server = serve("--set", "aws.role_arn=arn:aws:iam::123456789012:role/gateway", environment=mock.environment | {"AWS_ENDPOINT_URL_STS": sts.url})
    ask = f"/model/{CLAUDE.replace(':', '%3A')}/converse"
    assert server.client.post(ask, json=BODY).status_code == 200
    sts.down = True
    before, statuses = sts.refused, []
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        while sts.refused < before + 2 or len(statuses) < 200:
            statuses += pool.map(lambda _: server.client.post(ask, json=BODY).status_code, range(8))
            assert len(statuses) < 100_000, "STS was never asked again"
            time.sleep(0.02)  # load enough
    assert statuses == [200] * len(statuses), {s: statuses.count(s) for s in set(statuses)}
    given = sts.given
    sts.down = False
    until(lambda: sts.given > given, "nobody asked STS again when it was back")
    newest = f"ASIASESSION{sts.given}"

    def renewed():
        assert server.client.post(ask, json=BODY).status_code == 200
        return mock.attempts()[-1]["auth"]["key"] == newest

    mock.forget_attempts()
    until(renewed, "the new session was not used")
    assert json.dumps(server.log_lines()).count("secret-") == 0
