"""What becomes of a message with a slot: it carries the offer that fits, or goes as it is. Its own fate never changes."""

from collections.abc import Mapping
from typing import Any

import pytest

from orchestrator.workspace.finding import Findings
from orchestrator.workspace.shape import Reading
from orchestrator.workspace.test_file import read_tests
from orchestrator.workspace.yaml_reader import read_yaml
from tests.one_journey import errors, play, workspace
from tests.unit.offers.shop import OFFERS, SERVICE, STEPS, more_offers
from tests.unit.offers.shop import POLICIES as TOPICS

OF_NOTHING = "message: hello\ncontent:\n  en: {subject: s, preheader: p, body: Hello}\n"
OF_VISITS = OF_NOTHING.replace("content:", "topic: visits\ncontent:")
TRANSACTIONAL = STEPS.replace("CLASS", "transactional")
PING = "when: [{at: 0h, event: Ping}]\n"


def difference(
    then: str, given: str = "", journey: str = SERVICE, offers: str = OFFERS, when: str = PING, messages: Mapping[str, str] | None = None, **more: str
) -> list[str]:  # fmt: skip
    return play(journey, f"{given}{when}then: {then}", messages, offers=offers, **more)


def test_it_carries_the_offer() -> None:
    assert difference("{sends: [{offer: twice, contains: [Hello, 'TWICE THE *SPEED*', For £5.00 more]}]}") == []


def test_a_test_that_expects_another_offer_fails() -> None:
    (wrong,) = difference("{sends: [{offer: none}]}")
    assert "offer 'none'" in wrong
    assert "offer twice" in wrong
    other = more_offers("offer: a", "offer: b")
    assert difference("{sends: [{offer: b}]}", offers=other) != []
    assert difference("{sends: [{offer: a}]}", offers=other) == []


def test_notes_are_exhaustive_where_one_is_named() -> None:
    nobody = "given: {consents: [{topic: news, state: none}]}\n"
    space: dict[str, Any] = {"policies": TOPICS, "messages": {"hello": OF_VISITS}}
    assert difference("{sends: [{offer: none}]}", nobody, **space) == [], "a note is no skip"
    assert difference("{sends: [{offer: none}], skips: [{part: offer, reason: consent_missing}]}", nobody, **space) == []
    assert "note 1" in difference("{sends: [{}], skips: [{part: offer, reason: consent_revoked}]}", nobody, **space)[0]
    assert "missing" in difference("{sends: [{}], skips: [{part: offer, reason: consent_missing}]}", **space)[0]
    both = "when: [{at: 0h, event: Ping}, {at: 1h, event: Ping}]\n"
    assert (
        "unexpected note" in difference("{sends: [{}, {}], skips: [{part: offer, reason: consent_missing}]}", nobody, when=both, **space)[0]
    )
    assert difference("{sends: [{}], includes: {skips: [{part: offer, reason: consent_missing}]}}", nobody, **space) == []


GIVEN = [
    ("none", "none"),
    ("b", "b"),
    ("[b]", "b"),
    ("[b, a]", "a"),
    ("{offer: c, topic: news, valid: {until: 2027-01-01}, cap: {max: 1, per: 1d}, content: {en: {title: C, body: D}}}", "c"),
    ("[{offer: c, topic: news, valid: {until: 2027-01-01}, cap: {max: 1, per: 1d}, content: {en: {title: C, body: D}}}, a]", "a"),
]


@pytest.mark.parametrize(("offers", "carried"), GIVEN, ids=[one[0][:12] for one in GIVEN])
@pytest.mark.parametrize("policies", ["", "policies: none, "])
def test_a_test_may_say_which_offers_there_are(offers: str, carried: str, policies: str) -> None:
    given = f"given: {{{policies}offers: {offers}}}\n"
    assert difference(f"{{sends: [{{offer: {carried}}}]}}", given, offers=more_offers("offer: a", "offer: b")) == []


def test_offers_of_a_test_that_lint_refuses_fail_it() -> None:
    given = "given: {offers: [{offer: c, topic: news, content: {en: {title: C, body: D}}}]}\n"
    (wrong,) = difference("{sends: [{offer: c}]}", given)
    assert "given.offers" in wrong
    assert "P010" in wrong


NAMED = [
    "then: {sends: [{offer: twcie}]}",
    "given: {offers: [twcie]}\n    then: {sends: []}",
    "given: {offers: twcie}\n    then: {sends: []}",
]


@pytest.mark.parametrize("text", NAMED)
def test_an_offer_that_there_is_not(text: str) -> None:
    findings = Findings()
    whole = f"journey: try_it\ntests:\n  - test: one\n    when:\n      - {{at: 0h, event: Ping}}\n    {text}\n"
    node = read_yaml(whole.encode(), "t", findings)
    assert node is not None
    read_tests(node, "try_it", workspace({"try_it": SERVICE}, offers=OFFERS), Reading("t", findings))
    assert [(f.code, f.line) for f in findings.all] == [("J007", 6)], findings.all
    assert "did you mean 'twice'" in findings.all[0].fix


REFUSED = [
    ("{consents: [{topic: news, state: revoked}]}", "consent_revoked"),
    ("{consents: [{topic: news, state: pending}]}", "consent_pending"),
    ("{consents: [{topic: news, state: none}]}", "consent_missing"),
    ("{issues: [{kind: service, id: c1}]}", "open_service_issue"),
]
PROFILE = """traits:
  first_name: {type: text, pii: true}
  complained: {type: boolean}
issues:
  service: {key: event.basket, open: [Basket Changed], close: [Order Placed]}
do_not_contact: [{event: Pong, level: marketing}]
"""

SPACE: dict[str, Any] = {"policies": TOPICS, "profile": PROFILE}


@pytest.mark.parametrize(("given", "reason"), REFUSED, ids=[one[1] for one in REFUSED])
@pytest.mark.parametrize("journey", [SERVICE, TRANSACTIONAL], ids=["service", "transactional"])
@pytest.mark.parametrize("message", [OF_VISITS, OF_NOTHING], ids=["visits", "no topic"])
def test_a_message_goes_without_what_may_not_go(given: str, reason: str, journey: str, message: str) -> None:
    """The offer is asked about its own topic, as marketing; the message about its own."""
    then = (
        "{sends: [{offer: none, contains: [Hello], lacks: [SPEED]}], skips: [{part: offer, reason: %s, explain: {values: {offer: twice}}}]}"
    )
    assert difference(then % reason, f"given: {given}\n", journey, messages={"hello": message}, **SPACE) == []


def test_a_transactional_message_may_carry_one() -> None:
    """With a way to leave the offer's topic: the message alone cannot be left."""
    with_it = "{sends: [{offer: twice, contains: [Hello, 'TWICE THE *SPEED*', /unsubscribe/news]}]}"
    assert difference(with_it, journey=TRANSACTIONAL, messages={"hello": OF_VISITS}, **SPACE) == []
    without = "{sends: [{offer: none, lacks: [/unsubscribe/]}]}"
    assert difference(without, "given: {offers: none}\n", TRANSACTIONAL, messages={"hello": OF_VISITS}, **SPACE) == []


def test_a_service_message_is_left_by_its_own_topic() -> None:
    then = "{sends: [{offer: twice, contains: [/unsubscribe/visits]}]}"
    assert difference(then, messages={"hello": OF_VISITS}, **SPACE) == []


def test_a_service_message_of_no_topic_is_left_by_the_offers() -> None:
    then = "{sends: [{offer: twice, contains: [/unsubscribe/news]}]}"
    assert difference(then, messages={"hello": OF_NOTHING}, **SPACE) == []


def test_a_flag_stops_the_offer_and_not_the_message() -> None:
    when = "when: [{at: 0h, event: Pong}, {at: 1h, event: Ping}]\n"
    then = "{sends: [{at: 1h, offer: none}], skips: [{part: offer, reason: do_not_contact}]}"
    assert difference(then, "given: {policies: none}\n", TRANSACTIONAL, when=when, messages={"hello": OF_VISITS}, **SPACE) == []


def test_so_does_a_complaint() -> None:
    """A transactional message still goes to an address that complained."""
    when = "when: [{at: 0h, event: Ping}, {at: 1h, receipt: {step: a, status: complained}}, {at: 2h, event: Ping}]\n"
    then = "{sends: [{offer: twice}, {at: 2h, offer: none}], skips: [{part: offer, reason: address_suppressed}]}"
    twice_a_day = OFFERS.replace("max: 1", "max: 9")
    assert difference(then, "", TRANSACTIONAL, twice_a_day, when, messages={"hello": OF_VISITS}, **SPACE) == []


RULES = (
    TOPICS
    + """suppression:
  - {rule: by_class, when: "message.class == 'marketing' and message.topic == 'news'", then: hold}
  - {rule: other_topic, when: customer.known, topics: [visits]}
"""
)


def test_rules_see_marketing_of_the_offers_topic_and_hold_nothing() -> None:
    then = "{sends: [{at: 0h, offer: none}], skips: [{part: offer, reason: suppression_rule, explain: {rule: by_class}}]}"
    assert difference(then, messages={"hello": OF_VISITS}, **{**SPACE, "policies": RULES}) == []


def test_quiet_hours_of_marketing_do_not_touch_it() -> None:
    """It never changes when its message goes."""
    quiet = TOPICS + 'quiet_hours: [{rule: always, from: "00:01", to: "00:00"}]\n'
    assert difference("{sends: [{at: 0h, offer: twice}]}", messages={"hello": OF_VISITS}, **{**SPACE, "policies": quiet}) == []


def test_when_sees_the_customer_and_the_message() -> None:
    chosen = more_offers(
        "offer: gold, when: customer.first_name == 'Ada', priority: 80",
        "offer: other, when: message.topic == 'visits' and message.step == 'a'",
    )
    ada = "given: {customer: {first_name: Ada}}\n"
    assert difference("{sends: [{offer: gold}]}", ada, offers=chosen, messages={"hello": OF_VISITS}, **SPACE) == []
    assert difference("{sends: [{offer: other}]}", offers=chosen, messages={"hello": OF_VISITS}, **SPACE) == []
    assert difference("{sends: [{offer: none}], skips: [{part: offer, reason: no_eligible_offer}]}", offers=chosen, **SPACE) == []


def test_the_slot_of_the_step_counts_before_that_of_the_message() -> None:
    message = OF_VISITS.replace("topic: visits\n", "topic: visits\noffer: before_body\n")
    unsaid = SERVICE.replace(", offer: after_body", "")
    never = SERVICE.replace("offer: after_body", "offer: none")
    for journey, then in ((unsaid, "offer: twice"), (never, "offer: none"), (SERVICE, "offer: twice")):
        assert difference(f"{{sends: [{{{then}}}]}}", journey=journey, messages={"hello": message}, **SPACE) == []
    assert errors(never, {"hello": message}, offers=OFFERS, policies=TOPICS) == []


def test_a_step_without_a_slot_makes_no_note() -> None:
    unsaid = SERVICE.replace(", offer: after_body", "")
    (wrong,) = difference("{sends: [{offer: none}], skips: [{part: offer, reason: consent_missing}]}", journey=unsaid)
    assert "note 1 is missing" in wrong


def test_what_cannot_be_rendered_is_left_out() -> None:
    """A value is missing, or the text is too long for the channel: the message is not."""
    then = "{sends: [{offer: none}], skips: [{part: offer, reason: %s}]}"
    nothing = OFFERS.replace("{{ 5 | money }}", "{{ 5 / customer.score }}")
    assert difference(then % "missing_value", offers=nothing) == []
    text = SERVICE.replace("[email]", "[sms]")
    long = OFFERS.replace("For **", "For " + "x" * 700 + " **")
    assert difference(then % "message_too_long", journey=text, offers=long) == []


def test_outside_the_window_of_whatsapp_there_is_no_place_for_it() -> None:
    message = OF_VISITS + "channels: {whatsapp: {category: utility, content_sid: {en: HX" + "0" * 32 + "}}}\n"
    journey = SERVICE.replace("[email]", "[whatsapp]")
    closed = "{sends: [{channel: whatsapp, offer: none}], skips: [{part: offer, reason: no_eligible_offer}]}"
    assert difference(closed, journey=journey, messages={"hello": message}, **SPACE) == []
    opened = "{sends: [{channel: whatsapp, offer: twice, contains: [Twice the]}]}"
    assert difference(opened, "given: {windows: {whatsapp: open}}\n", journey, messages={"hello": message}, **SPACE) == []


def test_a_version_changes_the_offer_of_what_has_not_left() -> None:
    """A message that is held carries what is in force when it goes."""
    night = TOPICS + 'quiet_hours: [{rule: nights, from: "09:00", to: "11:30", classes: [service]}]\n'
    ends = OFFERS.replace("until: 2027-01-01", "until: 2026-03-02T11:00:00Z")
    then = "{sends: [{at: 1h30m, offer: %s}], holds: [{reason: quiet_hours}]}"
    assert difference(then % "none", offers=ends, messages={"hello": OF_VISITS}, **{**SPACE, "policies": night}) == []
    assert difference(then % "twice", messages={"hello": OF_VISITS}, **{**SPACE, "policies": night}) == []
