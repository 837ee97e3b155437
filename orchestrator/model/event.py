"""A customer event inside the engine: decoded, checked, with its place in time."""

from typing import Literal

import msgspec

Kind = Literal["track", "identify", "page", "screen", "group", "alias", "builtin"]


class CustomerEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`name` is the event ref of the language: `Fault Reported`, `page:Pricing`, `screen:Home`, `identify`, `group`.

    `timestamp` is when it happened, `arrival` when the log accepted it (milliseconds since 1970). `properties` holds the
    traits for identify and group. `alternate` is the second name an event answers to (`page:*`).
    `ahead`: its timestamp lay too far in the future, and is the arrival now.
    """

    name: str
    kind: Kind
    customer: str
    timestamp: int
    arrival: int
    message_id: str | None = None
    user_id: str | None = None
    anonymous_id: str | None = None
    previous_id: str | None = None
    properties: dict[str, object] = {}
    context: dict[str, object] = {}
    source: str = ""
    depth: int = 0
    ahead: bool = False

    @property
    def refs(self) -> tuple[str, ...]:
        """The event refs it answers to."""
        return refs_of(self.name, self.kind)


def refs_of(name: str, kind: str) -> tuple[str, ...]:
    """An event's name, and `page:*` or `screen:*` where it is one."""
    return (name, f"{kind}:*") if kind in ("page", "screen") else (name,)
