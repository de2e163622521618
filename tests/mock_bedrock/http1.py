"""HTTP/1.1 by h11: one exchange after the other on a connection."""
import asyncio

import h11

from .exchange import ClientGone, Exchange

LONGEST_HEAD = 256 * 1024


class Http1Exchange(Exchange):
    version = "1.1"

    def __init__(self, session, **parts):
        super().__init__(**parts)
        self.session = session

    async def start(self, status, headers, length=None):
        framing = ("content-length", str(length)) if length is not None else ("transfer-encoding", "chunked")
        self.started = True
        await self._send(h11.Response(status_code=status, headers=[*headers, framing]))

    async def data(self, data):
        if data:
            await self._send(h11.Data(data=data))
            self.sent += len(data)

    async def end(self):
        await self._send(h11.EndOfMessage())

    async def _send(self, event):
        if self.gone.is_set():
            raise ClientGone
        self.session.write(self.session.h11.send(event))
        await self.session.link.drain()
        if self.gone.is_set():
            raise ClientGone

    def fin(self):
        self.session.link.close()

    def rst(self):
        self.session.link.reset()


class Http1Session:
    def __init__(self, link, app):
        self.link, self.app = link, app
        self.h11 = h11.Connection(h11.SERVER, max_incomplete_event_size=LONGEST_HEAD)
        self.request, self.body, self.exchange, self.task = None, [], None, None

    def write(self, data):
        self.link.write(data)

    def received(self, data):
        self.h11.receive_data(data)
        self._pump()

    def _pump(self):
        while self.task is None:
            try:
                event = self.h11.next_event()
            except h11.RemoteProtocolError as error:
                self.link.write(b"HTTP/1.1 %d Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n" % error.error_status_hint)
                self.link.close()
                return
            if event in (h11.NEED_DATA, h11.PAUSED):
                # Stock boto3 sends "Expect: 100-continue" with a body and waits a second for it.
                if self.h11.they_are_waiting_for_100_continue:
                    self.write(self.h11.send(h11.InformationalResponse(status_code=100, headers=[])))
                return
            if isinstance(event, h11.ConnectionClosed):
                self.link.close()
                return
            self._event(event)

    def _event(self, event):
        if isinstance(event, h11.Request):
            self.request, self.body = event, []
        elif isinstance(event, h11.Data):
            self.body.append(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage):
            self.task = asyncio.create_task(self._answer())

    async def _answer(self):
        path, _, query = self.request.target.decode("latin-1").partition("?")
        headers = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in self.request.headers]
        self.exchange = Http1Exchange(self, method=self.request.method.decode(), path=path, query=query, headers=headers,
                                      body=b"".join(self.body), connection=self.link.number)
        await self.app(self.exchange)
        self.exchange = None
        if self.h11.our_state is h11.DONE and self.h11.their_state is h11.DONE:
            self.h11.start_next_cycle()
            self.task = None
            self._pump()
        else:
            self.link.close()

    def lost(self):
        if self.exchange:
            self.exchange.gone.set()
