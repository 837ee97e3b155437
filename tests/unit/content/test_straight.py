"""A template that only prints reads the same, whichever of the two ways it is rendered."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from orchestrator.content.straight import compile_straight
from orchestrator.expressions.environment import BoundExceeded, MissingValue, TemplateEnvironment, render_template
from orchestrator.expressions.scope import EmptyFacts, Scope
from orchestrator.expressions.vocabulary import Vocabulary

WORDS = Vocabulary({"entry": None, "now": None})
ENTRY: dict[str, object] = {
    "a": "x", "n": 1234.5, "at": "2026-03-02T10:00:00Z", "items": [{"name": "p"}, {"name": "q"}], "yes": True, "d": {"k": 1}, "long": "y" * 60_000,
}  # fmt: skip


def scope() -> Scope:
    return Scope({"entry": ENTRY}, EmptyFacts(), datetime(2026, 3, 2, 10, tzinfo=UTC), ZoneInfo("Europe/London"))


@pytest.mark.parametrize(
    "text",
    [
        "a {{ entry.a }} b", "{{ entry.n | money }}{{ entry.n }}", "{{ entry.at | date }} {{ now | date('short') }}", "{{ entry.items[1].name }}", "{{ entry.yes }} {{ entry.d }}",
        "{{ entry.no | default('z') }}", "{{ 'q' if entry.yes else 'r' }}", "{{ entry.a ~ 1.50 }}", "{{ entry.n + 1 }}", "{# no #}x", "{% raw %}{{ }}{% endraw %}", "",
        "{{ entry.items | map(attribute='name') | list_of }}", "{{ entry.items | length }} {{ -entry.n }} {{ entry.a == 'x' }} {{ entry.a in 'xyz' }}",
    ],
)  # fmt: skip
def test_both_ways_are_one(text: str) -> None:
    straight = compile_straight(text, WORDS)
    assert straight is not None
    read = TemplateEnvironment().from_string(text)
    assert straight.render(scope(), lambda value: f"<{value}>") == render_template(read, scope(), lambda value: f"<{value}>", {})


def test_a_missing_value_has_the_same_place() -> None:
    text = "a\n\n{{ entry.no | upper }}"
    straight = compile_straight(text, WORDS)
    assert straight is not None
    with pytest.raises(MissingValue) as mine:
        straight.render(scope(), str)
    with pytest.raises(MissingValue) as other:
        render_template(TemplateEnvironment().from_string(text), scope(), str, {})
    assert (mine.value.expression, mine.value.line) == (other.value.expression, other.value.line) == ("entry.no|upper()", 3)


def test_the_bound_is_the_same() -> None:
    straight = compile_straight("{{ entry.long }}" * 5, WORDS)
    assert straight is not None
    with pytest.raises(BoundExceeded):
        straight.render(scope(), str)


@pytest.mark.parametrize(
    "text", ["{% if entry.a %}x{% endif %}", "{% set y = 1 %}{{ y }}", "{{ other.x }}", "{{ unclosed", "{{ entry.a() }}"]
)
def test_what_needs_more(text: str) -> None:
    assert compile_straight(text, WORDS) is None
