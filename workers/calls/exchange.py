"""One try of a call over HTTP: to the address that was looked at, no redirects, no proxies, no cookies, no hidden second try, a bounded answer.

Connections are not kept: a receiver that closes an idle one just as it is used would look like one that does not answer, and every try is to
resolve and look anew. That costs a handshake for each.
"""

import asyncio
import ssl
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp

from orchestrator.contracts.call import MOST_BODY
from workers.calls.address_guard import AddressGuard, AddressRefused
from workers.calls.call_request import CallRequest

MOST_HEADERS, MOST_HEADER_BYTES = 48, 8 * 1024
"""Of an answer; what is beyond is left out."""
LONGEST_HEADER = 64 * 1024
"""Bytes of one: with a longer one there is no answer, and the call is made again."""
_NOT_KEPT = frozenset(("set-cookie", "set-cookie2"))


@dataclass(frozen=True, slots=True)
class Answered:
    """Header names in lower case. `body` None: it is too large, or not what its encoding says; `too_large` tells which."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None
    too_large: bool = False


@dataclass(frozen=True, slots=True)
class TimedOut:
    """Not all of an answer in time."""


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No connection, or one that broke. `detail` is for the log."""

    detail: str


@dataclass(frozen=True, slots=True)
class Barred:
    """The name leads to an address that is not public: nobody was called."""

    detail: str


Exchanged = Answered | TimedOut | Unreachable | Barred


class Exchange:
    """Connections of calls; how many there are at once is for who asks. `trusted`: what certificates are checked with."""

    def __init__(self, guard: AddressGuard, trusted: ssl.SSLContext) -> None:
        self._guard = guard
        self._trusted = trusted
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            resolver=self._guard, use_dns_cache=False, ssl=self._trusted, force_close=True, limit=0, limit_per_host=0
        )
        self._session = aiohttp.ClientSession(
            connector=connector, auto_decompress=False, trust_env=False, cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None), max_field_size=LONGEST_HEADER,
        )  # fmt: skip
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._session is not None:
            await self._session.close()

    async def ask(self, request: CallRequest, within: float) -> Exchanged:
        """`within` seconds, for all of it: name, connection, request, the whole answer."""
        try:
            async with asyncio.timeout(within):
                return await self._ask(request)
        except TimeoutError:
            return TimedOut()
        except AddressRefused as error:
            return Barred(f"{request.target.host} leads to {error}")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Unreachable(f"{type(error).__name__}: {error}"[:200])

    async def _ask(self, request: CallRequest) -> Answered:
        assert self._session is not None
        self._guard.check(request.target.host, request.target.port)
        async with self._session.request(
            request.method, request.target.url, data=request.body or None, headers=request.headers, allow_redirects=False
        ) as response:
            headers = _kept(response.headers)
            encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
            body, too_large = await _body(response.content, encoding)
            return Answered(response.status, headers, body, too_large)


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    kept: dict[str, str] = {}
    room = MOST_HEADER_BYTES
    for name, value in headers.items():
        name = name.lower()  # noqa: PLW2901  (the same name)
        if len(kept) == MOST_HEADERS:
            break
        size = len(name) + len(value)
        if name not in _NOT_KEPT and size <= room:
            room -= size
            value = value.encode("utf-8", "replace").decode("utf-8")  # noqa: PLW2901  (half surrogates stand for bytes that are no UTF-8)
            kept[name] = f"{kept[name]}, {value}" if name in kept else value
    return kept


async def _body(stream: aiohttp.StreamReader, encoding: str) -> tuple[bytes | None, bool]:
    """(the body, unpacked, or None; whether it is too large). No more than the bound is ever held, packed or unpacked."""
    if encoding not in ("identity", "gzip", "x-gzip", "deflate"):
        return None, False
    unpacker = None if encoding == "identity" else zlib.decompressobj(zlib.MAX_WBITS | 32)
    parts: list[bytes] = []
    room = MOST_BODY
    packed = 0
    while part := await stream.read(MOST_BODY):
        packed += len(part)
        if unpacker is not None:
            try:
                part = unpacker.decompress(part, room + 1)
            except zlib.error:
                return None, False
        room -= len(part)
        if room < 0 or packed > MOST_BODY:
            return None, True
        parts.append(part)
    return (None, False) if unpacker is not None and packed and not unpacker.eof else (b"".join(parts), False)
