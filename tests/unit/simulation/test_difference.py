"""Two versions side by side: exactly those people are named for whom something changes."""

from orchestrator.simulation.difference import Change, Difference
from orchestrator.simulation.report import Report
from orchestrator.simulation.words import words
from tests.unit.simulation.playing import DAY, T0, event, identify, play, report

BEFORE = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
steps:
  - {id: first, send: hello, channels: [email]}
  - {id: think, delay: 2h}
  - branch:
      - when: entry.total > 10
        then: [{id: big, send: hello, channels: [email]}]
      - otherwise: [{id: small, send: hello, channels: [email]}]
"""
LINES = [
    *(identify(name, email=f"{name}@example.com") for name in ("ada", "ben", "cleo")), identify("dan"),
    event("ada", "10:00", "Basket Changed", basket="b", total=20), event("ben", "10:00", "Basket Changed", basket="b", total=5),
    event("dan", "10:00", "Basket Changed", basket="b", total=5), event("cleo", "10:00", "Ping"),
]  # fmt: skip


def changes(after: str, before: str = BEFORE) -> dict[tuple[str, ...], tuple[int, list[tuple[str, str]]]]:
    found = play(LINES, {"try_it": after}, {"try_it": before}).difference
    assert found is not None
    return {change: (number, list(found.examples[change])) for change, number in found.changes.items()}


def test_the_same_version_changes_nothing() -> None:
    result = play(LINES, {"try_it": BEFORE}, {"try_it": BEFORE})
    assert result.difference == Difference()
    assert result.before == result.tally


def test_a_changed_delay_moves_those_who_wait() -> None:
    small, big = ("time", "try_it", "small", "later"), ("time", "try_it", "big", "later")
    moved = "2026-03-02 12:00 UTC → 2026-03-02 13:00 UTC"
    assert changes(BEFORE.replace("delay: 2h", "delay: 3h")) == {big: (1, [("ada", moved)]), small: (1, [("ben", moved)])}
    assert ("time", "try_it", "big", "earlier") in changes(BEFORE, BEFORE.replace("delay: 2h", "delay: 3h"))


def test_a_removed_send_takes_it_from_those_who_got_it() -> None:
    fewer = BEFORE.replace("        then: [{id: big, send: hello, channels: [email]}]\n", "        then: [{id: big, delay: 1h}]\n")
    assert changes(fewer) == {("less", "try_it", "big", ""): (1, [("ada", "was hello by email at 2026-03-02 12:00 UTC")])}
    assert changes(BEFORE, fewer) == {("more", "try_it", "big", ""): (1, [("ada", "hello by email at 2026-03-02 12:00 UTC")])}


def test_why_it_is_no_longer_sent_is_told() -> None:
    picky = BEFORE.replace("{id: first, send: hello, ", "{id: first, only_if: entry.total > 10, send: hello, ")
    found = changes(picky)
    assert found["less", "try_it", "first", "not sent only_if_false"][1] == [("ben", "was hello by email at 2026-03-02 10:00 UTC")]
    # dan has no address: he got nothing before and gets nothing now, for another reason
    assert found["reason", "try_it", "first", "not sent address_missing → not sent only_if_false"] == (1, [("dan", "")])
    assert len(found) == 2


def test_a_refused_entry_explains_all_messages_of_the_journey() -> None:
    closed = BEFORE.replace("key: event.basket}", "key: event.basket, when: event.total > 10}")
    found = changes(closed)
    assert found["less", "try_it", "first", "not entered entry_filter"][0] == 1
    assert found["less", "try_it", "small", "not entered entry_filter"][1] == [("ben", "was hello by email at 2026-03-02 12:00 UTC")]
    assert found["reason", "try_it", "", "nothing → not entered entry_filter"] == (1, [("dan", "")])


def test_another_channel_another_text() -> None:
    lines = [identify("ada", email="ada@example.com", phone="+447400123456"), event("ada", "10:00", "Basket Changed", basket="b", total=20)]
    by_text = BEFORE.replace("{id: first, send: hello, channels: [email]}", "{id: first, send: hello, channels: [sms]}")
    found = play(lines, {"try_it": by_text}, {"try_it": BEFORE}).difference
    assert found is not None
    assert dict(found.changes) == {("channel", "try_it", "first", "email → sms"): 1}


def test_a_step_of_another_name_is_the_same_step() -> None:
    called = BEFORE.replace("{id: first, send", "{id: hello_first, was: [first], send")
    assert changes(called) == {}
    assert changes(BEFORE, called) == {}
    picky = called.replace("{id: hello_first, ", "{id: hello_first, only_if: entry.total > 10, ")
    assert set(changes(picky)) == {
        ("less", "try_it", "hello_first", "not sent only_if_false"),
        ("reason", "try_it", "hello_first", "not sent address_missing → not sent only_if_false"),
    }


def test_people_read_what_changes() -> None:
    result = play(LINES, {"try_it": BEFORE.replace("delay: 2h", "delay: 3h")}, {"try_it": BEFORE})
    told = list(words(Report("", T0, T0 + DAY, result, {"email": {"default": 2}}, {"email": 1, "sms": 1, "whatsapp": 1}, (), "v1")))
    place = told.index("\nAgainst v1: something changes for 2 of 4 people")
    assert told[place + 1 : place + 7] == [
        "  messages 4 → 4", "  cost 8.00 → 8.00",
        "  1 × at another time: try_it / big (later)", "      ada: 2026-03-02 12:00 UTC → 2026-03-02 13:00 UTC",
        "  1 × at another time: try_it / small (later)", "      ben: 2026-03-02 12:00 UTC → 2026-03-02 13:00 UTC",
    ]  # fmt: skip
    against = report(result)["against"]
    assert isinstance(against, dict)
    assert (against["version"], against["people"], against["messages_before"], against["messages_now"]) == ("v1", 2, 4, 4)
    assert [change["people"] for change in against["changes"]] == [1, 1]


def test_parts_add_up_and_keep_the_first_examples() -> None:
    change: Change = ("more", "a", "b", "")
    one = Difference(2, {change: 2}, {change: [("p10", ""), ("p11", "")]})
    other = Difference(3, {change: 3}, {change: [("p2", ""), ("p9", ""), ("p12", "")]})
    both = Difference(5, {change: 5}, {change: [("p2", ""), ("p9", ""), ("p10", "")]})
    assert one.plus(other) == both == other.plus(one)
