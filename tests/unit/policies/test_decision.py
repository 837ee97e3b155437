"""The decision table, line by line and class by class."""

from dataclasses import replace

import pytest

from orchestrator.contracts.guard import Guard, GuardQuestion, GuardRule, last_check
from orchestrator.contracts.reason import REASONS, Reason
from orchestrator.model.sections import Case, Flag, Statement
from orchestrator.workspace.policies import ChannelLimit
from orchestrator.workspace.workspace import Workspace
from tests.worlds import HOUR, T0, Engine

OFFER = {"offer_id": "o1", "package": "Fast", "monthly_price": 9.9, "ends_on": "2026-04-01"}


def decided(
    workspace: Workspace, event: str, properties: dict[str, object], prepare: object = None, **traits: object
) -> tuple[str, str, str | None]:
    """Reason, effect and channel of the message one event leads to."""
    engine = Engine(workspace)
    base = {"first_name": "Ada", "email": "ada@example.com", "phone": "+447911123456"}
    engine.apply([engine.identify("ada", T0, **{**base, **traits})])
    customer = engine.customers["ada"]
    if callable(prepare):
        prepare(customer)
    customer.changed("consents", "issues", "ids")
    outcome = engine.apply([engine.event("ada", T0 + HOUR, event, **properties)])
    last = outcome.decisions[-1]
    return last.reason.value, last.effect, last.channel


def grant(customer: object, *pairs: tuple[str, str, str]) -> None:
    for channel, topic, state in pairs:
        customer.consents.statements.append(Statement(channel, topic, state, 1))  # type: ignore[attr-defined]  # a Customer


def doing(*steps: object) -> object:
    """Prepares a customer step by step."""

    def prepare(customer: object) -> None:
        for step in steps:
            assert callable(step)
            step(customer)

    return prepare


def granted(*pairs: tuple[str, str, str]) -> object:
    return lambda customer: grant(customer, *pairs)


def stopped(**channels: int) -> object:
    return lambda customer: customer.consents.stopped.update(channels)


def flagged(level: str) -> object:
    return lambda customer: customer.consents.flags.update({"rule": Flag(level, 1)})


def a_case(customer: object) -> None:
    customer.issues.update(service={"c": Case(True, 1, "e", 1, 1)})  # type: ignore[attr-defined]  # a Customer


ALL = granted(("*", "*", "granted"))
CASES = [
    ("never granted", doing(), ("consent_missing", "D", None)),
    ("granted by mail", granted(("email", "offers", "granted")), ("allowed", "S", "email")),
    ("granted for all", ALL, ("allowed", "S", "email")),
    ("pending", granted(("*", "*", "pending")), ("consent_pending", "D", None)),
    ("revoked", granted(("*", "*", "revoked")), ("consent_revoked", "D", None)),
    ("only by text", granted(("sms", "offers", "granted")), ("allowed", "S", "sms")),
    ("do not contact", doing(ALL, flagged("marketing")), ("do_not_contact", "D", None)),
    ("mail stopped", doing(ALL, stopped(email=1, whatsapp=1)), ("allowed", "S", "sms")),
    ("all stopped", doing(ALL, stopped(email=1, whatsapp=1, sms=1)), ("channel_stopped", "D", None)),
    ("a case is open", doing(ALL, a_case), ("open_service_issue", "H", "email")),
]


@pytest.mark.parametrize(("prepare", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_marketing(example: Workspace, prepare: object, expected: tuple[str, str, str | None]) -> None:
    assert decided(example, "Offer Prepared", OFFER, prepare) == expected


ORDER = {"order_id": "A", "package": "x", "price": 1, "installed_on": "2026-05-01"}
TRANSACTIONAL = [
    ("no consent at all", granted(("*", "*", "revoked")), ("allowed", "S", "email")),
    ("a case is open", a_case, ("allowed", "S", "email")),
    ("do not contact marketing", flagged("marketing"), ("allowed", "S", "email")),
    ("do not contact at all", flagged("all"), ("do_not_contact", "D", None)),
    ("mail stopped", stopped(email=1), ("allowed", "S", "sms")),
]


@pytest.mark.parametrize(("prepare", "expected"), [case[1:] for case in TRANSACTIONAL], ids=[case[0] for case in TRANSACTIONAL])
def test_transactional(example: Workspace, prepare: object, expected: tuple[str, str, str | None]) -> None:
    assert decided(example, "Order Placed", ORDER, prepare) == expected


def test_addresses(example: Workspace) -> None:
    assert decided(example, "Order Placed", ORDER, email="nonsense") == ("allowed", "S", "sms")
    assert decided(example, "Order Placed", ORDER, email=None, phone="12") == ("address_missing", "D", None)


def test_countries(example: Workspace) -> None:
    limited = replace(example, policies=replace(example.policies, limits={"sms": ChannelLimit(100.0, frozenset(("IE",)))}))
    assert decided(limited, "Order Placed", ORDER, email=None) == ("no_reachable_channel", "D", None)
    assert decided(limited, "Order Placed", ORDER, email=None, phone="+353851234567") == ("allowed", "S", "sms")


def test_different_reasons_on_all_channels(example: Workspace) -> None:
    assert decided(example, "Order Placed", ORDER, lambda c: c.consents.stopped.update(email=1), phone=None) == (
        "no_reachable_channel",
        "D",
        None,
    )


def question(**changes: object) -> GuardQuestion:
    values: dict[str, object] = {
        "channel": "email",
        "message_class": "marketing",
        "topic": "offers",
        "rules": ("r",),
        "not_after": 100,
        "quiet_from": 90,
        "address_kind": None,
        "now": 50,
    }
    return GuardQuestion(**{**values, **changes})  # type: ignore[arg-type]  # fields of the question


@pytest.mark.parametrize(
    ("guard", "changes", "marketing", "transactional"),
    [
        (Guard(), {}, None, None), (Guard(erased=True), {}, "erased", "erased"), (Guard(do_not_contact="marketing"), {}, "do_not_contact", None),
        (Guard(do_not_contact="all"), {}, "do_not_contact", "do_not_contact"), (Guard(), {"address_kind": "dead"}, "address_suppressed", "address_suppressed"),
        (Guard(), {"address_kind": "complained"}, "address_suppressed", None), (Guard(stopped=("email",)), {}, "channel_stopped", "channel_stopped"),
        (Guard(stopped=("sms",)), {}, None, None), (Guard(rules=(GuardRule("r", "drop", "suppression_rule"),)), {}, "suppression_rule", None),
        (Guard(rules=(GuardRule("other", "drop", "suppression_rule"),)), {}, None, None), (Guard(), {"now": 100, "quiet_from": None}, None, None),
        (Guard(), {"now": 101, "quiet_from": None}, "expired", "expired"), (Guard(), {"now": 95}, "quiet_hours", None),
    ],
)  # fmt: skip
def test_the_last_check(guard: Guard, changes: dict[str, object], marketing: str | None, transactional: str | None) -> None:
    for message_class, expected in (("marketing", marketing), ("transactional", transactional)):
        refusal = last_check(guard, question(**{"message_class": message_class, **changes}))
        assert (refusal.reason.value if refusal else None) == expected


def test_reasons_are_a_closed_list() -> None:
    assert len(Reason) == 60
    assert set(REASONS) == set(Reason)
    assert all(text.means and set(text.effects) <= set("SEDHRFi") for text in REASONS.values())
