"""The single view of a customer: traits, issues, consents, merges; the same whatever the order events come in."""

import itertools
import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.contracts.receipt import Receipt
from orchestrator.contracts.topics import CUSTOMER_EVENTS
from orchestrator.model.customer import Customer
from orchestrator.model.sections import Consents, Statement
from orchestrator.profiles.address import address_of, read_email, read_phone
from orchestrator.profiles.consent_state import add_statement, state
from orchestrator.profiles.issues import open_cases
from orchestrator.profiles.receipts import apply_to_profile
from orchestrator.profiles.traits import set_trait
from orchestrator.profiles.zone import zone_of
from orchestrator.workspace.workspace import Workspace
from tests.examples import examples
from tests.worlds import DAY, HOUR, T0, Engine


def at(engine: Engine, customer: str, arrival: int, timestamp: int, name: str, /, **properties: object) -> object:
    from datetime import UTC, datetime

    body = {
        "type": "track",
        "userId": customer,
        "event": name,
        "timestamp": datetime.fromtimestamp(timestamp / 1000, UTC).isoformat(),
        "properties": properties,
    }
    return engine.record(customer, arrival, json.dumps(body).encode())


EVENTS = [
    ("Fault Reported", "c1", 1), ("Fault Cleared", "c1", 5), ("Case Reopened", "c1", 7), ("Case Closed", "c1", 9),
    ("Complaint Raised", "c2", 2), ("Fault Reported", "c3", 3), ("Case Closed", "c3", 2),
]  # fmt: skip


def test_cases_are_the_same_in_any_order_and_repeated(example: Workspace) -> None:
    for order in itertools.islice(itertools.permutations(EVENTS), 0, 5040, 211):
        engine = Engine(example)
        records = [
            at(engine, "ada", T0 + n, T0 - DAY + when * HOUR, name, case_id=case)
            for n, (name, case, when) in enumerate([*order, *order[:3]])
        ]
        engine.apply(records)  # type: ignore[arg-type]  # records
        assert {key for _kind, key, _case in open_cases(engine.customers["ada"])} == {"c2", "c3"}


def test_a_filtered_open_is_none(example: Workspace) -> None:
    engine = Engine(example)
    engine.apply([engine.event("ada", T0, "Fault Reported", case_id="c1", severity="info")])
    assert open_cases(engine.customers["ada"]) == []


traits = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["Ada", "Ben", None])), min_size=1, max_size=6)


@given(traits)
@settings(max_examples=examples(60))
def test_the_newest_statement_of_a_trait_wins(statements: list[tuple[int, str | None]]) -> None:
    workspace = Workspace("w", "", "en", ("en",), __import__("zoneinfo").ZoneInfo("UTC"), "GB", "GBP")
    customer = Customer("ada")
    for when, name in statements:
        set_trait(customer, workspace, "first_name", name, when, [])
    latest = max(when for when, _name in statements)
    assert customer.traits["first_name"].value == [name for when, name in statements if when == latest][-1]


def test_undeclared_and_unfit_traits_are_kept_out_and_counted(example: Workspace) -> None:
    engine = Engine(example)
    outcome = engine.apply([engine.identify("ada", T0, first_name="Ada", shoe_size=43, line_speed="fast", tenure_months="7", country="gb")])
    customer = engine.customers["ada"]
    assert {name: stamped.value for name, stamped in customer.traits.items()} == {"first_name": "Ada", "tenure_months": 7, "country": "GB"}
    assert outcome.counts["profile_refused", "undeclared_trait"] == 1
    assert outcome.counts["profile_refused", "unfit_trait"] == 1


statements = st.lists(
    st.tuples(
        st.sampled_from(["email", "sms", "*"]),
        st.sampled_from(["offers", "visits", "*"]),
        st.sampled_from(["granted", "revoked", "pending"]),
        st.integers(0, 4),
    ),
    max_size=6,
)


@given(statements, st.randoms())
def test_consent_does_not_depend_on_the_order(given_: list[tuple[str, str, str, int]], rng: object) -> None:
    def made(order: list[tuple[str, str, str, int]]) -> Consents:
        consents = Consents()
        for one in order:
            add_statement(consents, Statement(*one))
        return consents

    shuffled = list(given_)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random
    for channel in ("email", "sms", "whatsapp"):
        for topic in ("offers", "visits"):
            covering = [s for s in given_ if s[0] in ("*", channel) and s[1] in ("*", topic)]
            newest = max((s[3] for s in covering), default=None)
            expected = max((s[2] for s in covering if s[3] == newest), key=["granted", "pending", "revoked"].index, default="none")
            assert state(made(given_), channel, topic) == state(made(shuffled), channel, topic) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("07911 123456", "+447911123456"),
        ("+1 415 555 2671", "+14155552671"),
        ("whatsapp:+447911123456", "+447911123456"),
        ("020 7946 0000 ext 5", None),
        ("12", None),
        ("hello", None),
        ("", None),
    ],
)
def test_phone_numbers(text: str, expected: str | None) -> None:
    found = read_phone(text, "GB")
    assert (found.text if found else None) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" Ada@EXAMPLE.com ", "Ada@example.com"),
        ("a@b", None),
        ("a@b@c.de", None),
        ("no", None),
        ("a b@c.de", None),
        ("a@c.de\r\nBcc: x@y.de", None),
        ("<a@c.de>", None),
    ],
)
def test_mail_addresses(text: str, expected: str | None) -> None:
    found = read_email(text)
    assert (found.text if found else None) == expected


def test_timezones(example: Workspace) -> None:
    customer = Customer("ada")
    assert zone_of(customer, example).key == "Europe/London"
    set_trait(customer, example, "phone", "+49 170 1234567", 1, [])
    assert zone_of(customer, example).key == "Europe/Berlin"
    set_trait(customer, example, "timezone", "Asia/Tokyo", 1, [])
    assert zone_of(customer, example).key == "Asia/Tokyo"


def test_stop_start_bounce_and_complaint(example: Workspace) -> None:
    customer = Customer("ada")
    set_trait(customer, example, "email", "ada@example.com", 1, [])

    def receipt(status: str, **more: object) -> Receipt:
        return Receipt(id="r", customer="ada", status=status, at=100, channel=more.pop("channel", "sms"), **more)  # type: ignore[arg-type]  # fields of a receipt

    apply_to_profile(customer, receipt("replied", keyword="stop", text="STOP"), example)
    assert customer.consents.stopped == {"sms": 100}
    apply_to_profile(customer, receipt("replied", keyword="start", text="START"), example)
    assert customer.consents.stopped == {"sms": 100}, "at one and the same instant the stop stands"
    later = msgspec.structs.replace(receipt("replied", keyword="start", text="START"), at=101)
    apply_to_profile(customer, later, example)
    assert customer.consents.stopped == {}
    apply_to_profile(customer, receipt("replied", keyword="stop", text="STOP"), example)
    assert customer.consents.stopped == {}, "a stop from before the start comes late"
    (dead,) = apply_to_profile(customer, receipt("bounced", channel="email", address="ada@example.com", address_dead=True), example)
    assert dead[1] == "dead"
    (complained,) = apply_to_profile(customer, receipt("complained", channel="email"), example)
    assert complained[0] == dead[0]
    assert customer.consents.suppressed[dead[0]] == "dead"
    apply_to_profile(customer, receipt("unsubscribed", channel="email", topic="offers"), example)
    assert state(customer.consents, "email", "offers") == "revoked"
    assert state(customer.consents, "email", "visits") == "none"
    assert address_of(customer, "sms", example) is None


def test_an_anonymous_profile_is_absorbed_once(example: Workspace) -> None:
    engine = Engine(example)
    page = engine.record("anon", T0, json.dumps({"type": "page", "anonymousId": "anon", "name": "Pricing"}).encode())
    engine.apply([page])
    link = engine.record(
        "ada", T0 + HOUR, json.dumps({"type": "identify", "userId": "ada", "anonymousId": "anon", "traits": {"first_name": "Ada"}}).encode()
    )
    outcome = engine.apply([link])
    handover = [r for r in outcome.records if r.topic == CUSTOMER_EVENTS]
    assert [r.key for r in handover] == [b"anon"]
    answer = engine.apply([engine.record("anon", T0 + HOUR + 1, handover[0].value)])
    absorb = [r for r in answer.records if r.topic == CUSTOMER_EVENTS]
    assert [r.key for r in absorb] == [b"ada"]
    assert engine.customers["anon"].identity.moved == "ada"
    for n in (2, 3):  # a repeat does nothing
        engine.apply([engine.record("ada", T0 + HOUR + n, absorb[0].value)])
    ada = engine.customers["ada"]
    assert ada.context["last_page"].value == "Pricing"
    assert ada.identity.anonymous == ["anon"]
    # a late event of the anonymous id goes to the user
    late = engine.apply(
        [engine.record("anon", T0 + 2 * HOUR, json.dumps({"type": "page", "anonymousId": "anon", "name": "Help"}).encode())]
    )
    forwarded = [r for r in late.records if r.topic == CUSTOMER_EVENTS]
    assert [r.key for r in forwarded] == [b"ada"]
    engine.apply([engine.record("ada", T0 + 2 * HOUR + 1, forwarded[0].value)])
    assert engine.customers["ada"].context["last_page"].value == "Help"
