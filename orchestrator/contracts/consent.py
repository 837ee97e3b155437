"""What statements of consent amount to: one rule, asked at the plan and again by the senders' last check."""

from collections.abc import Collection, Iterable
from typing import Protocol, TypeVar

import msgspec

STRICTNESS = {"granted": 0, "none": 0, "pending": 1, "revoked": 2}


class Stated(Protocol):
    """One statement; `*` as channel or topic covers all, but for the topics in `excepting`. `at` in milliseconds."""

    @property
    def channel(self) -> str: ...
    @property
    def topic(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def at(self) -> int: ...
    @property
    def excepting(self) -> Collection[str]: ...


AnyStated = TypeVar("AnyStated", bound=Stated)


class ConsentStatement(msgspec.Struct, array_like=True, frozen=True):
    """As the guard carries it."""

    channel: str
    topic: str
    state: str
    at: int
    excepting: tuple[str, ...] = ()


def decisive_statement(statements: Iterable[AnyStated], channel: str, topic: str | None) -> AnyStated | None:
    """Of the statements that cover the pair the newest, at equal times the strictest; None where there is none."""
    best: AnyStated | None = None
    for one in statements:
        if one.channel not in ("*", channel) or one.topic not in ("*", topic) or topic in one.excepting:
            continue
        if best is None or (one.at, STRICTNESS.get(one.state, 2)) > (best.at, STRICTNESS.get(best.state, 2)):
            best = one
    return best


def consent_state(statements: Iterable[Stated], channel: str, topic: str | None) -> str:
    """granted, revoked, pending or none."""
    found = decisive_statement(statements, channel, topic)
    return "none" if found is None else found.state
