"""HTTP/2 by h2, with prior knowledge or by ALPN: exchanges side by side on a connection."""
import asyncio

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions

from .exchange import ClientGone, Exchange

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


class Http2Exchange(Exchange):
    version = "2"

    def __init__(self, session, stream, **parts):
        super().__init__(**parts)
        self.session, self.stream = session, stream
        self.window = asyncio.Event()

    async def start(self, status, headers, length=None):
        self.started = True
        framing = [("content-length", str(length))] if length is not None else []
        self._alive()
        # HTTP/2 knows no connection headers (RFC 9113 §8.2.2).
        plain = [(k.lower(), v) for k, v in headers if k.lower() != "connection"]
        self.session.h2.send_headers(self.stream, [(":status", str(status)), *plain, *framing])
        await self.session.flush()

    async def data(self, data):
        view = memoryview(data)
        while view:
            self._alive()
            room = min(self.session.h2.local_flow_control_window(self.stream), self.session.h2.max_outbound_frame_size)
            if room <= 0:
                self.window.clear()
                await self._wait_for_window()
                continue
            part = view[:room]
            self.session.h2.send_data(self.stream, bytes(part))
            self.sent += len(part)
            view = view[len(part):]
            await self.session.flush()

    async def _wait_for_window(self):
        waiting = [asyncio.create_task(self.window.wait()), asyncio.create_task(self.gone.wait())]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()

    async def end(self):
        self._alive()
        self.session.h2.end_stream(self.stream)
        await self.session.flush()

    def _alive(self):
        if self.gone.is_set():
            raise ClientGone

    def fin(self):
        self.session.link.close()

    def rst(self):
        if self.gone.is_set():
            return
        self.session.h2.reset_stream(self.stream, h2.errors.ErrorCodes.INTERNAL_ERROR)
        self.session.send_now()


class Http2Session:
    def __init__(self, link, app):
        self.link, self.app = link, app
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self.h2.initiate_connection()
        self.requests, self.exchanges, self.tasks, self.leaving = {}, {}, set(), False
        self.send_now()

    def send_now(self):
        if data := self.h2.data_to_send():
            self.link.write(data)

    async def flush(self):
        self.send_now()
        await self.link.drain()

    def received(self, data):
        try:
            events = self.h2.receive_data(data)
        except h2.exceptions.ProtocolError:
            self.send_now()
            self.link.close()
            return
        for event in events:
            self._event(event)
        self.send_now()

    def _event(self, event):
        stream = getattr(event, "stream_id", None)
        if isinstance(event, h2.events.RequestReceived):
            self.requests[stream] = (event.headers, [])
        elif isinstance(event, h2.events.DataReceived):
            self.h2.acknowledge_received_data(event.flow_controlled_length, stream)
            if stream in self.requests:
                self.requests[stream][1].append(event.data)
        elif isinstance(event, h2.events.StreamEnded) and stream in self.requests:
            task = asyncio.create_task(self._answer(stream, *self.requests.pop(stream)))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        elif isinstance(event, h2.events.StreamReset):
            self.requests.pop(stream, None)
            if stream in self.exchanges:
                self.exchanges[stream].gone.set()
        elif isinstance(event, (h2.events.WindowUpdated, h2.events.RemoteSettingsChanged)):
            for exchange in list(self.exchanges.values()):
                exchange.window.set()
        elif isinstance(event, h2.events.ConnectionTerminated):
            self._goaway(event)

    def _goaway(self, event):
        if event.error_code or not (self.exchanges or self.tasks):
            self.link.close()
            return
        # Streams begun before a GOAWAY go on (RFC 9113 §6.8), and AWS's SDK for JavaScript sends one as soon as the head
        # of a stream is there. h2 takes every GOAWAY for the end of the connection: we tell it that it is not.
        self.h2.state_machine.state = h2.connection.ConnectionState.SERVER_OPEN
        self.leaving = True

    async def _answer(self, stream, raw, body):
        pseudo = {k: v for k, v in raw if k.startswith(":")}
        headers = [(k, v) for k, v in raw if not k.startswith(":")]
        if ":authority" in pseudo:
            # Both names for it: AWS's SDK for JavaScript signs ":authority" under HTTP/2, others sign "host".
            headers.append((":authority", pseudo[":authority"]))
            if not any(k == "host" for k, _ in headers):
                headers.append(("host", pseudo[":authority"]))
        path, _, query = pseudo[":path"].partition("?")
        exchange = Http2Exchange(self, stream, method=pseudo[":method"], path=path, query=query, headers=headers,
                                 body=b"".join(body), connection=self.link.number)
        self.exchanges[stream] = exchange
        try:
            await self.app(exchange)
        finally:
            del self.exchanges[stream]
            if self.leaving and not self.exchanges:
                self.link.close()

    def lost(self):
        for exchange in list(self.exchanges.values()):
            exchange.gone.set()
