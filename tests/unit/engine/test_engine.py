"""The engine: deterministic, batch by batch or all at once; one broken input costs only itself."""

import json
from dataclasses import replace

import pytest

from orchestrator.contracts.command import Erase, encode_command
from orchestrator.contracts.reason import Reason
from orchestrator.contracts.receipt import Receipt, encode_receipt
from orchestrator.contracts.topics import DELIVERY_RECEIPTS
from orchestrator.dispatch.intent import intent_id
from orchestrator.engine import events as events_module
from orchestrator.engine import instant as instant_module
from orchestrator.engine.inputs import InputRecord
from orchestrator.model.bucket import bucket
from orchestrator.state.value import encode_sections
from orchestrator.workspace.workspace import Workspace
from tests.worlds import DAY, HOUR, T0, Engine

VISIT = {"visit_id": "v1", "technician": "Bob", "visited_at": "2026-03-02T09:00:00Z"}
OFFER = {"offer_id": "o1", "package": "Fast", "monthly_price": 9.9, "ends_on": "2026-04-01"}
CHOICES = [{"channel": "email", "topic": "offers", "on": True}]


def story(engine: Engine) -> list[InputRecord]:
    return [
        engine.identify("ada", T0, first_name="Ada", email="ada@example.com", phone="+447911123456"),
        engine.event("ada", T0 + 1000, "Preferences Saved", choices=CHOICES),
        engine.event("ada", T0 + 2000, "Visit Completed", **VISIT),
        engine.event("ben", T0 + 2500, "Visit Completed", **VISIT),
        engine.event("ada", T0 + 3000, "Fault Reported", case_id="c1"),
        engine.event("ada", T0 + 3000, "Offer Prepared", **OFFER),
        engine.event("ada", T0 + 2 * HOUR, "Fault Cleared", case_id="c1"),
        engine.event("ada", T0 + 30 * HOUR, "Survey Answered", visit_id="v1"),
    ]


def bytes_of(engine: Engine) -> dict[str, bytes]:
    return {name: encode_sections(customer.sections()) for name, customer in engine.customers.items()}


def sent(engine: Engine) -> list[tuple[str, str, str, int]]:
    return sorted((m.intent, m.step, m.channel, m.committed_at) for m in engine.messages)


def test_how_inputs_fall_into_batches_changes_nothing(example: Workspace) -> None:
    whole = Engine(example)
    whole.apply(story(whole), until=T0 + 40 * HOUR)
    for size in (1, 2, 3, 5):
        parts = Engine(example)
        records = story(parts)
        for start in range(0, len(records), size):
            part = records[start : start + size]
            # time goes on to the last of them before the next batch begins
            parts.apply(part, until=part[-1].at)
        parts.apply([], until=T0 + 40 * HOUR)
        assert sent(parts) == sent(whole)


def test_the_same_inputs_give_the_same_bytes(example: Workspace) -> None:
    first, second = Engine(example), Engine(example)
    a = first.apply(story(first), until=T0 + 40 * HOUR)
    b = second.apply(story(second), until=T0 + 40 * HOUR)
    assert bytes_of(first) == bytes_of(second)
    assert a.records == b.records


def test_marketing_waits_for_the_case_and_is_released_by_its_end(example: Workspace) -> None:
    engine = Engine(example)
    outcome = engine.apply(story(engine), until=T0 + 3 * HOUR)
    offers = [d for d in outcome.decisions if d.journey == "monthly_offers"]
    assert [(d.reason, d.effect, d.case) for d in offers] == [(Reason.OPEN_SERVICE_ISSUE, "H", "c1"), (Reason.ALLOWED, "S", None)]
    sent = next(m for m in engine.messages if m.journey == "monthly_offers")
    assert sent.committed_at == T0 + 2 * HOUR
    assert sent.rules == ("open_service_issue",)


def test_the_guard_is_written_with_the_issue_and_taken_back(example: Workspace) -> None:
    engine = Engine(example)
    opened = engine.apply([engine.event("ada", T0, "Fault Reported", case_id="c1")])
    assert opened.guards["ada"]
    same = engine.apply([engine.event("ada", T0 + 1, "Product Viewed", product="x")])
    assert "ada" not in same.guards
    closed = engine.apply([engine.event("ada", T0 + 2, "Fault Cleared", case_id="c1")])
    assert closed.guards["ada"] is None


def test_a_defect_costs_one_input(example: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    real = events_module.journeys_see

    def breaks(turn: object, event: object) -> None:
        if getattr(event, "properties", {}).get("product") == "bad":
            raise ZeroDivisionError("a defect")
        real(turn, event)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(instant_module, "journeys_see", breaks)
    engine = Engine(example)
    records = story(engine)
    records[3:3] = [
        engine.event("ada", T0 + 2400, "Product Viewed", product="bad"),
        engine.event("ada", T0 + 2400, "Product Viewed", product="good"),
    ]
    outcome = engine.apply(records, until=T0 + 40 * HOUR)
    assert [(letter.reason.value, letter.error) for letter in outcome.dead_letters] == [("engine_error", "ZeroDivisionError: a defect")]
    assert engine.customers["ada"].context["last_product"].value == "good"
    assert {m.step for m in engine.messages if m.customer == "ada"} == {"ask", "nudge", "offer", "restored"}


def test_bad_records_are_dead_letters_with_their_bytes_and_place(example: Workspace) -> None:
    engine = Engine(example)
    bad = engine.record("ada", T0, b"{nope")
    outcome = engine.apply([bad, engine.event("ada", T0, "Product Viewed", product="x")])
    (letter,) = outcome.dead_letters
    assert (letter.value, letter.offset, letter.reason.value) == (b"{nope", bad.offset, "not_json")
    published = next(r for r in outcome.records if r.topic == "customer-events-dlq")
    assert dict(published.headers)["dlq-offset"] == b"%d" % bad.offset
    assert engine.customers["ada"].context["last_product"].value == "x"


def receipt(engine: Engine, at: int, **fields: object) -> InputRecord:
    body = Receipt(id=f"r{at}", customer="ada", at=at, channel="email", **fields)  # type: ignore[arg-type]  # fields of a receipt
    return engine.record("ada", at, encode_receipt(body), DELIVERY_RECEIPTS)


def visit(example: Workspace) -> Engine:
    engine = Engine(example)
    engine.apply(story(engine)[:3])
    return engine


def test_a_deferred_message_comes_back_and_is_judged_again(example: Workspace) -> None:
    engine = visit(example)
    intent = engine.messages[0].intent
    outcome = engine.apply([receipt(engine, T0 + 3000, status="deferred", intent=intent, reason="provider_down", retry_at=T0 + 60_000)])
    assert [(d.reason.value, d.effect) for d in outcome.decisions] == [("provider_down", "R")]
    engine.apply([], until=T0 + 59_000)
    assert len(engine.messages) == 1
    engine.apply([], until=T0 + 60_000)
    assert [(m.intent, m.attempt) for m in engine.messages] == [(intent, 1), (intent, 2)]


def test_what_the_last_check_held_is_held_again(example: Workspace) -> None:
    engine = Engine(example)
    records = story(engine)
    engine.apply([*records[:2], engine.event("ada", T0 + 2500, "Offer Prepared", **OFFER)])
    intent = engine.messages[0].intent
    engine.apply([engine.event("ada", T0 + 3000, "Fault Reported", case_id="c1")])
    outcome = engine.apply(
        [
            receipt(
                engine,
                T0 + 3001,
                status="deferred",
                intent=intent,
                reason="open_service_issue",
                checked="sender",
                rule="open_service_issue",
                case="c1",
                retry_at=T0 + 3001,
            )
        ]
    )
    held = outcome.decisions[0]
    assert (held.reason.value, held.effect, held.checked_at) == ("open_service_issue", "H", "sender")
    (rule,) = (one for one in example.policies.suppression if one.name == "open_service_issue")
    assert (held.rule_version, held.version) == (rule.version, example.journeys["monthly_offers"].version)
    engine.apply([], until=T0 + HOUR)
    assert len(engine.messages) == 1
    engine.apply([engine.event("ada", T0 + 2 * HOUR, "Fault Cleared", case_id="c1")])
    assert [m.intent for m in engine.messages] == [intent, intent]


def test_receipts_in_any_order_and_repeated(example: Workspace) -> None:
    engine = visit(example)
    intent = engine.messages[0].intent
    clicked = receipt(engine, T0 + 9000, status="clicked", intent=intent, link="https://example.com/x")
    engine.apply([clicked, clicked])
    engine.apply(
        [receipt(engine, T0 + 9500, status="delivered", intent=intent), receipt(engine, T0 + 9600, status="accepted", intent=intent)]
    )
    (sent,) = engine.customers["ada"].messages.sent
    assert (sent.status, sent.delivered, sent.seen, sent.settled, sent.planned) == ("clicked", True, True, True, None)


def test_a_bounce_suppresses_the_address(example: Workspace) -> None:
    engine = visit(example)
    outcome = engine.apply(
        [receipt(engine, T0 + 9000, status="bounced", intent=engine.messages[0].intent, address="ada@example.com", address_dead=True)]
    )
    assert [kind for _hash, kind in outcome.suppress] == ["dead"]
    assert [(d.reason.value, d.effect, d.channel) for d in outcome.decisions] == [
        ("undeliverable", "F", "email"),
        ("fell_back", "S", "sms"),
    ]
    engine.apply([engine.event("ada", T0 + DAY // 2, "Order Placed", order_id="A", package="x", price=1, installed_on="2026-05-01")])
    assert engine.messages[-1].channel == "sms"


def test_erasure_forgets_and_ends(example: Workspace) -> None:
    engine = visit(example)
    outcome = engine.apply([engine.record("ada", T0 + 5000, encode_command(Erase(customer="ada", id="1", at=T0)))])
    assert outcome.erased == {"ada"}
    assert [end.how for end in outcome.endings] == ["erased"]
    customer = engine.customers["ada"]
    assert customer.identity.erased
    assert not customer.traits
    engine.apply([engine.event("ada", T0 + 6000, "Visit Completed", **{**VISIT, "visit_id": "v9"})])
    assert len(engine.messages) == 1


def test_an_old_backlog_is_not_judged_by_yesterdays_clock(example: Workspace) -> None:
    engine = Engine(example)
    engine.apply(
        [engine.identify("ada", T0, email="ada@example.com"), engine.event("ada", T0 + 1000, "Visit Completed", **VISIT)],
        until=T0 + 3 * DAY,
        now=T0 + 3 * DAY,
    )
    assert engine.messages == []  # the entry expires after two days, counted by the clock
    assert engine.customers["ada"].identity.latest == T0 + 3 * DAY


def test_paused_journeys_refuse_entries_and_hold(example: Workspace) -> None:
    journey = replace(example.journeys["visit_survey"], status="paused")
    paused = replace(example, journeys={**example.journeys, "visit_survey": journey})
    engine = Engine(paused)
    outcome = engine.apply(story(engine)[:3])
    assert [d.reason for d in outcome.decisions] == [Reason.JOURNEY_PAUSED]


def test_intent_ids_tell_everything_apart() -> None:
    base = ("ada", "j", "k", 1, "s", 1, "email")
    ids = {intent_id(*base)}
    for index, other in enumerate(("adb", "i", "kk", 2, "t", 2, "sms")):
        changed = [*base]
        changed[index] = other
        ids.add(intent_id(*changed))  # type: ignore[arg-type]  # of the same types
    ids.add(intent_id("ada", "jk", "", 1, "s", 1, "email"))
    assert len(ids) == 9
    assert all(len(one) == 32 for one in ids)


def test_buckets_are_even_and_sticky() -> None:
    shares = [bucket("w", "holdout", "j", f"c{n}") for n in range(20_000)]
    assert shares[:5] == [bucket("w", "holdout", "j", f"c{n}") for n in range(5)]
    assert 0.095 < sum(share < 0.1 for share in shares) / len(shares) < 0.105


def test_events_as_numbers_keys_and_unknown_fields(example: Workspace) -> None:
    engine = Engine(example)
    record = engine.record(
        "7",
        T0,
        json.dumps(
            {"type": "track", "userId": 7, "event": "Product Viewed", "properties": {"product": "x"}, "futureField": {"a": 1}}
        ).encode(),
    )
    assert engine.apply([record]).dead_letters == []


def test_history_since_the_entry_and_with_a_condition_over_all_time(example: Workspace) -> None:
    from orchestrator.expressions.expression import compile_expression
    from orchestrator.expressions.vocabulary import Vocabulary

    words = Vocabulary({"customer": None, "event": None, "entry": None, "run": None, "steps": None, "waited": None, "journey": None})
    journey = example.journeys["visit_survey"]
    since = compile_expression(
        "count_of('Speed Tested', since='entry') >= 1 and count_of('Speed Tested', where='event.mbit < 20') == 2", words
    )
    nudge = replace(journey.steps["nudge"], only_if=since)  # type: ignore[arg-type]  # a send
    asked = replace(
        example,
        journeys={**example.journeys, "visit_survey": replace(journey, steps={**journey.steps, "nudge": nudge})},
        history={"Speed Tested": 400 * DAY},
    )
    for after, expected in ((True, ["ask", "nudge"]), (False, ["ask"])):
        engine = Engine(asked)
        first = [
            engine.identify("ada", T0, email="ada@example.com", phone="+447911123456"),
            engine.event("ada", T0 + 1, "Speed Tested", mbit=9),
            engine.event("ada", T0 + 2, "Speed Tested", mbit=12),
        ]
        later = [engine.event("ada", T0 + HOUR, "Speed Tested", mbit=90)] if after else []
        engine.apply([*first, engine.event("ada", T0 + 1000, "Visit Completed", **VISIT), *later], until=T0 + 40 * HOUR)
        assert [m.step for m in engine.messages] == expected
