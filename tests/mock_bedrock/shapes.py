"""Routes and validation by botocore's service models: what AWS knows of a request, we know; what it refuses, we refuse."""
import base64
import binascii
import re
import urllib.parse

import botocore.loaders
import botocore.model

from .errors import AwsError, validation

SERVICES = {
    "bedrock-runtime": ["Converse", "ConverseStream", "InvokeModel", "InvokeModelWithResponseStream", "CountTokens", "ApplyGuardrail",
                        "StartAsyncInvoke", "GetAsyncInvoke", "ListAsyncInvokes"],
    "bedrock": ["ListFoundationModels", "GetFoundationModel", "ListInferenceProfiles", "GetInferenceProfile", "CreateInferenceProfile"],
    "bedrock-agent-runtime": ["Rerank"],
}


class Operation:
    def __init__(self, service, model):
        self.service, self.name, self.model = service, model.name, model
        self.method, template = model.http["method"], model.http["requestUri"]
        self.status = model.http.get("responseCode", 200)
        # A label takes one segment of the raw path: an ARN comes with its slashes encoded.
        self.pattern = re.compile("".join(f"(?P<{p[1:-1]}>[^/]+)" if p.startswith("{") else re.escape(p) for p in re.split(r"(\{\w+\})", template)) + "$")


def load():
    loader, operations = botocore.loaders.Loader(), []
    for service, names in SERVICES.items():
        model = botocore.model.ServiceModel(loader.load_service_model(service, "service-2"), service)
        operations += [Operation(service, model.operation_model(name)) for name in names]
    return operations


def route(operations, method, path):
    """The operation and its decoded labels."""
    for operation in operations:
        found = operation.pattern.match(path)
        if found and operation.method == method:
            return operation, {name: urllib.parse.unquote(value) for name, value in found.groupdict().items()}
    raise AwsError(404, "UnknownOperationException", "")


class Checker:
    """Walks a JSON value by its shape. Paths read as AWS's: messages.1.member.content.1.member.text, counted from 1."""

    def __init__(self, bounds=True):
        self.problems, self.bounds = [], bounds

    def body(self, shape, value, given):
        """The body of a request; `given` are the members that came in path, query and header."""
        members = {n: m for n, m in shape.members.items() if "location" not in m.serialization}
        for name, text in given.items():
            self.check(shape.members[name], text, name)
        self._members(shape, members, value, "", [n for n in shape.required_members if n in members])

    def raise_problems(self):
        if self.problems:
            count = len(self.problems)
            raise validation(f"{count} validation error{'s' if count > 1 else ''} detected: " + "; ".join(self.problems[:10]))

    def check(self, shape, value, path):
        if getattr(shape, "is_document_type", False):
            return
        getattr(self, f"_{shape.type_name}")(shape, value, path)

    def _wrong_type(self, value, wanted):
        found = {dict: "START_OBJECT", list: "START_ARRAY", str: "STRING_VALUE", bool: "TRUE_VALUE" if value else "FALSE_VALUE"}.get(type(value), "NUMBER_VALUE")
        raise AwsError(400, "SerializationException", f"{found} can not be converted to {wanted}")

    def _fail(self, value, path, constraint):
        shown = value if isinstance(value, str) and len(value) <= 100 else "null" if value is None else f"{str(value)[:60]}…" if len(str(value)) > 60 else value
        self.problems.append(f"Value {repr(shown) if value is not None else 'null'} at '{path}' failed to satisfy constraint: Member must {constraint}")

    def _structure(self, shape, value, path):
        if not isinstance(value, dict):
            self._wrong_type(value, "a structure")
        if getattr(shape, "is_tagged_union", False) and len([v for v in value.values() if v is not None]) != 1:
            self._fail(sorted(value), path, f"have exactly one member of the union {shape.name} set")
        self._members(shape, shape.members, value, path, shape.required_members)

    def _members(self, shape, members, value, path, required):
        if not isinstance(value, dict):
            self._wrong_type(value, "a structure")
        wire = {m.serialization.get("name", n): (n, m) for n, m in members.items()}
        for name, item in value.items():
            at = f"{path}.{name}" if path else name
            if name not in wire:
                # AWS lets most unknown members pass. We do not: a misspelt member must not look as if it had worked.
                self.problems.append(f"Value at '{at}' failed to satisfy constraint: {shape.name} has no member of this name")
            elif item is not None:
                self.check(wire[name][1], item, at)
        for name in required:
            key = members[name].serialization.get("name", name)
            if value.get(key) is None:
                self._fail(None, f"{path}.{key}" if path else key, "not be null")

    def _list(self, shape, value, path):
        if not isinstance(value, list):
            self._wrong_type(value, "a list")
        self._bounds(shape, len(value), value, path, "length")
        for i, item in enumerate(value):
            self.check(shape.member, item, f"{path}.{i + 1}.member")

    def _map(self, shape, value, path):
        if not isinstance(value, dict):
            self._wrong_type(value, "a map")
        self._bounds(shape, len(value), value, path, "length")
        for key, item in value.items():
            self.check(shape.key, key, f"{path}.{key}.key")
            self.check(shape.value, item, f"{path}.{key}")

    def _string(self, shape, value, path):
        if not isinstance(value, str):
            self._wrong_type(value, "a String")
        if shape.enum and value not in shape.enum:
            self._fail(value, path, f"satisfy enum value set: [{', '.join(shape.enum)}]")
        self._bounds(shape, len(value), value, path, "length")
        pattern = shape.metadata.get("pattern")
        if self.bounds and pattern and not _matches(pattern, value):
            self._fail(value, path, f"satisfy regular expression pattern: {pattern}")

    def _blob(self, shape, value, path):
        if not isinstance(value, str):
            self._wrong_type(value, "a Blob")
        try:
            self._bounds(shape, len(base64.b64decode(value, validate=True)), value, path, "length")
        except binascii.Error:
            raise AwsError(400, "SerializationException", "Invalid Base64") from None

    def _number(self, shape, value, path, kinds, wanted):
        if isinstance(value, bool) or not isinstance(value, kinds):
            self._wrong_type(value, wanted)
        self._bounds(shape, value, value, path, "value")

    def _integer(self, shape, value, path):
        self._number(shape, value, path, int, "an Integer")

    def _long(self, shape, value, path):
        self._number(shape, value, path, int, "a Long")

    def _float(self, shape, value, path):
        self._number(shape, value, path, (int, float), "a Float")

    _double = _float

    def _boolean(self, shape, value, path):
        if not isinstance(value, bool):
            self._wrong_type(value, "a Boolean")

    def _timestamp(self, shape, value, path):
        if not isinstance(value, (int, float, str)):
            self._wrong_type(value, "a Timestamp")

    def _bounds(self, shape, size, value, path, what):
        if not self.bounds:
            return
        low, high = shape.metadata.get("min"), shape.metadata.get("max")
        if low is not None and size < low:
            self._fail(value, path, f"have {what} greater than or equal to {low}")
        if high is not None and size > high:
            self._fail(value, path, f"have {what} less than or equal to {high}")


def _matches(pattern, value):
    # Java's syntax: possessive quantifiers and \p{…} are foreign to Python's re.
    try:
        return re.fullmatch(pattern.replace("\\p{L}", "\\w").replace("\\p{N}", "\\d"), value) is not None
    except re.error:
        return True


def assert_output(shape, value, where):
    """Our own answers are held to the same model: a mock that sends what AWS cannot would prove nothing.

    Not to lengths and patterns of strings: AWS's own names of models are longer than its model says.
    """
    checker = Checker(bounds=False)
    members = {n: m for n, m in shape.members.items() if "location" not in m.serialization}
    try:
        checker._members(shape, members, value, "", [n for n in shape.required_members if n in members])
    except AwsError as error:
        checker.problems.append(error.message)
    assert not checker.problems, f"{where}: {checker.problems}"
