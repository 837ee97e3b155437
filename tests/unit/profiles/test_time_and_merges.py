"""What time takes from a profile, what merges keep and end, and mappings that cannot be read."""

import json
from dataclasses import replace

import pytest

from orchestrator.contracts.command import Handover, Unlink, decode_command
from orchestrator.contracts.guard import decode_guard
from orchestrator.contracts.receipt import Receipt, encode_receipt
from orchestrator.contracts.topics import CUSTOMER_EVENTS, DELIVERY_RECEIPTS
from orchestrator.engine.batch import Outcome
from orchestrator.engine.inputs import InputRecord
from orchestrator.profiles.consent_state import state
from orchestrator.profiles.issues import open_cases
from orchestrator.workspace.workspace import Workspace
from tests.worlds import DAY, HOUR, T0, Engine

VISIT = {"visit_id": "v1", "technician": "Bob", "visited_at": "2026-03-02T09:00:00Z"}


def fading(example: Workspace) -> Workspace:
    """Cases close by themselves after two days; plans are kept for three."""
    issues = tuple(replace(kind, stale_after=2 * DAY) for kind in example.profile.issues)
    traits = {**example.profile.traits, "plan": replace(example.profile.traits["plan"], keep=3 * DAY)}
    return replace(example, profile=replace(example.profile, issues=issues, traits=traits))


def body(engine: Engine, customer: str, at: int, **fields: object) -> InputRecord:
    return engine.record(customer, at, json.dumps(fields).encode())


def commands(outcome: Outcome) -> list[tuple[str, bytes]]:
    return [(r.key.decode(), r.value) for r in outcome.records if r.topic == CUSTOMER_EVENTS and r.key is not None]


def test_a_case_nobody_speaks_of_closes_by_itself_and_lifts_its_guard(example: Workspace) -> None:
    engine = Engine(fading(example))
    opened = engine.apply([engine.event("ada", T0, "Fault Reported", case_id="c1")])
    guard = opened.guards["ada"]
    assert guard is not None
    assert [rule.case for rule in decode_guard(guard).rules] == ["c1"]
    assert engine.due["ada"] == T0 + 2 * DAY
    engine.apply([], until=T0 + 2 * DAY - 1)
    assert len(open_cases(engine.customers["ada"], "service")) == 1
    closed = engine.apply([], until=T0 + 2 * DAY)
    assert open_cases(engine.customers["ada"], "service") == []
    assert closed.guards == {"ada": None}
    engine.apply([engine.event("ada", T0 + 5 * DAY, "Case Reopened", case_id="c1")])
    assert len(open_cases(engine.customers["ada"], "service")) == 1


def test_a_trait_that_was_not_refreshed_goes(example: Workspace) -> None:
    engine = Engine(fading(example))
    engine.apply([engine.identify("ada", T0, plan="fast", first_name="Ada")])
    engine.apply([engine.identify("ada", T0 + DAY, plan="fast")])
    engine.apply([], until=T0 + 4 * DAY - 1)
    assert "plan" in engine.customers["ada"].traits
    engine.apply([], until=T0 + 4 * DAY)
    assert set(engine.customers["ada"].traits) == {"first_name"}
    assert engine.due["ada"] is None


@pytest.mark.parametrize("bad", [{"channel": "pigeon"}, {"topic": "nonsense"}])
def test_consent_that_cannot_be_read_is_a_dead_letter_but_a_no_counts(example: Workspace, bad: dict[str, str]) -> None:
    engine = Engine(example)
    said = {"channel": "email", "topic": "offers", "on": False}
    yes = {"channel": "sms", "topic": "offers", "on": True}

    def saved(at: int, choices: list[dict[str, object]]) -> InputRecord:
        return body(
            engine, "ada", at, type="track", userId="ada", messageId="m1", event="Preferences Saved", properties={"choices": choices}
        )

    outcome = engine.apply([saved(T0, [said, yes, {**yes, **bad}])])
    assert [letter.reason.value for letter in outcome.dead_letters] == ["bad_mapping"]
    assert next(iter(bad.values())) in outcome.dead_letters[0].error
    consents = engine.customers["ada"].consents
    assert (state(consents, "email", "offers"), state(consents, "sms", "offers")) == ("revoked", "none")
    mended = engine.apply([saved(T0 + 1, [said, yes])])
    assert mended.dead_letters == []
    assert state(engine.customers["ada"].consents, "sms", "offers") == "granted"


def linked(engine: Engine, user: str, anonymous: str, at: int) -> Outcome:
    return engine.apply([body(engine, user, at, type="identify", userId=user, anonymousId=anonymous, traits={})])


def passed_on(engine: Engine, outcome: Outcome, at: int) -> Outcome:
    """Deliver the commands that came of it; the last answer."""
    for key, value in commands(outcome):
        outcome = engine.apply([engine.record(key, at, value)])
    return outcome


def test_a_device_that_is_somebody_elses_from_now_on(example: Workspace) -> None:
    engine = Engine(example)
    engine.apply([body(engine, "tablet", T0, type="page", anonymousId="tablet", name="Pricing")])
    passed_on(engine, passed_on(engine, linked(engine, "ada", "tablet", T0 + 1), T0 + 2), T0 + 3)
    answer = passed_on(engine, linked(engine, "ben", "tablet", T0 + HOUR), T0 + HOUR + 1)
    ((told, value),) = commands(answer)
    assert told == "ada"
    assert isinstance(decode_command(value), Unlink)
    engine.apply([engine.record("ada", T0 + HOUR + 2, value)])
    assert engine.customers["ada"].identity.anonymous == []
    assert engine.customers["ada"].context["last_page"].value == "Pricing", "the past stays"
    late = engine.apply([body(engine, "tablet", T0 + 2 * HOUR, type="page", anonymousId="tablet", name="Help")])
    assert [key for key, _value in commands(late)] == ["ben"]


def test_a_known_user_is_never_given_away(example: Workspace) -> None:
    engine = Engine(example)
    engine.apply([engine.identify("ben", T0, first_name="Ben")])
    wish = Handover(anonymous="ben", user="ada", id="ben>ada", at=T0 + 1)
    answer = engine.apply([engine.record("ben", T0 + 1, json.dumps({"type": "concierge.handover", **{n: getattr(wish, n) for n in ("anonymous", "user", "id", "at")}}).encode())])  # fmt: skip
    assert [(key, type(decode_command(value))) for key, value in commands(answer)] == [("ada", Unlink)]
    assert engine.customers["ben"].traits["first_name"].value == "Ben"


def test_of_two_runs_of_one_journey_and_key_the_one_that_is_further_goes_on(example: Workspace) -> None:
    engine = Engine(example)
    anonymous = body(engine, "anon", T0, type="track", anonymousId="anon", event="Visit Completed", properties=VISIT)
    engine.apply([anonymous, engine.identify("ada", T0, email="ada@example.com"), engine.event("ada", T0 + 5, "Visit Completed", **VISIT)])
    merged = passed_on(engine, passed_on(engine, linked(engine, "ada", "anon", T0 + HOUR), T0 + HOUR + 1), T0 + HOUR + 2)
    assert [(end.journey, end.how) for end in merged.endings] == [("visit_survey", "merged")]
    (run,) = engine.customers["ada"].runs
    assert run.journey == "visit_survey"
    assert len(engine.messages) == 1, "what either has sent is not sent again"


def test_a_stop_on_one_channel_stops_marketing_on_all_where_ops_say_so(example: Workspace) -> None:
    engine = Engine(replace(example, policies=replace(example.policies, stop_scope="all")))
    engine.apply([engine.identify("ada", T0, email="ada@example.com", phone="+447911123456")])
    stop = Receipt(id="r1", customer="ada", status="replied", at=T0 + 1, channel="sms", keyword="stop", text="STOP")
    outcome = engine.apply([engine.record("ada", T0 + 1, encode_receipt(stop), DELIVERY_RECEIPTS)])
    guard = outcome.guards["ada"]
    assert guard is not None
    held = decode_guard(guard)
    assert (held.stopped, held.no_marketing) == (("sms",), True)
    engine.apply([engine.event("ada", T0 + 2, "Visit Completed", **VISIT)])
    assert [message.channel for message in engine.messages] == ["email"], "service goes on"


def test_a_damaged_profile_costs_its_own_inputs_only(example: Workspace) -> None:
    from orchestrator.model.customer import Customer

    engine = Engine(example)
    engine.customers["ada"] = Customer("ada", damage="the stored profile is damaged: why")
    engine.customers["ada"].copy = lambda: engine.customers["ada"]  # type: ignore[method-assign]  # as it was loaded
    outcome = engine.apply([engine.event("ada", T0, "Page", a=1), engine.identify("ben", T0, first_name="Ben")])
    assert [(letter.reason.value, letter.error) for letter in outcome.dead_letters] == [
        ("engine_error", "the stored profile is damaged: why")
    ]
    assert set(outcome.profiles) == {"ben"}
