"""A mock in a process of its own, for tests."""
import os
import pathlib
import subprocess
import sys

import httpx

TESTS = pathlib.Path(__file__).resolve().parents[1]
ACCESS_KEY, SECRET_KEY, BEARER = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "mock-bedrock-api-key"


class RunningMock:
    def __init__(self, *arguments, verify=True):
        self.process = subprocess.Popen([sys.executable, "-m", "mock_bedrock", *map(str, arguments)], cwd=TESTS,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        assert self.url, "the mock did not start"
        self.client = httpx.Client(base_url=self.url, verify=verify)

    def stop(self):
        self.client.close()
        self.process.stdin.close()
        return self.process.wait(10)

    @property
    def environment(self):
        """What points any AWS SDK, and Caprock, at this mock."""
        return {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_ENDPOINT_URL": self.url, "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}

    def _post(self, path, body):
        self.client.post(f"/_mock/{path}", json=body).raise_for_status()

    def reset(self):
        self._post("reset", {})

    def attempts(self, **wanted):
        """The records of what was asked, oldest first; keywords choose: attempts(operation="Converse")."""
        records = self.client.get("/_mock/attempts").json()["attempts"]
        return [r for r in records if all(r[k] == v for k, v in wanted.items())]

    def forget_attempts(self):
        self.client.delete("/_mock/attempts").raise_for_status()

    def reply(self, **script):
        """reply(text="…", contains="in the question", model="…", times=1)"""
        self._post("replies", script)

    def fault(self, words, model="*"):
        self._post("faults", {"model": model, "fault": words})

    def credentials(self, **key):
        self._post("credentials", key)

    def clock(self, skew):
        """The mock's clock, seconds ahead of the true time."""
        self._post("clock", {"skew": skew})
