"""The working copy of one customer's profile for the length of a batch.

Sections are decoded when first touched and encoded again only if they were changed; sections this program does not
know survive untouched. Reading an attribute never marks anything; a writer says `changed("runs")`.
"""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

import msgspec

from orchestrator.contracts.decision import Decision
from orchestrator.model.packed import PackedSections, length, unpack
from orchestrator.model.planned import Messages
from orchestrator.model.run import Run
from orchestrator.model.sections import Computed, Consents, Entries, EventPast, Identity, Issues, Memberships, Resting, Seen, Stamped

Traits = dict[str, Stamped]
T = TypeVar("T")
_encoder = msgspec.msgpack.Encoder()
_decisions = msgspec.msgpack.Decoder(Decision)


class _Section(Generic[T]):
    """A section as an attribute: the first look decodes it and puts it into the instance, where Python finds it from then on."""

    def __init__(self, name: str, shape: object, empty: Callable[[], T]) -> None:
        self.name = name
        self._empty = empty
        self._decoder: msgspec.msgpack.Decoder[T] = msgspec.msgpack.Decoder(shape)

    def __set_name__(self, owner: type, attribute: str) -> None:
        self.attribute = attribute

    def __get__(self, customer: "Customer", owner: type) -> T:
        raw = customer._raw.get(self.name)  # noqa: SLF001  (part of the class below)
        try:
            found = customer.__dict__[self.attribute] = (
                self._empty() if raw is None else self._decoder.decode(unpack(raw) if customer.packed else raw)
            )
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise DamagedProfile(f"section `{self.name}` of the stored profile is damaged: {error}") from error
        return found


class DamagedProfile(ValueError):  # noqa: N818  (says what is wrong)
    """Stored bytes that this program cannot read as the section they are."""


class Customer:
    """One customer; `id` is the key of the partitioned topics (user id, else anonymous id).

    `damage`: why the stored value could not be read at all; nothing is applied to such a customer, and nothing is written.
    `revision` rises with every change: what was judged before is judged again when it has.
    """

    identity = _Section("ids", Identity, Identity)
    traits = _Section[Traits]("traits", Traits, dict)
    context = _Section[Traits]("ctx", Traits, dict)
    consents = _Section("consents", Consents, Consents)
    issues = _Section[Issues]("issues", Issues, dict)
    computed = _Section[dict[str, Computed]]("comp", dict[str, Computed], dict)
    past = _Section[dict[str, EventPast]]("past", dict[str, EventPast], dict)
    seen = _Section("seen", Seen, Seen)
    runs = _Section[list[Run]]("runs", list[Run], list)
    entries = _Section("entries", Entries, Entries)
    messages = _Section("msgs", Messages, Messages)
    memberships = _Section[Memberships | None]("aud", Memberships, lambda: None)
    """Where they stand with the audiences that journeys are entered by; None where no journey is."""
    occurrences = _Section[dict[str, str] | None]("sched", dict[str, str], lambda: None)
    """Journey to the occurrence of its schedule that they were looked at for last; None where there was none yet."""
    resting = _Section[Resting | None]("rest", Resting, lambda: None)
    """What is known of many runs without reading them; None where they are to be read."""
    history = _Section[list[msgspec.Raw]]("hist", list[msgspec.Raw], list)
    """Decisions as they are stored, oldest first: they are added to at every message, and read when somebody asks."""
    due = _Section[int | None]("due", int, lambda: None)
    """The instant of the one timer this customer has in the store, None without one."""

    def __init__(self, customer_id: str, raw: Mapping[str, msgspec.Raw] | None = None, *, damage: str | None = None) -> None:
        self.id = customer_id
        self.damage = damage
        self.revision = 0
        self._raw: Mapping[str, msgspec.Raw] = raw or {}  # as it was loaded: names in order, never changed in place
        self.packed = isinstance(raw, PackedSections)
        self._changed: set[str] = set()

    def schedule(self, due: int | None) -> None:
        """Note the instant of the customer's timer."""
        self.__dict__["due"] = due
        self._changed.add("due")

    def remember(self, memberships: Memberships | None) -> None:
        """Keep where they stand with audiences; None keeps nothing."""
        self.__dict__["memberships"] = memberships
        self.changed("aud")

    def look_past(self, occurrences: dict[str, str] | None) -> None:
        """Keep which occurrence of each schedule was looked at last; None keeps nothing."""
        self.__dict__["occurrences"] = occurrences
        self.changed("sched")

    def lay_down(self, resting: Resting | None) -> None:
        """Note what is known of the runs; None: they are to be read."""
        self.__dict__["resting"] = resting
        self.changed("rest")

    @property
    def has_read_runs(self) -> bool:
        """Somebody has looked at the runs of this working copy."""
        return "runs" in self.__dict__

    def note(self, *decisions: Decision) -> None:
        """Add decisions to the history."""
        self.history.extend(msgspec.Raw(_encoder.encode(one)) for one in decisions)
        self.changed("hist")

    def decisions(self) -> list[Decision]:
        """The history, oldest first. Raises DamagedProfile."""
        try:
            return [_decisions.decode(one) for one in self.history]
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise DamagedProfile(f"a decision in the stored profile is damaged: {error}") from error

    def changed(self, *names: str) -> None:
        """Say that sections were changed. Names: ids traits ctx consents issues comp past seen runs entries msgs aud sched rest hist."""
        self._changed.update(names)
        self.revision += 1

    def holds(self, name: str) -> bool:
        """Was there anything in the section, or is there now? Decodes nothing."""
        return name in self._raw or name in self._changed

    def has_changed(self, name: str) -> bool:
        """Was the section said to be changed?"""
        return name in self._changed

    def keep_only(self, *names: str) -> None:
        """Forget every other section, decoded or not: erasure and signposts."""
        left = {name: raw for name, raw in self._raw.items() if name in names}
        self._raw = PackedSections(left) if self.packed else left
        for name, attribute in _ATTRIBUTES.items():
            if name not in names:
                self.__dict__.pop(attribute, None)
        self._changed &= set(names)
        self.revision += 1

    def sections(self) -> Mapping[str, msgspec.Raw]:
        """All sections, encoded; names in sorted order, so that equal content gives equal bytes."""
        if not self._changed:
            return self._raw
        found = dict(self._raw)
        for name in self._changed:
            section = getattr(self, _ATTRIBUTES[name])
            if section is None:
                found.pop(name, None)
            else:
                found[name] = msgspec.Raw(_encoder.encode(section))
        if not (len(found) <= len(self._raw) and found.keys() <= self._raw.keys()):
            found = dict(sorted(found.items()))
        return PackedSections(found) if self.packed else found

    @property
    def size(self) -> int:
        """About how many bytes it takes: of the sections as they were read."""
        return sum(map(length if self.packed else len, self._raw.values()))

    def copy(self) -> "Customer":
        """An independent copy: what one input did can be thrown away without harm to what came before it."""
        return Customer(self.id, self.sections())


_ATTRIBUTES = {section.name: section.attribute for section in vars(Customer).values() if isinstance(section, _Section)}
