"""What conditions ask of the past: since when, which fields, and whose messages; what can never be there is found."""

import json
import re

import pytest

from orchestrator.workspace.finding import Finding
from tests.one_journey import PROFILE, errors, loaded

ENTRY = "journey: try_it\nclass: service\nentry: {event: Ping, when: CONDITION}\nsteps:\n  - {id: s, send: hello, channels: [email]}\n"
STEP = "journey: try_it\nclass: service\nentry: {event: Ping}\nsteps:\n  - {id: s, send: hello, channels: [email], only_if: CONDITION}\n"
Said = tuple[str, int, str, str]


def said(journey: str, condition: str) -> list[Said]:
    """Code, place in the condition, what, fix."""
    place = journey.replace("CONDITION", '"').split("\n")
    line = next(number for number, text in enumerate(place) if text.endswith('"}'))
    begin = place[line].index('"') + 2
    return [_said(finding, begin) for finding in errors(journey.replace("CONDITION", json.dumps(condition)))]


def _said(finding: Finding, begin: int) -> Said:
    return finding.code, finding.column - begin, finding.what, finding.fix


SINCE = [
    # journey, since, what, fix
    (STEP, "'forever'", "'forever' is nothing to count from", "since='entry', since='step', since='2026-03-02'"),
    (STEP, "'entri'", "'entri' is nothing to count from", "did you mean 'entry'?"),
    (STEP, "'7d'", "'7d' is nothing to count from", "within='7d'"),
    (STEP, "'2026-3-1'", "'2026-3-1' is nothing to count from", "since='2026-03-01'"),
    (STEP, "duration('7d')", "a duration is nothing to count from", "within='7d'"),
    (STEP, "customer.tags", "a list is nothing to count from", "since='entry', since='step', since='2026-03-02'"),
    (STEP, "7", "a number is nothing to count from", "since='entry', since='step', since='2026-03-02'"),
    (STEP, "none", "`none` is nothing to count from", "since='entry', since='step', since='2026-03-02'"),
    (ENTRY, "'entry'", "since='entry' counts nothing here", "within='30d'"),
    (ENTRY, "'step'", "since='step' counts nothing here", "within='30d'"),
    (ENTRY, "'forever'", "'forever' is nothing to count from", "since='2026-03-02'"),
]


@pytest.mark.parametrize(("journey", "since", "what", "fix"), SINCE, ids=[f"{one[1]} {one[0] == ENTRY}" for one in SINCE])
def test_since_counts_from_something(journey: str, since: str, what: str, fix: str) -> None:
    journey_with_tags = PROFILE + "  tags: {type: list}\n"
    text = journey.replace("CONDITION", json.dumps(f"seen('Pong', since={since})"))
    found = errors(text, profile=journey_with_tags)
    assert [(one.code, one.severity, one.what, one.fix) for one in found] == [("E006", "error", what, fix)]
    better = [f"since='{fix.split(chr(39))[1]}'"] if fix.startswith("did") else fix.split(", ")
    assert [said(journey, f"seen('Pong', {one})") for one in better] == [[]] * len(better)


@pytest.mark.parametrize(
    "since", ["'entry'", "'step'", "'2026-03-02T09:00'", "1772445600", "customer.first_name", "last_of('Ping').timestamp"]
)
def test_since_a_mark_or_what_may_be_an_instant(since: str) -> None:
    assert said(STEP, f"count_of('Pong', since={since}) > 1") == []


def test_an_audience_has_no_entry_to_count_from() -> None:
    audiences = "audiences: {late: {when: \"seen('Ping', since='entry')\"}}\n"
    found = loaded({"try_it": STEP.replace("CONDITION", "customer.known")}, audiences=audiences).findings
    assert [(one.file, one.code, one.fix) for one in found] == [("config/audiences.yaml", "E006", "within='30d'")]


WRONG = [
    # condition, code, column, what, fix
    ("last_of('Ping').nn == 3", "E004", 16, "'Ping' has no 'nn'", "did you mean 'n'?"),
    ("first_of(event='Ping')['nn'] == 3", "E004", 24, "'Ping' has no 'nn'", "did you mean 'n'?"),
    ("last_of('Order Placed', where='event.orde == 1').order == 'a'", "E004", 37, "event has no 'orde'", "did you mean 'order'?"),
    ("last_of('Message Clicked').linkk == 'a'", "E004", 27, "'Message Clicked' has no 'linkk'", "did you mean 'link'?"),
    ("last_of('Ping').n == 'abc'", "E009", 22, "a number never equals this text", "compare values of one kind: `| number`, `| text`"),
    ("count_of('Ping', where='event.nn > 2') > 1", "E004", 30, "event has no 'nn'", "did you mean 'n'?"),
    ("seen('Ping', within='1d', where=\"event.n == 'abc'\")", "E009", 45, "a number never equals this text", "compare values of one kind: `| number`, `| text`"),
    ("messages_sent(within='1d', class='promo') > 0", "Y005", 34, "no class 'promo'", "did you mean 'marketing'?"),
    ("messages_sent(class='markting') > 0", "Y005", 21, "no class 'markting'", "did you mean 'marketing'?"),
    ("messages_sent(message='helo') > 0", "P002", 23, "no message 'helo'", "did you mean 'hello'?"),
    ("messages_sent(journey='try_itt') > 0", "P002", 23, "no journey 'try_itt'", "did you mean 'try_it'?"),
    ("engaged(message='helo')", "P002", 17, "no message 'helo'", "did you mean 'hello'?"),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "code", "column", "what", "fix"), WRONG, ids=[one[0] for one in WRONG])
def test_what_no_past_event_or_message_can_be(condition: str, code: str, column: int, what: str, fix: str) -> None:
    for journey in (ENTRY, STEP):
        found = said(journey, condition)
        escaped = condition[:column].count('"')
        assert found == [(code, column + escaped, what, fix)]
    if fix.startswith("did you mean"):
        wrong = what.split("'")[-2]
        assert said(STEP, re.sub(rf"\b{wrong}\b", fix.split("'")[1], condition)) == []


RIGHT = [
    "last_of('Ping').n == 3", "last_of('Ping').timestamp > now", "last_of('Ping').event == 'Ping'", "count_of('Ping', where='event.n > 2 and event.timestamp') > 1",
    "last_of('Message Clicked').link == 'a'", "seen('Ping', within='1d', where='event.n == customer.score')",
    "messages_sent(within='1d', class='service', message='hello', journey='try_it', channel='sms', topic='news') > 0", "engaged(message='hello')",
]  # fmt: skip


@pytest.mark.parametrize("condition", RIGHT)
def test_what_past_events_and_messages_are(condition: str) -> None:
    assert said(STEP, condition) == []


def test_where_anything_may_happen_nothing_is_said_of_fields() -> None:
    loose = "concierge: 1\nevents: {strict: false}\n" + loaded({}).files["config/concierge.yaml"].decode().removeprefix("concierge: 1\n")
    text = ENTRY.replace("CONDITION", json.dumps("last_of('Ping').nn == 3 and seen('Others', where='event.zz')"))
    assert errors(text, concierge=loose) == []


@pytest.mark.parametrize("field", ["messageId", "context", "source"])
def test_what_is_not_kept_of_past_events(field: str) -> None:
    """It would always be missing; the event at hand has it."""
    for condition in (f"last_of('Pong').{field} == 'x'", f"seen('Pong', within='1d', where=\"event.{field} == 'x'\")"):
        assert [one[0] for one in said(ENTRY, condition)] == ["E004"]
    assert said(ENTRY, f"event.{field} is defined") == []
    assert said(ENTRY, "last_of('Pong').type == 'track' and seen('Pong', within='1d', where='event.timestamp < now')") == []
