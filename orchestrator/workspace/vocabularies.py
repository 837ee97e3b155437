"""Which names are in scope at each place of the workspace, and what they hold."""

from collections.abc import Iterable, Iterator, Mapping

from orchestrator.expressions.kinds import Kind, Past, declared
from orchestrator.expressions.vocabulary import OF_VALUES, Vocabulary
from orchestrator.workspace.audience import BY_AUDIENCE, EVERYONE
from orchestrator.workspace.profile import ProfileConfig
from orchestrator.workspace.reading import Unread
from orchestrator.workspace.scheduled_entry import BY_SCHEDULE
from orchestrator.workspace.workspace import Property

CUSTOMER = frozenset(("id", "email", "phone", "locale", "country", "timezone", "known", "context", "open_issues"))
"""Fields of `customer` that are there without being declared; they can't be traits."""
NOT_KEPT = frozenset(("messageId", "context", "source"))
"""Of an event's envelope, once it is past."""
ENVELOPE = frozenset(("event", "type", "messageId", "timestamp", "received_at", "context", "properties", "traits", "source", "envelope"))
RUN = frozenset(("id", "key", "number", "started_at", "version"))
WAITED = frozenset(("by", "as", "event", "timed_out"))
DIGEST = frozenset(("items", "count", "first", "last"))
JOURNEY = frozenset(("name", "title", "priority", "class"))
MESSAGE = frozenset(("name", "class", "topic", "priority", "journey", "step", "channel", "variant"))
OFFER = frozenset(("name", "topic", "slot", "title", "body", "action", "content"))
ENGAGEMENT = frozenset(("journey", "step", "message", "channel", "key", "number", "link", "text"))
MEMBERSHIP = frozenset(("audience", "change", "timestamp"))
"""Of `entry`, where people enter by an audience."""
OCCURRENCE = frozenset(("scheduled_at", "occurrence", "timestamp"))
"""Of `entry`, where people enter by a schedule."""
_NO_EVENT = {BY_AUDIENCE: MEMBERSHIP, BY_SCHEDULE: OCCURRENCE}
"""What `entry` holds where it is no event."""
BUILT_IN_EVENTS = frozenset((
    "Message Sent", "Message Delivered", "Message Opened", "Message Read", "Message Clicked", "Message Replied", "Message Bounced",
    "Message Failed", "Message Complained", "Channel Stopped", "Channel Started", "Consent Confirmed",
))  # fmt: skip
"""Events made from receipts; usable like any other."""


class Vocabularies:
    """Made once the profile, the policies and the declared events are known. `messages` and `journeys` are their names, where these are known."""

    def __init__(
        self, profile: ProfileConfig, topics: Iterable[str], events: Mapping[str, Mapping[str, Property]], audiences: Iterable[str] = (),
        *, strict: bool, unread: Unread | None = None, messages: Iterable[str] | None = None, journeys: Iterable[str] | None = None,
    ) -> None:  # fmt: skip
        self._unread = unread or Unread()
        parts = self._unread.parts
        whole = parts.isdisjoint(("traits", "computed"))
        self._customer = frozenset((*CUSTOMER, *profile.traits, *profile.computed, "whatsapp")) if strict and whole else None
        self._always: frozenset[tuple[str, ...]] = frozenset(
            ("customer", name) for name, trait in profile.traits.items() if trait.default is not None or not trait.type
        ) | frozenset(("customer", name) for name, trait in profile.computed.items() if trait.kind in ("count", "sum", "distinct"))
        if not whole:
            self._always |= {("customer",)}
        self._kinds_of_customer: dict[tuple[str, ...], Kind] = {
            ("customer", name): kind for name, kind in _customer_kinds(profile) if kind is not None
        }
        self._events = events
        self._strict = strict
        sure = strict and "events" not in parts
        self.known_events: frozenset[str] | None = frozenset((*events, *BUILT_IN_EVENTS)) if sure else None
        self.declared_events: frozenset[str] | None = frozenset(events) if sure else None
        self.properties: frozenset[str] | None = (
            frozenset(name for one in events.values() for name in one) if sure and not self._unread.events else None
        )
        self.topics: frozenset[str] | None = frozenset(topics) if "topics" not in parts else None
        self.audiences: frozenset[str] | None = frozenset((EVERYONE, *audiences)) if "audiences" not in parts else None
        self.kinds: frozenset[str] | None = frozenset(kind.name for kind in profile.issues) if "issues" not in parts else None
        self.retention = profile.keep_events
        self._messages = None if messages is None else frozenset(messages)
        self._journeys = None if journeys is None else frozenset(journeys)
        self._past = {event: self._past_of(event) for event in (*events, *BUILT_IN_EVENTS)}

    def _past_of(self, event: str) -> Past:
        fields = self.fields((event,))
        kept = None if fields is None else fields - (NOT_KEPT - self._events.get(event, {}).keys())
        return Past(kept, {name: kind for (_event, name), kind in self._declared("event", (event,)).items()})

    def _vocabulary(self, names: dict[str, frozenset[str] | None], required: frozenset[tuple[str, ...]] = frozenset()) -> Vocabulary:
        return Vocabulary(
            {"customer": self._customer, "now": None, **names}, self.known_events, self.topics, self.kinds, self.audiences, required, self.retention,
            declared=self._kinds_of_customer, messages=self._messages, journeys=self._journeys, past=self._past,
        )  # fmt: skip

    def _declared(self, name: str, events: Iterable[str]) -> dict[tuple[str, ...], Kind]:
        """Properties that all of these events declare alike."""
        found: dict[tuple[str, ...], Kind] = {}
        sets = [self._events.get(event, {}) for event in events]
        for field in set.intersection(*(set(one) for one in sets)) if sets else set():
            types = {one[field].type for one in sets}
            kind = declared(next(iter(types))) if len(types) == 1 else None
            if kind is not None:
                found[name, field] = kind
        return found

    def kind(self, name: str, events: Iterable[str], field: str) -> Kind | None:
        """What a property is where all of these events declare it alike; `name` is `event` or `entry`."""
        return self._declared(name, events).get((name, field))

    def fields(self, events: Iterable[str]) -> frozenset[str] | None:
        """Fields of any of these events; None where one of them may hold anything."""
        names = list(events)
        found: set[str] = set() if names and set(names) <= _NO_EVENT.keys() else set(ENVELOPE)
        for event in names:
            if event in _NO_EVENT:
                found |= _NO_EVENT[event]
            elif event in BUILT_IN_EVENTS:
                found |= ENGAGEMENT
            elif event in self._events and event not in self._unread.events:
                found |= set(self._events[event])
            else:
                return None
        return frozenset(found) if self._strict else None

    def required(self, events: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
        """Paths of `entry` that every one of these events always has; `entry` itself: all of them, as far as can be told."""
        if any(self._unsure(event) for event in events):
            return self._always | {("entry",)}
        sets = [
            set(_NO_EVENT.get(event) or {name for name, rule in self._events.get(event, {}).items() if rule.required or not rule.type})
            for event in events
        ]
        return self._always | frozenset(("entry", name) for name in (set.intersection(*sets) if sets else set()))

    def _unsure(self, event: str) -> bool:
        """Whether what it declares could not be read."""
        declared = event in self._events or event in BUILT_IN_EVENTS or event in _NO_EVENT
        return event in self._unread.events or (not declared and "events" in self._unread.parts)

    def event(self, events: Iterable[str], *, each: bool = False) -> Vocabulary:
        """For config/profile.yaml: `event`; `each`: `item` is one of a list."""
        names = tuple(events)
        found = self._vocabulary({"event": self.fields(names), **({"item": None} if each else {})}).before_a_run()
        return found.with_declared(self._declared("event", names))

    def entry(self, events: tuple[str, ...]) -> Vocabulary:
        """For an entry's `when` and `key`. A change of membership and an occurrence are no event: they are called `entry` only."""
        fields = self.fields(events)
        if events and events[0] in _NO_EVENT:
            return self._vocabulary({"entry": fields, "journey": JOURNEY}, self.required(events)).before_a_run()
        found = self._vocabulary({"event": fields, "entry": fields, "journey": JOURNEY}, self.required(events))
        return found.before_a_run().with_declared({**self._declared("event", events), **self._declared("entry", events)})

    def steps(self, events: tuple[str, ...], steps: Iterable[str]) -> Vocabulary:
        """For steps, `only_if` and branches."""
        found = self._vocabulary(
            {"entry": self.fields(events), "run": RUN, "steps": frozenset(steps), "waited": WAITED, "digest": DIGEST, "journey": JOURNEY},
            self.required(events),
        )
        return found.with_declared(self._declared("entry", events))

    def match(self, entry: tuple[str, ...], steps: Iterable[str], wanted: Iterable[str]) -> Vocabulary:
        """For `match` of goals, exits and waits."""
        events = tuple(wanted)
        return self.steps(entry, steps).with_names(event=self.fields(events)).with_declared(self._declared("event", events))

    def record(self, *, each: bool) -> Vocabulary:
        """For a source's `map`: a record of anybody's, of any form. `each`: `item` is one of a list."""
        names = {"record": None, "headers": None, "key": None, **({"item": None} if each else {})}
        return Vocabulary(names, functions=OF_VALUES)

    def answer(self) -> Vocabulary:
        """For a webhook's `save`: the answer of somebody's service, of any form."""
        return Vocabulary({"response": frozenset(("status", "headers", "body"))}, functions=OF_VALUES)

    def audience(self) -> Vocabulary:
        """For an audience's `when`: it must come true and end by itself."""
        return self._vocabulary({}).before_a_run().as_tracked()

    def rule(self) -> Vocabulary:
        """For policy rules."""
        return self._vocabulary({"message": MESSAGE, "journey": JOURNEY})

    def offer(self) -> Vocabulary:
        """For an offer's `when`: it is chosen before the message has a channel."""
        return self._vocabulary({"message": MESSAGE - {"channel", "variant"}})

    def content(self, events: tuple[str, ...], steps: Iterable[str], variables: Iterable[str]) -> Vocabulary:
        """For messages and layouts sent by one journey."""
        return self.steps(events, steps).with_names(
            message=MESSAGE, vars=frozenset(variables), brand=None, locale=None, action=frozenset(("label", "url")), offer=OFFER, event=None
        )


def _customer_kinds(profile: ProfileConfig) -> Iterator[tuple[str, Kind | None]]:
    for name in ("email", "phone", "locale", "country", "timezone", "whatsapp"):
        yield name, declared("text")
    yield "known", declared("boolean")
    yield "open_issues", declared("list")
    for name, trait in profile.traits.items():
        yield name, declared(trait.type, trait.of)
    for name, computed in profile.computed.items():
        yield name, declared("number" if computed.kind in ("count", "sum") else "list" if computed.kind == "distinct" else "")
