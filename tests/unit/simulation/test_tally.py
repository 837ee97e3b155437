"""Counts add up to the same whole however they are grouped."""

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.simulation.tally import Most, Tally

_most = st.just(Most()) | st.builds(
    Most, st.integers(1, 5), st.sampled_from(["p1", "p2", "p10"]), st.sampled_from(["2026-03-02", "2026-03-03"])
)
_tally = st.builds(
    Tally, customers=st.integers(0, 9), people=st.dictionaries(st.integers(0, 4), st.integers(1, 9)), day=_most, week=_most,
    started=st.dictionaries(st.sampled_from("ab"), st.integers(1, 9)), hours=st.dictionaries(st.tuples(st.just("sms"), st.integers(0, 23)), st.integers(1, 9)),
)  # fmt: skip


@given(_tally, _tally, _tally)
def test_in_any_grouping(one: Tally, two: Tally, three: Tally) -> None:
    assert one.plus(two).plus(three) == one.plus(two.plus(three))
    assert one.plus(two) == two.plus(one)
    assert one.plus(Tally()) == one
    assert one.plus(two).customers == one.customers + two.customers


def test_the_most_is_the_first_of_equals() -> None:
    assert Most(3, "p10", "2026-03-02").or_more(Most(3, "p2", "2026-03-02")).customer == "p2"
    assert Most(3, "p2", "2026-03-02").or_more(Most(3, "p1", "2026-03-03")).customer == "p2"
    assert Most(3, "p2", "2026-03-02").or_more(Most(4, "p1", "2026-03-03")).number == 4
