"""A receiver of calls that speaks raw bytes as it is told, over HTTP or HTTPS, and remembers what it saw."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec
import trustme

from orchestrator.contracts.call import OutboundCall
from orchestrator.runtime.clock import SystemClock
from workers.calls.address_guard import AddressGuard
from workers.calls.caller import Caller, Progress
from workers.calls.exchange import Exchange

Speak = Callable[[asyncio.StreamWriter], Awaitable[None]]
HOST = "api.example.com"
SECRETS = {"crm_token": "s3cret"}


@dataclass
class Seen:
    """One request: its head in lines, its body."""

    head: list[str]
    body: bytes

    def header(self, name: str) -> str | None:
        found = [line.partition(":")[2].strip() for line in self.head[1:] if line.lower().startswith(name.lower() + ":")]
        assert len(found) < 2, f"{name} stands there twice"
        return found[0] if found else None


@dataclass
class Receiver:
    """`script` says how each request in turn is answered; the last one for all that follow."""

    script: Sequence[Speak]
    port: int = 0
    seen: list[Seen] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    """What clients asked for by SNI."""

    async def one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
            seen = Seen(head, b"")
            number = len(self.seen)
            self.seen.append(seen)
            seen.body = await reader.readexactly(int(seen.header("content-length") or 0))
            await self.script[min(number, len(self.script) - 1)](writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def answer(status: int = 200, body: bytes = b"{}", **headers: str) -> Speak:
    async def speak(writer: asyncio.StreamWriter) -> None:
        lines = [
            f"HTTP/1.1 {status} X",
            f"Content-Length: {len(body)}",
            *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
        ]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()

    return speak


async def silence(_writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


@asynccontextmanager
async def receiving(*script: Speak, tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    made = Receiver(script)
    if tls is not None:
        tls.sni_callback = lambda _socket, name, _context: made.names.append(name or "")
    server = await asyncio.start_server(made.one, "127.0.0.1", 0, ssl=tls)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()


def authority(*names: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """(what a server of these names shows, what trusts it)."""
    ca = trustme.CA()
    shown, trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    ca.issue_cert(*names).configure_cert(shown)
    ca.configure_trust(trusted)
    return shown, trusted


class Names:
    """A name server that answers as it is told."""

    def __init__(self, *addresses: str) -> None:
        self.addresses: Sequence[str] = addresses
        self.asked: list[str] = []

    async def __call__(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.addresses


@dataclass
class Watched:
    """What a caller was heard to do; `slept` are its gaps in seconds."""

    tries: list[tuple[str, str]] = field(default_factory=list)
    ends: list[tuple[str, str]] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def tried(self, host: str, outcome: str, _seconds: float) -> None:
        self.tries.append((host, outcome))

    def call_ended(self, host: str, outcome: str) -> None:
        self.ends.append((host, outcome))

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


class SecretsOf(dict[str, str]):
    """Implements the caller's `SecretSource`."""


def call(url: str, **changes: object) -> OutboundCall:
    base = OutboundCall(
        id="0" * 32,
        customer="ada",
        journey="churn",
        step="score",
        url=url,
        body=msgspec.Raw(b'{"plan":"fibre"}'),
        timeout=2000,
        retries=3,
        at=5,
    )
    return msgspec.structs.replace(base, **changes)


@asynccontextmanager
async def caller_to(
    receiver: Receiver, watched: Watched, trusted: ssl.SSLContext | None = None, names: Names | None = None, private: bool = True
) -> AsyncIterator[Caller]:
    """A caller that finds `HOST` on this machine. `private`: ops permit that."""
    allowed = frozenset({(HOST, receiver.port)}) if private else frozenset()
    guard = AddressGuard(names or Names("127.0.0.1"), allowed)
    async with Exchange(guard, trusted or ssl.create_default_context()) as exchange:
        hosts = [f"{HOST}:{receiver.port}"]
        yield Caller(exchange, lambda: hosts, allowed, SecretsOf(SECRETS), SystemClock(), lambda: 0.5, watched, watched.sleep)


def progress() -> Progress:
    return Progress()
