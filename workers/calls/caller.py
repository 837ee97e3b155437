"""One call from its first try to its end. Slots bound what is under way at once, in all and for each host, so that a slow host cannot
hold up the others; between two tries a call has none."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from orchestrator.contracts.call import LONGEST_TIMEOUT, CallAnswer, OutboundCall
from orchestrator.runtime.clock import Clock
from workers.calls.call_request import CallRequest, Refused, SecretSource, request_of
from workers.calls.exchange import Answered, Barred, Exchange, Exchanged, Unreachable
from workers.calls.tries import Again, End, verdict

SLOTS, SLOTS_OF_HOST = 256, 16
"""Tries under way at once."""
NOWHERE = "-"
"""The host in metrics of a call that reached nobody."""
_log = logging.getLogger(__name__)


class CallWatch(Protocol):
    """Told of every try and every call's end; feeds metrics. `host` is the entry of `webhooks.hosts`."""

    def tried(self, host: str, outcome: str, seconds: float) -> None: ...

    def call_ended(self, host: str, outcome: str) -> None: ...


@dataclass(slots=True)
class Progress:
    """Of one call; read by the loop. `trying`: a request may be under way."""

    trying: bool = False
    attempts: int = 0


@dataclass(slots=True)
class Slots:
    """What is under way."""

    total: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(SLOTS))
    hosts: dict[tuple[str, int], asyncio.Semaphore] = field(default_factory=dict)
    wanted: dict[tuple[str, int], int] = field(default_factory=dict)

    @contextlib.asynccontextmanager
    async def taken(self, host: tuple[str, int]) -> AsyncIterator[None]:
        """Waits for one of the host's, then for one of all."""
        own = self.hosts.setdefault(host, asyncio.Semaphore(SLOTS_OF_HOST))
        self.wanted[host] = self.wanted.get(host, 0) + 1
        try:
            async with own, self.total:
                yield
        finally:
            self.wanted[host] -= 1
            if not self.wanted[host]:  # names of hosts may come out of patterns: they are not kept for ever
                del self.wanted[host], self.hosts[host]


class Caller:
    """`hosts` gives `webhooks.hosts` of the version in force; `private`: (host, port) that ops permit. `random` in [0, 1)."""

    def __init__(
        self, exchange: Exchange, hosts: Callable[[], Sequence[str]], private: frozenset[tuple[str, int]], secrets: SecretSource, clock: Clock,
        random: Callable[[], float], watch: CallWatch, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        self._exchange = exchange
        self._hosts = hosts
        self._private = private
        self._secrets = secrets
        self._clock = clock
        self._random = random
        self._watch = watch
        self._sleep = sleep
        self._slots = Slots()
        self._said: set[tuple[str, str, str]] = set()

    async def call(self, call: OutboundCall, progress: Progress) -> CallAnswer:
        """May take half an hour. Raises nothing for any call: what cannot be called is answered too."""
        while True:
            host, found = await self._try(call, progress)
            if isinstance(found, Again):
                await self._sleep(found.wait / 1000)
                continue
            self._watch.call_ended(host, found.why or "ok")
            return _answer(call, found, progress.attempts, self._clock.now())

    async def _try(self, call: OutboundCall, progress: Progress) -> tuple[str, End | Again]:
        """Hosts, secrets and the signature's time are of this try: what was taken away meanwhile is not called again."""
        request = self._request(call)
        if isinstance(request, Refused):
            return NOWHERE, self._refused(call, request)
        host = request.target.listed
        async with self._slots.taken((request.target.host, request.target.port)):
            request = self._request(call)  # it may have waited long
            if isinstance(request, Refused):
                return host, self._refused(call, request)
            progress.trying = True
            progress.attempts += 1
            started = self._clock.monotonic()
            try:
                exchanged = await self._asked(call, request)
            finally:
                progress.trying = False
        found = verdict(call, exchanged, progress.attempts, self._clock.now(), self._random)
        self._watch.tried(host, _outcome(exchanged), self._clock.monotonic() - started)
        self._say(call, exchanged, found, progress.attempts)
        return host, found

    def _request(self, call: OutboundCall) -> CallRequest | Refused:
        return request_of(call, self._hosts(), self._private, self._secrets, self._clock.now())

    async def _asked(self, call: OutboundCall, request: CallRequest) -> Exchanged:
        try:
            return await self._exchange.ask(request, min(max(call.timeout, 1), LONGEST_TIMEOUT) / 1000)
        except Exception as error:  # noqa: BLE001  (a call that breaks the client ends alone; its run goes on)
            _log.exception("call of step %s in %s", call.step, call.journey)
            return Unreachable(type(error).__name__)

    def _refused(self, call: OutboundCall, refused: Refused) -> End:
        self._say_once(call, refused.why, refused.detail)
        return End(refused.why)

    def _say_once(self, call: OutboundCall, why: str, detail: str) -> None:
        """What will fail for everybody who comes to this step: once, not for each."""
        if (call.journey, call.step, why) not in self._said:
            self._said.add((call.journey, call.step, why))
            _log.warning("step %s of %s is not called: %s (%s)", call.step, call.journey, why, detail)

    def _say(self, call: OutboundCall, exchanged: Exchanged, found: End | Again, attempt: int) -> None:
        if isinstance(exchanged, Barred):
            self._say_once(call, "address_refused", exchanged.detail)
        if isinstance(found, End) and not found.why:
            return
        detail = f"HTTP {exchanged.status}" if isinstance(exchanged, Answered) else getattr(exchanged, "detail", "no answer in time")
        then = f"again in {found.wait / 1000:.1f} s" if isinstance(found, Again) else found.why
        _log.debug("step %s of %s, try %s: %s; %s", call.step, call.journey, attempt, detail, then)


def _outcome(exchanged: Exchanged) -> str:
    """A word of a closed list, for metrics."""
    return f"{exchanged.status // 100}xx" if isinstance(exchanged, Answered) else type(exchanged).__name__


def _answer(call: OutboundCall, end: End, attempts: int, now: int) -> CallAnswer:
    body: msgspec.Raw | None = end.body
    return CallAnswer(
        id=call.id, customer=call.customer, journey=call.journey, key=call.key, number=call.number, step=call.step, visit=call.visit,
        ok=not end.why, status=end.status, headers=dict(end.headers), body=body, why=end.why, attempts=attempts, at=now,
    )  # fmt: skip
