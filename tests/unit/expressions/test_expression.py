"""The expression language, rule by rule."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from orchestrator.expressions.expression import compile_expression
from orchestrator.expressions.problems import ExpressionError
from orchestrator.expressions.scope import EmptyFacts, PastEvent, Scope, next_change
from orchestrator.expressions.vocabulary import Vocabulary

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
MS = 1_772_445_600_000
HOUR, DAY = 3_600_000, 86_400_000
WORDS = Vocabulary({"customer": None, "event": None, "entry": None, "now": None, "x": None, "y": None})


class Facts(EmptyFacts):
    def __init__(self, *past: PastEvent) -> None:
        self._past = past

    def past(self, event: str) -> tuple[PastEvent, ...]:
        return tuple(one for one in self._past if one.name == event)

    def total(self, event: str) -> int:
        return len(self.past(event))


def scope(facts: EmptyFacts | None = None, **names: object) -> Scope:
    return Scope(names, facts or EmptyFacts(), NOW, ZoneInfo("Europe/Berlin"), "en", "GBP")


def value(text: str, facts: EmptyFacts | None = None, **names: object) -> object:
    return compile_expression(text, WORDS).evaluate(scope(facts, **names))


def past(name: str, before: int, **data: object) -> PastEvent:
    return PastEvent(name, MS - before, MS - before, MS - before, data)


@pytest.mark.parametrize(
    ("text", "x", "expected"),
    [
        # numbers and text that reads as a number
        ("x == 7", "7", True), ("x >= 99.5", "120", True), ("x == 7", "seven", False), ("x < 7", "seven", False),
        ("0.1 + 0.2 == 0.3", None, True), ("x + 1", 2.5, 3.5), ("7 / 2", None, 3.5), ("7 // 2", None, 3), ("-7 % 3", None, 2), ("1 / 0", None, None),
        # text with text by code point
        ("x < '9'", "10", True), ("x == 'a'", "A", False),
        # zero has no sign
        ("'' ~ x", -0.0, "0"), ("'' ~ -0.00", None, "0"), ("x == 0", -0.0, True),
        # booleans equal only booleans
        ("x == 1", True, False), ("x == 'true'", True, False), ("x == true", True, True),
        # missing
        ("x == none", None, False), ("x != 1", None, True), ("x < 1", None, False), ("not x", None, True), ("x in [1]", None, False),
        ("x is none", None, True), ("x is defined", None, False), ("x | default('there')", None, "there"), ("x | upper", None, None), ("x + 1", None, None),
        # lists and mappings by content
        ("x == [1, 2]", [1, "2"], True), ("'tv' in x", ["line", "tv"], True), ("'b' in x", {"b": 1}, True), ("'ell' in x", "hello", True),
        # keys win over methods, underscores cannot be read
        ("x.items", {"items": 5}, 5), ("x['a b']", {"a b": 1}, 1), ("x[0]", [9], 9), ("x[5]", [9], None), ("x.a.b.c", {"a": {}}, None),
        ("'yes' if x else 'no'", 0, "no"), ("x ~ '-' ~ 2", 1.0, "1-2"), ("x is blank", "  ", True), ("x is like('AB-*')", "AB-1", True),
        ("x is like('A?')", "AB-1", False), ("x | length", [1, 2], 2), ("x | sum", [1, "2", "x"], 3), ("x | join(', ')", ["a", 1], "a, 1"),
        ("x | sort | first", [3, 1], 1), ("x | money", 5, "£5.00"), ("x | number + 1", " 4 ", 5), ("x | mask", "jo@example.com", "j•••@example.com"),
        ("x | truncate(4)", "abcdef", "abc…"), ("x | plural('day', 'days')", 1, "day"), ("x | urlencode", "a b/c", "a%20b%2Fc"),
    ],
)  # fmt: skip
def test_values(text: str, x: object, expected: object) -> None:
    found = value(text, x=x)
    assert (found, type(found) is bool) == (expected, type(expected) is bool)


@pytest.mark.parametrize(
    ("text", "x", "expected"),
    [
        ("x == '2026-03-02T10:00:00Z'", NOW, True),
        ("x < now", "2026-03-02T09:59:59Z", True),
        ("x < now", "2026-03-02", True),
        ("instant(x) == instant('2026-03-02T11:00:00')", NOW, True),  # 11:00 in Berlin is 10:00 UTC
        ("x | date", NOW, "Mar 2, 2026"),
        ("x | date('%d/%m')", NOW, "02/03"),
        ("x | time", NOW, "11:00\u202fAM"),
        ("hour(x)", NOW, 11),
        ("weekday(x)", NOW, "mon"),
        ("(x | add_months(1) | text)[0:1] is defined", "2026-01-31", None),
        ("x | add_months(1) | date('%Y-%m-%d')", "2026-01-31", "2026-02-28"),
        ("x | plus('2h') | text", NOW, "2026-03-02T12:00:00Z"),
        ("days_since(x)", "2026-02-28T10:00:00Z", 2),
        ("days_since(x)", "2026-02-28T10:00:01Z", 1),
        ("days_until(x)", "2026-03-04T09:59:00Z", 1),
        ("x - duration('90m') | text", NOW, "2026-03-02T08:30:00Z"),
        ("1772445600 == x", 1772445600, True),
        ("instant(x) | text", 1772445600, "2026-03-02T10:00:00Z"),
        ("instant(x) | text", 1772445600000, "2026-03-02T10:00:00Z"),
        ("instant(x)", 12345, None),
        ("instant(x)", "no date", None),
    ],
)
def test_time(text: str, x: object, expected: object) -> None:
    if "[0:1]" in text:
        with pytest.raises(ExpressionError):
            value(text, x=x)
    elif text.endswith("| text") and "- duration" in text:
        assert value("(x - duration('90m')) | text", x=x) == expected
    else:
        assert value(text, x=x) == expected


@pytest.mark.parametrize("before", [4 * HOUR - 1, 4 * HOUR, 4 * HOUR + 1])
def test_a_window_leaves_out_what_is_exactly_as_old(before: int) -> None:
    assert value("seen('A', within='4h')", Facts(past("A", before))) is (before < 4 * HOUR)


def test_a_window_says_when_it_changes() -> None:
    expression = compile_expression("count_of('A', within='4h') >= 2", WORDS)
    here = scope(Facts(past("A", 3 * HOUR), past("A", 1 * HOUR)))
    assert expression.true(here)
    assert next_change(here) == MS + HOUR
    later = Scope({}, here.facts, datetime.fromtimestamp((MS + HOUR) / 1000, UTC), here.zone)
    assert not expression.true(later)


def test_now_says_when_it_changes() -> None:
    expression = compile_expression("now >= x", WORDS)
    here = scope(x="2026-03-02T10:00:05Z")
    assert not expression.true(here)
    assert next_change(here) == MS + 5000


def test_short_circuit_reads_no_further() -> None:
    here = scope(Facts(past("A", HOUR)))
    assert not compile_expression("false and seen('A', within='4h')", WORDS).true(here)
    assert next_change(here) is None


def test_where_reads_the_past_event() -> None:
    facts = Facts(past("A", HOUR, mbit=9), past("A", HOUR - 1, mbit=50))
    assert value("count_of('A', within='4h', where='event.mbit < 20')", facts) == 1
    assert value("last_of('A').mbit", facts) == 50


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("foo == 1", "E003", 0), ("customer.x and bar", "E003", 15), ("x | nope", "E005", 4), ("nope(x)", "E005", 0), ("x is odd", "E005", 5),
        ("x.items()", "E007", 7), ("x.__class__", "E007", 2), ("''.__class__", "E007", 3), ("x ** 2", "E007", 2), ("1 < x < 3", "E007", 0),
        ("{{ x }}", "E002", 0), ("", "E001", 0), ("(1", "E001", 0), ("seen()", "E006", 0), ("seen(x)", "E011", 0), ("seen('A', within='4x')", "Y014", 18),
        ("seen('A', within='4h', since='entry')", "E016", 23), ("x" * 2001, "E008", 0), ("x[1:2]", "E007", 1), ("seen", "E006", 0),
        ("1e400 > x", "E008", 0),
    ],
)  # fmt: skip
def test_problems_have_a_code_and_a_place(text: str, code: str, column: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, WORDS)
    assert (caught.value.problems[0].code, caught.value.problems[0].column) == (code, column)
    assert all(p.what and p.why and p.fix for p in caught.value.problems)


def test_all_problems_come_at_once_with_did_you_mean() -> None:
    words = Vocabulary({"customer": frozenset(("first_name",))}, events=frozenset(("Order Placed",)))
    with pytest.raises(ExpressionError) as caught:
        compile_expression("customer.first_nam == 1 and seen('Order Place') and foo", words)
    assert [p.code for p in caught.value.problems] == ["E004", "E010", "E003"]
    assert "first_name" in caught.value.problems[0].fix
    assert "Order Placed" in caught.value.problems[1].fix


@pytest.mark.parametrize(("one", "other"), [("entry.a | date", 'entry["a"]|date'), ("x == 'a'", 'x  ==  "a"')])
def test_a_normal_form_ignores_blanks_and_quotes(one: str, other: str) -> None:
    assert compile_expression(one, WORDS).canonical == compile_expression(other, WORDS).canonical


def test_a_normal_form_tells_filters_apart() -> None:
    assert compile_expression("x | date", WORDS).canonical != compile_expression("x | date('long')", WORDS).canonical


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.text(max_size=60))
@example("{% if %}")
@example("x.y.z[")
@example("\x00")
@example("'" * 30)
def test_any_text_compiles_or_says_why(text: str) -> None:
    try:
        compile_expression(text, WORDS)
    except ExpressionError as error:
        assert error.problems
        assert all(0 <= p.column <= len(text) for p in error.problems)


OPERATIONS = ("==", "!=", "<", ">=", "+", "-", "*", "/", "//", "%", "~", "in", "and", "or")


@given(st.sampled_from(OPERATIONS), json_values, json_values)
def test_any_data_evaluates(operation: str, x: object, y: object) -> None:
    value(f"x {operation} y", x=x, y=y)


@pytest.mark.parametrize("zone", ["America", "x" * 5000, "../UTC", "", "\ud800", None, 5, ["UTC"]])
def test_a_zone_from_data_that_is_none_gives_nothing(zone: object) -> None:
    assert value("now | in_timezone(x) | time", x=zone) is None


@given(json_values, json_values)
def test_any_data_may_be_looked_up_by_any(x: object, y: object) -> None:
    value("x[y]", x=x, y=y)
    value("{1: 'a', 'b': 2}[x]", x=x)


@pytest.mark.parametrize(("key", "expected"), [(1, "a"), ("b", 2), (1.0, "a"), ([], None), ({}, None), ("_c", None)])
def test_keys_of_a_mapping(key: object, expected: object) -> None:
    assert value("{1: 'a', 'b': 2, '_c': 3}[x]", x=key) == expected


FILTERS = (
    "lower",
    "length",
    "sum",
    "sort",
    "date",
    "time",
    "money",
    "list_of",
    "add_days(3)",
    "add_months(2)",
    "round(2)",
    "relative",
    "mask",
    "unique",
    "max",
    "start_of('week')",
    "number_format(2)",
    "plural('a', 'b')",
    "truncate(3)",
)


@given(st.sampled_from(FILTERS), json_values)
def test_any_data_goes_through_any_filter(name: str, x: object) -> None:
    value(f"x | {name}", x=x)


@given(json_values, json_values)
def test_equality_is_symmetric_and_denies_unequal(x: object, y: object) -> None:
    assert value("x == y", x=x, y=y) == value("y == x", x=x, y=y)
    assert value("x != y", x=x, y=y) is (not value("x == y", x=x, y=y))
