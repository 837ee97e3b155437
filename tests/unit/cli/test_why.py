"""What `concierge why` says of a decision, in a marketer's words."""

import pytest

from orchestrator.cli.why import ACTORS, CHECKED, describe
from orchestrator.contracts.decision import Decision
from orchestrator.contracts.reason import REASONS, Reason

AT = 1_772_445_600_000


def test_a_hold_says_until_when_by_which_rule_and_whose_it_is_to_change() -> None:
    told = describe(
        Decision(
            reason=Reason.OPEN_SERVICE_ISSUE, effect="H", at=AT, customer="ada", journey="monthly_offers", version="b870c537651e",
            run="monthly_offers/o1/1", step="offer", message="monthly_offer", channel="email", message_class="marketing",
            rule="open_service_issue", rule_version="59bf1222", until=AT + 36 * 3_600_000, checked_at="sender", case="c1",
            values={"when": "open_issues()"},
        )
    )  # fmt: skip
    assert told.splitlines() == [
        "2026-03-02 10:00:00Z  HELD          open_service_issue  journey monthly_offers · step offer · message monthly_offer · by email",
        "    Something of theirs is broken at the moment, until 2026-03-03 22:00:00Z",
        "    because of: case c1, rule open_service_issue (version 59bf1222), when = open_issues()",
        "    marketing message, stopped by the last check, immediately before it would have left, journey's version b870c537",
        "    who can change it: the systems that send events or whoever writes config/policies.yaml",
    ]


def test_lengths_and_instants_read_as_such() -> None:
    told = describe(
        Decision(reason=Reason.ENTRY_EXPIRED, effect="E", at=AT, customer="ada", values={"age_ms": 266_400_000, "last_entry": AT, "n": 3})
    )
    assert "because of: age = 3d2h, last_entry = 2026-03-02 10:00:00Z, n = 3" in told


def test_where_no_channel_can_be_used_each_says_why() -> None:
    channels = {"email": "consent_revoked", "sms": "address_missing"}
    told = describe(Decision(reason=Reason.NO_REACHABLE_CHANNEL, effect="D", at=AT, customer="ada", message="m", channels=channels))
    assert "    not by email: consent_revoked: this person has left the topic on this channel" in told
    assert "    not by sms: address_missing: there is no usable address for the channel" in told


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words_for_what_it_means_and_who_can_act(reason: Reason) -> None:
    for effect in REASONS[reason].effects:
        told = describe(Decision(reason=reason, effect=effect, at=AT, customer="ada", message="m", winner="other/m2", checked_at="plan"))  # type: ignore[arg-type]  # a letter of the closed list
        assert REASONS[reason].means in told
        assert ("who can change it" in told) == bool(REASONS[reason].who and effect != "S")
        assert "won by other/m2" in told
        assert CHECKED["plan"] in told


def test_everybody_who_can_act_has_a_name() -> None:
    assert {who for text in REASONS.values() for who in text.who} == set(ACTORS)
