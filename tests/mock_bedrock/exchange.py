"""One request and its answer, whichever HTTP it came by."""
import asyncio


class ClientGone(Exception):
    """The client closed or reset the connection or the stream while we answered."""


class Exchange:
    """What an operation sees. `path` is raw, undecoded; header names are in lower case, in the order of arrival.

    The subclasses (http1.py, http2.py) put bytes on the wire: start, data, end, and the two ways to break off.
    """

    version = "?"

    def __init__(self, method, path, query, headers, body, connection):
        self.method, self.path, self.query, self.headers, self.body = method, path, query, headers, body
        self.connection = connection  # number of the connection, for the records
        self.gone = asyncio.Event()
        self.sent = 0
        self.started = False

    def header(self, name):
        """All values of a name joined by commas, or None."""
        values = [value for key, value in self.headers if key == name]
        return ",".join(values) if values else None

    async def start(self, status, headers, length=None):
        raise NotImplementedError

    async def data(self, data):
        raise NotImplementedError

    async def end(self):
        raise NotImplementedError

    def fin(self):
        """Closes the connection in good manners of TCP, in the middle of the answer."""
        raise NotImplementedError

    def rst(self):
        """Resets: TCP RST under HTTP/1.1, RST_STREAM under HTTP/2."""
        raise NotImplementedError

    async def sleep(self, seconds):
        """Waits, unless the client goes."""
        try:
            await asyncio.wait_for(self.gone.wait(), seconds)
        except TimeoutError:
            return
        raise ClientGone
