"""python -m mock_bedrock [--port P] [--certificate PEM --key PEM]: prints its URL when it listens."""
import argparse
import asyncio
import ssl
import sys

from .link import Link
from .server import MockBedrock


async def main():
    parser = argparse.ArgumentParser(prog="mock_bedrock")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    given = parser.parse_args()
    context = None
    if given.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(given.certificate, given.key)
        context.set_alpn_protocols(["h2", "http/1.1"])
    app = MockBedrock()
    server = await asyncio.get_running_loop().create_server(lambda: Link(app), "127.0.0.1", given.port, ssl=context)
    scheme = "https" if context else "http"
    print(f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    # Ends with whoever started it: the other end of our standard input closes then.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
