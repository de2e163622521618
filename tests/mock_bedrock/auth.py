"""SigV4 and bearer, verified. The signature is made anew by botocore's own signer over the path as it was received."""
import datetime
import hashlib
import hmac
import re

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from .errors import AwsError

WINDOW_SECONDS = 300
SCHEME = re.compile(r"AWS4-HMAC-SHA256\s+Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$")
WRONG = ("The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
         "and signing method. Consult the service documentation for details.")
INVALID_TOKEN = "The security token included in the request is invalid."


class _Signer(SigV4Auth):
    """Signs exactly the headers that the client named."""

    def __init__(self, credentials, region, names):
        super().__init__(credentials, "bedrock", region)
        self.names = names

    def headers_to_sign(self, request):
        chosen = HTTPHeaders()
        for name in self.names:
            for value in request.headers.get_all(name, []):
                chosen[name] = value
        return chosen


class Keys:
    """The credentials that this Bedrock knows."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.pairs = {"AKIDEXAMPLE": {"secret": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "token": None, "expires": None}}
        self.bearers = {"mock-bedrock-api-key"}
        self.skew = 0.0  # seconds that our clock is ahead of the true time

    def add(self, key):
        if "bearer" in key:
            self.bearers.add(key["bearer"])
            return
        self.pairs[key["access_key_id"]] = {"secret": key["secret_access_key"], "token": key.get("session_token"), "expires": key.get("expires")}

    def now(self, skew=0.0):
        return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=self.skew + skew)

    def check(self, exchange, skew=0.0):
        """Who it is: {"kind","key"}; AwsError for who it is not."""
        header = exchange.header("authorization")
        if header is None:
            raise AwsError(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
        if header.lower().startswith("bearer "):
            return self._bearer(header[7:].strip())
        found = SCHEME.match(header)
        if not found:
            raise AwsError(403, "IncompleteSignatureException",
                           f"Authorization header requires 'Credential', 'Signature' and 'SignedHeaders' parameters. Authorization={header.split()[0] if header else ''}")
        return self._sigv4(exchange, *found.groups(), skew)

    def _bearer(self, token):
        if not any(hmac.compare_digest(token.encode(), known.encode()) for known in self.bearers):
            raise AwsError(403, "AccessDeniedException", "Authentication failed: Please make sure your API Key is valid.")
        return {"kind": "bearer", "key": token}

    def _sigv4(self, exchange, scope, signed, signature, skew):
        parts = scope.split("/")
        if len(parts) != 5 or parts[4] != "aws4_request":
            raise AwsError(403, "IncompleteSignatureException", "Credential must have exactly 5 slash-delimited elements")
        key_id, date, region, service, _ = parts
        names = signed.split(";")
        stamp = exchange.header("x-amz-date") or ""
        self._check_scope(names, exchange, service, stamp, date)
        pair = self.pairs.get(key_id)
        if pair is None:
            raise AwsError(403, "UnrecognizedClientException", INVALID_TOKEN)
        self._check_time(stamp, skew)
        if pair["token"] != exchange.header("x-amz-security-token"):
            raise AwsError(403, "UnrecognizedClientException", INVALID_TOKEN)
        if not hmac.compare_digest(self._signature(exchange, pair, names, region, stamp), signature):
            raise AwsError(403, "InvalidSignatureException", WRONG)
        if pair["expires"] is not None and self.now(skew).timestamp() >= pair["expires"]:
            raise AwsError(403, "ExpiredTokenException", "The security token included in the request is expired")
        return {"kind": "sigv4", "key": key_id, "region": region, "signed_headers": names}

    def _check_scope(self, names, exchange, service, stamp, date):
        if names != sorted(names):
            raise AwsError(403, "InvalidSignatureException", WRONG)
        if not {"host", ":authority"} & set(names):
            raise AwsError(403, "InvalidSignatureException", "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
        # Every x-amz-* header that is there must be signed, or somebody else may have put it there.
        for name, _ in exchange.headers:
            if name.startswith("x-amz-") and name not in names:
                raise AwsError(403, "InvalidSignatureException", f"There were headers present in the request which were not signed: {name}")
        if service != "bedrock":
            raise AwsError(403, "InvalidSignatureException", "Credential should be scoped to correct service: 'bedrock'.")
        if stamp[:8] != date:
            raise AwsError(403, "InvalidSignatureException", f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{date}' != '{stamp[:8]}'.")
        claimed = exchange.header("x-amz-content-sha256")
        if claimed and claimed != "UNSIGNED-PAYLOAD" and claimed != hashlib.sha256(exchange.body).hexdigest():
            raise AwsError(403, "InvalidSignatureException", WRONG)

    def _check_time(self, stamp, skew):
        try:
            sent = datetime.datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        except ValueError:
            raise AwsError(403, "IncompleteSignatureException", f"Date must be in ISO-8601 'basic format'. Got '{stamp}'.") from None
        now, window = self.now(skew), datetime.timedelta(seconds=WINDOW_SECONDS)
        shown = now.strftime("%Y%m%dT%H%M%SZ")
        if sent < now - window:
            oldest = (now - window).strftime("%Y%m%dT%H%M%SZ")
            raise AwsError(403, "InvalidSignatureException", f"Signature expired: {stamp} is now earlier than {oldest} ({shown} - 5 min.)")
        if sent > now + window:
            newest = (now + window).strftime("%Y%m%dT%H%M%SZ")
            raise AwsError(403, "InvalidSignatureException", f"Signature not yet current: {stamp} is still later than {newest} ({shown} + 5 min.)")

    def _signature(self, exchange, pair, names, region, stamp):
        query = f"?{exchange.query}" if exchange.query else ""
        request = AWSRequest(method=exchange.method, url=f"https://mock{exchange.path}{query}", data=exchange.body)
        request.context["timestamp"] = stamp
        for name in names:
            for key, value in exchange.headers:
                if key == name:
                    request.headers[name] = value
        # The access key id is no part of what is signed: only of the header.
        signer = _Signer(Credentials("-", pair["secret"]), region, names)
        return signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
