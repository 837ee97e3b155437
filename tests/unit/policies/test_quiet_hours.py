"""`quiet_hours`, of the workspace and of a journey: what is held, until when, and where."""

from dataclasses import replace

import pytest

from orchestrator.contracts.message import decode_message
from orchestrator.contracts.topics import outbound
from orchestrator.workspace.policies import Selectors
from tests.one_journey import POLICIES, errors, loaded, play, workspace
from tests.worlds import HOUR, T0, Engine

HEAD = """journey: try_it
class: service
goal: {event: Order Placed}
entry: {event: Ping}
"""
STEPS = "steps: [{id: mail, send: hello, channels: [email]}]\n"
NIGHTS = POLICIES + 'quiet_hours: [{rule: nights, from: "20:30", to: "08:30", classes: [service]}]\n'


def one(journey: str, test: str, policies: str = POLICIES) -> list[str]:
    return play(HEAD + journey + STEPS, test, policies=policies)


def at(hour: str, then: str, *, given: str = "") -> str:
    return f"start: 2026-03-02T{hour}Z\n{given}when: [{{at: 0h, event: Ping}}]\nthen: {{{then}}}"


def test_the_workspaces_hold_and_from_is_quiet_and_to_is_not() -> None:
    assert one("", at("20:29:59", "sends: [{at: 0h}]"), NIGHTS) == []
    assert one("", at("20:30:00", "holds: [{reason: quiet_hours}], sends: [{local: 2026-03-03T08:30}]"), NIGHTS) == []
    assert one("", at("08:30:00", "sends: [{at: 0h}]"), NIGHTS) == []


def test_a_journeys_are_added_and_loosen_nothing() -> None:
    late = 'quiet_hours: {from: "07:00", to: "10:00", classes: [service]}\n'
    assert one(late, at("21:00:00", "sends: [{local: 2026-03-03T10:00}]"), NIGHTS) == []
    assert one(late, at("09:00:00", "holds: [{reason: quiet_hours}], sends: [{at: 1h}]"), NIGHTS) == []
    assert (
        one('quiet_hours: {from: "10:00", to: "10:01", classes: [service]}\n', at("21:00:00", "sends: [{local: 2026-03-03T08:30}]"), NIGHTS)
        == []
    )


def test_days_name_the_day_it_begins_and_dates_are_quiet_all_day() -> None:
    # 2 March 2026 is a Monday
    tuesdays = 'quiet_hours: {from: "20:00", to: "10:00", days: tue, classes: [service]}\n'
    assert one(tuesdays, at("21:00:00", "sends: [{at: 0h}]")) == []
    assert one(tuesdays.replace("tue", "mon"), at("21:00:00", "sends: [{local: 2026-03-03T10:00}]")) == []
    dated = 'quiet_hours: {from: "20:00", to: "21:00", dates: [2026-03-02, 2026-03-03], classes: [service]}\n'
    assert one(dated, at("12:00:00", "sends: [{local: 2026-03-04T00:00}]")) == []


def test_drop_drops_also_where_another_rule_holds() -> None:
    drop = 'quiet_hours: [{rule: a, from: "20:00", to: "08:00", classes: [service]}, {rule: b, from: "21:00", to: "22:00", then: drop, classes: [service]}]\n'
    assert one(drop, at("21:30:00", "skips: [{reason: quiet_hours}]")) == []
    assert one(drop, at("22:00:00", "sends: [{local: 2026-03-03T08:00}]")) == []


def test_the_customers_timezone_counts_and_moving_moves_the_release() -> None:
    tokyo = "given: {customer: {timezone: Asia/Tokyo}}\n"
    assert one("", at("10:00:00", "sends: [{at: 0h}]", given=tokyo), NIGHTS) == []
    assert one("", at("12:00:00", "sends: [{at: 11h30m}]", given=tokyo), NIGHTS) == []
    moves = "start: 2026-03-02T12:00:00Z\n" + tokyo + """when: [{at: 0h, event: Ping}, {at: 1h, identify: customer, with: {timezone: Europe/London}}]
then: {holds: [{at: 0h}], sends: [{at: 1h}]}"""  # fmt: skip
    assert one("", moves, NIGHTS) == []


def test_every_zone_somebody_may_be_in_must_be_open() -> None:
    mobile = "given: {customer: {timezone: null, phone: '+61412345678'}}\n"  # from Lord Howe, UTC+11, to Cocos, UTC+6:30
    assert one("", at("10:30:00", "sends: [{at: 15h30m}]", given=mobile), NIGHTS) == []
    assert one("", at("09:29:59", "sends: [{at: 0h}]", given=mobile), NIGHTS) == []


def test_without_a_common_hour_the_workspaces_timezone_counts() -> None:
    states = "given: {customer: {timezone: null, phone: '+18005550199'}}\n"
    short = POLICIES + 'quiet_hours: [{rule: long, from: "10:00", to: "09:00", classes: [service]}]\n'
    assert one("", at("09:30:00", "sends: [{at: 0h}]", given=states), short) == []
    assert one("", at("10:00:00", "sends: [{local: 2026-03-03T09:00}]", given=states), short) == []


def test_service_is_not_held_unless_it_is_named_and_transactional_never_is() -> None:
    marketing = NIGHTS.replace(", classes: [service]", "")
    assert one("", at("21:00:00", "sends: [{at: 0h}]"), marketing) == []
    assert "P001" in [f.code for f in loaded({"try_it": HEAD + STEPS}, policies=NIGHTS.replace("service", "transactional")).findings]
    everything = NIGHTS.replace(", classes: [service]", "")
    engine = Engine(workspace({"try_it": HEAD + STEPS}, policies=everything))
    hello = replace(engine.workspace.messages["hello"], message_class="transactional")
    engine.workspace = replace(engine.workspace, messages={"hello": hello}, policies=replace(engine.workspace.policies, quiet_hours=tuple(
        replace(rule, selectors=Selectors()) for rule in engine.workspace.policies.quiet_hours
    )))  # fmt: skip
    engine.apply([engine.identify("ada", T0, email="ada@example.com")])
    outcome = engine.apply([engine.event("ada", T0 + 11 * HOUR, "Ping")])
    assert [d.reason.value for d in outcome.decisions] == ["allowed"]


def test_a_message_on_its_way_knows_when_its_hours_begin() -> None:
    space = workspace({"try_it": HEAD + STEPS}, policies=NIGHTS)
    engine = Engine(space)
    engine.apply([engine.identify("ada", T0, email="ada@example.com")])
    outcome = engine.apply([engine.event("ada", T0 + HOUR, "Ping")])
    sent = [record for record in outcome.records if record.topic == outbound("email", "bulk")]
    assert len(sent) == 1
    quiet_from = decode_message(sent[0].value).quiet_from
    assert quiet_from is not None
    assert T0 + HOUR < quiet_from <= T0 + 25 * HOUR


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ('quiet_hours: {from: "20:00", to: "20:00"}\n', "P003", 5),
        ('quiet_hours: [{rule: a, from: "20:00", to: "21:00"}, {rule: a, from: "22:00", to: "23:00"}]\n', "P007", 5),
        ('quiet_hours: [{from: "08:00", to: "20:00"}, {from: "20:00", to: "08:00"}]\n', "P004", 5),
        ('quiet_hours: {from: "20:00", to: "21:00", journeys: [try_it]}\n', "Y002", 5),
        ('quiet_hours: {from: "20:00", to: "21:00", topics: [nothing]}\n', "P002", 5),
        ('quiet_hours: {from: "20:00"}\n', "Y012", 5),
    ],
)
def test_lint(text: str, code: str, where: int) -> None:
    assert (code, where) in [(f.code, f.line) for f in errors(HEAD + text + STEPS)]


def test_together_with_the_workspaces_no_hour_may_be_left_out() -> None:
    text = 'quiet_hours: {from: "08:30", to: "20:30", classes: [service]}\n'
    found = loaded({"try_it": HEAD + text + STEPS}, policies=NIGHTS).findings
    assert "P004" in [f.code for f in found if f.file == "config/journeys/try_it.yaml"]
