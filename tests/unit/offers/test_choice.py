"""Which offer is chosen: a pure function of the offers, the place and what the customer was shown."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.policies.offer import Place, choose, fits, locales_of, under_its_cap
from orchestrator.workspace.journey import Active
from orchestrator.workspace.offer import Offer, OfferContent, in_order

NOW = 1_000_000
TEXT = OfferContent("T", "B")


def offer(name: str = "a", **more: object) -> Offer:
    values: dict[str, object] = {"version": "", "topic": "news", "valid": Active(), "most": 1, "per": 100, "content": {"en": TEXT}, **more}
    return Offer(name, **values)  # type: ignore[arg-type]  # fields of an offer


def place(locale: str = "en", shown: Mapping[str, list[int]] | None = None, message: str = "hello", now: int = NOW) -> Place:
    return Place(message, locales_of(locale), now, shown or {})


@pytest.mark.parametrize(
    ("one", "at", "there"),
    [
        (offer(), place(), True),
        (offer(valid=Active(NOW, NOW + 1)), place(), True),
        (offer(valid=Active(NOW + 1, None)), place(), False),
        (offer(valid=Active(None, NOW)), place(), False),
        (offer(only=frozenset({"hello"})), place(), True),
        (offer(only=frozenset({"other"})), place(), False),
        (offer(), place("en-GB"), True),
        (offer(), place("de"), False),
        (offer(content={"en-GB": TEXT}), place("en"), False),
    ],
)
def test_what_fits(one: Offer, at: Place, there: bool) -> None:
    assert fits(one, at) is there


def test_the_cap_counts_a_rolling_window() -> None:
    """Something exactly `per` ago no longer counts."""
    assert not under_its_cap(offer(), place(shown={"a": [NOW - 99]}))
    assert under_its_cap(offer(), place(shown={"a": [NOW - 100]}))
    assert not under_its_cap(offer(), place(shown={"a": [NOW]}))
    assert under_its_cap(offer(most=2), place(shown={"a": [NOW]}))
    assert under_its_cap(offer(), place(shown={"b": [NOW]}))


def test_the_first_that_fits_is_for_them_and_is_under_its_cap() -> None:
    offers = in_order([offer("a", value=3), offer("b", priority=60), offer("c", value=5), offer("d", priority=70)])
    assert list(offers) == ["d", "b", "c", "a"]
    chosen = choose(offers.values(), place(shown={"d": [NOW]}), lambda one: one.name != "b")
    assert chosen is not None
    assert chosen.name == "c"
    assert choose(offers.values(), place("de"), lambda _one: True) is None


some = st.builds(
    offer,
    name=st.sampled_from(["a", "b", "c", "d"]), priority=st.integers(0, 2), value=st.integers(0, 2), most=st.integers(1, 2), per=st.integers(1, 200),
    valid=st.builds(Active, st.one_of(st.none(), st.integers(NOW - 2, NOW + 2)), st.one_of(st.none(), st.integers(NOW - 2, NOW + 2))),
    content=st.dictionaries(st.sampled_from(["en", "de"]), st.just(TEXT)), only=st.one_of(st.none(), st.just(frozenset({"hello"})), st.just(frozenset())),
)  # fmt: skip
shown_lately = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), st.lists(st.integers(NOW - 200, NOW), max_size=3))


@given(
    st.lists(some, max_size=4, unique_by=lambda one: one.name),
    shown_lately,
    st.sampled_from(["en", "de", "fr"]),
    st.sets(st.sampled_from("abcd")),
)
def test_the_chosen_one_may_go_and_none_that_may_go_comes_before_it(
    offers: list[Offer], shown: dict[str, list[int]], locale: str, wanted: set[str]
) -> None:  # fmt: skip
    at = place(locale, shown)

    def may_go(one: Offer) -> bool:
        lately = [when for when in shown.get(one.name, []) if NOW - one.per < when <= NOW]
        return (
            one.name in wanted and len(lately) < one.most and locale in one.content and (one.only is None or "hello" in one.only)
            and (one.valid.start is None or one.valid.start <= NOW) and (one.valid.end is None or one.valid.end > NOW)
        )  # fmt: skip

    chosen = choose(in_order(offers).values(), at, lambda one: one.name in wanted)
    eligible = [one for one in offers if may_go(one)]
    best = min(eligible, key=lambda one: (-one.priority, -one.value, one.name), default=None)
    assert chosen is best


@given(st.permutations(["a", "b", "c", "d"]))
def test_the_order_of_the_file_does_not_matter(names: list[str]) -> None:
    chosen = choose(in_order([offer(name, value=ord(name) % 2) for name in names]).values(), place(), lambda _one: True)
    assert chosen is not None
    assert chosen.name == "a"
