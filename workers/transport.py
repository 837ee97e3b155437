"""HTTP to providers: pooled, with timeouts, no redirects, no hidden retries. What happened is said exactly once, as a value."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

import aiohttp

from workers.outcome import NotProcessed, Unknown

MAX_ANSWER = 256 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """A request, ready to go. Headers hold secrets: never shown."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    method: Literal["POST", "GET"] = "POST"

    def __repr__(self) -> str:
        return f"{self.method}({self.url!r}, {len(self.body)} bytes)"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (names in lower case) and body as they came."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """One connection pool. `connections` bounds requests in flight."""

    def __init__(self, *, connections: int = 256, timeout: float = 20.0, connect_timeout: float = 5.0) -> None:
        """Timeouts in seconds."""
        # the connection must give up first: a total timeout cannot say whether anything was written
        self._limits = aiohttp.ClientTimeout(total=timeout, connect=min(connect_timeout, timeout / 2))
        self._connections = connections
        self.longest = int(timeout * 1000)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(limit=self._connections, ttl_dns_cache=300)
        self._session = aiohttp.ClientSession(connector=connector, timeout=self._limits, auto_decompress=True, trust_env=False)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._session is not None:
            await self._session.close()

    async def ask(self, request: Request) -> Answer | NotProcessed | Unknown:
        """NotProcessed only when nothing can have been written: no connection was made. Everything later is Unknown."""
        assert self._session is not None
        try:
            async with self._session.request(
                request.method, request.url, data=request.body or None, headers=request.headers, allow_redirects=False
            ) as response:
                body = await _body(response.content)
                return Answer(response.status, {name.lower(): value for name, value in response.headers.items()}, body)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            return NotProcessed(type(error).__name__, str(error)[:200])
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            return Unknown(f"{type(error).__name__}: {error}"[:200])


async def _body(stream: aiohttp.StreamReader) -> bytes:
    """All of it, up to MAX_ANSWER: one read gives no more than what has arrived so far."""
    parts = []
    room = MAX_ANSWER
    while room > 0 and (part := await stream.read(room)):
        parts.append(part)
        room -= len(part)
    return b"".join(parts)
