"""The mock as one function of an exchange: authenticate, route, validate, answer, and record what came of it."""
import base64
import json
import time
import traceback
import urllib.parse
import uuid
from email.utils import format_datetime

from . import catalogue, chats, claude, control, converse, embeddings, eventstream, faults, prompts, shapes
from .errors import AwsError, validation
from .exchange import ClientGone
from .state import State

JSON = ("content-type", "application/json")
STREAM = ("content-type", "application/vnd.amazon.eventstream")
LARGEST_BODY = 25_000_000


class MockBedrock:
    def __init__(self):
        self.state, self.operations = State(), shapes.load()

    async def __call__(self, exchange):
        if exchange.path.startswith("/_mock/"):
            return await self._control(exchange)
        record, started = self.state.attempt(exchange), time.monotonic()
        try:
            await self._bedrock(exchange, record)
            if record["end"] == "open":
                record["end"] = "complete"
        except ClientGone:
            record["end"] = "client_gone"
        except Exception as defect:  # of the mock: the test that met it must see it, not a hang
            record["end"] = f"defect: {defect!r}"
            traceback.print_exc()
            exchange.rst()
        finally:
            record["sent"], record["seconds"] = exchange.sent, round(time.monotonic() - started, 4)

    async def _bedrock(self, exchange, record):
        fault = {}
        try:
            operation, labels, fault = self._read(exchange, record)
            await self._before(exchange, fault, record)
            if record["end"] != "open":
                return
            await self._answer(exchange, record, operation, labels, fault)
        except AwsError as error:
            await self._error(exchange, record, error, fault)

    def _read(self, exchange, record):
        """Operation, labels, fault; the identity is checked as AWS does, before the body is looked at."""
        operation, labels = shapes.route(self.operations, exchange.method, exchange.path)
        record["operation"] = operation.name
        fault = self._fault(exchange, labels, record)
        record["auth"] = self.state.keys.check(exchange, fault.get("skew", 0))
        if len(exchange.body) > LARGEST_BODY:
            raise AwsError(413, "RequestEntityTooLargeException", "Request body is too large")
        return operation, labels, fault

    def _fault(self, exchange, labels, record):
        name, words = catalogue.split_fault(labels.get("modelId", ""))
        key = labels.get("modelId", exchange.path)
        if "modelId" in labels:
            labels["modelId"] = record["model"] = name
        for source in (words, exchange.header("x-mock-fault"), self.state.faults.get(name), self.state.faults.get("*")):
            if source:
                fault = faults.parse(source)
                if self.state.suffers((key, source), fault):
                    record["fault"] = source
                    return fault
        return {}

    async def _before(self, exchange, fault, record):
        if "delay" in fault:
            await exchange.sleep(fault["delay"] / 1000)
        for kind in ("fin", "rst"):
            if fault.get(kind) == -1:
                getattr(exchange, kind)()
                record["end"] = kind
        if record["end"] == "open" and (error := faults.error_of(fault)):
            raise error

    async def _answer(self, exchange, record, operation, labels, fault):
        query = dict(urllib.parse.parse_qsl(exchange.query))
        if "body" in operation.model.input_shape.members:
            return await self._invoke(exchange, record, operation, labels, fault)
        body = self._checked(exchange, operation, labels, query)
        record["body"] = body
        if operation.name.startswith("Converse"):
            model, reply = converse.prepare(body, labels["modelId"], self.state)
            if operation.name == "ConverseStream":
                frames = ((kind, payload) for kind, payload in converse.events(body, reply))
                return await self._stream(exchange, record, operation, fault, frames, reply.gap)
            out = converse.document(body, reply)
        else:
            out = control.HANDLERS[operation.name](self.state, labels, query, body)
        shapes.assert_output(operation.model.output_shape, out, operation.name)
        await self._reply(exchange, record, fault, operation.status, [JSON], json.dumps(out, ensure_ascii=False).encode())

    def _checked(self, exchange, operation, labels, query):
        try:
            body = json.loads(exchange.body or b"{}")
        except ValueError:
            raise AwsError(400, "SerializationException", "Unexpected token: the body is not JSON") from None
        checker = shapes.Checker()
        names = {m.serialization.get("name", n): n for n, m in operation.model.input_shape.members.items() if m.serialization.get("location") == "querystring"}
        given = dict(labels) | {names[k]: int(v) if v.isdigit() and operation.model.input_shape.members[names[k]].type_name == "integer" else v
                                for k, v in query.items() if k in names}
        checker.body(operation.model.input_shape, body, given)
        checker.raise_problems()
        return body

    async def _invoke(self, exchange, record, operation, labels, fault):
        model = catalogue.find(labels["modelId"], self.state.profiles)
        streams = operation.name == "InvokeModelWithResponseStream"
        checker = shapes.Checker()
        checker.check(operation.model.input_shape.members["modelId"], labels["modelId"], "modelId")
        checker.raise_problems()
        try:
            body = json.loads(exchange.body)
        except ValueError:
            raise validation("Malformed input request, please reformat your input and try again.") from None
        record["body"] = body
        if model.dims:
            if streams:
                raise validation("The model is unsupported for streaming")
            out, tokens = embeddings.answer(model, body)
            counts = {"inputTokenCount": tokens, "outputTokenCount": 0}
        else:
            if streams and not model.streaming:
                raise validation("The model is unsupported for streaming")
            family = next((f for f, known in ((claude, ("claude",)), (prompts, prompts.FAMILIES), (chats, chats.FAMILIES)) if model.family in known), None)
            if family is None:
                raise validation(f"mock: bodies of {model.id} are not known here; use Converse")
            reply = family.prepare(model, body, labels["modelId"], self.state)
            counts = {"inputTokenCount": reply.usage["inputTokens"], "outputTokenCount": reply.usage["outputTokens"]}
            if streams:
                chunks = list(family.events(model, reply))
                chunks[-1] |= {"amazon-bedrock-invocationMetrics": counts | {"invocationLatency": 42, "firstByteLatency": 7}}
                frames = (("chunk", {"bytes": base64.b64encode(json.dumps(c, ensure_ascii=False).encode()).decode(), "p": "abcdefgh"}) for c in chunks)
                return await self._stream(exchange, record, operation, fault, frames, reply.gap, ("X-Amzn-Bedrock-Content-Type", "application/json"))
            out = family.document(model, reply)
        headers = [JSON, ("X-Amzn-Bedrock-Invocation-Latency", "42"), ("X-Amzn-Bedrock-Input-Token-Count", str(counts["inputTokenCount"])),
                   ("X-Amzn-Bedrock-Output-Token-Count", str(counts["outputTokenCount"]))]
        await self._reply(exchange, record, fault, 200, headers, json.dumps(out, ensure_ascii=False).encode())

    def _common(self, fault):
        headers = [("date", format_datetime(self.state.keys.now(fault.get("skew", 0)), usegmt=True)), ("x-amzn-RequestId", str(uuid.uuid4()))]
        if "retry-after" in fault:
            headers.append(("retry-after", str(fault["retry-after"])))
        if "amz-retry-after" in fault:
            headers.append(("x-amz-retry-after", str(fault["amz-retry-after"])))
        return headers + ([("connection", "close")] if "close" in fault else [])

    async def _reply(self, exchange, record, fault, status, headers, body):
        record["status"] = status
        await exchange.start(status, [*self._common(fault), *headers], len(body))
        sender = faults.Sender(exchange, fault)
        await sender.send(body)
        await self._finish(exchange, record, sender)

    @staticmethod
    async def _finish(exchange, record, sender):
        if sender.broken:
            record["end"] = "broken"
        else:
            await exchange.end()

    async def _error(self, exchange, record, error, fault):
        record["status"], record["error"] = error.status, error.kind
        headers, body = error.headers(), error.body()
        if "no-type" in fault:
            headers, body = [JSON], json.dumps({"__type": f"com.amazon.bedrock#{error.kind}", "message": error.message}).encode()
        if "html" in fault:
            headers, body = [("content-type", "text/html")], f"<html><body><h1>{error.status}</h1></body></html>".encode()
        status = error.status
        if "output-200" in fault:
            status, headers, body = 200, [JSON], json.dumps({"Output": {"__type": f"com.amazon.coral.service#{error.kind}"}, "Version": "1.0"}).encode()
        await exchange.start(status, [*self._common(fault), *headers], len(body))
        await exchange.data(body)
        await exchange.end()

    async def _stream(self, exchange, record, operation, fault, frames, gap, *headers):
        record["status"] = 200
        await exchange.start(200, [*self._common(fault), STREAM, *headers])
        gap, sender = fault.get("gap", gap * 1000) / 1000, faults.Sender(exchange, fault)
        members = next(m for m in operation.model.output_shape.members.values() if m.serialization.get("eventstream") or m.type_name == "structure").members
        for n, (kind, payload) in enumerate(frames):
            shapes.assert_output(members[kind], {k: v for k, v in payload.items() if k != "p"}, f"event {kind}")
            if gap and n:
                await exchange.sleep(gap)
            last = await self._frame(sender, fault, n, eventstream.event(kind, payload))
            if last or sender.broken:
                break
        await self._finish(exchange, record, sender)

    @staticmethod
    async def _frame(sender, fault, n, frame):
        """Sends event n as the fault wants it. True when nothing may follow."""
        if fault.get("end") == n:
            return True
        if "exception" in fault and fault["exception"][0] == n:
            kind = fault["exception"][1]
            message = {"message": "The mock was asked for this exception."}
            if kind == "modelStreamErrorException":
                message |= {"originalStatusCode": 500, "originalMessage": "the model broke off"}
            await sender.send(eventstream.exception(kind, message))
            return True
        if fault.get("error") == n:
            await sender.send(eventstream.error("InternalFailure", "The mock was asked for this error."))
            return True
        if fault.get("unknown") == n:
            await sender.send(eventstream.event("eventOfTomorrow", {"new": True}))
        if fault.get("truncate") == n:
            await sender.send(frame[:len(frame) // 2])
            return True
        if fault.get("crc") == n:
            frame = eventstream.corrupt_message_crc(frame)
        if fault.get("precrc") == n:
            frame = eventstream.corrupt_prelude_crc(frame)
        await sender.send(frame)
        return False

    async def _control(self, exchange):
        """Unsigned, for the test that owns the mock: attempts, reset, replies, faults, credentials, clock."""
        status, out = 200, {}
        match exchange.method, exchange.path.removeprefix("/_mock/"):
            case "GET", "attempts":
                out = {"attempts": self.state.attempts}
            case "DELETE", "attempts":
                self.state.attempts = []
            case "POST", "reset":
                self.state.reset()
            case "POST", "replies":
                self.state.scripts.append(json.loads(exchange.body))
            case "POST", "faults":
                order = json.loads(exchange.body)
                faults.parse(order["fault"])
                self.state.faults[order.get("model", "*")] = order["fault"]
            case "POST", "credentials":
                self.state.keys.add(json.loads(exchange.body))
            case "POST", "clock":
                self.state.keys.skew = json.loads(exchange.body)["skew"]
            case _:
                status, out = 404, {"message": "The mock has no such control."}
        body = json.dumps(out).encode()
        await exchange.start(status, [JSON], len(body))
        await exchange.data(body)
        await exchange.end()
