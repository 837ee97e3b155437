"""What lint says of ways nobody can take and instants that are over; and what it must not say."""

import pytest

from orchestrator.content.check import check_message
from orchestrator.workspace.load import load_files
from tests.one_journey import errors, files, play

HEAD = "journey: try_it\nclass: service\nentry: {event: Basket Changed, key: event.basket}\n"
SEND = "  - {id: tell, send: hello, channels: [email]}\n"
ANY = "  - {id: answer, wait_until: {any: [FIRST, SECOND], timeout: 2d}}\n" + SEND
BRANCH = "  - {branch: [{when: FIRST, then: [{id: one, send: hello, channels: [email]}]}, {when: SECOND, then: exit}]}\n" + SEND


def codes(text: str, max_age: str = "") -> list[tuple[str, int]]:
    return [(one.code, one.line) for one in errors(HEAD + (f"max_age: {max_age}\n" if max_age else "") + "steps:\n" + text)]


def test_a_step_that_comes_after_the_greatest_age() -> None:
    steps = "  - {id: rest, delay: 5d}\n  - {id: wait, wait_until: {event: Ping, timeout: 4d}, on_event: exit, on_timeout: next}\n" + SEND
    assert codes(steps, "8d") == [("J019", 8)]
    assert codes(steps, "9d") == []
    assert codes(steps.replace("on_event: exit", "on_event: next"), "8d") == [], "somebody may be there sooner"
    entered = "when: [{at: 0h, event: Basket Changed, with: {basket: b1}}]\n"
    assert play(HEAD + "max_age: 9d\nsteps:\n" + steps, entered + "then: {sends: [{at: 9d}]}") == [], "at the age itself it is sent"
    assert codes("  - {id: a, delay: 250d}\n  - {id: b, delay: 250d}\n" + SEND) == [("J019", 7)], "the workspace's own greatest age"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("{event: Ping, then: exit}", "{event: Ping, match: event.n == 3, as: three}"),
        ("{event: [Ping, Pong], then: exit}", "{event: Pong, as: pong}"),
        ("{event: Order Placed, same: basket, then: exit}", "{event: Order Placed, same: [basket, order], as: mine}"),
        ("{event: Ping, match: event.n == 3, then: exit}", "{event: Ping, match: event.n  ==  3, as: again}"),
        ("{when: customer.tier == 'gold', then: exit}", '{when: "customer.tier == \\"gold\\"", as: again}'),
    ],
)
def test_an_alternative_that_another_always_takes(first: str, second: str) -> None:
    assert [code for code, _line in codes(ANY.replace("FIRST", first).replace("SECOND", second)) if code != "E004"] == ["J019"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("{event: Ping, match: event.n == 3, then: exit}", "{event: Ping}"), ("{event: Ping, then: exit}", "{event: [Ping, Pong]}"),
        ("{event: Order Placed, same: basket, then: exit}", "{event: Order Placed}"), ("{event: Ping, then: exit}", "{when: customer.tier == 'gold'}"),
        ("{event: Ping, match: event.n == 3, then: exit}", "{event: Ping, match: event.n == 4}"),
    ],
)  # fmt: skip
def test_an_alternative_that_some_event_takes(first: str, second: str) -> None:
    assert codes(ANY.replace("FIRST", first).replace("SECOND", second)) == []


def test_an_arm_whose_condition_stands_before_it() -> None:
    assert codes(BRANCH.replace("FIRST", "customer.tier == 'gold'").replace("SECOND", '"customer.tier == \\"gold\\""')) == [("J019", 5)]
    assert codes(BRANCH.replace("FIRST", "customer.tier == 'gold'").replace("SECOND", "customer.tier == 'silver'")) == []


def test_a_condition_that_nothing_makes_true() -> None:
    both = "\"customer.tier == 'gold' and customer.tier == 'silver'\""
    assert codes(BRANCH.replace("FIRST", both).replace("SECOND", "customer.score > 3")) == [("E014", 5)]
    assert codes(BRANCH.replace("FIRST", both.replace("and", "or")).replace("SECOND", "customer.score > 3")) == []
    never = "{event: Ping, match: event.n > 5 and event.n < 3, then: exit}"
    assert codes(ANY.replace("FIRST", never).replace("SECOND", "{event: Pong}")) == [("E014", 5)]
    assert codes(SEND.replace("channels", "only_if: \"customer.tier != 'gold' or customer.tier != 'silver'\", channels")) == [("E014", 5)]


def test_an_instant_that_is_over_on_every_way() -> None:
    until = "  - {id: rest, delay: 2d}\n  - {id: later, delay: {until: START, offset: OFFSET}}\n" + SEND
    for start in ("entry.timestamp", "run.started_at"):
        text = until.replace("START", start)
        assert codes(text.replace("OFFSET", "1d")) == [("J046", 6)]
        assert codes(text.replace("OFFSET", "2d")) == [("J046", 6)]
        assert codes(text.replace("OFFSET", "49h")) == []
    assert codes(until.replace("START", "entry.ready_at").replace("OFFSET", "1d")) == []
    short = "  - {id: answer, wait_until: {event: Ping, timeout: 2d}}\n" + until.split("\n", 1)[1]
    assert codes(short.replace("START", "run.started_at").replace("OFFSET", "1d")) == [], "the event may come at once"


def test_a_property_that_is_never_the_same() -> None:
    shop = "source: shop\nevents:\n  Basket Changed: {basket: text!, open: boolean}\n  Ping: {basket: text, open: text}\n"
    for same, found in (("open", ["E009"]), ("basket", [])):
        made = files({"try_it": HEAD + f"goal: {{event: Ping, same: {same}}}\nsteps:\n" + SEND})
        made["config/sources/shop.yaml"] = shop.encode()
        loaded = load_files(made, {}, check_message)
        assert [one.code for one in loaded.findings if one.file == "config/journeys/try_it.yaml"] == found
