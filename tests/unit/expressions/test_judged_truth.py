"""What lint says can never be true never is, whatever data there are of the declared types."""

from datetime import UTC, datetime
from itertools import product
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from orchestrator.expressions.environment import TemplateEnvironment, render_template
from orchestrator.expressions.scope import EmptyFacts, Scope
from tests.unit.expressions.judged import judged

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
SIDES = (
    "event.t", "event.n", "event.b", "event.at", "event.day", "event.l", "event.o", "now", "today()", "duration('1h')", "duration('2h') * 3", "now - event.at",
    "event.at + duration('1h')", "event.at | plus('2h') - event.day", "weekday(now)", "open_issues()", "event.n * 2", "event.n + event.n", "event.t + 'x'",
    "'Monday'", "'mon'", "'1h'", "'3600'", "3600", "1", "'2026-3-2'", "'2026-03-02'", "true", "none", "[1, none]", "['mon', true]", "hour(now)",
)  # fmt: skip
SIGNS = ("==", "!=", "<", "<=", ">", ">=", "in", "not in")
MOVED = ("now", "event.at", "duration('1h')", "'1h'", "90", "event.n")
CALCULATED = [
    text for text in (f"({left}) {sign} ({right})" for left, sign, right in product(SIDES, "+-*/", MOVED) if "[" not in left)
    if any(one.code == "E007" for one in judged(text))
]  # fmt: skip
instants = st.none() | st.datetimes(datetime(2026, 2, 27), datetime(2026, 3, 3), timezones=st.just(UTC))
data = st.fixed_dictionaries({
    "t": st.none() | st.text(max_size=4) | st.sampled_from(["mon", "Monday", "3600", "1h", "2026-03-02"]), "n": st.none() | st.integers(-2, 7200),
    "b": st.none() | st.booleans(), "at": instants, "until": instants, "day": instants,
    "l": st.none() | st.lists(st.integers(0, 2) | st.sampled_from(["a", "mon"]), max_size=2), "o": st.none() | st.dictionaries(st.sampled_from(["a", "mon"]), st.integers(), max_size=1),
})  # fmt: skip


def true(text: str, event: dict[str, object]) -> bool:
    """By a template, which is not asked whether it is sound."""
    template = TemplateEnvironment().from_string("{% if " + text + " %}yes{% endif %}")
    names: dict[str, object] = {"event": event}
    return render_template(template, Scope(names, EmptyFacts(), NOW, ZoneInfo("Europe/Berlin")), str, {}) == "yes"


@given(st.sampled_from(SIDES), st.sampled_from(SIGNS), st.sampled_from(SIDES), data)
@example("now - event.at", ">", "duration('1h')", {"at": NOW})
@example("event.t", "==", "weekday(now)", {"t": "mon"})
def test_what_is_said_to_be_never_true_never_is(left: str, sign: str, right: str, event: dict[str, object]) -> None:
    text = f"{left} {sign} {right}"
    for one in judged(text):
        if one.code == "E009":
            assert true(text, event) is (sign in ("!=", "not in")) or right == "['mon', true]", (text, one)
        elif one.what.startswith("always"):
            assert true(text, event) is (one.what == "always true"), (text, one)


@given(st.sampled_from(CALCULATED), data)
def test_what_is_said_to_be_no_arithmetic_gives_nothing_to_compare(text: str, event: dict[str, object]) -> None:
    assert not true(f"({text}) > now - duration('300d') or ({text}) > duration('0s') or ({text}) < 0 or ({text}) >= 0", event), text
