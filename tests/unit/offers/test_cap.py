"""An offer counts when the message that carries it is committed, once for all its channels and tries, and is given back when it was not sent."""

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.contracts.receipt import Receipt, Status, encode_receipt
from orchestrator.contracts.topics import DELIVERY_RECEIPTS
from orchestrator.model.customer import Customer
from orchestrator.model.planned import Messages, Planned, RunFacts
from orchestrator.model.run import EventSnapshot
from orchestrator.model.shown_offers import count, give_back, is_counted
from orchestrator.profiles.merge import absorb
from orchestrator.workspace.workspace import Workspace
from tests.one_journey import play, workspace
from tests.unit.offers.shop import OFFERS, SERVICE
from tests.worlds import DAY, HOUR, T0, Engine

TWO = SERVICE.replace("[email]", "[email, sms]")
PERSON = {"email": "ada@example.com", "phone": "+447911123456"}


def plan(number: int = 1, offer: str | None = None) -> Planned:
    entry = EventSnapshot(name="e", type="track", timestamp=0, arrival=0, sequence=0, properties={})
    facts = RunFacts(journey="j", version="", key="", number=number, started_at=0, sequence=0, entry=entry)
    return Planned(
        step="a", visit=1, message="m", message_class="service", channels=["email"], priority=50, due=0, facts=facts, offer=offer
    )


def shop(journey: str = SERVICE, offers: str = OFFERS) -> Workspace:
    return workspace({"try_it": journey}, offers=offers)


def started(journey: str = SERVICE, offers: str = OFFERS) -> Engine:
    engine = Engine(shop(journey, offers))
    engine.apply([engine.identify("ada", T0 - DAY, **PERSON)])
    engine.apply([engine.record("ada", T0 - DAY, b'{"type":"track","userId":"ada","event":"Pong"}')])
    return engine


def shown(engine: Engine) -> dict[str, list[int]]:
    return engine.customers["ada"].messages.offers


def report(engine: Engine, at: int, status: Status, number: int = -1, **more: object) -> None:
    message = engine.messages[number]
    receipt = Receipt(
        id=f"{message.intent}:{status}:{at}", customer="ada", status=status, at=at, channel=message.channel, intent=message.intent,
        attempt=message.attempt, **more,  # type: ignore[arg-type]  # fields of a receipt
    )  # fmt: skip
    engine.apply([engine.record("ada", at, encode_receipt(receipt), DELIVERY_RECEIPTS)])


def carried(engine: Engine) -> list[str | None]:
    return [None if message.offer is None else message.offer.name for message in engine.messages]


def test_it_counts_at_the_commit_and_only_for_whom_it_was_shown() -> None:
    engine = started()
    assert shown(engine) == {}
    assert b"offers" not in b"".join(bytes(raw) for raw in engine.customers["ada"].sections().values())
    engine.apply([engine.event("ada", T0, "Ping")])
    assert shown(engine) == {"twice": [T0]}
    engine.apply([engine.event("ada", T0 + 30 * DAY - 1, "Ping")])
    engine.apply([engine.event("ada", T0 + 30 * DAY, "Ping")])
    assert carried(engine) == ["twice", None, "twice"]
    assert shown(engine) == {"twice": [T0 + 30 * DAY]}, "what no cap looks back to is forgotten"


def test_nothing_is_kept_of_a_workspace_without_offers() -> None:
    engine = Engine(workspace({"try_it": SERVICE}))
    engine.apply([engine.identify("ada", T0 - DAY, **PERSON)])
    engine.apply([engine.event("ada", T0, "Ping")])
    assert b"offer" not in bytes(engine.customers["ada"].sections()["msgs"])


def test_an_offer_that_is_gone_is_forgotten_with_the_longest_cap() -> None:
    engine = started()
    engine.apply([engine.event("ada", T0, "Ping")])
    engine.switch(shop(offers=OFFERS.replace("offer: twice", "offer: other").replace("per: 30d", "per: 60d")), T0 + HOUR)
    engine.apply([engine.event("ada", T0 + DAY, "Ping")])
    assert shown(engine) == {"twice": [T0], "other": [T0 + DAY]}
    engine.apply([engine.event("ada", T0 + 61 * DAY, "Ping")])
    assert shown(engine) == {"other": [T0 + 61 * DAY]}


def test_given_back_when_it_was_not_sent_after_all() -> None:
    for status in ("rejected", "bounced", "failed"):
        engine = started()
        engine.apply([engine.event("ada", T0, "Ping")])
        report(engine, T0 + 1000, status)
        assert shown(engine) == {}, status
        engine.apply([engine.event("ada", T0 + HOUR, "Ping")])
        assert carried(engine) == ["twice", "twice"], status


def test_never_given_back_when_nobody_knows() -> None:
    engine = started()
    engine.apply([engine.event("ada", T0, "Ping")])
    report(engine, T0 + 1000, "unconfirmed")
    assert shown(engine) == {"twice": [T0]}
    report(engine, T0 + 2000, "delivered")
    assert shown(engine) == {"twice": [T0]}


def test_another_try_carries_the_same_and_counts_no_more() -> None:
    """Though the cap is full: it is full of this very message."""
    engine = started()
    engine.apply([engine.event("ada", T0, "Ping")])
    report(engine, T0 + 1000, "deferred", reason="provider_down", retry_at=T0 + HOUR)
    assert shown(engine) == {"twice": [T0]}
    engine.apply([], until=T0 + HOUR)
    assert carried(engine) == ["twice", "twice"]
    assert engine.messages[0].content == engine.messages[1].content
    assert shown(engine) == {"twice": [T0]}


def test_a_try_that_may_carry_it_no_more_gives_it_back() -> None:
    engine = started(offers=OFFERS.replace("until: 2027-01-01", "until: 2026-03-02T10:30:00Z"))
    engine.apply([engine.event("ada", T0, "Ping")])
    report(engine, T0 + 1000, "deferred", reason="provider_down", retry_at=T0 + HOUR)
    engine.apply([], until=T0 + HOUR)
    assert carried(engine) == ["twice", None]
    assert shown(engine) == {}


def test_a_better_offer_does_not_push_in_between_two_tries() -> None:
    engine = started()
    engine.apply([engine.event("ada", T0, "Ping")])
    report(engine, T0 + 1000, "deferred", reason="provider_down", retry_at=T0 + HOUR)
    better = OFFERS + OFFERS.removeprefix("offers:\n").replace("offer: twice", "offer: better\n    priority: 99")
    engine.switch(shop(offers=better), T0 + 2000)
    engine.apply([], until=T0 + HOUR)
    assert carried(engine) == ["twice", "twice"]


def test_the_next_channel_carries_the_same_and_counts_no_more() -> None:
    engine = started(TWO)
    engine.apply([engine.event("ada", T0, "Ping")])
    report(engine, T0 + 1000, "bounced")
    assert [message.channel for message in engine.messages] == ["email", "sms"]
    assert carried(engine) == ["twice", "twice"]
    assert shown(engine) == {"twice": [T0]}
    report(engine, T0 + 2000, "failed")
    assert shown(engine) == {}, "on no channel"


def test_a_next_channel_that_carries_nothing_gives_it_back() -> None:
    policies = "topics: {news: {title: News, consent: {email: opt_out, sms: opt_in, whatsapp: opt_in}}, visits: {consent: {sms: opt_out, email: opt_out}}}\n"
    message = "message: hello\ntopic: visits\ncontent: {en: {subject: s, preheader: p, body: Hello}}\n"
    engine = Engine(workspace({"try_it": TWO}, {"hello": message}, offers=OFFERS, policies=policies))
    engine.apply([engine.identify("ada", T0 - DAY, **PERSON)])
    engine.apply([engine.event("ada", T0, "Ping")])
    report(engine, T0 + 1000, "bounced")
    assert carried(engine) == ["twice", None]
    assert shown(engine) == {}
    assert [(d.part, d.reason.value) for d in engine.customers["ada"].decisions() if d.effect == "i"] == [("offer", "consent_missing")]


def test_all_channels_count_as_one() -> None:
    engine = started(TWO.replace("offer:", "choose: all, offer:"))
    engine.apply([engine.event("ada", T0, "Ping")])
    assert carried(engine) == ["twice", "twice"]
    assert shown(engine) == {"twice": [T0]}
    report(engine, T0 + 1000, "bounced", 0)
    assert shown(engine) == {"twice": [T0]}, "the text is out with it"
    report(engine, T0 + 2000, "failed", 1)
    assert shown(engine) == {}


def test_given_back_when_its_run_ends_while_it_waits_for_another_try() -> None:
    leaving = SERVICE.replace("steps:", "exit_on: [{event: Order Placed}]\nsteps:").rstrip() + "\n  - {id: rest, delay: 3d}\n"
    for deferred_first in (True, False):
        engine = started(leaving)
        engine.apply([engine.event("ada", T0, "Ping")])
        if deferred_first:
            report(engine, T0 + 1000, "deferred", reason="provider_down", retry_at=T0 + HOUR)
        engine.apply([engine.event("ada", T0 + 2000, "Order Placed")])
        if not deferred_first:
            assert shown(engine) == {"twice": [T0]}, "it is with its sender"
            report(engine, T0 + 3000, "deferred", reason="provider_down", retry_at=T0 + HOUR)
        assert shown(engine) == {}, deferred_first


def test_two_messages_of_one_instant_count_both() -> None:
    pings = ", ".join(f"{{at: 0h, event: Ping, with: {{n: {number}}}}}" for number in (1, 2, 3))
    keyed = SERVICE.replace("{event: Ping}", "{event: Ping, key: event.n}")
    test = f"when: [{pings}]\nthen: {{sends: [{{offer: twice}}, {{offer: twice}}, {{offer: none}}]}}"
    assert play(keyed, test, offers=OFFERS.replace("max: 1", "max: 2")) == []


def test_a_merge_joins_what_was_shown() -> None:
    user, other = Customer("ada"), Customer("anon")
    user.messages.offers, other.messages.offers = {"twice": [5, 9]}, {"twice": [7], "other": [1]}
    absorb(user, other, shop())
    assert user.messages.offers == {"twice": [5, 7, 9], "other": [1]}


steps = st.lists(st.tuples(st.sampled_from(["count", "back"]), st.integers(0, 3), st.sampled_from(["a", "b"])), max_size=30)


@given(steps)
def test_what_is_counted_is_what_was_shown_and_not_given_back(wanted: list[tuple[str, int, str]]) -> None:
    """Against a plain set of messages that carry it."""
    messages, plans = Messages(), {(number, name): plan(number, name) for number in range(4) for name in "ab"}
    model: dict[str, set[int]] = {"a": set(), "b": set()}
    for now, (act, number, name) in enumerate(wanted, 1):
        one = plans[number, name]
        if act == "count":
            count(messages, one, name, now, 10_000)
            model[name].add(number)
        else:
            give_back(messages, one)
            model[name].discard(number)
        for other in plans.values():
            assert is_counted(messages, other, other.offer or "") is (other.facts.number in model[other.offer or ""])
    assert {name: len(at) for name, at in messages.offers.items()} == {name: len(held) for name, held in model.items() if held}
