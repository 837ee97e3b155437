"""What lint says of traits in a test: those that nobody declares (E004), and values that nobody could have."""

from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import available_timezones

from orchestrator.expressions.country_zones import countries
from orchestrator.expressions.declared_value import fit
from orchestrator.expressions.problems import nearest
from orchestrator.workspace.profile import ProfileConfig
from orchestrator.workspace.reading import Reading
from orchestrator.workspace.vocabularies import CUSTOMER
from orchestrator.workspace.workspace import Workspace
from orchestrator.workspace.yaml_node import Node

BUILT_IN = {"email": "email", "phone": "phone", "locale": "locale", "country": "country", "timezone": "timezone"}
"""Traits that are there without being declared, and their types."""
STATED = ("email", "phone")
"""Those of them that an identify states also where they are not declared."""
_Types = Mapping[str, tuple[str, Sequence[object]]]
"""A trait's type and its choices, by the name it is stated under."""


def known_traits(given: Node | None, workspace: Workspace, reading: Reading) -> None:
    """Of `customer` and `customers` in `given`."""
    if given is None:
        return
    declared = workspace.profile.traits.items()
    types = {**{name: (kind, ()) for name, kind in BUILT_IN.items()}, **{name: (one.type, one.of) for name, one in declared}}
    for person in _people(given):
        for name, value in person.entries.items():
            if name != "id":
                _trait(person.keys[name], name, value, types, workspace, reading)


def identified_traits(items: Sequence[Node], workspace: Workspace, reading: Reading) -> None:
    """Of `with` in items that identify somebody."""
    types = _stated(workspace.profile)
    for item in items:
        if "identify" in item.entries and "with" in item.entries:
            traits = item.entries["with"]
            for name, value in traits.entries.items():  # an instant from the start, `{{ at('1d') }}`, is known to the run only
                _trait(traits.keys[name], name, value, types, workspace, reading, filled=True)


def final_traits(then: Node, workspace: Workspace, reading: Reading) -> None:
    """Of `customer` in `then`: fields that nobody has are missing whatever happens."""
    profile, wanted = workspace.profile, then.entries.get("customer")
    known = {*CUSTOMER, "whatsapp", *profile.traits, *profile.computed}
    for name, place in (wanted.keys if wanted is not None else {}).items():
        whole = reading.unread.parts.isdisjoint(("traits", "computed"))
        if name not in known and workspace.rules.strict and whole and not name.startswith("x_"):
            reading.bad(place, "E004", f"a customer has no '{name}'", "it would always be missing", nearest(name, known, "fields"))


def _people(given: Node) -> Iterator[Node]:
    if "customer" in given.entries:
        yield given.entries["customer"]
    if "customers" in given.entries:
        yield from given.entries["customers"].entries.values()


def _stated(profile: ProfileConfig) -> _Types:
    """What an identify may say: a trait may stand under another name, or inside a mapping."""
    found: dict[str, tuple[str, Sequence[object]]] = {name: (BUILT_IN[name], ()) for name in STATED}
    for trait in profile.traits.values():
        if trait.path[0] in ("traits", "properties") and len(trait.path) > 1:
            found[trait.path[1]] = (trait.type, trait.of) if len(trait.path) == 2 else ("object", ())
    return found


def _trait(key: Node, name: str, value: Node, types: _Types, workspace: Workspace, reading: Reading, *, filled: bool = False) -> None:
    if name.startswith("x_"):
        return
    if name in types:
        if not (filled and "{{" in value.text):
            fitting(value, *types[name], reading)
    elif name in workspace.profile.computed:
        reading.bad(key, "E004", f"'{name}' is computed", "it follows from what happened", "let it happen, or put it into `history`")
    elif workspace.rules.strict and "traits" not in reading.unread.parts:
        reading.bad(key, "E004", f"no trait '{name}'", "profile.yaml declares them; nothing would be kept", nearest(name, types, "traits"))


def fitting(value: Node, kind: str, choices: Sequence[object], reading: Reading) -> None:
    """Note a value that does not fit the type it is declared with (empty where that could not be read); null is none."""
    unknown = kind == "country" and value.text.upper() not in countries()
    if value.empty or not kind or (fit(value.data(), kind, choices) is not None and not unknown):
        return
    what = f"`{value.text[:40]}`" if value.kind == "scalar" else f"a {'mapping' if value.kind == 'map' else 'list'}"
    match kind:
        case "timezone":
            reading.bad(value, "Y013", f"unknown zone {what}", "it is in no list", nearest(value.text, available_timezones(), "IANA zones"))
        case "country":
            reading.bad(value, "Y013", f"unknown country {what}", "it is in no list", nearest(value.text, countries(), "ISO 3166-1 codes"))
        case "locale":
            reading.bad(value, "Y013", f"unknown locale {what}", "it is in no list", "BCP 47, such as en or de-AT")
        case "choice":
            reading.bad(
                value,
                "Y005",
                f"{what} is not allowed here",
                f"allowed: {_listed(choices)}",
                nearest(value.text, map(str, choices), "one of"),
            )
        case "date" | "instant":
            reading.bad(value, "Y015", f"{what} is no {kind}", "it would not be kept", "for example: 2026-03-02")
        case _:
            reading.bad(value, "Y004", f"wanted {kind}, got {what}", "it would not be kept", f"write a value of type {kind}")


def _listed(choices: Sequence[object]) -> str:
    return ", ".join(str(one) for one in choices)
