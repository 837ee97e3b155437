"""python -m tests.benchmarks.sink PORT: a provider that takes every mail at once and remembers nothing: the least a provider can cost."""

import asyncio
import sys
from itertools import count
from typing import cast

from httptools import HttpRequestParser

from orchestrator.runtime.serving import serve

_ids = count()


class Sink(asyncio.Protocol):
    """One connection: every request is read to its end and accepted."""

    def __init__(self) -> None:
        self._parser = HttpRequestParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's is none by its class

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        """Called by the parser."""
        self._transport.write(b"HTTP/1.1 202 Accepted\r\nX-Message-Id: sink%d\r\nContent-Length: 0\r\n\r\n" % next(_ids))


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    serve(main(int(sys.argv[1])))
