"""python -m tests.benchmarks.sink PORT [FILE]: a provider that takes every mail at once and remembers nothing: the least a provider can cost.
With FILE it notes the instant (Unix time in seconds), the address and the subject of each."""

import asyncio
import json
import sys
from contextlib import nullcontext
from itertools import count
from pathlib import Path
from typing import TextIO, cast

from httptools import HttpRequestParser

from orchestrator.runtime.clock import SystemClock
from orchestrator.runtime.serving import serve

_ids = count()
_clock = SystemClock()


class Sink(asyncio.Protocol):
    """One connection: every request is read to its end and accepted."""

    def __init__(self, notes: TextIO | None) -> None:
        self._parser, self._notes, self._body = HttpRequestParser(self), notes, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's is none by its class

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        """Called by the parser."""
        if self._notes is not None:
            self._body += body

    def on_message_complete(self) -> None:
        """Called by the parser."""
        self._transport.write(b"HTTP/1.1 202 Accepted\r\nX-Message-Id: sink%d\r\nContent-Length: 0\r\n\r\n" % next(_ids))
        if self._notes is not None:
            mail, self._body = json.loads(self._body), b""
            self._notes.write(f"{_clock.now() / 1000}\t{mail['personalizations'][0]['to'][0]['email']}\t{mail['subject']}\n")


async def main(port: int, notes: TextIO | None) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Sink(notes), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    with Path(sys.argv[2]).open("w", buffering=1) if len(sys.argv) > 2 else nullcontext() as opened:
        serve(main(int(sys.argv[1]), opened))
