"""Made-up events of a person: of the declared names and types, by day more than by night."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

import msgspec

from orchestrator.simulation.compared import Compared
from orchestrator.simulation.crowd import DAY, Crowd
from orchestrator.simulation.made_up_values import make_value, text_of
from orchestrator.workspace.workspace import Property, Workspace

HOURS = (1, 1, 1, 1, 1, 2, 5, 9, 10, 10, 10, 10, 11, 10, 10, 10, 11, 12, 13, 13, 12, 9, 5, 2)
"""How likely a thing happens in each local hour of the day, from midnight on."""
ENTRY, OTHER, CONSENT = 2.0, 1.0, 0.2
"""How often an event comes that journeys are entered by, one that says something of consent, any other."""
SAME_THING, OPTIONAL = 0.8, 0.7
FOLLOWS, ABOUT_IT = 0.3, 0.7
"""How often one thing leads to another within days, and how often that is about the same visit, order or case."""
_HOURS = tuple(accumulate(HOURS))


@dataclass(frozen=True, slots=True)
class _Kind:
    """One event. `begins`: it is the first that is heard of a thing, so that its ids are new."""

    name: str
    properties: tuple[tuple[str, Property], ...]
    begins: bool


@dataclass(slots=True)
class _Things:
    """The latest id of each kind of thing that happened to a person."""

    latest: dict[str, str] = field(default_factory=dict)
    count: int = 0
    last: str = ""
    """The name of the id that was heard last."""


class MadeUpEvents:
    """Of one workspace."""

    def __init__(self, workspace: Workspace, compared: Compared, crowd: Crowd) -> None:
        self._compared = compared
        self._crowd = crowd
        self._first = datetime.fromtimestamp(crowd.start / 1000, UTC)
        profile = workspace.profile
        opens = frozenset(event for kind in profile.issues for event in kind.opens)
        closes = frozenset(event for kind in profile.issues for event in kind.closes)
        consents = frozenset((*(one.event for one in profile.consents), *(one.event for one in profile.do_not_contact)))
        listened = {name for index in (workspace.entries, workspace.listeners) for name in index if _is_ours(name)}
        names = sorted({*workspace.events, *listened})
        self._kinds = tuple(
            _Kind(
                name,
                tuple(sorted(workspace.events.get(name, {}).items())),
                name in opens or (name in workspace.entries and name not in closes),
            )
            for name in names
        )
        self._weights = tuple(accumulate(CONSENT if one in consents else ENTRY if one in workspace.entries else OTHER for one in names))
        self._ids = frozenset(_id_names(workspace))
        self._about = {
            name: about for name in self._ids if (about := tuple(k for k in self._kinds if not k.begins and name in dict(k.properties)))
        }

    def make(self, rng: Random, name: str, zone: ZoneInfo) -> list[tuple[int, bytes]]:
        """All events of a person with their instants, in order of time."""
        found: list[tuple[int, bytes]] = []
        things = _Things()
        for number, (at, follows) in enumerate(sorted(self._times(rng, zone)), 1):
            about = self._about.get(things.last) if follows and rng.random() < ABOUT_IT else None
            kind = rng.choice(about) if about else rng.choices(self._kinds, cum_weights=self._weights)[0]
            body = {
                "type": "track", "event": kind.name, "userId": name, "messageId": f"{name}-{number}", "timestamp": text_of(at),
                "properties": self._properties(rng, kind, at, name, things),
            }  # fmt: skip
            found.append((at, msgspec.json.encode(body)))
        return found

    def _times(self, rng: Random, zone: ZoneInfo) -> Iterator[tuple[int, bool]]:
        """Days at random, hours of the day by where the person lives; and whether it follows from what was before."""
        crowd = self._crowd
        rate = crowd.events_per_week / 7 * (1 - FOLLOWS)
        if rate <= 0 or not self._kinds:
            return
        day = rng.expovariate(rate)
        while day < crowd.days:
            yield self._instant(rng, day, zone), False
            after = day + rng.expovariate(1)
            while rng.random() < FOLLOWS and after < crowd.days:
                yield self._instant(rng, after, zone), True
                after += rng.expovariate(1)
            day += rng.expovariate(rate)

    def _instant(self, rng: Random, day: float, zone: ZoneInfo) -> int:
        crowd = self._crowd
        hour = rng.choices(range(24), cum_weights=_HOURS)[0]
        local = self._first.replace(tzinfo=zone, hour=hour, minute=rng.randrange(60), second=rng.randrange(60)) + timedelta(days=int(day))
        at = int(local.timestamp() * 1000) + rng.randrange(1000)
        return at + DAY if at < crowd.start else at - DAY if at >= crowd.until else at

    def _properties(self, rng: Random, kind: _Kind, at: int, person: str, things: _Things) -> dict[str, object]:
        found: dict[str, object] = {}
        for name, declared in kind.properties:
            if not declared.required and rng.random() >= OPTIONAL:
                continue
            if name in self._ids and declared.type == "text":
                found[name] = self._thing(rng, kind, name, person, things)
            else:
                found[name] = make_value(rng, name, declared.type, at, self._compared.get(name, ()))
        return found

    def _thing(self, rng: Random, kind: _Kind, name: str, person: str, things: _Things) -> str:
        """The same visit, order or case as before, where the event goes on about one."""
        known, things.last = things.latest.get(name), name
        if known is not None and not kind.begins and rng.random() < SAME_THING:
            return known
        things.count += 1
        things.latest[name] = f"{name.removesuffix('_id')}-{person}-{things.count}"
        return things.latest[name]


def _is_ours(name: str) -> bool:
    """An event that a backend sends under this name, not one that the engine makes, nor a page or a statement about a person."""
    return ":" not in name and not name.startswith("Message ") and name not in ("identify", "alias", "group", "page", "screen")


def _id_names(workspace: Workspace) -> Iterator[str]:
    """Properties that say which thing an event is about: what journeys are keyed and matched by, and names that end in id."""
    for journey in workspace.journeys.values():
        if journey.entry.key is not None:
            yield from (path[1] for path in journey.entry.key.paths if len(path) == 2)
        if journey.goal is not None:
            yield from journey.goal.match.same
        for rule in journey.exit_on:
            yield from rule.match.same
    for declared in workspace.events.values():
        yield from (name for name in declared if name == "id" or name.endswith("_id"))
