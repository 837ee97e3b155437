"""`properties` and `explore` of a test file: what must hold in every test and in any timeline."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal, cast

from orchestrator.contracts.topics import CHANNELS, CLASSES
from orchestrator.expressions.expression import Expression
from orchestrator.expressions.problems import nearest
from orchestrator.workspace.compiling import condition_at
from orchestrator.workspace.policies import Selectors
from orchestrator.workspace.shape import EXPRESSION, NAME_TEXT, Duration, Int, Key, ListOf, Mapped, Reading, Shaped, Text
from orchestrator.workspace.vocabularies import MESSAGE, Vocabularies
from orchestrator.workspace.workspace import Workspace

_SELECTORS = Mapped({
    "classes": Key(ListOf(Text(CLASSES))), "channels": Key(ListOf(Text(CHANNELS))), "topics": Key(ListOf(NAME_TEXT)), "journeys": Key(ListOf(NAME_TEXT)),
    "tags": Key(ListOf(NAME_TEXT)), "messages": Key(ListOf(NAME_TEXT)),
}, what="selectors")  # fmt: skip
PROPERTY = Mapped({
    "property": Key(Text(), required=True), "at_most": Key(Int(0)), "of": Key(_SELECTORS), "per": Key(Duration()), "over": Key(Text(("customer", "all"))),
    "never": Key(_SELECTORS), "while": Key(EXPRESSION), "always": Key(EXPRESSION),
}, what="a property")  # fmt: skip
EXPLORE = Mapped({"timelines": Key(Int(1, 100_000)), "seed": Key(Int(0)), "span": Key(Duration())}, what="explore")


@dataclass(frozen=True, slots=True)
class Property:
    """One of three forms: at most `number` sends of `selectors` in any `per` (milliseconds); none while `condition`; `condition`
    at every send."""

    name: str
    form: Literal["at_most", "never", "always"]
    selectors: Selectors = Selectors()
    number: int = 0
    per: int = 0
    over: Literal["customer", "all"] = "customer"
    condition: Expression | None = None


@dataclass(frozen=True, slots=True)
class Explore:
    """So many random timelines over `span` milliseconds, from `seed` on."""

    timelines: int
    seed: int
    span: int


def read_properties(
    shaped: Shaped, words: Vocabularies, workspace: Workspace, reading: Reading
) -> tuple[tuple[Property, ...], Explore | None]:
    """Of a whole test file; what is wrong is noted and left out."""
    given = shaped.get("properties", [])
    found = [one for item in (given if isinstance(given, list) else []) if (one := _property(item, words, reading)) is not None]
    for item in given if isinstance(given, list) else []:
        for key in ("of", "never"):
            _known(item.get(key), workspace, reading)
    explore = shaped.get("explore")
    if not isinstance(explore, Shaped):
        return tuple(found), None
    return tuple(found), Explore(
        cast("int", explore.get("timelines", 200)), cast("int", explore.get("seed", 1)), cast("int", explore.get("span", 30 * 86_400_000))
    )


def _property(one: Shaped, words: Vocabularies, reading: Reading) -> Property | None:
    forms = [form for form in ("at_most", "never", "always") if form in one]
    name = str(one.get("property", ""))
    if len(forms) != 1:
        reading.bad(
            one.node, "Y012", f"'{name}' says {'nothing' if not forms else 'several things'}", "at_most, never or always", "never: {classes: [marketing]}, while: open_issues()"
        )  # fmt: skip
        return None
    vocabulary = words.rule().with_names(message=MESSAGE)
    match forms[0]:
        case "at_most":
            if "per" not in one:
                reading.bad(one.node, "Y012", f"'{name}' has no `per`", "a number needs a time", "per: 24h")
                return None
            return Property(
                name, "at_most", _selectors(one.get("of")), cast("int", one.get("at_most")), cast("int", one.get("per")), cast("Any", one.get("over", "customer"))
            )  # fmt: skip
        case "never":
            if "while" not in one:
                reading.bad(one.node, "Y012", f"'{name}' has no `while`", "never needs a condition", "while: open_issues()")
                return None
            condition = condition_at(one.get("while"), vocabulary, reading)
            return None if condition is None else Property(name, "never", _selectors(one.get("never")), condition=condition)
        case _:
            condition = condition_at(one.get("always"), vocabulary, reading)
            return None if condition is None else Property(name, "always", condition=condition)


def _known(one: object, workspace: Workspace, reading: Reading) -> None:
    """P002 for what a selector names and nothing has: it would select nothing, and the property always hold."""
    if not isinstance(one, Shaped):
        return
    known: dict[str, Collection[str]] = {
        "topics": workspace.policies.topics,
        "journeys": {*workspace.journeys, *reading.unread.journeys},
        "messages": {*workspace.messages, *reading.unread.messages},
        "tags": {tag for journey in workspace.journeys.values() for tag in journey.tags},
    }
    for key, names in known.items():
        for item in one.at(key).items if key in one else ():
            if item.text not in names and not (key == "tags" and reading.unread.journeys):
                what = f"no {key.removesuffix('s')} '{item.text}'"
                reading.bad(item, "P002", what, "it would select nothing", nearest(item.text, names, key))


def _selectors(one: object) -> Selectors:
    values = one.values if isinstance(one, Shaped) else {}
    return Selectors(**{key: frozenset(cast("list[str]", value)) for key, value in values.items()})  # type: ignore[arg-type]  # the selectors' keys are the fields
