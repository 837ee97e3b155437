"""A template says of an expression what a condition says of it: two compilers, one language."""

from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.expressions.environment import MissingValue, TemplateEnvironment, render_template
from orchestrator.expressions.expression import compile_expression
from orchestrator.expressions.scope import EmptyFacts, Scope
from orchestrator.expressions.values import canonical_text
from tests.unit.expressions.test_expression import NOW, WORDS

VALUES: tuple[object, ...] = (
    None,
    True,
    0,
    5,
    2.5,
    -0.0,
    "",
    "a",
    "7",
    "2026-03-02T10:00:00Z",
    [],
    [1, "7"],
    {"a": 1, "items": 4},
    [{"n": 1}, {"n": "2"}],
)
ATOMS = ("x", "y", "now", "1", "1.50", "'7'", "''", "true", "none", "[1.0, 'a']", "{'a': 2}")
FORMS = (
    "({} and {})", "({} or {})", "(not {})", "({} == {})", "({} != {})", "({} < {})", "({} >= {})", "({} in {})", "({} not in {})", "({} + {})", "({} - {})",
    "({} * {})", "({} / {})", "({} // {})", "({} % {})", "({} ~ {})", "[{} ~ {}, {}]", "({} if {} else {})", "({} is none)", "({} is not number)", "(-{})", "({})[{}]",
    "({}).items", "({} is like({}))", "({} | default({}))", "({} | join('-'))", "({} | map(attribute='n'))", "({} | selectattr('n', '>', 1))", "({} | sum)",
    "({} | round(1))", "({} | money)", "({} | date)", "({} | plus('2h'))", "({} | title)", "({} | first)",
)  # fmt: skip


def _expression(draw: Random, depth: int = 0) -> str:
    if depth > 3 or draw.random() < 0.3:
        return draw.choice(ATOMS)
    form = draw.choice(FORMS)
    return form.format(*(_expression(draw, depth + 1) for _ in range(form.count("{}"))))


def _both(text: str, x: object = None, y: object = None) -> tuple[str | None, str | None]:
    def scope() -> Scope:
        return Scope({"x": x, "y": y}, EmptyFacts(), NOW, ZoneInfo("Europe/London"))

    found = compile_expression(text, WORDS).evaluate(scope())
    try:
        printed = render_template(TemplateEnvironment().from_string("{{ " + text + " }}"), scope(), canonical_text, {})
    except MissingValue:
        printed = None
    return None if found is None else canonical_text(found), printed


@given(st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_whatever_is_written(draw: Random) -> None:
    text = _expression(draw)
    try:
        compile_expression(text, WORDS)
    except ValueError:
        return  # lint refuses it in both places
    found, printed = _both(text, draw.choice(VALUES), draw.choice(VALUES))
    assert printed == found, text


@pytest.mark.parametrize(
    "text",
    ["([1.0 ~ 1] if y is none else x)", "([{'a': 2} ~ none] if y is none else x)", "([1.50 == '1.5', 2 != 2.0] if y is none else x)"],
)
def test_constants(text: str) -> None:
    found, printed = _both(text)
    assert printed == found
