"""An offer: what a message may carry beside what it says. It never changes its message; where it may not go, the message goes without it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from orchestrator.expressions.expression import Expression
from orchestrator.workspace.journey import Active
from orchestrator.workspace.message import Action


@dataclass(frozen=True, slots=True)
class OfferContent:
    """Its text in one locale: templates; `title` is one line, `body` Markdown."""

    title: str
    body: str
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """`version` is the first 8 hex digits of its SHA-256. `valid` is when it may be shown; at most `most` times in any `per` milliseconds
    for one customer. `only`: the messages that may carry it, None for all. Of those that fit the highest `priority` goes, then the highest
    `value`, then the first name. `when` reads `customer`, `now` and `message`."""

    name: str
    version: str
    topic: str
    valid: Active
    most: int
    per: int
    content: Mapping[str, OfferContent] = field(default_factory=dict)
    when: Expression | None = None
    priority: int = 50
    value: float = 0
    only: frozenset[str] | None = None
    place: int = 0
    """Among the offers of the file, from 0."""


def in_order(offers: Sequence[Offer]) -> dict[str, Offer]:
    """By name, the one to ask first in front."""
    return {one.name: one for one in sorted(offers, key=lambda one: (-one.priority, -one.value, one.name))}
