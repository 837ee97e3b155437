"""What the messages of a simulation cost, by the price lists of concierge.toml."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestrator.simulation.tally import Tally

Prices = Mapping[str, Mapping[str, float]]
"""Channel to the price of a message (a segment of a text) by country code or `default`."""


@dataclass(frozen=True, slots=True)
class Line:
    """`parts` messages, or segments of texts, to one country on one channel. `price` None: no list has one."""

    channel: str
    country: str
    parts: int
    price: float | None

    @property
    def cost(self) -> float | None:
        """In the currency of the price list."""
        return None if self.price is None else round(self.price * self.parts, 4)


def cost_lines(tally: Tally, prices: Prices) -> Sequence[Line]:
    """By channel, then country."""
    return [
        Line(channel, country, parts, prices.get(channel, {}).get(country, prices.get(channel, {}).get("default")))
        for (channel, country), parts in sorted(tally.parts.items())
    ]


def total(lines: Sequence[Line]) -> float:
    """Of those that have a price."""
    return round(sum(line.cost for line in lines if line.cost is not None), 4)
