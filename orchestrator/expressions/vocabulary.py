"""What may be said where: names in scope with their fields, events, channels, topics; the functions and their arguments."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from orchestrator.expressions.kinds import OF_PAST, Kind, Past

FUNCTIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "seen": (("event",), ("within", "since", "where")),
    "count_of": (("event",), ("within", "since", "where")),
    "last_of": (("event",), ("where",)),
    "first_of": (("event",), ("where",)),
    "in_audience": (("name",), ()),
    "has_consent": (("channel",), ("topic",)),
    "reachable": (("channel",), ("topic",)),
    "engaged": ((), ("channel", "within", "message")),
    "messages_sent": ((), ("within", "class", "topic", "channel", "journey", "message")),
    "open_issues": ((), ("kind",)),
    "days_since": (("x",), ()),
    "days_until": (("x",), ()),
    "duration": (("text",), ()),
    "instant": (("x",), ()),
    "today": ((), ()),
    "weekday": (("x",), ()),
    "hour": (("x",), ()),
}
"""Name to (required, optional) arguments; optional ones may be named."""
LITERAL = frozenset(("event", "within", "where", "name", "channel", "topic", "class", "journey", "message", "kind", "text"))
"""Arguments that must be literals, so that lint and the engine know them beforehand."""
HISTORY = frozenset(("seen", "count_of", "last_of", "first_of"))
OF_VALUES = frozenset(("duration", "instant", "weekday", "hour"))
"""Functions of their arguments alone: they ask neither for a customer nor for the time."""
MARKS = ("entry", "step")
"""What `since` counts from, beside an instant."""
CLASSES = frozenset(("transactional", "service", "marketing"))
TESTS = frozenset(("defined", "none", "in", "blank", "number", "text", "like", "undefined"))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`names` maps a name in scope to its known fields, or None where any may be there. `events` None: any event."""

    names: Mapping[str, frozenset[str] | None] = field(default_factory=dict)
    events: frozenset[str] | None = None
    topics: frozenset[str] | None = None
    kinds: frozenset[str] | None = None
    audiences: frozenset[str] | None = None
    required: frozenset[tuple[str, ...]] = frozenset()
    """Dotted paths that cannot be missing: `("entry", "technician")`."""
    retention: int | None = None
    tracked: bool = False
    """Time may be used only in forms whose next change can be computed."""
    own_topic: bool = False
    """A message is at hand though it has no name here: `has_consent` may leave the topic out."""
    declared: Mapping[tuple[str, ...], Kind] = field(default_factory=dict)
    """What is declared of dotted paths: `("entry", "total")` is a number."""
    functions: frozenset[str] | None = None
    """Functions that can be asked here; None: all."""
    marks: frozenset[str] = frozenset(MARKS)
    """What has happened of a run here, so that `since` can count from it."""
    messages: frozenset[str] | None = None
    journeys: frozenset[str] | None = None
    past: Mapping[str, Past] = field(default_factory=dict)
    """What past events hold, by their name; others may hold anything."""

    def with_names(self, **names: frozenset[str] | None) -> "Vocabulary":
        """The same with more names in scope; what was declared of these names no longer holds."""
        kept = {path: kind for path, kind in self.declared.items() if path[0] not in names}
        return replace(self, names={**self.names, **names}, declared=kept)

    def with_declared(self, declared: Mapping[tuple[str, ...], Kind]) -> "Vocabulary":
        """The same, knowing more."""
        return replace(self, declared={**self.declared, **declared})

    def known(self, path: tuple[str, ...]) -> Kind | None:
        """What is declared of a path; `(OF_PAST, event, field)` is a field of a past event."""
        if path[0] != OF_PAST:
            return self.declared.get(path)
        found = self.past.get(path[1])
        return None if found is None else found.declared.get(path[2])

    def of_the_past(self, event: str) -> "Vocabulary":
        """For `where`: `event` is one of these in the past."""
        found = self.past.get(event, Past(None))
        return self.with_names(event=found.fields).with_declared({("event", name): kind for name, kind in found.declared.items()})

    def before_a_run(self) -> "Vocabulary":
        """For what is asked when nobody is inside yet."""
        return replace(self, marks=frozenset())

    def of_a_message(self) -> "Vocabulary":
        """For a step's `only_if`: about the message it sends."""
        return replace(self, own_topic=True)

    def as_tracked(self) -> "Vocabulary":
        """For conditions that must fire or release by themselves."""
        return replace(self, tracked=True)
