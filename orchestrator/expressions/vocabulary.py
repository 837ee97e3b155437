"""What may be said where: names in scope with their fields, events, channels, topics; the functions and their arguments."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from orchestrator.expressions.kinds import Kind

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

    def with_names(self, **names: frozenset[str] | None) -> "Vocabulary":
        """The same with more names in scope; what was declared of these names no longer holds."""
        kept = {path: kind for path, kind in self.declared.items() if path[0] not in names}
        return replace(self, names={**self.names, **names}, declared=kept)

    def with_declared(self, declared: Mapping[tuple[str, ...], Kind]) -> "Vocabulary":
        """The same, knowing more."""
        return replace(self, declared={**self.declared, **declared})

    def of_a_message(self) -> "Vocabulary":
        """For a step's `only_if`: about the message it sends."""
        return replace(self, own_topic=True)

    def as_tracked(self) -> "Vocabulary":
        """For conditions that must fire or release by themselves."""
        return replace(self, tracked=True)
