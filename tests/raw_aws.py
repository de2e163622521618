"""What a stock boto3 client would send, taken off it before it leaves, and sent by plain sockets: for tests that look at bytes."""
import http.client
import re
import urllib.parse

import boto3
from botocore.config import Config


class Intercepted(Exception):
    pass


def requests_of(url, access_key="AKIDEXAMPLE", secret_key="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"):
    """call → (method, target, headers, body) as boto3 makes and signs it for `url`."""
    clients = {}

    def made(call):
        service = call["service"]
        if service not in clients:
            clients[service] = boto3.client(service, region_name="us-east-1", endpoint_url=url, aws_access_key_id=access_key, aws_secret_access_key=secret_key,
                                            config=Config(retries={"total_max_attempts": 1}))
        seen = []

        def keep(request, **_):
            seen.append(request)
            raise Intercepted

        client = clients[service]
        client.meta.events.register("before-send", keep, unique_id="keep")
        try:
            getattr(client, re.sub(r"(?<!^)(?=[A-Z])", "_", call["operation"]).lower())(**call["input"])
        except Intercepted:
            pass
        finally:
            client.meta.events.unregister("before-send", unique_id="keep")
        parts = urllib.parse.urlsplit(seen[0].url)
        headers = {k: v.decode() if isinstance(v, bytes) else v for k, v in seen[0].headers.items()}
        headers.pop("Expect", None)
        return seen[0].method, parts.path + (f"?{parts.query}" if parts.query else ""), headers, seen[0].body or b""

    return made


def send(url, request, timeout=20):
    """{status, headers, body, whole}: the body as far as it came, and whether HTTP says that this was all."""
    method, target, headers, body = request
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=timeout)
    try:
        connection.request(method, target, body, headers)
        answer = connection.getresponse()
        said = {k.lower(): v for k, v in answer.getheaders()}
        try:
            return {"status": answer.status, "headers": said, "body": answer.read(), "whole": True}
        except http.client.IncompleteRead as cut:
            return {"status": answer.status, "headers": said, "body": cut.partial, "whole": False}
        except ConnectionError:
            return {"status": answer.status, "headers": said, "body": None, "whole": False}
    finally:
        connection.close()
