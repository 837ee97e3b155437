"""The resolver of calls: a name is resolved once for each try, every address it leads to is looked at, and the connection goes to what was
looked at. A name that leads to one address that is not public is refused whole: honest ones do not mix them."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence

from aiohttp.abc import AbstractResolver, ResolveResult

from workers.calls.addresses import is_public

LookUp = Callable[[str, int], Awaitable[Sequence[str]]]
"""Addresses of a name. Raises OSError."""


class AddressRefused(Exception):  # noqa: N818  (it reads as what happened)
    """The name leads to an address that is not public. Not an OSError: the client would take that for a network's fault."""


class AddressGuard(AbstractResolver):
    """`private`: (host, port) that may have any address. aiohttp does not ask a resolver about a host that is an address already:
    `check` is for those."""

    def __init__(self, look_up: LookUp, private: frozenset[tuple[str, int]]) -> None:
        self._look_up = look_up
        self._private = private

    def check(self, host: str, port: int) -> None:
        """Of a host that is written as an address. Raises AddressRefused."""
        if (host, port) not in self._private and _is_address(host) and not is_public(host):
            raise AddressRefused(host)

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        """Raises AddressRefused, OSError."""
        found = await self._look_up(host, port)
        if not found:
            raise OSError(f"{host} has no address")
        if (host, port) not in self._private:
            for address in found:
                if not is_public(address):
                    raise AddressRefused(address)
        results = [_result(host, port, address) for address in dict.fromkeys(found)]
        return [one for one in results if family in (socket.AF_UNSPEC, one["family"])]

    async def close(self) -> None:
        """Nothing is held."""


def _result(host: str, port: int, address: str) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=flags)


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


class SystemLookUp:
    """The machine's resolver. A name is asked for once at a time, each in a thread of its own that nobody waits for at the end: a name
    server that does not answer holds up neither other names nor a stop."""

    def __init__(self) -> None:
        self._asking: dict[tuple[str, int], asyncio.Future[list[str]]] = {}

    async def __call__(self, host: str, port: int) -> list[str]:
        """Raises OSError."""
        asked = self._asking.get((host, port))
        if asked is None:
            asked = self._asking[host, port] = asyncio.get_running_loop().create_future()
            asked.add_done_callback(lambda done: self._told((host, port), done))
            threading.Thread(target=_ask, args=(host, port, asked), name=f"look up {host}", daemon=True).start()
        return await asyncio.shield(asked)

    def _told(self, place: tuple[str, int], done: "asyncio.Future[list[str]]") -> None:
        del self._asking[place]
        if not done.cancelled():
            done.exception()  # whoever asked may have gone: nothing is to be said of it


def _ask(host: str, port: int, asked: "asyncio.Future[list[str]]") -> None:
    found: list[str] | OSError
    try:
        found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)]
    except (OSError, UnicodeError) as error:
        found = error if isinstance(error, OSError) else OSError(str(error))
    with contextlib.suppress(RuntimeError):  # the loop has ended
        asked.get_loop().call_soon_threadsafe(_tell, asked, found)


def _tell(asked: "asyncio.Future[list[str]]", found: list[str] | OSError) -> None:
    if asked.done():
        return
    if isinstance(found, OSError):
        asked.set_exception(found)
    else:
        asked.set_result(found)
