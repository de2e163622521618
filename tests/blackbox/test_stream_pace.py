"""Every piece of an answer goes to its reader when the model says it, and a reader that is slow holds up only its own model."""
import asyncio
import contextlib
import json
import socket
import time

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import httpx
import pytest

import dialects
from mock_bedrock.converse import pieces
from scripted_upstream import Script, chunks, frames

MOCK = "scripted_upstream"
DELTAS = 64
TEXT = " ".join(f"word{i}" for i in range(DELTAS))
PARTS = pieces(TEXT, DELTAS)
PROVIDERS = {"bedrock": lambda: frames([{"text": TEXT}], deltas=DELTAS),
             "openai": lambda: [chunks({"content": part}, finish=None)[1] for part in PARTS] + chunks({"content": ""})[-3:]}
MANY = 64_000_000
BUFFERS = 24_000_000  # what the kernel may hold for two connections, far from all


@contextlib.asynccontextmanager
async def opened(client, server, dialect, model):
    body = dialect.body(model, "x")
    async with client.stream("POST", server.url + dialect.path(model), json=body, headers=dialect.headers, timeout=30) as response:
        yield Reader(dialect, response)


class Reader:
    """The stream so far."""

    def __init__(self, dialect, response):
        assert response.status_code == 200, response
        self.dialect, self.raw, self.data = dialect, response.aiter_raw(), b""

    async def until(self, enough):
        while not enough(seen := self.dialect.read(self.data)):
            try:
                self.data += await asyncio.wait_for(anext(self.raw), 20)
            except StopAsyncIteration:
                return self.dialect.read(self.data)
        return seen


async def one_by_one(upstream, server, client, dialect, provider):
    """The time between the model's word and its arrival, for each of 64; the model waits with the next until it is here."""
    script = upstream.scripts["gated"] = Script(PROVIDERS[provider](), gate=asyncio.Semaphore(0))
    heads = 1 if provider == "bedrock" else 0
    for _ in range(heads + 1):
        script.gate.release()
    delays = []
    async with opened(client, server, dialect, getattr(upstream, f"{provider}_model")("gated")) as reader:
        for said in range(1, DELTAS + 1):
            wanted = "".join(PARTS[:said])
            began = time.perf_counter()
            seen = await reader.until(lambda seen: len(seen.text) >= len(wanted))
            assert seen.text == wanted and seen.stop is None
            delays.append(time.perf_counter() - began)
            script.gate.release()
        for _ in script.events:
            script.gate.release()
        seen = await reader.until(lambda seen: False)
    assert seen.complete and seen.text == TEXT and seen.error is None, seen
    return delays


@pytest.mark.parametrize("http2", [False, True], ids=["http1", "http2"])
@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("dialect", dialects.DIALECTS, ids=lambda d: d.name)
def test_each_of_64_pieces_arrives_before_the_next_is_said(mock, served, dialect, provider, http2):
    async def run():
        async with httpx.AsyncClient(http1=not http2, http2=http2) as client:
            return await one_by_one(mock, served, client, dialect, provider)

    delays = sorted(mock.run(run()))
    print(f"{provider} → {dialect.name}: p50 {delays[32] * 1e6:.0f} µs, longest {delays[-1] * 1e6:.0f} µs, reader and writer in Python")


def flood(size):
    event = frames([{"text": "x" * 16_000}], deltas=1)[1]
    opening, *_, stopped, stop, metadata = frames([{"text": "x"}])
    return [opening, *[event] * (size // len(event)), stopped, stop, metadata]


async def healthy(upstream, server, client, dialect):
    upstream.scripts["healthy"] = Script(events := flood(1_000_000))
    async with opened(client, server, dialect, upstream.bedrock_model("healthy")) as reader:
        async for piece in reader.raw:
            reader.data += piece
    seen = dialect.read(reader.data)
    assert seen.complete and len(seen.text) == 16_000 * (len(events) - 4)


async def stalled(script, beside):
    """Lets whole streams go by until the slow one's model has not got rid of a byte during one."""
    before = -1
    while script.sent != before:
        before = script.sent
        await beside()
    return before


@pytest.mark.parametrize("dialect", dialects.DIALECTS, ids=lambda d: d.name)
def test_slow_reader_holds_up_its_own_model_only(mock, served, dialect):
    async def run():
        script = mock.scripts["flood"] = Script(flood(MANY))
        slow = socket.create_connection(served.lock["address"].split(":"))
        request = httpx.Request("POST", served.url + dialect.path(model := mock.bedrock_model("flood")), json=dialect.body(model, "x"), headers=dialect.headers)
        head = f"POST {request.url.raw_path.decode()} HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in request.headers.items()) + "connection: close\r\n\r\n"
        slow.sendall(head.encode() + request.content)
        async with httpx.AsyncClient() as client:
            while not script.attempts:
                await asyncio.sleep(0)
            held = await stalled(script, lambda: healthy(mock, served, client, dialect))
        assert 0 < held < BUFFERS, f"the model got rid of {held} bytes that nobody read"
        slow.setblocking(False)
        received, last = 0, b""
        while piece := await mock.loop.sock_recv(slow, 1 << 20):
            received, last = received + len(piece), (last + piece)[-200:]
        slow.close()
        assert script.sent >= MANY * 0.99 and received > MANY * 0.9 and last.endswith(b"0\r\n\r\n"), (script.sent, received)

    mock.run(run())


class SharedConnection:
    """HTTP/2 with room for all streams together and the usual 64 kB for each, which only those that are read get anew."""

    async def open(self, address):
        self.address, self.bodies = address, {}
        self.reader, self.writer = await asyncio.open_connection(*address.split(":"))
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
        self.h2.initiate_connection()
        self.h2.increment_flow_control_window(1 << 30)
        return self

    def ask(self, dialect, model):
        stream = self.h2.get_next_available_stream_id()
        body = json.dumps(dialect.body(model, "x")).encode()
        self.h2.send_headers(stream, [(":method", "POST"), (":path", dialect.path(model)), (":scheme", "http"), (":authority", self.address),
                                      ("content-type", "application/json"), *dialect.headers.items()])
        self.h2.send_data(stream, body, end_stream=True)
        self.writer.write(self.h2.data_to_send())
        self.bodies[stream] = b""
        return stream

    async def read(self, wanted):
        """The whole body of a stream; what comes for others is kept from them."""
        while True:
            data = await asyncio.wait_for(self.reader.read(1 << 20), 20)
            assert data, "the connection was closed"
            ended = False
            for event in self.h2.receive_data(data):
                if isinstance(event, h2.events.DataReceived):
                    self.bodies[event.stream_id] += event.data
                    if event.stream_id == wanted and event.flow_controlled_length:
                        with contextlib.suppress(h2.exceptions.StreamClosedError):  # its end was in the same read
                            self.h2.increment_flow_control_window(event.flow_controlled_length, wanted)
                ended |= isinstance(event, h2.events.StreamEnded) and event.stream_id == wanted
            self.writer.write(self.h2.data_to_send())
            if ended:
                return self.bodies.pop(wanted)


@pytest.mark.parametrize("dialect", dialects.DIALECTS, ids=lambda d: d.name)
def test_slow_reader_on_a_shared_connection_holds_up_its_own_model_only(mock, served, dialect):
    async def run():
        script, events = Script(flood(MANY)), flood(1_000_000)
        mock.scripts |= {"flood": script, "healthy": Script(events)}
        shared = await SharedConnection().open(served.lock["address"])
        slow = shared.ask(dialect, mock.bedrock_model("flood"))

        async def beside():
            seen = dialect.read(await shared.read(shared.ask(dialect, mock.bedrock_model("healthy"))))
            assert seen.complete and len(seen.text) == 16_000 * (len(events) - 4)

        held = await stalled(script, beside)
        assert 0 < held < BUFFERS and len(shared.bodies[slow]) <= 65_535, f"the model got rid of {held} bytes that nobody read"
        shared.h2.reset_stream(slow)
        shared.writer.write(shared.h2.data_to_send())
        await asyncio.wait_for(script.gone.wait(), 20)
        await beside()
        shared.writer.close()

    mock.run(run())
