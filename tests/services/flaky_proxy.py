"""A TCP proxy that can swallow answers: the request arrives, its sender never hears what became of it."""

import asyncio
import contextlib


class FlakyProxy:
    """Between a client and a server on this machine. `lose_next` answers are read from the server and thrown away, and the
    connection is closed, as when a network breaks at the worst moment."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.lose_next = 0
        self.lost = 0

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._open):
            writer.close()
        await asyncio.sleep(0.05)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        self._open |= {writer, back}
        requests = asyncio.create_task(self._requests(reader, back))
        with contextlib.suppress(OSError):
            while answer := await there.read(65_536):
                if self.lose_next:
                    self.lose_next -= 1
                    self.lost += 1
                    break
                writer.write(answer)
                await writer.drain()
        requests.cancel()
        for one in (writer, back):
            one.close()
            self._open.discard(one)
            with contextlib.suppress(OSError):
                await one.wait_closed()

    async def _requests(self, reader: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while part := await reader.read(65_536):
                back.write(part)
                await back.drain()
