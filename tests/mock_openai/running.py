"""A mock in a process of its own, for tests."""
import pathlib
import subprocess
import sys

import httpx

TESTS = pathlib.Path(__file__).resolve().parents[1]
KEY = "mock-openai-key"


class RunningMock:
    def __init__(self):
        self.process = subprocess.Popen([sys.executable, "-m", "mock_openai"], cwd=TESTS, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        assert self.url, "the mock did not start"
        self.client = httpx.Client(base_url=self.url)

    def stop(self):
        self.client.close()
        self.process.stdin.close()
        return self.process.wait(10)

    @property
    def environment(self):
        """What points any OpenAI SDK, and Caprock, at this mock."""
        return {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{self.url}/v1"}

    def attempts(self, path=None):
        """What was asked, oldest first: {"path", "body", "aborted"}."""
        all_of_them = self.client.get("/_mock/attempts").json()
        return [a for a in all_of_them if path is None or a["path"] == path]

    def reply(self, message, finish, usage):
        """What everyone who asks is told until the next reset."""
        self.client.post("/_mock/reply", json={"message": message, "finish": finish, "usage": usage}).raise_for_status()

    def reset(self):
        self.client.delete("/_mock/attempts").raise_for_status()
