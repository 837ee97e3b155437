"""The busiest minute of each channel, against what the channel takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestrator.contracts.topics import CHANNELS
from orchestrator.simulation.tally import Tally
from orchestrator.workspace.policies import DEFAULT_RATES, Policies


@dataclass(frozen=True, slots=True)
class Busiest:
    """`at` in milliseconds: the first of the busiest minutes. `rate` in messages a second; `over` counts minutes with more than it lets
    through: their messages would leave later."""

    channel: str
    at: int
    messages: int
    rate: float
    over: int

    @property
    def share(self) -> float:
        """Of what the rate lets through in a minute; above 1 is too much."""
        return self.messages / (self.rate * 60)


def rates_of(policies: Policies, providers: Mapping[str, float]) -> dict[str, float]:
    """Messages a second by channel: of the policies' limit and the provider, the smaller; the default of the channel without either."""
    found: dict[str, float] = {}
    for channel in CHANNELS:
        limit = policies.limits.get(channel)
        given = [rate for rate in (None if limit is None else limit.rate, providers.get(channel)) if rate is not None]
        found[channel] = min(given, default=DEFAULT_RATES[channel])
    return found


def busiest_minutes(tally: Tally, rates: Mapping[str, float]) -> Sequence[Busiest]:
    """Of channels on which anything was sent."""
    found: list[Busiest] = []
    for channel in CHANNELS:
        minutes = {minute: number for (one, minute), number in tally.minutes.items() if one == channel}
        if minutes:
            minute, number = min(minutes.items(), key=lambda item: (-item[1], item[0]))
            over = sum(number > rates[channel] * 60 for number in minutes.values())
            found.append(Busiest(channel, minute * 60_000, number, rates[channel], over))
    return found
