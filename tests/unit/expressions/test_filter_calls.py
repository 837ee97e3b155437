"""Filters and tests: what lint refuses of their arguments, and what `map` and `selectattr` give."""

from typing import Any

import pytest

from orchestrator.expressions.expression import compile_expression
from orchestrator.expressions.problems import ExpressionError
from tests.unit.expressions.test_expression import WORDS, value

WRONG = [
    ("event.x | uper", "E005", 10, "upper"), ("event.x | upper(3)", "E006", 10, "x | upper"), ("event.x | add_days", "E006", 10, "add_days(n)"),
    ("event.x | date('shorty')", "E006", 16, "short"), ("event.x | plus('1.5h')", "Y014", 16, "90m"), ("event.x | in_timezone('Europe/Lundon')", "Y013", 23, "Europe/London"),
    ("event.x | map('uper')", "E005", 15, "upper"), ("event.x | selectattr('a', 'foo')", "E005", 27, "=="), ("event.x is lke('a')", "E005", 11, "like"),
    ("event.x is like", "E006", 11, "like("), ("event.x is blank(1)", "E006", 11, "x is blank"), ("event.x | round(1, 'up')", "E006", 20, "ceil"),
    ("event.x | replace('a')", "E006", 10, "replace(old, new)"), ("event.x | default(fallback='a')", "E006", 10, "default_value="),
    ("event.x | map('plus')", "E006", 15, "map('plus', duration)"), ("event.x | map('upper', 'a')", "E006", 15, "map('upper')"), ("event.x | map", "E006", 10, "map('upper')"),
    ("event.x | map('upper', attribute='k')", "E006", 10, "attribute='name'"), ("event.x | map(event.y)", "E006", 10, "map('upper')"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "column", "fix"), WRONG, ids=[w[0] for w in WRONG])
def test_wrong_arguments_are_refused_at_their_place(text: str, code: str, column: int, fix: str) -> None:
    with pytest.raises(ExpressionError) as found:
        compile_expression(text, WORDS)
    (problem,) = found.value.problems
    assert (problem.code, problem.column) == (code, column), problem
    assert fix in problem.fix


ITEMS = [{"n": 1, "k": "a"}, {"n": 3, "k": "b"}, {"k": "c"}]
GIVES: list[tuple[str, Any]] = [
    ("['a', 'b'] | map('upper')", ["A", "B"]), ("event.x | map(attribute='k')", ["a", "b", "c"]), ("event.x | selectattr('n') | map(attribute='k')", ["a", "b"]),
    ("event.x | selectattr('n', '>', 1) | map(attribute='k')", ["b"]), ("event.x | selectattr('n', 'ge', 1) | length", 2),
    ("event.x | selectattr('k', 'in', ['a', 'c']) | map(attribute='k')", ["a", "c"]), ("event.x | rejectattr('n', 'defined') | map(attribute='k')", ["c"]),
    ("event.x | rejectattr('k', '==', 'a') | map(attribute='k')", ["b", "c"]), ("event.x | selectattr('k', 'ne', 'a') | length", 2),
    ("event.x | join(', ', attribute='k')", "a, b, c"), ("event.y | default(default_value='z')", "z"), ("'' | default('z')", "z"),
    ("'aaa' | replace('a', 'bb')", "bbbbbb"), ("('a' ~ 'b') | replace(old='b', new='')", "a"),
    ("[5, 6.5] | map('money', 'EUR')", ["€5.00", "€6.50"]), ("[2.46] | map('round', 1) | map('text')", ["2.5"]), ("event.nested | map(attribute='a.b')", [3, 4]),
    ("event.nested | sum(attribute='a.b')", 7), ("event.nested | selectattr('a.b', '>', 3) | length", 1), ("event.nested | sort(reverse=true, attribute='a.b') | map(attribute='a.b')", [4, 3]),
    ("event.nested | join('-', attribute='c.0')", "x-y"), ("event.nested | map(attribute='a._b')", [None, None]), ("event.dots | map(attribute='a.b')", [1]),
    ("event.name | title", "Jane's O'neil"), ("'jane' | first", "j"), ("'jane' | last", "e"), ("'' | first", None),
    ("'tv' | list_of", "tv"), ("5 | join(', ')", "5"), ("[] | list_of", ""), ("event.none | list_of", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), GIVES, ids=[g[0] for g in GIVES])
def test_filters_over_lists_are_jinjas(text: str, expected: object) -> None:
    nested = [{"a": {"b": 3, "_b": 1}, "c": ["x"]}, {"a": {"b": 4}, "c": ["y"]}]
    assert value(text, event={"x": ITEMS, "nested": nested, "dots": [{"a.b": 1, "a": {"b": 2}}], "name": "jane's o'neil"}) == expected


def test_a_replaced_text_that_would_be_too_long_is_missing_and_never_made() -> None:
    assert value("event.x | replace('a', event.x)", event={"x": "a" * 60_000}) is None
    assert value("event.x | map('replace', 'a', event.y)", event={"x": ["a"] * 1000, "y": "b" * 60_000}) is None
    assert value("event.x | join(event.y)", event={"x": ["a"] * 1000, "y": "b" * 60_000}) is None


@pytest.mark.parametrize(("given", "rounded"), [("0.125", "0.12"), ("0.135", "0.14"), ("0.375", "0.38"), ("2.5", "2.50")])
def test_half_goes_to_the_even_neighbour_everywhere(given: str, rounded: str) -> None:
    assert value("x | number | money('GBP')", x=given) == f"£{rounded}"
    assert value("x | number | number_format(2)", x=given) == rounded
    assert value("(x | number | round(2)) == y", x=given, y=rounded) is True
