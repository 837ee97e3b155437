"""What cannot be applied is kept whole, and costs nobody else anything."""

import json

import msgspec
import pytest

from orchestrator.contracts.command import Absorb, Erase, Readmit, Unlink, encode_command
from orchestrator.contracts.guard import Guard, GuardQuestion, decode_guard, last_check
from orchestrator.contracts.reason import Reason
from orchestrator.contracts.receipt import Receipt, encode_receipt
from orchestrator.contracts.topics import CUSTOMER_EVENTS, DELIVERY_RECEIPTS
from orchestrator.engine.batch import Batch
from orchestrator.model.customer import Customer
from orchestrator.pipeline import apply_batch
from orchestrator.profiles.address import address_hash
from orchestrator.profiles.consent_state import state
from orchestrator.workspace.workspace import Workspace
from tests.unit.engine.test_engine import OFFER, VISIT
from tests.worlds import HOUR, T0, Engine

YES = {"channel": "email", "topic": "offers", "on": True}
NO = {"channel": "sms", "topic": "offers", "on": False}
FAX = {"channel": "fax", "topic": "offers", "on": True}


def saved(engine: Engine, at: int, *choices: object) -> bytes:
    body = {"type": "track", "userId": "ada", "messageId": "m1", "event": "Preferences Saved", "properties": {"choices": choices}}
    return json.dumps(body).encode()


def test_consent_that_cannot_be_read_is_a_dead_letter_but_a_no_counts(example: Workspace) -> None:
    engine = Engine(example)
    outcome = engine.apply([engine.record("ada", T0, saved(engine, T0, YES, NO, FAX))])
    (letter,) = outcome.dead_letters
    assert letter.reason.value == "bad_mapping"
    assert "'fax' is none of *, email" in letter.error
    assert json.loads(letter.value)["properties"]["choices"] == [YES, NO, FAX]
    consents = engine.customers["ada"].consents
    assert (state(consents, "email", "offers"), state(consents, "sms", "offers")) == ("none", "revoked")
    # mended and replayed with the same messageId it is no repeat
    engine.apply([engine.record("ada", T0 + HOUR, saved(engine, T0, YES, NO))])
    assert state(engine.customers["ada"].consents, "email", "offers") == "granted"


@pytest.mark.parametrize(
    "ada", [Customer("ada", damage="a stored profile of 3 bytes is damaged"), Customer("ada", {"due": msgspec.Raw(b"\xc1")})]
)
def test_a_damaged_profile_costs_its_own_inputs_only(example: Workspace, ada: Customer) -> None:
    engine = Engine(example)
    records = [engine.identify("ada", T0, first_name="Ada"), engine.identify("ben", T0, first_name="Ben")]
    from orchestrator.content.render import Renderer
    from orchestrator.engine.turn import Surroundings
    from orchestrator.journey_tests.world import NoLinks

    profiles = {"ada": ada, "ben": Customer("ben")}
    around = Surroundings(engine.workspace, Renderer(engine.workspace, NoLinks()), 0, 1, 0, engine.pace)
    outcome = apply_batch(Batch(records, [], T0), profiles, around)
    (letter,) = outcome.dead_letters
    assert "damaged" in letter.error
    assert set(outcome.profiles) == {"ben"}, "nothing is written over what could not be read"


def test_a_stop_on_one_channel_stops_marketing_on_all_where_the_workspace_says_so(example: Workspace) -> None:
    from dataclasses import replace

    engine = Engine(replace(example, policies=replace(example.policies, stop_scope="all")))
    stop = Receipt(id="r", customer="ada", status="replied", channel="sms", at=T0 + 10, keyword="stop", text="STOP")
    outcome = engine.apply(
        [
            engine.identify("ada", T0, email="ada@example.com", phone="+447911123456"),
            engine.event("ada", T0 + 1, "Preferences Saved", choices=[YES]),
            engine.record("ada", T0 + 10, encode_receipt(stop), DELIVERY_RECEIPTS),
            engine.event("ada", T0 + 20, "Offer Prepared", **OFFER),
            engine.event("ada", T0 + 30, "Visit Completed", **VISIT),
        ]
    )
    assert [(d.journey, d.reason) for d in outcome.decisions if d.reason is not Reason.ALLOWED] == [
        ("monthly_offers", Reason.CHANNEL_STOPPED)
    ]
    assert [m.journey for m in engine.messages] == ["visit_survey"], "by mail: only marketing is stopped there"
    written = outcome.guards["ada"]
    assert written is not None
    assert verdict(decode_guard(written), "email", "marketing") is Reason.CHANNEL_STOPPED
    assert verdict(decode_guard(written), "email", "service") is None
    assert verdict(decode_guard(written), "sms", "service") is Reason.CHANNEL_STOPPED


def verdict(guard: Guard, channel: str, message_class: str, kind: str | None = None) -> Reason | None:
    question = GuardQuestion(
        channel=channel, message_class=message_class, topic=None, rules=(), not_after=None, quiet_from=None, address_kind=kind, now=T0,  # type: ignore[arg-type]  # words of the language
    )  # fmt: skip
    refusal = last_check(guard, question)
    return None if refusal is None else refusal.reason


def test_addresses_of_the_erased_get_nothing_but_transactional_under_any_id(example: Workspace) -> None:
    engine = Engine(example)
    engine.apply([engine.identify("ada", T0, email="ada@example.com", phone="+447911123456")])
    outcome = engine.apply([engine.record("ada", T0 + 1, encode_command(Erase(customer="ada", id="1", at=T0)))])
    assert [kind for _hash, kind in outcome.suppress] == ["erased"] * 3
    assert not engine.customers["ada"].traits
    assert verdict(Guard(), "email", "marketing", "erased") is Reason.ERASED
    assert verdict(Guard(), "email", "service", "erased") is Reason.ERASED
    assert verdict(Guard(), "email", "transactional", "erased") is None


def test_consent_given_anew_lets_the_address_be_written_to_again(example: Workspace) -> None:
    engine = Engine(example)
    ada = {"email": "ada@example.com", "phone": "+447911123456"}
    engine.apply([engine.identify("ada", T0, **ada), engine.record("ada", T0 + 1, encode_command(Erase(customer="ada", id="1", at=T0)))])
    engine.apply([engine.record("ada", T0 + 2, encode_command(Readmit(customer="ada", id="2", at=T0)))])
    assert engine.apply([engine.identify("ada", T0 + 3, **ada)]).suppress == [], "an address that is only named again"
    outcome = engine.apply([engine.record("ada", T0 + 4, saved(engine, T0, NO, YES))])
    assert outcome.suppress == [(address_hash(example.name, "email", "ada@example.com"), "granted")], "of the yes, not of the no"
    page = Receipt(id="r", customer="ada", status="unsubscribed", at=T0 + 5, channel="sms", topic="offers", consent="granted")
    outcome = engine.apply([engine.record("ada", T0 + 5, encode_receipt(page), DELIVERY_RECEIPTS)])
    assert outcome.suppress == [(address_hash(example.name, "sms", "+447911123456"), "granted")]
    late = msgspec.structs.replace(page, id="r2", at=T0 + 1)
    assert engine.apply([engine.record("ada", T0 + 6, encode_receipt(late), DELIVERY_RECEIPTS)]).suppress == [], "one that does not stand"


def anonymous(engine: Engine, at: int, **visit: str) -> bytes:
    return json.dumps({"type": "track", "anonymousId": "anon", "event": "Visit Completed", "properties": {**VISIT, **visit}}).encode()


def merged(engine: Engine) -> list[str]:
    link = json.dumps({"type": "identify", "userId": "ada", "anonymousId": "anon", "traits": {"email": "ada@example.com"}}).encode()
    wish = engine.apply([engine.record("ada", T0 + HOUR, link)])
    (handover,) = [r for r in wish.records if r.topic == CUSTOMER_EVENTS]
    given = engine.apply([engine.record("anon", T0 + HOUR + 1, handover.value)])
    (absorb,) = [r for r in given.records if r.topic == CUSTOMER_EVENTS]
    met = engine.apply([engine.record("ada", T0 + HOUR + 2, absorb.value)])
    return [end.how for end in met.endings]


def test_runs_of_one_key_meet_and_nothing_is_sent_twice(example: Workspace) -> None:
    engine = Engine(example)
    engine.apply(
        [
            engine.record(
                "anon", T0, json.dumps({"type": "identify", "anonymousId": "anon", "traits": {"email": "a@example.com"}}).encode()
            ),
            engine.record("anon", T0 + 1, anonymous(engine, T0)),
            engine.identify("ada", T0 + 2, email="ada@example.com"),
            engine.event("ada", T0 + 3, "Visit Completed", **VISIT),
        ]
    )
    assert sorted((m.customer, m.step) for m in engine.messages) == [("ada", "ask"), ("anon", "ask")]
    assert merged(engine) == ["merged"]
    assert [(r.journey, r.key) for r in engine.customers["ada"].runs] == [("visit_survey", "v1")]
    engine.apply([], until=T0 + 30 * HOUR)
    assert [m.step for m in engine.messages if m.customer == "ada"].count("ask") == 1


def test_a_device_that_is_somebody_elses_is_unlinked(example: Workspace) -> None:
    engine = Engine(example)
    engine.apply([engine.record("anon", T0, anonymous(engine, T0))])
    merged(engine)
    assert engine.customers["ada"].identity.anonymous == ["anon"]
    engine.apply([engine.record("ada", T0 + 2 * HOUR, encode_command(Unlink(user="ada", anonymous="anon", id="u", at=T0)))])
    assert engine.customers["ada"].identity.anonymous == []


def test_a_damaged_profile_that_is_handed_over_is_a_dead_letter(example: Workspace) -> None:
    engine = Engine(example)
    absorb = Absorb(user="ada", anonymous="anon", id="1", at=T0, profile=b"\x00nonsense")
    outcome = engine.apply([engine.record("ada", T0, encode_command(absorb))])
    assert "damaged" in outcome.dead_letters[0].error


def test_what_a_merged_run_has_sent_is_not_sent_again(example: Workspace) -> None:
    engine = Engine(example)
    engine.apply(
        [
            engine.identify("ada", T0, email="ada@example.com", phone="+447911123456"),
            engine.event("ada", T0 + 1, "Visit Completed", **VISIT),
        ]
    )
    ada = engine.customers["ada"]
    (run,), (asked,) = ada.runs, ada.messages.sent
    run.also.append(7)
    ada.messages.sent.append(msgspec.structs.replace(asked, number=7, step="nudge", intent="x"))
    ada.changed("runs", "msgs")
    outcome = engine.apply([], until=T0 + 25 * HOUR)
    assert [(d.step, d.reason) for d in outcome.decisions] == [("nudge", Reason.ALREADY_SENT)]
