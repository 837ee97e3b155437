"""`choose`: on every channel at once, or first where the customer reads."""

import pytest

from orchestrator.contracts.topics import Channel
from orchestrator.model.planned import Sent
from orchestrator.policies.best_channel import WINDOW, best_first
from tests.one_journey import POLICIES, errors, play

HEAD = "journey: try_it\nclass: service\nentry: {event: Basket Changed, key: event.basket}\n"
BASKET = "{at: 0h, event: Basket Changed, with: {basket: b1}}"
MORE = "  - {id: more, send: hello, channels: [email]}\n"
CALM = (
    POLICIES + "suppression:\n  - {rule: calm, when: customer.score > 2, classes: [service], channels: [sms], then: hold, max_hold: 30h}\n"
)


def journey(choose: str, more: str = "", after: str = "", head: str = HEAD) -> str:
    return f"{head}steps:\n  - {{id: mail, send: hello, channels: [email, sms, whatsapp], choose: {choose}{more}}}\n{after}"


def when(*items: str) -> str:
    return f"when: [{', '.join((*items, BASKET))}]\n"


OPEN = "given: {windows: {whatsapp: open}}\n"


def test_all_is_every_channel_with_a_verdict_of_its_own() -> None:
    test = OPEN + when() + "then: {sends: [{channel: email, reason: allowed}, {channel: sms}, {channel: whatsapp}]}"
    assert play(journey("all"), test) == []
    closed = when() + "then: {sends: [{channel: email}, {channel: sms}], skips: [{channel: whatsapp, reason: whatsapp_window_closed}]}"
    assert play(journey("all"), closed) == []


def test_the_run_waits_until_the_last_of_them_is_decided() -> None:
    items = "{at: 0h, identify: customer, with: {score: 3}}", "{at: 0h, event: Basket Changed, with: {basket: b1}}"
    test = (
        f"when: [{', '.join(items)}, {{at: 5h, identify: customer, with: {{score: 0}}}}]\n"
        """then:
  sends: [{at: 0h, channel: email}, {at: 5h, channel: sms}, {at: 5h, step: more}]
  skips: [{at: 0h, channel: whatsapp, reason: whatsapp_window_closed}]
  holds: [{at: 0h, channel: sms, reason: suppression_rule}]"""
    )
    assert play(journey("all", after=MORE), test, policies=CALM) == []


def test_what_is_held_of_them_is_taken_back_with_its_run() -> None:
    head = HEAD + "goal: {event: Order Placed, same: basket}\n"
    items = "{at: 0h, identify: customer, with: {score: 3}}", BASKET, "{at: 1h, event: Order Placed, with: {basket: b1}}"
    test = (
        f"when: [{', '.join(items)}]\n"
        """then:
  sends: [{channel: email}]
  skips: [{reason: whatsapp_window_closed}, {at: 1h, channel: sms, reason: journey_exited}]"""
    )
    assert play(journey("all", head=head, after=MORE), test, policies=CALM) == []


def test_none_follows_one_that_fails() -> None:
    test = "given: {windows: {whatsapp: open}}\n" + when("{at: 0h, fail: {channel: email, how: rejected}}")
    assert (
        play(
            journey("all"),
            test + "then: {sends: [{channel: sms}, {channel: whatsapp}], skips: [{channel: email, reason: provider_rejected}]}",
        )
        == []
    )


def test_dedupe_looks_at_the_message_not_at_its_channels() -> None:
    again = "{at: 1h, event: Basket Changed, with: {basket: b2}}"
    test = (
        f"{OPEN}when: [{BASKET}, {again}]\n"
        """then:
  sends: [{channel: email}, {channel: sms}, {channel: whatsapp}]
  skips: [{at: 1h, channel: email, reason: duplicate_message}, {channel: sms, reason: duplicate_message}, {channel: whatsapp, reason: duplicate_message}]"""
    )
    assert play(journey("all", ", dedupe: 2d"), test) == []


@pytest.mark.parametrize(
    ("condition", "given", "skips"),
    [
        ("steps.mail.sent and steps.mail.reason == 'allowed' and steps.mail.channel == 'email'", "{}", "{channel: whatsapp, reason: whatsapp_window_closed}"),
        ("steps.mail.sent and steps.mail.channel == 'sms'", "{customer: {email: null}}", "{channel: email, reason: address_missing}, {channel: whatsapp, reason: whatsapp_window_closed}"),
        ("not steps.mail.sent and steps.mail.reason == 'whatsapp_window_closed'", "{customer: {phone: null, email: null}}", ", ".join(f"{{channel: {one}, reason: address_missing}}" for one in ("email", "sms", "whatsapp"))),
    ],
)  # fmt: skip
def test_what_the_step_is_known_by(condition: str, given: str, skips: str) -> None:
    text = journey("all", after=f'  - branch: [{{when: "{condition}", then: [{{emit: Pong, id: yes}}]}}]\n')
    entered = "journey: other\nclass: service\nentry: {event: Pong}\nsteps: [{id: told, delay: 1h}]\n"
    sends = "{channel: email}, {channel: sms}" if given == "{}" else "{channel: sms}" if "phone" not in given else ""
    if "phone" in given:
        condition_is = "address_missing"
        text = text.replace("whatsapp_window_closed", condition_is)
    test = f"journeys: [try_it, other]\ngiven: {given}\n{when()}then: {{sends: [{sends}], skips: [{skips}], counts: {{entries: 1}}}}"
    found = play(text, test.replace("counts: {entries: 1}", "ends: [{journey: try_it}, {journey: other, at: 1h}]"), also_other=entered)
    assert found == []


def test_they_count_as_one_message() -> None:
    text = journey(
        "all",
        after="  - branch: [{when: messages_sent(within='1h') == 1 and messages_sent(channel='sms') == 1, then: [{id: yes, send: hello, channels: [email]}]}]\n",
    )
    assert play(text, OPEN + when() + "then: {sends: [{channel: email}, {channel: sms}, {channel: whatsapp}, {step: yes}]}") == []


def test_a_journeys_daily_limit_counts_them_once() -> None:
    items = "{at: 0h, identify: customer, with: {score: 3}}", BASKET, "{at: 5h, identify: customer, with: {score: 0}}"
    second = ", {at: 6h, event: Basket Changed, with: {basket: b2}}"
    test = (
        f"{OPEN}when: [{', '.join(items)}{second}]\n"
        """then:
  sends: [{at: 0h, channel: email}, {at: 0h, channel: whatsapp}, {at: 5h, channel: sms}]
  skips: [{at: 6h, channel: email, reason: journey_limit}, {channel: sms, reason: journey_limit}, {channel: whatsapp, reason: journey_limit}]"""
    )
    head = HEAD + "limits: {messages_per_day: 1, over: drop}\n"
    assert play(journey("all", head=head), test, policies=CALM) == []


def test_it_counts_them_once_while_one_has_come_back_for_another_try() -> None:
    """The mail is between two tries when the text may go."""
    head = HEAD + "limits: {messages_per_day: 1, over: drop}\n"
    text = journey("all", head=head).replace("email, sms, whatsapp", "email, sms")
    test = (
        "given: {customer: {score: 3}}\n"
        "when: [{at: 0h, fail: {channel: email, how: down, for: 6h}}, "
        "{at: 0h, event: Basket Changed, with: {basket: b1}}, {at: 1h, identify: customer, with: {score: 0}}]\n"
        "then: {includes: {sends: [{at: 1h, channel: sms, reason: allowed}]}, counts: {sends: 2}}"
    )
    assert play(text, test, policies=CALM) == []


def sent(channel: Channel, at: int, *, delivered: bool = True, seen: bool = False) -> Sent:
    return Sent(intent=f"{channel}{at}", journey="a", key="", number=1, step="s", visit=1, message="m", message_class="service", channel=channel, at=at, delivered=delivered, seen=seen)  # fmt: skip


ALL: tuple[Channel, ...] = ("email", "sms", "whatsapp")


@pytest.mark.parametrize(
    ("messages", "order"),
    [
        ([], ["email", "sms", "whatsapp"]),
        ([sent("sms", 1, seen=True)], ["sms", "email", "whatsapp"]),
        ([sent("email", 1)], ["sms", "whatsapp", "email"]),
        ([sent("email", 1, delivered=False)], ["email", "sms", "whatsapp"]),
        # 2/4 and 1/2 are a tie
        ([sent("sms", 1, seen=True), sent("sms", 2)], ["email", "sms", "whatsapp"]),
        # 3/5 above 1/2 above 1/3
        ([sent("whatsapp", 1, seen=True), sent("whatsapp", 2, seen=True), sent("whatsapp", 3), sent("email", 4)], ["whatsapp", "sms", "email"]),
        # exactly so long ago no longer counts
        ([sent("sms", 0, seen=True)], ["email", "sms", "whatsapp"]),
    ],
)  # fmt: skip
def test_the_best_channel(messages: list[Sent], order: list[str]) -> None:
    assert best_first(ALL, messages, WINDOW) == order


def test_best_is_asked_when_it_comes_due_and_the_rest_is_the_chain() -> None:
    text = journey("best", ", fallback: {on: [unseen], after: 4h}").replace("email, sms, whatsapp", "email, sms")
    first = "{at: 0h, event: Basket Changed, with: {basket: b1}}, {at: 5h, receipt: {step: mail, status: clicked, channel: sms}}"
    test = (
        f"when: [{first}, {{at: 6h, event: Basket Changed, with: {{basket: b2}}}}]\n"
        """then:
  sends: [{at: 0h, channel: email}, {at: 4h, channel: sms}, {at: 6h, channel: sms, reason: allowed}, {at: 10h, channel: email, reason: fell_back}]
  skips: [{at: 4h, channel: email, reason: unseen}, {at: 10h, channel: sms, reason: unseen}]"""
    )
    assert play(text, test) == []


def test_lint() -> None:
    def codes(text: str) -> list[str]:
        return [one.code for one in errors(text)]

    assert codes(journey("all")) == codes(journey("best")) == codes(journey("all", ", fallback: none")) == []
    assert codes(journey("all", ", fallback: {after: 1h}")) == ["J026"]
    assert codes(journey("any")) == ["Y005"]
