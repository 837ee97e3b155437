"""What lint says of declared and computed traits: values that could never be theirs, paths that lead nowhere, names that are taken."""

import re
from collections.abc import Collection

from orchestrator.expressions.declared_value import fit
from orchestrator.expressions.problems import near, nearest
from orchestrator.workspace.profile import Trait
from orchestrator.workspace.shape import Reading, Shaped
from orchestrator.workspace.vocabularies import CUSTOMER, Vocabularies
from orchestrator.workspace.yaml_node import Node

_PERSONAL = ("name", "birth", "address", "street", "passport", "iban", "postcode", "postal_code", "zip_code")
_PERSONAL_TYPES = ("text", "number", "integer", "date", "instant", "list", "object")
_PLACES = ("traits", "context", "properties")
_WORD = re.compile(r"[^{}\[\]'\"|]+")


def check_trait(trait: Trait, one: Shaped, reading: Reading) -> None:
    """C003, C006, and values beside `type` that do not go with it."""
    if not one.get("pii") and trait.type in _PERSONAL_TYPES and any(word in trait.name for word in _PERSONAL):
        reading.bad(one.node, "C006", f"'{trait.name}' looks personal", "personal traits stay out of logs and decisions", "pii: true")
    if trait.type == "choice" and not trait.of and not one.lost("of"):
        reading.bad(one.node, "C003", f"'{trait.name}' has no `of`", "a choice is one of those that are written", "of: [small, large]")
    elif trait.type and trait.type != "choice" and one.written("of"):
        reading.bad(
            one.node.keys["of"], "Y005", f"`of` beside `type: {trait.type}`", "only a choice has some", "type: choice, or remove `of`"
        )
    default = one.get("default")
    if (
        not isinstance(default, Node)
        or not trait.type
        or (trait.type == "choice" and not trait.of)
        or fit(default.data(), trait.type, trait.of) is not None
    ):
        return
    code = "Y005" if trait.type == "choice" else "Y008" if trait.type == "boolean" else "Y004"
    written = default.text if default.kind == "scalar" else f"a {default.kind}"
    fix = nearest(written, [str(one) for one in trait.of]) if trait.type == "choice" else f"wanted: {trait.type}"
    reading.bad(default, code, f"`{written}` is no {trait.type}", f"'{trait.name}' would hold what it cannot be", fix)


def check_path(one: Shaped, words: Vocabularies, reading: Reading) -> None:
    """C007: a path that leads to no value of any event gives nothing."""
    parts = str(one.get("from", "traits")).split(".")
    if not all(_WORD.fullmatch(part) for part in parts):
        reading.bad(
            one.at("from"), "C007", f"'{one.get('from')}' is no path", "names with dots between them, nothing else", "traits.first_name"
        )
    elif len(parts) > 1 and parts[0] not in _PLACES and (parts[0] in ("trait", "event") or near(parts[0], _PLACES)):
        why = "a path begins with traits, context or properties"
        reading.bad(one.at("from"), "C007", f"'{parts[0]}' is no place of an event", why, nearest(parts[0], _PLACES))
    elif parts[0] == "properties" and len(parts) > 1 and words.properties is not None and parts[1] not in words.properties:
        known = words.properties
        reading.bad(
            one.at("from"), "C007", f"no event has '{parts[1]}'", "no source declares such a property", nearest(parts[1], known, "declared")
        )


def check_computed(name: str, kind: str, one: Shaped, traits: Collection[str], words: Vocabularies, reading: Reading) -> None:
    """C001 for a name that is taken, E012 for a window longer than events are kept, and `of` beside a count."""
    if name in traits or name in CUSTOMER:
        taken = "a trait is called so" if name in traits else "it is there without being declared"
        reading.bad(one.node, "C001", f"'{name}' cannot be a computed trait", taken, "choose another name")
    within = one.get("within")
    if isinstance(within, int) and within > words.retention:
        why = "events are kept for less: retention.events in profile.yaml"
        reading.bad(
            one.at("within"), "E012", f"'{name}' looks back further than events are kept", why, "shorten it, or raise retention.events"
        )
    if kind == "count" and one.written("of"):
        reading.bad(
            one.node.keys["of"],
            "Y005",
            "`of` beside `count`",
            "events are counted, whatever they hold",
            "remove it, or use sum or distinct",
        )
