"""config/audiences.yaml and entry by audience: every mistake has its code, its place and a fix."""

from collections.abc import Mapping

import pytest

from orchestrator.workspace.workspace import Workspace
from tests.unit.workspace.test_lint import JOURNEY, MESSAGE, OFFERS, POLICIES, edited, load

AUDIENCES = "config/audiences.yaml"
ORDERED = "count_of('Order Placed') > 0 and not seen('Order Placed', within='120d')"
TEXT = f"""audiences:
  slow_line: {{title: Below 30 Mbit/s, when: customer.line_speed < 30}}
  lapsed:
    when: {ORDERED}
  slow_and_lapsed:
    when: in_audience('slow_line') and in_audience('lapsed')
"""


def with_audiences(text: str = TEXT, others: Mapping[str, bytes | None] | None = None) -> dict[str, bytes | None]:
    return {AUDIENCES: text.encode(), **(others or {})}


def workspace(files: dict[str, bytes | None]) -> Workspace:
    loaded = load(files)
    assert loaded.workspace is not None, loaded.findings
    return loaded.workspace


def test_audiences_are_conditions_with_a_name_and_keep_the_history_they_ask_for() -> None:
    found = workspace(with_audiences())
    assert list(found.audiences) == ["slow_line", "lapsed", "slow_and_lapsed"]
    assert (found.audiences["slow_line"].title, found.audiences["lapsed"].title) == ("Below 30 Mbit/s", "lapsed")
    assert found.audiences["lapsed"].when.text == ORDERED
    assert "Order Placed" not in workspace({}).history
    assert found.history["Order Placed"] == 120 * 86_400_000


WRONG = [
    # old, new, code, line, column, part of the fix
    ("when: customer.line_speed < 30", "wen: customer.line_speed < 30", "Y002", 2, 39, "when"),
    (", when: customer.line_speed < 30", "", "Y012", 2, 14, "when"),
    ("customer.line_speed < 30", "customer.line_sped < 30", "E004", 2, 54, "did you mean 'line_speed'"),
    ("customer.line_speed < 30", "event.amount < 30", "E003", 2, 45, "customer"),
    ("customer.line_speed < 30", "hour(now) < 9", "E013", 2, 50, "days_since(x) >= 30"),
    ("count_of('Order Placed') >", "count_of('Order Place') >", "E010", 4, 21, "did you mean 'Order Placed'"),
    ("in_audience('lapsed')", "in_audience('lapst')", "J007", 6, 53, "did you mean 'lapsed'"),
    ("in_audience('lapsed')", "in_audience(customer.plan)", "E011", 6, 11, "name='…'"),
    ("in_audience('lapsed')", "in_audeince('lapsed')", "E005", 6, 40, "did you mean 'in_audience'"),
    ("in_audience('lapsed')", "in_audience('slow_and_lapsed')", "P009", 6, 11, "slow_and_lapsed → slow_and_lapsed"),
    ("customer.line_speed < 30", "not in_audience('slow_and_lapsed')", "P009", 6, 11, "slow_and_lapsed → slow_line → slow_and_lapsed"),
    ("  lapsed:\n", "  everyone:\n", "J014", 3, 3, "another name"),
    ("  lapsed:\n", "  Lapsed:\n", "Y005", 3, 3, "lapsed"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "line", "column", "fix"), WRONG, ids=[f"{w[2]}-{w[1][:24]!r}" for w in WRONG])
def test_a_wrong_audience_has_its_code_place_and_fix(old: str, new: str, code: str, line: int, column: int, fix: str) -> None:
    assert old in TEXT
    found = load(with_audiences(TEXT.replace(old, new, 1))).findings
    mine = [f for f in found if f.code == code]
    assert mine, [f"{f.line}:{f.column} {f.code} {f.what}" for f in found]
    assert (mine[0].file, mine[0].line, mine[0].column) == (AUDIENCES, line, column), mine[0]
    assert fix in mine[0].fix
    assert mine[0].why


def test_a_circle_behind_a_where_is_one_too_and_a_long_chain_is_none() -> None:
    hidden = "audiences:\n  a:\n    when: seen('Order Placed', within='3d', where=\"in_audience('a')\")\n"
    assert [f.code for f in load(with_audiences(hidden)).findings] == ["P009"]
    chain = "audiences:\n  a0: {when: customer.known}\n" + "".join(f"  a{n}: {{when: in_audience('a{n - 1}')}}\n" for n in range(1, 2_000))
    assert load(with_audiences(chain)).findings == ()


@pytest.mark.parametrize(("file", "old", "new", "column"), [
    (JOURNEY, "when: not event.cancelled", "when: in_audience('slow_lin')", 22),
    (POLICIES, "when: open_issues()", "when: in_audience('slow_lin')", 24),
    (MESSAGE, "Hi {{ customer", "{% if in_audience('slow_lin') %}!{% endif %} Hi {{ customer", 26),
])  # fmt: skip
def test_a_name_that_is_not_declared_is_found_wherever_it_is_asked_for(file: str, old: str, new: str, column: int) -> None:
    found = [f for f in load(with_audiences(others={file: edited(file, old, new)})).findings if f.code == "J007"]
    assert [(f.file, f.column) for f in found][:1] == [(file, column)], found
    assert "did you mean 'slow_line'" in found[0].fix


def test_everyone_is_always_there() -> None:
    found = load({POLICIES: edited(POLICIES, "when: open_issues()", "when: in_audience('everyone') and open_issues()")})
    assert [f.code for f in found.findings if f.severity == "error"] == []


def offers(entry: str, goal: str = "goal: {event: Package Changed, within: 30d}") -> bytes:
    """The worked example's offer journey with another entry; its messages are not, as they read the event."""
    text = f"journey: monthly_offers\nclass: marketing\nentry:\n{entry}\n{goal}\nsteps:\n  - id: rest\n    delay: 1d\n"
    return text.encode()


ENTRIES = [
    # entry, code, line, column, part of the fix
    ("  event: Offer Prepared\n  audience: lapsed", "J003", 5, 3, "keep one"),
    ("  when: customer.known", "J003", 4, 3, "event"),
    ("  audience: lapsed\n  key: customer.plan", "J004", 5, 3, "remove"),
    ("  audience: lapst", "J007", 4, 13, "did you mean 'lapsed'"),
    ("  audience: lapsed\n  change: join", "Y005", 5, 11, "joins"),
    ("  audience: lapsed\n  existing: entr", "Y005", 5, 13, "enter"),
    ("  audience: lapsed\n  change: leaves\n  existing: enter", "Y005", 6, 13, "remove"),
    ("  event: Offer Prepared\n  change: joins", "Y005", 5, 3, "remove"),
    ("  audience: lapsed\n  when: entry.chang == 'joins'", "E004", 5, 15, "did you mean 'change'"),
    ("  audience: lapsed\n  when: event.change == 'joins'", "E003", 5, 9, "entry"),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "code", "line", "column", "fix"), ENTRIES, ids=[f"{e[1]}-{e[0][-20:]!r}" for e in ENTRIES])
def test_a_wrong_entry_has_its_code_place_and_fix(entry: str, code: str, line: int, column: int, fix: str) -> None:
    found = [f for f in load(with_audiences(others={OFFERS: offers(entry)})).findings if f.file == OFFERS]
    mine = [f for f in found if f.code == code]
    assert mine, [f"{f.line}:{f.column} {f.code} {f.what}" for f in found]
    assert (mine[0].line, mine[0].column) == (line, column), mine[0]
    assert fix in mine[0].fix


def test_an_entry_by_audience_is_read_and_indexed() -> None:
    test = b"journey: monthly_offers\ntests: [{test: nothing, then: {}}]\n"
    files = with_audiences(others={
        OFFERS: offers("  audience: lapsed\n  change: leaves\n  when: entry.change == 'leaves' and entry.timestamp\n  reentry: never"),
        "config/journeys/monthly_offers.test.yaml": test, "templates/messages/monthly_offer.yaml": None, "templates/messages/monthly_offer_reminder.yaml": None,
    })  # fmt: skip
    loaded = load(files)
    assert [f for f in loaded.findings if f.severity == "error"] == []
    assert loaded.workspace is not None
    entry = loaded.workspace.journeys["monthly_offers"].entry
    assert (entry.events, entry.audience, entry.change, entry.existing, entry.reentry.never) == ((), "lapsed", "leaves", "skip", True)
    assert loaded.workspace.audience_entries == {"lapsed": ("monthly_offers",)}
