"""What statements of consent amount to: one rule, asked at the plan and again by the senders' last check."""

from collections.abc import Collection, Iterable
from typing import Protocol

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


class ConsentStatement(msgspec.Struct, array_like=True, frozen=True):
    """As the guard carries it."""

    channel: str
    topic: str
    state: str
    at: int
    excepting: tuple[str, ...] = ()


def consent_state(statements: Iterable[Stated], channel: str, topic: str | None) -> str:
    """granted, revoked, pending or none. Of the statements that cover the pair the newest decides, at equal times the stricter."""
    best: Stated | None = None
    for one in statements:
        if one.channel not in ("*", channel) or one.topic not in ("*", topic) or topic in one.excepting:
            continue
        if best is None or (one.at, STRICTNESS.get(one.state, 2)) > (best.at, STRICTNESS.get(best.state, 2)):
            best = one
    return "none" if best is None else best.state
