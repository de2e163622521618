"""A model behind Bedrock's and OpenAI's wire whose bytes a test scripts one by one. It checks nothing of what it is asked
(the mocks do): it can send any bytes, cut them anywhere, wait for the test between two events, or send without end.

The test registers what to answer by a name, and asks for the model `NAME` of the provider (`bedrock_model`, `openai_model`).
Its loop runs in a thread; `run(coroutine)` lets a test's coroutine run beside it."""
import asyncio
import json
import re
import socket
import struct
import threading
import urllib.parse
from dataclasses import dataclass, field

from mock_bedrock import converse, eventstream, replies
from mock_openai import server as openai_events

_HEAD = "HTTP/1.1 200 OK\r\ncontent-type: {type}\r\ntransfer-encoding: chunked\r\n\r\n"
TYPES = {"bedrock": "application/vnd.amazon.eventstream", "openai": "text/event-stream"}
CLAUDE = "anthropic.claude-3-5-sonnet-20240620-v1:0"


def frames(blocks, stop="end_turn", deltas=0):
    """A reply of Bedrock as the bytes of its events, without padding."""
    reply = replies.Reply(blocks, stop, {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18}, deltas=deltas)
    return [eventstream.event(kind, {k: v for k, v in payload.items() if k != "p"}) for kind, payload in converse.events({}, reply)]


def chunks(message, finish="stop", model="scripted"):
    """A reply of OpenAI's protocol as the bytes of its events."""
    body = {"model": model, "messages": [{"role": "user", "content": "x"}], "stream_options": {"include_usage": True}}
    return [f"data: {event}\n\n".encode() for event in openai_events.events(body, message, finish)]


@dataclass
class Script:
    """`events` in their order; `break_at` cuts the body at a byte by `break_by` (fin, rst, or end: as if it were whole)."""
    events: list
    break_at: int | None = None
    break_by: str = "end"
    gate: asyncio.Semaphore | None = None  # each event waits for a token
    hold: tuple[int, asyncio.Event] | None = None  # before event number N everyone waits
    sent: int = 0  # bytes that were written, of all attempts
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    attempts: int = 0


class ScriptedUpstream:
    def __init__(self):
        self.scripts = {}
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.server = self.run(self._listen())
        self.url = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"

    async def _listen(self):
        return await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 26, backlog=1024)

    def run(self, coroutine, seconds=120):
        return asyncio.run_coroutine_threadsafe(asyncio.wait_for(coroutine, seconds), self.loop).result()

    def stop(self):
        self.loop.call_soon_threadsafe(self.server.close)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    @property
    def environment(self):
        return {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_ENDPOINT_URL": self.url, "OPENAI_API_KEY": "key", "OPENAI_BASE_URL": f"{self.url}/v1"}

    @staticmethod
    def bedrock_model(name):
        return f"{CLAUDE}.x.{name}"

    @staticmethod
    def openai_model(name):
        return f"openai/{name}"

    async def _serve(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = re.search(r"content-length: (\d+)", head, re.I)
                body = await reader.readexactly(int(length[1]) if length else 0)
                kind, script = self._script(head.split(" ")[1], body)
                if script is None:
                    writer.write(b"HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\ncontent-type: application/json\r\n\r\n{}")
                elif not await self._answer(kind, script, reader, writer):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _script(self, path, body):
        if path.startswith("/model/"):
            return "bedrock", self.scripts.get(urllib.parse.unquote(path.split("/")[2]).partition(".x.")[2])
        return "openai", self.scripts.get(json.loads(body or b"{}").get("model"))

    async def _answer(self, kind, script, reader, writer):
        """False when nothing may follow on the connection."""
        script.attempts += 1
        writer.write(_HEAD.format(type=TYPES[kind]).encode())
        if script.break_at is not None:
            return await self._cut(script, writer)
        try:
            for number, event in enumerate(script.events):
                if script.hold and number == script.hold[0]:
                    await writer.drain()
                    await script.hold[1].wait()
                if script.gate:
                    await writer.drain()
                    await script.gate.acquire()
                writer.write(f"{len(event):x}\r\n".encode() + event + b"\r\n")
                await writer.drain()
                script.sent += len(event)
            writer.write(b"0\r\n\r\n")
            await writer.drain()
        except ConnectionError:
            script.gone.set()
            raise
        return True

    @staticmethod
    async def _cut(script, writer):
        body = b"".join(script.events)[:script.break_at]
        if body:
            writer.write(f"{len(body):x}\r\n".encode() + body + b"\r\n")
        if script.break_by == "end":
            writer.write(b"0\r\n\r\n")
            return True
        if script.break_by == "rst":
            await writer.drain()
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.close()
        return False
