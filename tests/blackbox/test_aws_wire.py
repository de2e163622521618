"""src/aws beside botocore, which is the truth of the wire: signatures, endpoints, event streams, what is retried."""
import datetime
import hashlib
import json
import string
import struct
import subprocess
import zlib
from urllib.parse import quote

import awscrt.auth
import awscrt.http
import botocore.auth
import botocore.endpoint_provider
import botocore.eventstream
import botocore.loaders
import botocore.retries.standard
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from harness import BINARY

PROBE = BINARY.parent / "src/aws/aws_probe"
LOADER = botocore.loaders.Loader()
SERVICES = {
    "bedrock_runtime": "bedrock-runtime", "bedrock": "bedrock", "bedrock_agent_runtime": "bedrock-agent-runtime",
    "sts": "sts", "secrets_manager": "secretsmanager", "sso": "sso", "sso_oidc": "sso-oidc", "s3": "s3",
    "s3vectors": "s3vectors", "dynamodb": "dynamodb",
}


@pytest.fixture(scope="module")
def probe():
    """Asks the probe one thing."""
    process = subprocess.Popen([str(PROBE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(**request):
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    yield ask
    process.stdin.close()
    assert process.wait(timeout=10) == 0


# ── signatures ───────────────────────────────────────────────────────────────────────────────────────────────────
labels = st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=20)
anything = st.text(st.characters(blacklist_categories=("Cs",)), max_size=20)
encoded = anything.map(lambda s: quote(s, safe="-._~"))
segments = st.one_of(encoded, st.sampled_from(["", ".", "..", "a:b", "x+y", "..."]))
paths = st.lists(segments, max_size=6).map(lambda parts: "/" + "/".join(parts))
queries = st.lists(st.tuples(encoded.filter(bool), encoded), max_size=6)
SPECIAL = {"date", "authorization", "host", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"}
names = st.text(string.ascii_letters + string.digits + "-_!#$%&'*+.^`|~", min_size=1, max_size=16)
printable = "".join(chr(c) for c in range(0x20, 0x7F))
header_names = st.one_of(names, st.sampled_from(["Content-Type", "User-Agent", "TE", "X-Amzn-Trace-Id", "amz-sdk-request",
                                                 "Expect", "Connection", "X-Amz-Target"]))
headers = st.lists(st.tuples(header_names.filter(lambda n: n.lower() not in SPECIAL), st.text(printable, max_size=40)), max_size=8)
secrets = st.text(string.ascii_letters + string.digits + "/+=", min_size=1, max_size=100)
moments = st.datetimes(datetime.datetime(2000, 1, 1), datetime.datetime(2099, 12, 31)).map(lambda t: t.replace(microsecond=0))


def signed_by_botocore(monkeypatch, request, moment):
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *a, **k: moment)
    query = "&".join(f"{k}={v}" for k, v in request["params"])
    url = f"https://{request['host']}{request['path']}" + (f"?{query}" if query else "")
    aws = AWSRequest(method=request["method"], url=url, data=request["body"])
    for name, value in request["headers"]:
        aws.headers.add_header(name, value)
    keys = Credentials(request["id"], request["secret"], request["token"] or None)
    scheme = botocore.auth.S3SigV4Auth if request["service"] == "s3" else botocore.auth.SigV4Auth
    scheme(keys, request["service"], request["region"]).add_auth(aws)
    return aws.headers["Authorization"], query


@settings(max_examples=2000, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH"]), host=labels, path=paths, params=queries, headers=headers,
       body=st.binary(max_size=200), identifier=st.text(string.ascii_uppercase + string.digits, min_size=1, max_size=20),
       secret=secrets, token=st.one_of(st.just(""), secrets), region=labels, service=labels, moment=moments)
@example(method="POST", host="h", path="/", params=[], headers=[("A", " x   y "), ("a", "z"), ("A", "")], body=b"", identifier="I",
         secret="s", token="", region="r", service="bedrock", moment=datetime.datetime(2026, 1, 2, 3, 4, 5))
def test_signature_is_botocores_and_verifies(probe, monkeypatch, method, host, path, params, headers, body, identifier, secret, token,
                                             region, service, moment):
    request = {"method": method, "host": host, "path": path, "params": params, "headers": headers, "body": body, "id": identifier,
               "secret": secret, "token": token, "region": region, "service": service}
    expected, query = signed_by_botocore(monkeypatch, request, moment)
    now = int(moment.replace(tzinfo=datetime.timezone.utc).timestamp())
    line = request | {"op": "sign", "body": body.hex(), "query": query, "now": now}
    got = probe(**line)
    assert got["authorization"] == expected
    assert got["date"] == moment.strftime("%Y%m%dT%H%M%SZ")

    received = list(headers) + [("X-Amz-Date", got["date"])] + ([("X-Amz-Security-Token", token)] if token else [])
    check = line | {"op": "verify", "headers": received, "authorization": expected, "now": now + 299}
    assert probe(**check) == {"ok": True, "why": ""}
    assert not probe(**(check | {"body": (body + b"x").hex()}))["ok"]
    assert not probe(**(check | {"secret": secret + "x"}))["ok"]
    assert not probe(**(check | {"method": "HEAD"}))["ok"]


@settings(max_examples=300, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(path=paths, params=queries, headers=headers, body=st.binary(max_size=200), token=st.one_of(st.just(""), secrets))
def test_signature_for_s3_is_botocores(probe, monkeypatch, path, params, headers, body, token):
    moment = datetime.datetime(2026, 1, 2, 3, 4, 5)
    request = {"method": "PUT", "host": "bucket", "path": path, "params": params, "headers": headers, "body": body, "id": "AK",
               "secret": "s", "token": token, "region": "eu-west-1", "service": "s3"}
    expected, query = signed_by_botocore(monkeypatch, request, moment)
    now = int(moment.replace(tzinfo=datetime.timezone.utc).timestamp())
    assert probe(**(request | {"op": "sign", "body": body.hex(), "query": query, "now": now}))["authorization"] == expected


raw = st.text("abc:/;,@$!*'()", max_size=5)
loose_queries = st.lists(st.tuples(encoded.filter(bool), st.one_of(encoded, encoded.map(str.lower), raw)), max_size=4)
loose_headers = st.lists(st.tuples(st.sampled_from(["My-Header", "my-header", "X-B"]), st.text(' \t"ab', max_size=12)), max_size=4)


@settings(max_examples=500, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(path=paths, params=loose_queries, headers=loose_headers, body=st.binary(max_size=50))
def test_what_awss_own_c_library_signs_verifies(probe, path, params, headers, body):
    """Escapes in lower case, characters that need none, tabs: what botocore's signer never meets."""
    moment = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
    query = "&".join(f"{k}={v}" for k, v in params)
    request = awscrt.http.HttpRequest("POST", path + (f"?{query}" if query else ""))
    request.headers.add("Host", "h")
    for name, value in headers:
        request.headers.add(name, value)
    signed = awscrt.auth.aws_sign_request(request, awscrt.auth.AwsSigningConfig(
        algorithm=awscrt.auth.AwsSigningAlgorithm.V4, signature_type=awscrt.auth.AwsSignatureType.HTTP_REQUEST_HEADERS,
        credentials_provider=awscrt.auth.AwsCredentialsProvider.new_static("AK", "secret"), region="us-east-1",
        service="bedrock", date=moment, use_double_uri_encode=True, should_normalize_uri_path=True,
        signed_body_value=hashlib.sha256(body).hexdigest())).result()
    sent = list(signed.headers)
    got = probe(op="verify", method="POST", host="h", path=path, query=query, body=body.hex(), region="us-east-1",
                service="bedrock", now=int(moment.timestamp()), secret="secret",
                headers=[(n, v) for n, v in sent if n not in ("Authorization", "Host")],
                authorization=next(v for n, v in sent if n == "Authorization"))
    assert got == {"ok": True, "why": ""}


# ── endpoints ────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("service", SERVICES)
def test_endpoints_are_those_of_the_rule_sets(probe, service):
    partitions = LOADER.load_data("partitions")
    name = SERVICES[service]
    provider = botocore.endpoint_provider.EndpointProvider(LOADER.load_service_model(name, "endpoint-rule-set-1"), partitions)
    metadata = LOADER.load_service_model(name, "service-2")["metadata"]
    regions = [r for p in partitions["partitions"] for r in p["regions"] if not r.endswith("-global")]
    assert len(regions) > 40
    for region in regions:
        for fips in (False, True):
            for dual_stack in (False, True):
                got = probe(op="endpoint", service=service, region=region, fips=fips, dual_stack=dual_stack)
                try:
                    expected = provider.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual_stack).url
                except Exception:
                    assert "error" in got, (region, fips, dual_stack, got)
                    continue
                assert got.get("url") == expected, (region, fips, dual_stack)
                assert got["signing_name"] == metadata.get("signingName", metadata["endpointPrefix"])


# ── event streams ────────────────────────────────────────────────────────────────────────────────────────────────
WIRE_TYPES = {"bool": None, "int8": (2, ">b"), "int16": (3, ">h"), "int32": (4, ">i"), "int64": (5, ">q"), "time": (8, ">q")}


def written_header(name, kind, value):
    start = bytes([len(name.encode())]) + name.encode()
    if kind == "bool":
        return start + bytes([0 if value else 1])
    if kind in WIRE_TYPES:
        number, layout = WIRE_TYPES[kind]
        return start + bytes([number]) + struct.pack(layout, value)
    if kind == "uuid":
        return start + bytes([9]) + value
    data = value if kind == "bytes" else value.encode()
    return start + bytes([6 if kind == "bytes" else 7]) + struct.pack(">H", len(data)) + data


def written_frame(headers, payload):
    section = b"".join(written_header(*h) for h in headers)
    start = struct.pack(">II", len(section) + len(payload) + 16, len(section))
    start += struct.pack(">I", zlib.crc32(start))
    frame = start + section + payload
    return frame + struct.pack(">I", zlib.crc32(frame))


def sized(kind, bits):
    return st.tuples(st.just(kind), st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1))


header_values = st.one_of(
    st.tuples(st.just("bool"), st.booleans()), sized("int8", 8), sized("int16", 16), sized("int32", 32), sized("int64", 64),
    sized("time", 64), st.tuples(st.just("bytes"), st.binary(max_size=30)), st.tuples(st.just("string"), anything),
    st.tuples(st.just("uuid"), st.binary(min_size=16, max_size=16)))
event_headers = st.lists(st.tuples(names, header_values), max_size=6, unique_by=lambda h: h[0]).map(
    lambda hs: [(name, kind, value) for name, (kind, value) in hs])
frames = st.lists(st.tuples(event_headers, st.binary(max_size=300)), max_size=3)


def shown(value):
    return value.hex() if isinstance(value, bytes) else value


@settings(max_examples=500, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(messages=frames, cut=st.integers(0, 15))
def test_event_streams_read_as_botocore_reads_them(probe, messages, cut):
    stream = b"".join(written_frame(headers, payload) for headers, payload in messages)
    whole = stream + written_frame([], b"")[:cut]
    buffer = botocore.eventstream.EventStreamBuffer()
    buffer.add_data(whole)
    expected = [{"headers": {n: shown(v) for n, v in m.headers.items()}, "payload": m.payload.hex()} for m in buffer]
    got = probe(op="decode", bytes=whole.hex())
    assert got == {"messages": expected, "fault": "", "pending": cut, "written": stream.hex()}


# ── what is retried ──────────────────────────────────────────────────────────────────────────────────────────────
def test_errors_of_the_models_are_classified_as_botocore_does():
    model = LOADER.load_service_model("bedrock-runtime", "service-2")
    errors = {name: shape for name, shape in model["shapes"].items() if shape.get("exception")}
    assert len(errors) >= 11
    process = subprocess.run(
        [str(PROBE)], text=True, capture_output=True, check=True,
        input="".join(json.dumps({"op": "classify", "code": n, "status": s["error"]["httpStatusCode"]}) + "\n" for n, s in errors.items()))
    for (name, shape), line in zip(errors.items(), process.stdout.splitlines()):
        status = shape["error"]["httpStatusCode"]
        throttling = name in botocore.retries.standard.ThrottledRetryableChecker._THROTTLED_ERROR_CODES
        transient = status in botocore.retries.standard.TransientRetryableChecker._TRANSIENT_STATUS_CODES or "retryable" in shape
        expected = "throttling" if throttling else "transient" if transient else "permanent"
        assert json.loads(line)["class"] == expected, (name, status)


def test_codes_of_botocores_lists_are_retried(probe):
    standard = botocore.retries.standard
    for code in standard.TransientRetryableChecker._TRANSIENT_ERROR_CODES:
        assert probe(op="classify", status=400, code=code)["class"] == "transient", code
    for code in standard.ThrottledRetryableChecker._THROTTLED_ERROR_CODES:
        assert probe(op="classify", status=400, code=code)["class"] in ("throttling", "transient"), code
    for status in standard.TransientRetryableChecker._TRANSIENT_STATUS_CODES:
        assert probe(op="classify", status=status, code="Other")["class"] == "transient"
