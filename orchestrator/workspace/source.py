"""One source: a backend's own topic, and the rules that make customer events of its records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from orchestrator.contracts.event import EventType
from orchestrator.expressions.expression import Expression

Path = tuple[str, ...]
WITH_TRAITS: tuple[EventType, ...] = ("identify", "group")
"""Types that carry `traits`; all others but `alias` carry `properties`."""


@dataclass(frozen=True, slots=True)
class Fields:
    """Names to expressions; or `whole`, one expression that gives the object as it is.

    `paths` has the place in the record of every expression that is nothing but a path, so that a null that stands there can be
    told from nothing at all.
    """

    each: Mapping[str, Expression]
    whole: Expression | None = None
    paths: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MapRule:
    """The first rule whose `when` is true takes the record; `number` counts from 1, as in the file.

    With `each`, a list, it makes one event an item. `fields` are the properties, or the traits of WITH_TRAITS.
    """

    number: int
    when: Expression | None = None
    ignore: bool = False
    type: EventType = "track"
    event: str | None = None
    user_id: Expression | None = None
    anonymous_id: Expression | None = None
    message_id: Expression | None = None
    timestamp: Expression | None = None
    fields: Fields | None = None
    context: Fields | None = None
    each: Expression | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One file of config/sources. `topic` None: its events come in our own shape and are only declared."""

    name: str
    topic: str | None = None
    rules: tuple[MapRule, ...] = ()
    otherwise: Literal["dead_letter", "ignore"] = "dead_letter"
