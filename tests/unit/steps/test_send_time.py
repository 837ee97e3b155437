"""`send_time`: held for the hour in which this customer reads; otherwise for an hour of the journey's."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from orchestrator.content.check import check_message
from orchestrator.contracts.receipt import Receipt, encode_receipt
from orchestrator.contracts.topics import DELIVERY_RECEIPTS
from orchestrator.policies.send_time import HOUR, starts
from orchestrator.workspace.load import load_files
from tests.one_journey import POLICIES, errors, files, play, workspace
from tests.worlds import T0, Engine

LONDON = ZoneInfo("Europe/London")


def journey(send_time: str, more: str = "", kind: str = "service") -> str:
    return f"""journey: try_it
class: {kind}
entry: {{event: Basket Changed, key: event.basket}}
steps:
  - {{id: mail, send: hello, channels: [email], send_time: {send_time}{more}}}
"""


OTHER = "journey: other\nclass: service\nentry: {event: Ping, reentry: {on_repeat: parallel}}\nsteps: [{id: ping, send: hello, channels: [email]}]\n"


def reads(*hours: int, minute: int = 0) -> str:
    """One mail a day at midnight, read in these hours of UTC (London in winter, as the tests start on 2 March at 10:00)."""
    items = []
    for day, hour in enumerate(hours):
        items.append(f"{{at: {14 + 24 * day}h, event: Ping}}")
        items.append(
            f"{{at: {14 + 24 * day + hour}h{minute}m, receipt: {{step: ping, status: opened}}}}"
            if minute
            else f"{{at: {14 + 24 * day + hour}h, receipt: {{step: ping, status: opened}}}}"
        )
    return ", ".join(items)


def played(send_time: str, read: tuple[int, ...], local: str, sent: str, more: str = "") -> list[str]:
    """The basket changes at `local`, and the mail leaves at `sent`."""
    text = f"journeys: [try_it, other]\nwhen: [{reads(*read)}{', ' if read else ''}{{local: {local}, event: Basket Changed, with: {{basket: b1}}}}]\n"
    holds = "" if local == sent else f", holds: [{{local: {local}, reason: send_time, until: 0h}}]"
    expected = f"then: {{includes: {{sends: [{{local: {sent}, step: mail}}]}}, skips: []{holds.replace(', until: 0h', '')}, counts: {{sends: {len(read) + 1}}}}}"
    return play(journey(send_time, more), text + expected, also_other=OTHER)


BEST = "{best: true}"


def test_it_waits_for_the_hour_in_which_most_was_read() -> None:
    assert played(BEST, (18, 18, 18, 7, 7), "2026-03-10T10:20", "2026-03-10T18:00") == []


def test_the_present_hour_counts_as_now() -> None:
    assert played(BEST, (18, 18, 18, 7, 7), "2026-03-10T18:59", "2026-03-10T18:59") == []


def test_of_equal_hours_the_earliest_that_comes() -> None:
    assert played(BEST, (18, 18, 7, 7, 3), "2026-03-10T10:00", "2026-03-10T18:00") == []
    assert played(BEST, (18, 18, 7, 7, 3), "2026-03-10T20:00", "2026-03-11T07:00") == []


@pytest.mark.parametrize(("within", "sent"), [("8h", "2026-03-10T18:00"), ("7h59m", "2026-03-10T12:00")])
def test_only_hours_that_begin_within_it(within: str, sent: str) -> None:
    assert played(f"{{best: true, within: {within}}}", (18, 18, 18, 12, 3), "2026-03-10T10:00", sent) == []


def test_with_nothing_read_in_the_hours_that_are_left_it_goes_now() -> None:
    assert played("{best: true, within: 2h}", (18, 18, 18, 18, 3), "2026-03-10T10:30", "2026-03-10T10:30") == []


def test_four_are_too_few() -> None:
    four = (18, 18, 18, 18)
    assert played(BEST, four, "2026-03-10T10:00", "2026-03-10T10:00") == []
    assert played('{best: true, otherwise: "10:00"}', four, "2026-03-10T10:00", "2026-03-10T10:00") == []
    assert played('{best: true, otherwise: "10:00"}', four, "2026-03-10T10:01", "2026-03-11T10:00") == []
    assert played('{best: true, otherwise: "10:00"}', (*four, 18), "2026-03-10T10:01", "2026-03-10T18:00") == []


def test_what_was_read_ninety_days_ago_no_longer_counts() -> None:
    # the first of them was read on 3 March: 17:00 then is 18:00 by the clock of 1 June
    assert played(BEST, (17,) * 5, "2026-06-01T16:59:59", "2026-06-01T17:00") == []
    assert played(BEST, (18,) * 5, "2026-06-01T17:59:59", "2026-06-01T18:00") == []
    assert played(BEST, (17,) * 5, "2026-06-01T18:00", "2026-06-01T18:00") == [], "only four are left"


def test_the_clock_is_the_customers() -> None:
    given = "given: {customer: {timezone: America/New_York}}\n"
    text = f"{given}journeys: [try_it, other]\nwhen: [{reads(18, 18, 18, 18, 18)}, {{at: 200h, event: Basket Changed, with: {{basket: b1}}}}]\n"
    # 18:00 in London is 13:00 in New York; a week later clocks there have gone forward, and 13:00 is 17:00
    assert (
        play(
            journey(BEST),
            text + "then: {includes: {sends: [{local: 2026-03-11T13:00, step: mail}]}, skips: [], counts: {sends: 6}}",
            also_other=OTHER,
        )
        == []
    )


def test_after_quiet_hours_the_next_hour_is_asked_again_and_expiry_counts_on() -> None:
    quiet = POLICIES + 'quiet_hours:\n  - {rule: evening, from: "17:30", to: "19:30", classes: [service], channels: [email]}\n'
    held = f"journeys: [try_it, other]\nwhen: [{reads(18, 18, 18, 20, 20)}, {{local: 2026-03-10T10:00, event: Basket Changed, with: {{basket: b1}}}}]\n"
    then = """then:
  includes: {sends: [{local: 2026-03-10T20:00, step: mail}]}
  holds: [{local: 2026-03-10T10:00, reason: send_time}, {local: 2026-03-10T18:00, reason: quiet_hours}, {local: 2026-03-10T19:30, reason: send_time}]"""
    assert play(journey(BEST), held + then, also_other=OTHER, policies=quiet) == []
    text = f"journeys: [try_it, other]\nwhen: [{reads(18, 18, 18, 18, 18)}, {{local: 2026-03-10T10:00, event: Basket Changed, with: {{basket: b1}}}}]\n"
    assert (
        play(
            journey(BEST, ", expires: 3h"),
            text + "then: {counts: {sends: 5}, skips: [{local: 2026-03-10T13:00, reason: expired_while_held}]}",
            also_other=OTHER,
        )
        == []
    )


@pytest.mark.parametrize(
    ("zone", "now", "hours"),
    [
        ("Europe/London", "2026-03-29T00:20", ["00:20", "02:00", "03:00"]),  # no hour of 1
        ("Europe/London", "2026-10-25T00:20", ["00:20", "01:00", "01:00", "02:00"]),
        ("Asia/Kathmandu", "2026-03-10T09:59", ["09:59", "10:00", "11:00"]),
        ("Australia/Lord_Howe", "2026-04-05T00:30", ["00:30", "01:00", "02:00", "03:00"]),  # back by half an hour, from 02:00 to 01:30
        ("Australia/Lord_Howe", "2026-10-04T00:30", ["00:30", "01:00", "02:30", "03:00"]),  # forward, from 02:00 to 02:30
    ],
)
def test_hours_where_clocks_change(zone: str, now: str, hours: list[str]) -> None:
    at = round(datetime.fromisoformat(now).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)
    found = [datetime.fromtimestamp(one / 1000, ZoneInfo(zone)).strftime("%H:%M") for one in starts(at, at + 6 * HOUR, ZoneInfo(zone))]
    assert found[: len(hours)] == hours


def test_lint() -> None:
    def codes(text: str) -> list[str]:
        return [one.code for one in errors(text)]

    assert codes(journey('{best: true, within: 8h, otherwise: "10:00"}')) == []
    assert codes(journey(BEST, ", class: transactional")) == ["J027", "J025"]
    assert codes(journey("{best: false}")) == ["Y005"]
    assert codes(journey("{within: 8h}")) == ["Y012"]
    assert codes(journey("{best: true, otherwise: 10am}")) == ["Y015"]
    assert codes(journey("{best: true, within: 8}")) == ["Y014"]


def test_what_was_transactional_when_it_came_due_never_waits_for_an_hour() -> None:
    """It comes back for another try when the text in force is a service message's that waits for its hour."""
    given = files({"try_it": journey(BEST).replace(f", send_time: {BEST}", "").replace("class: service\n", "")})
    given["templates/messages/hello.yaml"] = given["templates/messages/hello.yaml"].replace(b"class: service", b"class: transactional")
    before = load_files(given, {}, check_message, tests=False).workspace
    assert before is not None
    engine = Engine(before)
    engine.apply([engine.identify("ada", T0, email="ada@example.com"), engine.event("ada", T0 + 1, "Basket Changed", basket="b1")])
    busy = Receipt(
        id="r1", customer="ada", status="deferred", at=T0 + 2, channel="email", intent=engine.messages[0].intent, reason="provider_down", retry_at=T0 + 60_000
    )  # fmt: skip
    engine.apply([engine.record("ada", T0 + 2, encode_receipt(busy), DELIVERY_RECEIPTS)])
    engine.switch(workspace({"try_it": journey('{best: true, otherwise: "18:00"}')}), T0 + 3)
    engine.apply([], until=T0 + 60_000)
    assert [(one.message_class, one.attempt) for one in engine.messages] == [("transactional", 1), ("transactional", 2)]
