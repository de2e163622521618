"""HTTP/1.1 by asyncio. A model's name may end in a fault: "grounded.status-429", "grounded.cut-200" (the connection
closes after so many bytes of the body), "grounded.unfinished" (a clean end without finish_reason), "grounded.error-3" (an
error after three events), "grounded.slow" (50 ms between events)."""
import asyncio
import base64
import json
import struct

from . import replies
from .rules import Refused, check_chat, check_embeddings
from .running import KEY

STATUS = {
    "400": Refused("This model's maximum context length is 8192 tokens.", "messages", code="context_length_exceeded"),
    "401": Refused("Incorrect API key provided.", status=401, code="invalid_api_key"),
    "404": Refused("The model does not exist.", status=404, code="model_not_found"),
    "429": Refused("Rate limit reached.", status=429, code="rate_limit_exceeded", kind="tokens", headers={"retry-after": "2"}),
    "500": Refused("The server had an error.", status=500, kind="server_error"),
    "503": Refused("The engine is overloaded.", status=503, kind="server_error", headers={"retry-after": "1"}),
    "filter": Refused("The response was filtered.", code="content_filter"),
}


class Connection:
    """`attempts` and `scripts` are the mock's: what was asked, and what a test wants said to the next that asks."""

    def __init__(self, reader, writer, attempts, scripts):
        self.reader, self.writer, self.attempts, self.scripts = reader, writer, attempts, scripts

    async def request(self):
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.split("\r\n")
        headers = {n.strip().lower(): v.strip() for n, _, v in (line.partition(":") for line in lines if line)}
        body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        method, path, _ = first.split(" ")
        return method, path, headers, body

    async def answer(self, status, body, headers=()):
        data = json.dumps(body).encode()
        lines = {"content-type": "application/json", "content-length": len(data), "x-request-id": "req-1"} | dict(headers)
        await self.send(f"HTTP/1.1 {status} X\r\n" + "".join(f"{n}: {v}\r\n" for n, v in lines.items()) + "\r\n", data)

    async def send(self, head, data=b""):
        self.writer.write(head.encode() + data)
        await self.writer.drain()

    async def serve(self):
        try:
            while True:
                method, path, headers, body = await self.request()
                if path == "/_mock/attempts":
                    if method == "DELETE":
                        self.attempts.clear()
                        self.scripts.clear()
                    await self.answer(200, self.attempts)
                    continue
                if path == "/_mock/reply":
                    self.scripts[:] = [json.loads(body)]
                    await self.answer(200, {})
                    continue
                record = {"path": path, "body": json.loads(body or b"{}"), "aborted": False}
                self.attempts.append(record)
                if not await self.exchange(method, path, headers, record):
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            if self.attempts and "open" in self.attempts[-1]:
                self.attempts[-1]["aborted"] = True
        finally:
            self.writer.close()

    async def exchange(self, method, path, headers, record):
        """False when the connection is to be closed."""
        try:
            if headers.get("authorization") != f"Bearer {KEY}":
                raise STATUS["401"]
            if (method, path) == ("POST", "/v1/chat/completions"):
                return await self.chat(record)
            if (method, path) == ("POST", "/v1/embeddings"):
                await self.answer(200, embeddings(record["body"]))
            elif (method, path) == ("GET", "/v1/models"):
                await self.answer(200, {"object": "list", "data": [{"id": m, "object": "model", "created": 1, "owned_by": "mock"} for m in replies.MODELS]})
            else:
                raise Refused(f"Invalid URL ({method} {path})", status=404)
        except Refused as refused:
            await self.answer(refused.status, refused.body, refused.headers)
        return True

    async def chat(self, record):
        body = record["body"]
        check_chat(body)
        model, _, fault = body["model"].partition(".")
        if fault.startswith("status-"):
            raise STATUS[fault.removeprefix("status-")]
        if model not in replies.MODELS:
            raise STATUS["404"]
        message, finish = replies.reply(body)
        usage = None
        if self.scripts:
            message, finish, usage = (self.scripts[0][k] for k in ("message", "finish", "usage"))
        if not body.get("stream"):
            await self.answer(200, completion(body, message, finish, usage))
            return True
        return await self.stream(record, fault, events(body, message, finish, usage))

    async def stream(self, record, fault, told):
        record["open"] = True
        await self.send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        sent, left = 0, int(fault.removeprefix("cut-")) if fault.startswith("cut-") else None
        for number, event in enumerate(told):
            if fault == "unfinished" and '"finish_reason": "' in event:
                break
            if fault.startswith("error-") and number == int(fault.removeprefix("error-")):
                event = json.dumps({"error": {"message": "The engine broke.", "type": "server_error", "code": None}})
            data = f"data: {event}\n\n".encode()
            if left is not None and sent + len(data) > left:
                await self.chunk(data[:left - sent])
                return False
            sent += len(data)
            await self.chunk(data)
            if fault.startswith("error-") and '"error"' in event:
                return False
            if fault == "slow":
                await asyncio.sleep(0.05)
        await self.send("0\r\n\r\n")
        del record["open"]
        return True

    async def chunk(self, data):
        if data:
            await self.send(f"{len(data):x}\r\n", data + b"\r\n")


def completion(body, message, finish, usage=None):
    return {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
            "usage": usage or replies.usage(body, message)}


def events(body, message, finish, usage=None):
    def chunk(delta, reason=None, **more):
        choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}]
        return json.dumps({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": body["model"],
                           "choices": choices} | more)
    for delta in replies.deltas(message):
        yield chunk(delta)
    yield chunk({}, finish)
    if body.get("stream_options", {}).get("include_usage"):
        yield chunk(None, usage=usage or replies.usage(body, message))
    yield "[DONE]"


def embeddings(body):
    texts, dimension = check_embeddings(body), body.get("dimensions", 1536)
    packed = body.get("encoding_format") == "base64"

    def one(text):
        values = replies.vector(text, dimension)
        return base64.b64encode(struct.pack(f"<{dimension}f", *values)).decode() if packed else values
    tokens = sum(len(t.split()) for t in texts)
    return {"object": "list", "model": body["model"], "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
            "data": [{"object": "embedding", "index": i, "embedding": one(t)} for i, t in enumerate(texts)]}


async def serve():
    attempts, scripts = [], []
    server = await asyncio.start_server(lambda r, w: Connection(r, w, attempts, scripts).serve(), "127.0.0.1", 0, limit=1 << 26)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
