"""config/offers.yaml: what is read, and every mistake at its place."""

import json
import string
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.content.check import check_message
from orchestrator.workspace.finding import Finding
from orchestrator.workspace.load import load_files
from orchestrator.workspace.offer import Offer, in_order
from orchestrator.workspace.workspace import Workspace
from tests.one_journey import errors, files, loaded, workspace
from tests.unit.offers.shop import OFFERS, SERVICE, more_offers

DAY = 86_400_000


def found(offers: str) -> list[Finding]:
    return [f for f in loaded({"try_it": SERVICE}, offers=offers).findings if f.file == "config/offers.yaml"]


def test_all_keys_are_read() -> None:
    text = OFFERS.replace(
        "    topic: news\n", "    topic: news\n    when: customer.tier == 'gold'\n    priority: 70\n    value: 12.5\n    only: [hello]\n"
    )
    offer = workspace({"try_it": SERVICE}, offers=text).offers["twice"]
    assert (offer.topic, offer.priority, offer.value, offer.only) == ("news", 70, 12.5, frozenset({"hello"}))
    assert (offer.most, offer.per) == (1, 30 * DAY)
    assert offer.when is not None
    assert offer.when.text == "customer.tier == 'gold'"
    assert offer.content["en"].action is not None
    assert offer.content["en"].action.label == "See it"
    assert len(offer.version) == 8


def test_dates_are_of_the_workspaces_timezone() -> None:
    """From is inside, until is outside."""
    text = OFFERS.replace("from: 2026-01-01, until: 2027-01-01", "from: 2026-07-01, until: 2026-07-02")
    valid = workspace({"try_it": SERVICE}, offers=text).offers["twice"].valid
    begin = 1_782_860_400_000  # 2026-06-30T23:00Z, midnight of the first of July in London
    assert [valid.holds(at) for at in (begin - 1, begin, begin + DAY - 1, begin + DAY)] == [False, True, True, False]


def test_without_the_file_there_are_none() -> None:
    assert workspace({"try_it": SERVICE}).offers == {}


WRONG = [
    # old, new, code, line, column, part of the fix
    ("    topic: news\n", "", "P010", 2, 5, "topic:"),
    ("    valid: {from: 2026-01-01, until: 2027-01-01}\n", "", "P010", 2, 5, "valid:"),
    ("{from: 2026-01-01, until: 2027-01-01}", "{}", "P010", 4, 12, "valid:"),
    ("    cap: {max: 1, per: 30d}\n", "", "P010", 2, 5, "cap:"),
    ("{max: 1, per: 30d}", "{max: 1}", "Y012", 5, 10, "per:"),
    ("{max: 1, per: 30d}", "{max: 0, per: 30d}", "Y005", 5, 16, "in between"),
    ("{max: 1, per: 30d}", "{max: 1, per: 1.5d}", "Y014", 5, 24, "write 36h, not 1.5d"),
    ("topic: news", "topic: nws", "P002", 3, 12, "news"),
    ("topic: news", "topic: news\n    only: [helo]", "P002", 4, 12, "hello"),
    ("topic: news", "topic: news\n    when: custmer.tier == 'gold'", "E003", 4, 11, "customer"),
    ("topic: news", "topic: news\n    when: journey.name == 'x'", "E003", 4, 11, "message"),
    ("topic: news", "topic: news\n    when: message.channel == 'sms'", "E004", 4, 19, "topic"),
    ("topic: news", "topic: news\n    priority: 101", "Y005", 4, 15, "between"),
    ("topic: news", "topic: news\n    value: -1", "Y004", 4, 12, "12.5"),
    ("topic: news", "topic: news\n    value: .inf", "Y004", 4, 12, "12.5"),
    ("topic: news", "topic: news\n    vlaue: 1", "Y002", 4, 5, "value"),
    ("from: 2026-01-01, until: 2027-01-01", "from: 2027-01-01, until: 2026-01-01", "J043", 4, 38, "swap"),
    ("until: 2027-01-01", "until: tomorrow", "Y015", 4, 38, "2026-03-01"),
    ("        title: Twice the *speed*\n", "", "Y012", 8, 9, "title:"),
    ("title: Twice the *speed*", 'title: ""', "Y012", 8, 16, "write"),
    ("      en:\n", "      en_XX:\n", "Y013", 7, 7, "BCP 47"),
    ("https://example.com/twice?for={{ customer.id }}", "https://elsewhere.test/x", "M013", 10, 39, "links.hosts"),
    ("{{ 5 | money }}", "{{ customer.first_name }}", "M005", 9, 25, "default"),
    ("{{ 5 | money }}", "{{ 5 | mony }}", "E005", 9, 29, "money"),
    ("For **", "<b>For</b> **", "M016", 9, 16, "Markdown"),
    ("{{ 5 | money }}", "{% include 'gone.md' %}", "M015", 9, 34, "there is none"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "line", "column", "fix"), WRONG, ids=[f"{w[2]}-{w[1][:30]!r}" for w in WRONG])
def test_a_mistake_has_its_code_place_and_fix(old: str, new: str, code: str, line: int, column: int, fix: str) -> None:
    assert old in OFFERS
    named = [f for f in found(OFFERS.replace(old, new, 1)) if f.code == code]
    assert [(f.line, f.column) for f in named] == [(line, column)], found(OFFERS.replace(old, new, 1))
    assert fix in named[0].fix


def test_one_name_twice() -> None:
    assert [(f.code, f.line) for f in found(more_offers("offer: a", "offer: a"))] == [("P007", 3)]


def test_an_offer_that_no_message_carries_is_said() -> None:
    without = SERVICE.replace(", offer: after_body", "")
    findings = loaded({"try_it": without}, offers=OFFERS).findings
    assert [(f.file, f.line, f.code) for f in findings] == [("config/offers.yaml", 2, "M022")]
    only = OFFERS.replace("    topic: news\n", "    topic: news\n    only: [other]\n")
    assert [f.code for f in loaded({"try_it": SERVICE}, {"other": "Other"}, offers=only).findings if f.file == "config/offers.yaml"] == [
        "M022"
    ]


def test_a_slot_that_there_is_not() -> None:
    (finding,) = errors(SERVICE.replace("after_body", "below_body"))
    assert (finding.code, finding.line, finding.column) == ("M018", 5, 52)
    assert "after_body" in finding.fix
    text = files({"try_it": SERVICE})
    name = "templates/messages/hello.yaml"
    text[name] = text[name].replace(b"class: service", b"class: service\noffer: below")
    assert [(f.code, f.line, f.column) for f in load_files(text, {}, check_message).findings] == [("M018", 3, 8)]


def test_a_layout_that_has_no_way_out_carries_no_offer() -> None:
    """A mail with marketing in it says who sends it, and how to leave."""
    name = "templates/layouts/default.email.txt"
    bare = {**files({"try_it": SERVICE}, offers=OFFERS), name: b"{{ content }}"}
    assert [(f.code, f.file) for f in load_files(bare, {}, check_message).findings if f.severity == "error"] == [("M020", name)] * 2
    plain = {**files({"try_it": SERVICE.replace(", offer: after_body", "")}, offers=OFFERS), name: b"{{ content }}"}
    assert not [f for f in load_files(plain, {}, check_message).findings if f.severity == "error"]


def test_the_past_an_offer_asks_for_is_kept() -> None:
    text = OFFERS.replace("    topic: news\n", "    topic: news\n    when: \"seen('Order Placed', within='90d')\"\n")
    assert workspace({"try_it": SERVICE}, offers=text).history == {"Order Placed": 90 * DAY}
    printed = OFFERS.replace("{{ 5 | money }}", "{{ count_of('Pong', within='5d') }}")
    assert workspace({"try_it": SERVICE}, offers=printed).history == {"Pong": 5 * DAY}


names = st.text(string.ascii_lowercase, min_size=1, max_size=3)
ranks = st.dictionaries(names, st.tuples(st.integers(0, 100), st.integers(0, 50)), min_size=1, max_size=6)


@given(ranks)
def test_the_order_is_that_of_priority_value_and_name(wanted: Mapping[str, tuple[int, int]]) -> None:
    base = next(iter(_of(OFFERS).offers.values()))
    ordered = list(in_order([_ranked(base, name, *rank) for name, rank in wanted.items()]))
    assert ordered == sorted(wanted, key=lambda name: (-wanted[name][0], -wanted[name][1], name))


def _ranked(base: Offer, name: str, priority: int, value: int) -> Offer:
    return replace(base, name=name, priority=priority, value=value)


def _of(offers: str) -> Workspace:
    return workspace({"try_it": SERVICE}, offers=offers)


KEYS = (
    "offer", "topic", "valid", "cap", "max", "per", "from", "until", "content", "en", "title", "body", "action", "only", "when", "value", "priority",
)  # fmt: skip
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 200),
    st.floats(allow_nan=False),
    st.sampled_from(["2026-01-01", "30d", "hello", "{{ x", "a: b"]),
)
trees = st.recursive(
    leaves, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)), max_leaves=20
)
whole = st.fixed_dictionaries({
    "offer": st.just("one"), "topic": st.sampled_from(["news", "nws"]), "valid": st.fixed_dictionaries({"until": st.sampled_from(["2027-01-01", "x"])}),
    "cap": st.fixed_dictionaries({"max": st.integers(0, 3), "per": st.sampled_from(["30d", "1x"])}),
    "content": st.fixed_dictionaries({"en": st.fixed_dictionaries({"title": st.text(max_size=9), "body": st.text(max_size=20)})}),
}, optional={"priority": st.integers(-1, 101), "value": leaves, "only": st.lists(st.sampled_from(["hello", "gone"]), max_size=2)})  # fmt: skip


@settings(max_examples=300)
@given(st.one_of(trees, whole))
def test_whatever_stands_there_reading_it_ends_in_findings_or_offers(tree: object) -> None:
    """Never an exception; and without an error each offer has all it needs."""
    result = loaded({"try_it": SERVICE}, offers=json.dumps({"offers": [tree]}))
    if result.workspace is None:
        assert any(f.severity == "error" for f in result.findings)
        return
    for offer in result.workspace.offers.values():
        assert offer.topic in result.workspace.policies.topics
        assert offer.most >= 1
        assert offer.per > 0
        assert offer.valid.start is not None or offer.valid.end is not None
