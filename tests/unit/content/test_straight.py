"""A template that only prints reads the same, whichever of the two ways it is rendered."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from orchestrator.content.straight import Chosen, Straight, compile_straight
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
        "{% if entry.a %}x{% endif %}-{% if entry.no %}y{% elif entry.n > 2000 %}z{% else %}{{ entry.a }}{% if entry.yes %}!{% endif %}{% endif %}",
        "a{% if entry.no == 1 %}{{ entry.no }}{% endif %}{% if not entry.no %} b {% endif %}{% if entry.a == 'x' and entry.n is defined %}c{% endif %}",
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
    "text",
    [
        "{% if entry.a %}{% set y = 1 %}{% endif %}",
        "{% for a in entry.items %}x{% endfor %}",
        "{% set y = 1 %}{{ y }}",
        "{{ other.x }}",
        "{{ unclosed",
        "{{ entry.a() }}",
    ],
)
def test_what_needs_more(text: str) -> None:
    assert compile_straight(text, WORDS) is None


BRAND: dict[str, object] = {"name": "Tarn & Co", "colour": "#123", "founded": "2020-03-01T00:30:00Z"}
LAYOUT = (
    "<h1>{{ brand.name }}</h1>{% if locale == 'de' %}Hallo{% elif entry.a %}{{ brand.colour | default('#fff') }}{% else %}no{% endif %}"
    "{% if brand.fax %}{{ brand.fax }}{% elif locale == 'en' %}Bye{% else %}{{ entry.no | default('r') }}{% endif %} {{ brand.slogan | default('s') }} {{ entry.a }}"
)


def in_locale(locale: str, entry: dict[str, object] = ENTRY) -> Scope:
    names: dict[str, object] = {"entry": entry, "brand": BRAND, "locale": locale}
    return Scope(names, EmptyFacts(), datetime(2026, 3, 2, 10, tzinfo=UTC), ZoneInfo("Europe/London"), locale)


def folded(text: str, locale: str) -> Straight:
    straight = compile_straight(text, Vocabulary({"entry": None, "brand": None, "locale": None}))
    assert straight is not None
    return straight.folded(in_locale(locale), lambda value: f"<{value}>")


@pytest.mark.parametrize("locale", ["de", "en", "fr"])
@pytest.mark.parametrize("entry", [ENTRY, {"a": "", "no": "q"}])
def test_what_is_fixed_is_worked_out_once_and_reads_the_same(locale: str, entry: dict[str, object]) -> None:
    read = TemplateEnvironment().from_string(LAYOUT)
    whole = render_template(read, in_locale(locale, entry), lambda value: f"<{value}>", {})
    assert folded(LAYOUT, locale).render(in_locale(locale, entry), lambda value: f"<{value}>") == whole


def test_only_what_the_person_decides_is_left() -> None:
    assert folded(LAYOUT, "de").parts[0] == "<h1><Tarn & Co></h1>Hallo"
    left = folded(LAYOUT, "en").parts
    assert isinstance(left[1], Chosen)
    assert left[1].branches[0][1] == ("<#123>",)
    assert left[2] == "Bye <s> "


@pytest.mark.parametrize("text", ["{{ brand.missing }}", "{{ brand.founded | date }}", "{{ brand.name ~ entry.a }}", "{{ entry.a }}"])
def test_what_place_person_or_a_refusal_decide_stays(text: str) -> None:
    assert not isinstance(folded(text, "en").parts[0], str)
