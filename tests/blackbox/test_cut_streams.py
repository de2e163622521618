"""A model's stream cut at every byte, by FIN, by RST and as if it were whole, and with one flipped bit: whoever listens is never
told of an end that the model did not send, never reads words that it did not say, and is told that the answer broke off."""
import asyncio
import itertools
import json
import re

import pytest

import dialects
from scripted_upstream import Script, frames

MOCK = "scripted_upstream"
TEXT, INPUT = "Grüße – 水", '{"city": "Köln"}'
SIDE_BY_SIDE = 24
TOOL = {"toolUse": {"toolUseId": "tooluse_1", "name": "weather", "input": json.loads(INPUT)}}


def chunk(delta, reason=None):
    event = {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}
    return f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode()


def call(**function):
    return chunk({"tool_calls": [{"index": 0, "function": function} | ({"id": "call_1", "type": "function"} if "name" in function else {})]})


STREAMS = {"bedrock": frames([{"text": TEXT}, TOOL], "tool_use"),
           "openai": [chunk({"content": TEXT[:4]}), chunk({"content": TEXT[4:]}), call(name="weather", arguments=INPUT[:9]), call(arguments=INPUT[9:]),
                      chunk({}, "tool_calls"), b"data: [DONE]\n\n"]}


class Asker:
    """A connection that is used again as long as answers on it are whole."""

    def __init__(self, address):
        self.address, self.reader, self.writer = address, None, None

    async def ask(self, dialect, model):
        """Status, body without its framing, and whether the framing was whole."""
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(*self.address.split(":"))
        body = json.dumps(dialect.body(model, "x")).encode()
        headers = {"host": self.address, "content-type": "application/json", "content-length": len(body)} | dialect.headers
        self.writer.write(f"POST {dialect.path(model)} HTTP/1.1\r\n".encode() + "".join(f"{n}: {v}\r\n" for n, v in headers.items()).encode() + b"\r\n" + body)
        raw, found = b"", None
        while found is None and (piece := await self.reader.read(65536)):
            raw += piece
            found = unframed(raw)
        if found is None:
            self.writer.close()
            self.writer = None
        return int(raw.split(b" ")[1]), found if found is not None else dechunked(raw.partition(b"\r\n\r\n")[2])[0], found is not None


def unframed(raw):
    """The body of a whole answer, None of one that is not whole yet."""
    head, _, rest = raw.partition(b"\r\n\r\n")
    if length := re.search(rb"content-length: (\d+)", head, re.I):
        return rest if len(rest) == int(length[1]) else None
    body, whole = dechunked(rest) if rest.endswith(b"0\r\n\r\n") else (b"", False)
    return body if whole else None


def dechunked(rest):
    data = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        if size == b"0":
            return data, True
        data, rest = data + rest[:int(size, 16)], rest[int(size, 16) + 2:]
    return data, False


async def every(upstream, server, provider, cases):
    """(dialect, case, seen, whole) of each (dialect, case, Script)."""
    left, out = list(cases), []

    async def worker():
        asker = Asker(server.lock["address"])
        while left:
            dialect, case, script = left.pop()
            name = f"{case}-{dialect.name}"
            upstream.scripts[name] = script
            status, body, whole = await asker.ask(dialect, getattr(upstream, f"{provider}_model")(name))
            assert upstream.scripts.pop(name).attempts, f"{name} was not asked of the model: {body}"
            seen = dialect.read(body) if status == 200 else dialects.Seen(error=json.loads(body))
            out.append((dialect, case, seen, whole))

    await asyncio.gather(*(worker() for _ in range(SIDE_BY_SIDE)))
    return out


def in_turn(at):
    """One of the dialects; which one changes from byte to byte."""
    return [dialects.DIALECTS[at % len(dialects.DIALECTS)]]


def check_cut(seen, whole, where, told, stop_at, full):
    """`told`: how many bytes of the model's came; `stop_at`: where its stop was whole; `full`: where nothing was missing any more."""
    assert TEXT.startswith(seen.text) and INPUT.startswith(seen.arguments), f"{where}: {seen}"
    if told < stop_at:
        assert seen.stop is None, f"{where}: a stop that the model did not send"
    if told < full:
        assert not seen.complete, f"{where}: an end that the model did not send"
        assert seen.error or not whole, f"{where}: nobody told that the answer broke off"


def ends_of(provider):
    """Where the stop, and where the whole reply, has been said; in bytes."""
    edges = list(itertools.accumulate(map(len, STREAMS[provider])))
    # Server-sent events: the newlines behind may be missing.
    return (edges[-2], edges[-1]) if provider == "bedrock" else (edges[-2] - 2, edges[-1] - 2)


@pytest.mark.parametrize("provider", STREAMS)
@pytest.mark.parametrize("by", ["fin", "rst", "end"])
def test_cut_at_every_byte(mock, served, provider, by):
    """What breaks off for every dialect; what ends as if it were whole for one in turn."""
    stop_at, full = ends_of(provider)
    cases = [(dialect, at, Script(STREAMS[provider], break_at=at, break_by=by))
             for at in range(len(b"".join(STREAMS[provider]))) for dialect in (in_turn(at) if by == "end" else dialects.DIALECTS)]
    for dialect, at, seen, whole in mock.run(every(mock, served, provider, cases)):
        check_cut(seen, whole, f"{provider} → {dialect.name}, {by} at {at}", at, stop_at, full)


def flipped(events, at):
    body = bytearray(b"".join(events))
    body[at] ^= 1 << at % 8
    return bytes(body)


def damaged(provider):
    bodies = [flipped(STREAMS[provider], at) for at in range(len(b"".join(STREAMS[provider])))]
    return bodies, [(dialect, at, Script([body], break_at=len(body))) for at, body in enumerate(bodies) for dialect in in_turn(at)]


def test_bit_flipped_in_every_byte_of_an_event_stream(mock, served):
    """Every frame carries checksums: what is wrong is seen, and what came before it stands."""
    for dialect, at, seen, whole in mock.run(every(mock, served, "bedrock", damaged("bedrock")[1])):
        check_cut(seen, whole, f"bedrock → {dialect.name}, flip at {at}", at, *ends_of("bedrock"))


def test_bit_flipped_in_every_byte_of_server_sent_events(mock, served):
    """They carry none: an answer is only passed for whole where another reader of the same bytes reads the same."""
    bodies, cases = damaged("openai")
    complete = 0
    for dialect, at, seen, whole in mock.run(every(mock, served, "openai", cases)):
        if not seen.complete:
            assert seen.error or not whole, f"openai → {dialect.name}, flip at {at}"
            continue
        complete += 1
        expected = dialects.read_openai(bodies[at])
        assert expected.complete and expected.stop, f"openai → {dialect.name}, flip at {at}: {bodies[at]}"
        assert (seen.text, seen.arguments) == (expected.text, expected.arguments), f"openai → {dialect.name}, flip at {at}: {bodies[at]}"
    assert complete > 0
