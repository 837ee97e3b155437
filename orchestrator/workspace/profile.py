"""config/profile.yaml as the engine applies it: traits, computed traits, issues, consents, do-not-contact, context."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from orchestrator.expressions.expression import Expression
from orchestrator.expressions.value import ValueTemplate

TraitType = Literal[
    "text", "number", "integer", "boolean", "date", "instant", "list", "object",
    "choice", "email", "phone", "country", "locale", "timezone", "",
]  # fmt: skip
"""Empty: the declaration could not be read, so nothing is ever said of its values."""


@dataclass(frozen=True, slots=True)
class Trait:
    """One declared trait. `path` is where its value stands in an event, as names from the event inwards
    (`("traits", "first_name")` by default); `keep` in milliseconds."""

    name: str
    type: TraitType
    path: tuple[str, ...]
    of: tuple[object, ...] = ()
    default: object = None
    pii: bool = False
    keep: int | None = None


@dataclass(frozen=True, slots=True)
class ComputedTrait:
    """Recomputed when one of `events` arrives, and when an event leaves the window `within` (milliseconds)."""

    name: str
    kind: Literal["count", "sum", "min", "max", "last", "first", "distinct"]
    events: tuple[str, ...]
    of: Expression | None = None
    within: int | None = None
    where: Expression | None = None


@dataclass(frozen=True, slots=True)
class IssueKind:
    """Which events open and close a case, and by what key. `when` filters opens only. A case nothing was heard of for
    `stale_after` (milliseconds) closes by itself."""

    name: str
    key: Expression
    opens: frozenset[str]
    closes: frozenset[str]
    when: Expression | None = None
    stale_after: int | None = None


@dataclass(frozen=True, slots=True)
class ConsentMapping:
    """How an event speaks of consent: `each` repeats over a list as `item`; the others give text, `*` means all."""

    event: str
    channel: ValueTemplate
    topic: ValueTemplate
    state: ValueTemplate
    each: Expression | None = None
    proof: tuple[tuple[str, Expression], ...] = ()


@dataclass(frozen=True, slots=True)
class DoNotContactRule:
    """An event that flags a person, until the event `until` lifts it."""

    event: str
    level: Literal["marketing", "all"]
    when: Expression | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class ContextRule:
    """A value carried over between sites and devices. `value` None: the event's own (page name, product, channel)."""

    name: str
    event: str
    value: Expression


@dataclass(frozen=True)
class ProfileConfig:
    """The whole file. Retentions in milliseconds."""

    traits: Mapping[str, Trait] = field(default_factory=dict)
    computed: Mapping[str, ComputedTrait] = field(default_factory=dict)
    issues: tuple[IssueKind, ...] = ()
    consents: tuple[ConsentMapping, ...] = ()
    do_not_contact: tuple[DoNotContactRule, ...] = ()
    context: tuple[ContextRule, ...] = ()
    ids_per_customer: int = 20
    customers_per_address: int = 5
    keep_events: int = 400 * 86_400_000
    kept_traits: Mapping[str, int] = field(init=False, default_factory=dict)
    """Traits with a `keep`, and how long."""
    stale_issues: Mapping[str, int] = field(init=False, default_factory=dict)
    """Kinds of issue with a `stale_after`, and how long."""

    @cached_property
    def spoken_of(self) -> frozenset[str]:
        """Refs of the events that consents, do-not-contact, issues, computed traits and context speak of. Any other passes them by."""
        return frozenset((
            *(mapping.event for mapping in self.consents),
            *(ref for rule in self.do_not_contact for ref in (rule.event, rule.until) if ref is not None),
            *(ref for kind in self.issues for ref in (*kind.opens, *kind.closes)),
            *(ref for trait in self.computed.values() for ref in trait.events),
            *(rule.event for rule in self.context),
        ))  # fmt: skip

    @cached_property
    def traits_of_any_event(self) -> tuple[Trait, ...]:
        """Those that do not stand under `traits`, where only identify has them."""
        return tuple(trait for trait in self.traits.values() if trait.path[0] != "traits")

    def __post_init__(self) -> None:
        kept = {name: trait.keep for name, trait in self.traits.items() if trait.keep is not None}
        stale = {kind.name: kind.stale_after for kind in self.issues if kind.stale_after is not None}
        object.__setattr__(self, "kept_traits", kept)
        object.__setattr__(self, "stale_issues", stale)
