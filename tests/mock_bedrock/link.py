"""A TCP or TLS connection: which HTTP it speaks, back-pressure, and the two ways to end it."""
import asyncio
import itertools
import socket
import struct

from .http1 import Http1Session
from .http2 import PREFACE, Http2Session

_numbers = itertools.count(1)


class Link(asyncio.Protocol):
    def __init__(self, app):
        self.app, self.session, self.head = app, None, b""
        self.number = next(_numbers)
        self.writable = asyncio.Event()
        self.writable.set()

    def connection_made(self, transport):
        self.transport = transport
        if sock := transport.get_extra_info("socket"):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data):
        if self.session is None:
            self.head += data
            # Every HTTP/2 connection begins with the preface, by ALPN too; no method of HTTP/1.1 is "PRI".
            if len(self.head) < len(PREFACE) and PREFACE.startswith(self.head):
                return
            kind = Http2Session if self.head.startswith(PREFACE) else Http1Session
            self.session, data = kind(self, self.app), self.head
        self.session.received(data)

    def write(self, data):
        if not self.transport.is_closing():
            self.transport.write(data)

    async def drain(self):
        await self.writable.wait()

    def pause_writing(self):
        self.writable.clear()

    def resume_writing(self):
        self.writable.set()

    def close(self):
        self.transport.close()

    def reset(self):
        # A linger of zero seconds makes the kernel answer with RST instead of FIN.
        if sock := self.transport.get_extra_info("socket"):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def eof_received(self):
        return False

    def connection_lost(self, error):
        self.writable.set()
        if self.session:
            self.session.lost()
