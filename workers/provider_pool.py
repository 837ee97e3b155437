"""The providers of one channel: the first that answers is used; rate and breaker per provider."""

from collections.abc import Mapping, Sequence

from workers.circuit import Circuit, allows, asked, failed, succeeded
from workers.outcome import ChannelDown, NotProcessed, Outcome, Unknown
from workers.provider import Provider
from workers.rate_limit import Bucket, room, take
from workers.shared_rate import SharedRate

MOST_REST, LEAST_REST = 60_000, 1_000
"""Milliseconds a provider that said "too many" is left alone."""


class ProviderPool:
    """In the order of the settings: the second is the failover of the first."""

    def __init__(self, providers: Sequence[Provider], now: int, shared: Mapping[str, SharedRate] | None = None) -> None:
        """`shared`: rates kept together with other workers, by provider; without one this process keeps the rate alone. Raises ValueError
        without any provider."""
        if not providers:
            raise ValueError("a channel needs at least one provider")
        self._providers = list(providers)
        self._circuits = {provider.name: Circuit() for provider in providers}
        self._resting: dict[str, int] = {}
        self._bucket = Bucket(providers[0].rate, now)
        self._shared = shared or {}

    async def refill(self, now: int) -> None:
        """Before `room`: ask for a share of the common rate, where it is shared. Raises ServiceUnavailable."""
        provider = self.choose(now) if self._shared else None
        if provider is not None and provider.name in self._shared:
            await self._shared[provider.name].refill(now)

    def room(self, now: int) -> tuple[int, int]:
        """How many messages may be taken now; when it is 0, the milliseconds until it is worth asking again.

        While no breaker lets anything through nothing is taken, so that a provider's failure uses up no message's tries;
        one that has been open lets one message through, which is its probe.
        """
        provider = self.choose(now)
        if provider is None:
            return 0, self.pause(now)
        shared = self._shared.get(provider.name)
        number, wait = room(self._bucket, provider.rate, now) if shared is None else shared.room(now)
        return (min(number, 1), wait) if self._circuits[provider.name].opened_at is not None else (number, wait)

    def reserve(self, number: int, now: int) -> None:
        """So many messages are about to be sent."""
        provider = self.choose(now) or self._providers[0]
        if provider.name in self._shared:
            self._shared[provider.name].reserve(number)
        else:
            self._bucket = take(self._bucket, provider.rate, number, now)

    def choose(self, now: int) -> Provider | None:
        """The first provider that has not asked to be left alone and whose breaker lets a message through."""
        return next((p for p in self._providers if allows(self._circuits[p.name], now) and now >= self._resting.get(p.name, 0)), None)

    def asked(self, name: str) -> None:
        """A message goes to it now."""
        self._circuits[name] = asked(self._circuits[name])

    def pause(self, now: int) -> int:
        """Milliseconds until one of them may be asked again."""
        waits = [
            max(0 if c.opened_at is None else c.opened_at + c.pause - now, self._resting.get(name, now) - now)
            for name, c in self._circuits.items()
        ]
        return max(min((wait for wait in waits if wait > 0), default=1000), 1000)

    def told(self, name: str, outcome: Outcome, now: int) -> None:
        """What came of asking."""
        circuit = self._circuits[name]
        match outcome:
            case ChannelDown():
                self._circuits[name] = failed(circuit, now, at_once=True)
            case NotProcessed(code="429" | "20429", retry_after=wait):
                # it answers, and asks to be left alone: what is asked meanwhile would be refused too
                self._circuits[name] = succeeded(circuit)
                self._resting[name] = now + min(max(wait or 0, LEAST_REST), MOST_REST)
            case NotProcessed() | Unknown():
                self._circuits[name] = failed(circuit, now)
            case _:
                if circuit.failures or circuit.opened_at is not None:
                    self._circuits[name] = succeeded(circuit)

    def named(self, name: str) -> list[Provider]:
        """That provider; all of them where nobody knows which was asked."""
        return [provider for provider in self._providers if name in ("", provider.name)]

    def evidence(self, name: str) -> float:
        """Seconds to wait for proof: that provider's, the slowest one's where nobody knows which was asked."""
        return max(provider.evidence for provider in self.named(name))

    def open_circuits(self) -> dict[str, bool]:
        """By provider."""
        return {name: circuit.opened_at is not None for name, circuit in self._circuits.items()}
