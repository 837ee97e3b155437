"""The working copy of one customer's profile for the length of a batch.

Sections are decoded when first touched and encoded again only if they were changed; sections this program does not
know survive untouched. Reading through a property never marks anything; a writer says `changed("runs")`.
"""

import msgspec

from orchestrator.contracts.decision import Decision
from orchestrator.model.planned import Messages
from orchestrator.model.run import Run
from orchestrator.model.sections import Computed, Consents, Entries, EventPast, Identity, Issues, Seen, Stamped

Traits = dict[str, Stamped]

_encoder = msgspec.msgpack.Encoder()
_DECODERS: dict[str, msgspec.msgpack.Decoder[object]] = {
    "ids": msgspec.msgpack.Decoder(Identity),
    "traits": msgspec.msgpack.Decoder(Traits),
    "ctx": msgspec.msgpack.Decoder(Traits),
    "consents": msgspec.msgpack.Decoder(Consents),
    "issues": msgspec.msgpack.Decoder(Issues),
    "comp": msgspec.msgpack.Decoder(dict[str, Computed]),
    "past": msgspec.msgpack.Decoder(dict[str, EventPast]),
    "seen": msgspec.msgpack.Decoder(Seen),
    "runs": msgspec.msgpack.Decoder(list[Run]),
    "entries": msgspec.msgpack.Decoder(Entries),
    "msgs": msgspec.msgpack.Decoder(Messages),
    "hist": msgspec.msgpack.Decoder(list[Decision]),
    "due": msgspec.msgpack.Decoder(int),
}
_EMPTY: dict[str, object] = {
    "ids": Identity, "traits": dict, "ctx": dict, "consents": Consents, "issues": dict, "comp": dict, "past": dict,
    "seen": Seen, "runs": list, "entries": Entries, "msgs": Messages, "hist": list,
}  # fmt: skip


class Customer:
    """One customer; `id` is the key of the partitioned topics (user id, else anonymous id)."""

    __slots__ = ("_changed", "_raw", "_sections", "id")

    def __init__(self, customer_id: str, raw: dict[str, msgspec.Raw] | None = None) -> None:
        self.id = customer_id
        self._raw: dict[str, msgspec.Raw] = raw or {}
        self._sections: dict[str, object] = {}
        self._changed: set[str] = set()

    def _get(self, name: str) -> object:
        found = self._sections.get(name)
        if found is None:
            raw = self._raw.get(name)
            found = _DECODERS[name].decode(raw) if raw is not None else _EMPTY[name]()  # type: ignore[operator]  # a table of constructors
            self._sections[name] = found
        return found

    @property
    def identity(self) -> Identity:
        return self._get("ids")  # type: ignore[return-value]  # section ids holds an Identity

    @property
    def traits(self) -> Traits:
        return self._get("traits")  # type: ignore[return-value]  # section traits

    @property
    def context(self) -> Traits:
        return self._get("ctx")  # type: ignore[return-value]  # section ctx

    @property
    def consents(self) -> Consents:
        return self._get("consents")  # type: ignore[return-value]  # section consents

    @property
    def issues(self) -> Issues:
        return self._get("issues")  # type: ignore[return-value]  # section issues

    @property
    def computed(self) -> dict[str, Computed]:
        return self._get("comp")  # type: ignore[return-value]  # section comp

    @property
    def past(self) -> dict[str, EventPast]:
        return self._get("past")  # type: ignore[return-value]  # section past

    @property
    def seen(self) -> Seen:
        return self._get("seen")  # type: ignore[return-value]  # section seen

    @property
    def runs(self) -> list[Run]:
        return self._get("runs")  # type: ignore[return-value]  # section runs

    @property
    def entries(self) -> Entries:
        return self._get("entries")  # type: ignore[return-value]  # section entries

    @property
    def messages(self) -> Messages:
        return self._get("msgs")  # type: ignore[return-value]  # section msgs

    @property
    def history(self) -> list[Decision]:
        return self._get("hist")  # type: ignore[return-value]  # section hist

    @property
    def due(self) -> int | None:
        """The instant of the one timer this customer has in the store, None without one."""
        raw = self._raw.get("due")
        return None if raw is None else msgspec.msgpack.decode(raw, type=int)

    def schedule(self, due: int | None) -> None:
        """Note the instant of the customer's timer."""
        if due is None:
            self._raw.pop("due", None)
        else:
            self._raw["due"] = msgspec.Raw(_encoder.encode(due))

    def changed(self, *names: str) -> None:
        """Say that sections were changed. Names: ids traits ctx consents issues comp past seen runs entries msgs hist."""
        self._changed.update(names)

    @property
    def dirty(self) -> bool:
        return bool(self._changed)

    def keep_only(self, *names: str) -> None:
        """Forget every other section, decoded or not: erasure and signposts."""
        self._raw = {name: raw for name, raw in self._raw.items() if name in names}
        self._sections = {name: section for name, section in self._sections.items() if name in names}
        self._changed &= set(names)

    def sections(self) -> dict[str, msgspec.Raw]:
        """All sections, encoded; names in sorted order, so that equal content gives equal bytes."""
        for name in self._changed:
            self._raw[name] = msgspec.Raw(_encoder.encode(self._get(name)))
        return dict(sorted(self._raw.items()))

    def copy(self) -> "Customer":
        """An independent copy: what one input did can be thrown away without harm to what came before it."""
        return Customer(self.id, self.sections())
