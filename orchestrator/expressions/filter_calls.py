"""Filters and tests in an expression to Python source: their names, the number of their arguments, and those that are written out."""

from collections.abc import Callable
from typing import Protocol
from zoneinfo import available_timezones

from babel.numbers import is_currency
from jinja2 import nodes

from orchestrator.expressions.compared_with_none import MISSING
from orchestrator.expressions.durations import no_duration, read_duration
from orchestrator.expressions.filters import FILTERS
from orchestrator.expressions.problems import Form, nearest
from orchestrator.expressions.select import COMPARISONS
from orchestrator.expressions.time_filters import STYLES, UNITS
from orchestrator.expressions.vocabulary import TESTS, Vocabulary

_NONE: tuple[str, ...] = ()
ARGUMENTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "default": (_NONE, ("default_value", "boolean")), "replace": (("old", "new"), _NONE), "truncate": (_NONE, ("length",)), "join": (_NONE, ("d", "attribute")),
    "sort": (_NONE, ("reverse", "attribute")), "sum": (_NONE, ("attribute",)), "map": (_NONE, ("filter", "attribute")), "selectattr": (("attribute",), ("test", "value")),
    "rejectattr": (("attribute",), ("test", "value")), "round": (_NONE, ("precision", "method")), "money": (_NONE, ("currency",)), "number_format": (_NONE, ("decimals",)),
    "date": (_NONE, ("style",)), "datetime": (_NONE, ("style",)), "plural": (("one", "other"), _NONE), "plus": (("duration",), _NONE), "minus": (("duration",), _NONE),
    "add_days": (("n",), _NONE), "add_months": (("n",), _NONE), "start_of": (("unit",), _NONE), "in_timezone": (("zone",), _NONE),
}  # fmt: skip
"""Name to (required, optional) arguments; the others take none."""


class Writer(Protocol):
    """The generator, as filters see it."""

    vocabulary: Vocabulary

    def problem(self, code: str, what: str, why: str, fix: str, word: str = "", form: Form = "") -> str: ...

    def untracked(self, word: str) -> None: ...

    def write(self, node: nodes.Node) -> str: ...


def write_filter(g: Writer, node: nodes.Filter) -> str:
    if node.name not in FILTERS:
        return g.problem(
            "E005", f"no filter '{node.name}'", "filters are a closed list", nearest(node.name, FILTERS, "filters"), node.name, "filter"
        )
    if node.name == "relative" and g.vocabulary.tracked:
        g.untracked("relative")
    required, optional = ARGUMENTS.get(node.name, (_NONE, _NONE))
    order = (*required, *optional)
    further = node.args[1:] if node.name == "map" else []
    given: dict[str, nodes.Expr] = dict(zip(order, node.args[: len(node.args) - len(further)], strict=False))
    for pair in node.kwargs:
        given[str(pair.key)] = pair.value
    missing = [key for key in required if key not in given]
    unknown = [key for key in given if key not in order]
    if missing or unknown or len(node.args) - len(further) > len(order) or node.dyn_args or node.dyn_kwargs:
        return g.problem(
            "E006", f"wrong arguments of | {node.name}", f"missing {missing[0]}" if missing else "more, or others, than it takes",
            f"x | {signature(node.name)}", node.name, "filter",
        )  # fmt: skip
    for key, value in given.items():
        if isinstance(value, nodes.Const) and isinstance(value.value, str) and (node.name, key) in _LITERALS:
            code, fits, words, form = _LITERALS[node.name, key]
            if not fits(value.value):
                text = value.value
                if code == "Y014":
                    what, why, meant = no_duration(text, "90m")
                    return g.problem(code, what, why, f"x | {node.name}('{meant}')", text, "text")
                return g.problem(code, f"'{text}' is no {form}", f"| {node.name} takes one", nearest(text, words()), text, "text")  # fmt: skip
    if node.name == "map" and (refused := _each(g, given, further)) is not None:
        return refused
    value_source = g.write(node.node) if node.node is not None else "None"
    if further:
        return f"filt(s, 'map', {value_source}, [{', '.join(g.write(value) for value in node.args)}], {{}})"
    named = ", ".join(f"{key!r}: {g.write(value)}" for key, value in given.items())
    return f"filt(s, {node.name!r}, {value_source}, [], {{{named}}})"


def _each(g: Writer, given: dict[str, nodes.Expr], further: list[nodes.Expr]) -> str | None:
    """`map` takes a filter with its arguments, or an attribute: what is wrong, None where nothing is."""
    inner = given.get("filter")
    if "attribute" in given or not isinstance(inner, nodes.Const):
        if inner is None and not further and given:
            return None
        return g.problem("E006", "wrong arguments of | map", "it takes a filter, written out, or an attribute", "x | map('upper'), x | map(attribute='name')", "map", "filter")  # fmt: skip
    required, optional = ARGUMENTS.get(inner.value, (_NONE, _NONE))
    if not len(required) <= len(further) <= len(required) + len(optional):
        why = (
            f"| {inner.value} takes {len(required)} to {len(required) + len(optional)}"
            if optional
            else f"| {inner.value} takes {len(required) or 'none'}"
        )
        example = "".join(f", {name}" for name in required)
        return g.problem("E006", f"wrong arguments of '{inner.value}'", why, f"x | map('{inner.value}'{example})", inner.value, "text")
    return None


def signature(name: str) -> str:
    """For people: `date(style=)`."""
    required, optional = ARGUMENTS.get(name, (_NONE, _NONE))
    return f"{name}({', '.join([*required, *(key + '=' for key in optional)])})" if required or optional else name


def write_test(g: Writer, node: nodes.Test) -> str:
    if node.name not in TESTS:
        fix = "did you mean 'none'?" if node.name.casefold() in MISSING else nearest(node.name, TESTS, "tests")
        return g.problem("E005", f"no test '{node.name}'", "tests are a closed list", fix, node.name, "name")
    wanted = 1 if node.name in ("like", "in") else 0
    if len(node.args) != wanted or node.kwargs:
        takes = "one argument" if wanted else "no argument"
        fix = f"x is {node.name}{'(…)' if wanted else ''}"
        return g.problem("E006", f"`is {node.name}` takes {takes}", "it asks one thing of what stands before it", fix, node.name, "name")
    args = ", ".join(g.write(arg) for arg in node.args)
    return f"test(s, {node.name!r}, {g.write(node.node)}, [{args}])"


def _duration(text: str) -> bool:
    return read_duration(text) is not None


Words = Callable[[], "tuple[str, ...] | frozenset[str] | set[str]"]
_LITERALS: dict[tuple[str, str], tuple[str, Callable[[str], bool], Words, str]] = {
    ("date", "style"): ("E006", lambda text: text in STYLES or "%" in text, lambda: STYLES, "style"),
    ("datetime", "style"): ("E006", lambda text: text in STYLES or "%" in text, lambda: STYLES, "style"),
    ("plus", "duration"): ("Y014", _duration, tuple, "duration"),
    ("minus", "duration"): ("Y014", _duration, tuple, "duration"),
    ("start_of", "unit"): ("E006", lambda text: text in UNITS, lambda: UNITS, "unit"),
    ("in_timezone", "zone"): ("Y013", lambda text: text in available_timezones(), available_timezones, "IANA zone"),
    ("money", "currency"): ("Y013", is_currency, lambda: ("EUR", "GBP", "USD"), "currency"),
    ("round", "method"): ("E006", lambda text: text in ("common", "ceil", "floor"), lambda: ("common", "ceil", "floor"), "method"),
    ("map", "filter"): ("E005", lambda text: text in FILTERS, lambda: frozenset(FILTERS), "filter"),
    ("selectattr", "test"): ("E005", lambda text: text in COMPARISONS or text in TESTS, lambda: (*COMPARISONS, *TESTS), "test"),
    ("rejectattr", "test"): ("E005", lambda text: text in COMPARISONS or text in TESTS, lambda: (*COMPARISONS, *TESTS), "test"),
}
"""Arguments that lint can judge where they are written out: code, whether it fits, the words there are, what is wanted."""
