"""The same calls by boto3 and by AWS's SDK for JavaScript, and what came of each in common terms."""
import base64
import datetime
import json
import pathlib
import re
import subprocess

import boto3
from botocore.config import Config
from botocore.eventstream import ParserError
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from .running import ACCESS_KEY, SECRET_KEY

CLIENTS = pathlib.Path(__file__).resolve().parents[1] / "clients"
STREAMS = ("ConverseStream", "InvokeModelWithResponseStream")


def node():
    own = CLIENTS / "node/node_modules/.bin/node"
    return str(own) if own.exists() else "node"


def run_js(url, calls, handler, **job):
    if not (CLIENTS / "node_modules").exists():
        raise AssertionError("tests/clients is not installed: scripts/node_env.sh")
    given = {"url": url, "handler": handler, "accessKeyId": ACCESS_KEY, "secretAccessKey": SECRET_KEY, "calls": calls} | job
    done = subprocess.run([node(), "aws.mjs"], cwd=CLIENTS, input=json.dumps(given), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return [_js_error(outcome) for outcome in json.loads(done.stdout)]


def _js_error(outcome):
    if "error" in outcome:
        name, said = outcome["error"]["name"], outcome["error"]["message"]
        # Where a stream breaks each SDK has words of its own; that it broke is what they have to agree on.
        known = re.fullmatch(r"\w+Exception", name)
        outcome["error"] = {"kind": name, "message": said} if known else {"kind": "broken", "message": f"{name}: {said}"}
    return outcome


def run_boto3(url, calls, **settings):
    clients = {}
    return [_one(url, call, clients, settings) for call in calls]


def client(url, service, header=None, attempts=1, key=ACCESS_KEY, secret=SECRET_KEY, read_timeout=10, **more):
    made = boto3.client(service, region_name="us-east-1", endpoint_url=url, aws_access_key_id=key, aws_secret_access_key=secret,
                        config=Config(retries={"total_max_attempts": attempts, "mode": "standard"}, read_timeout=read_timeout), **more)
    if header:
        made.meta.events.register("before-call", lambda params, **_: params["headers"].__setitem__("x-mock-fault", header))
    return made


def _one(url, call, clients, settings):
    out = {"events": []}
    key = (call["service"], call.get("header"))
    if key not in clients:
        clients[key] = client(url, *key, **settings)
    method = re.sub(r"(?<!^)(?=[A-Z])", "_", call["operation"]).lower()
    try:
        answer = getattr(clients[key], method)(**revived(call["input"]))
        out["status"] = answer.pop("ResponseMetadata")["HTTPStatusCode"]
        if call["operation"] in STREAMS:
            for event in answer["stream" if "stream" in answer else "body"]:
                out["events"].append(plain(event))
        else:
            if "body" in answer:
                answer["body"] = json.loads(answer["body"].read())
            out["answer"] = plain(answer)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        out["error"] = {"kind": code[0].upper() + code[1:], "message": error.response["Error"].get("Message", "")}
        out.setdefault("status", error.response.get("ResponseMetadata", {}).get("HTTPStatusCode"))
    except (BotoCoreError, HTTPError, ParserError) as error:
        out["error"] = {"kind": "broken", "message": f"{type(error).__name__}: {error}"}
    return out


def plain(value):
    if isinstance(value, (bytes, bytearray)):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return value


def revived(value):
    if isinstance(value, dict):
        return base64.b64decode(value["$bytes"]) if "$bytes" in value else {k: revived(v) for k, v in value.items()}
    return [revived(item) for item in value] if isinstance(value, list) else value
