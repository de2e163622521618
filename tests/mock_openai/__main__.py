"""Prints its URL, serves until standard input closes."""
import asyncio
import sys

from .server import serve


async def main():
    server, url = await serve()
    print(url, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
