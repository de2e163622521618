"""moto in a process of its own: AWS's services as tests need them (STS, IAM, Secrets Manager, …) on 127.0.0.1."""
import os
import pathlib
import re
import subprocess
import sys

import boto3
import httpx

REGION = "us-east-1"


class Moto:
    """`url` is where every service answers. `verify_signatures()` makes moto check them against the keys that it gave out."""

    def __init__(self, log_path):
        self.log = open(log_path, "wb+")
        command = [str(pathlib.Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", "0"]
        environment = os.environ | {"INITIAL_NO_AUTH_ACTION_COUNT": "1000000", "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT, env=environment)
        self.url = self._wait_for_address()

    def _wait_for_address(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as tail:
            text = ""
            while not (found := re.search(r"Running on (http://127\.0\.0\.1:\d+)", text)):
                if self.process.poll() is not None:
                    raise AssertionError(f"moto ended with {self.process.returncode}:\n{text}")
                text += tail.read()
        return found[1]

    def client(self, service, key="setup", secret="setup", token=None):
        return boto3.client(service, endpoint_url=self.url, region_name=REGION, aws_access_key_id=key,
                            aws_secret_access_key=secret, aws_session_token=token)

    def reset(self):
        httpx.post(f"{self.url}/moto-api/reset").raise_for_status()

    def verify_signatures(self, verify=True):
        httpx.post(f"{self.url}/moto-api/reset-auth", content=b"0" if verify else b"1000000").raise_for_status()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        self.log.close()
