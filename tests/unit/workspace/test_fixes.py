"""What lint proposes is what repairs it: near names, forms of values, durations."""

import pytest

from orchestrator.expressions.problems import nearest
from orchestrator.workspace.duration_fix import duration_fix
from orchestrator.workspace.near_place import nearest_country, nearest_zone
from tests.unit.workspace.test_lint import CONCIERGE, FILES, JOURNEY, MESSAGE, OFFERS, POLICIES, PROFILE, edited, load

TIMES = '    on_event: exit\n  - id: day\n    time_window: {from: "09:00", to: "17:00", days: '
DAYS = "`weekdays` is no item of a list"

FIXES = [
    # file, old, as it was written, code, line, column, what is wrong, the fix, repaired
    (CONCIERGE, "country: GB", "country: UK", "Y013", 6, 10, "unknown country 'UK'", "did you mean 'GB'?", "country: GB"),
    (CONCIERGE, "timezone: Europe/London", "timezone: BST", "Y013", 5, 11, "unknown timezone 'BST'", "did you mean 'Europe/London'?", "timezone: Europe/London"),
    (CONCIERGE, "timezone: Europe/London", "timezone: London", "Y013", 5, 11, "unknown timezone 'London'", "did you mean 'Europe/London'?", "timezone: Europe/London"),
    (JOURNEY, "    on_event: exit", TIMES + "[weekdays]}", "Y015", 21, 54, DAYS, "write weekdays, without brackets", TIMES + "weekdays}"),
    (JOURNEY, "    on_event: exit", TIMES + "[sat, weekdays]}", "Y015", 21, 59, DAYS, "write [mon, tue, wed, thu, fri, sat]", TIMES + "[mon, tue, wed, thu, fri, sat]}"),
    (JOURNEY, "    on_event: exit", TIMES + "[Monday]}", "Y015", 21, 54, "`Monday` is not a day", "did you mean 'mon'?", TIMES + "[mon]}"),
    (JOURNEY, "  - id: ask\n", "  - id: 2\n", "J014", 14, 9, "'2' is not a name", "for example: first_mail", "  - id: ask\n"),
    (JOURNEY, "send: visit_survey\n    channels: [email, sms]", "send: 123\n    channels: [email, sms]", "Y005", 15, 11, "'123' is not a name", "for example: a_name", None),
    (JOURNEY, "class: service", "class: 1", "Y005", 3, 8, "'1' is not allowed here", "one of: marketing, service, transactional", "class: service"),
    (JOURNEY, "class: service", "class: [service]", "Y004", 3, 8, "wanted text, got a list", "write service, without brackets", "class: service"),
    (JOURNEY, "class: service", "tags: [5]\nclass: service", "Y005", 3, 8, "'5' is not a name", "for example: a_name", "tags: [a_name]\nclass: service"),
    (JOURNEY, "reason: reopened", "reason: 5", "Y005", 12, 53, "'5' is not a name", "for example: a_name", "reason: a_name"),
    (MESSAGE, "topic: feedback", "topic: 5", "Y005", 4, 8, "'5' is not a name", "for example: a_name", None),
    (MESSAGE, "topic: feedback", "topic: feedbak", "M004", 4, 8, "unknown topic 'feedbak'", "did you mean 'feedback'?", "topic: feedback"),
    (JOURNEY, "priority: 60", 'priority: "60"', "Y004", 4, 11, 'wanted a whole number, got `"60"`', "write 60, without quotes", "priority: 60"),
    (JOURNEY, "priority: 60", "priority: [60]", "Y004", 4, 11, "wanted a whole number, got a list", "write 60, without brackets", "priority: 60"),
    (JOURNEY, "within: 14d}", 'within: 14d, exit: "true"}', "Y008", 10, 67, '`"true"` is not a boolean', "write true, without quotes", "within: 14d, exit: true}"),
    (JOURNEY, "timeout: 24h}", "timeout: 24h, on_timeout: exit}", "Y002", 18, 72, "no key 'on_timeout'", "write it beside wait_until, not inside", "timeout: 24h}"),
    (JOURNEY, ", timeout: 24h}\n", "}\n    timeout: 24h\n", "Y002", 19, 5, "no key 'timeout'", "write it inside `wait_until`", ", timeout: 24h}\n"),
    (CONCIERGE, "locales: [en", "locals: [en", "Y002", 4, 1, "no key 'locals'", "did you mean 'locales'?", "locales: [en"),
    (JOURNEY, "  when: not", "  then: not", "Y002", 8, 3, "no key 'then'", "keys here: ", "  when: not"),
    (JOURNEY, "    on_event: exit", "    on_event: exit\n    kid: a", "Y002", 20, 5, "no key 'kid'", "keys here: ", "    on_event: exit"),
    (JOURNEY, "goal: {event: Survey", "goal: {event Survey", "Y002", 10, 8, "no key 'event Survey Answered'", "write `event: Survey Answered`", "goal: {event: Survey"),
    (PROFILE, "first_name: {type: text, pii", "first_name: {pii", "Y012", 2, 15, "'type' is missing in a trait", "add `type: text`", "first_name: {type: text, pii"),
    (JOURNEY, "    channels: [email, sms]\n", "", "Y012", 14, 5, "'channels' is missing in a send", "add `channels: [email]`", "    channels: [email]\n"),
    (JOURNEY, "channels: [email, sms]", "channels: email, sms", "Y004", 16, 15, "wanted a list, got `email, sms`", "write [email, sms]", "channels: [email, sms]"),
    (JOURNEY, "channels: [email, sms]", "channels: []", "J023", 16, 15, "an empty list", "add one, for example: email", "channels: [email]"),
    (JOURNEY, "exit_on:\n  - {event", "exit_on:\n    {event", "Y004", 12, 5, "wanted a list, got a mapping", "begin it with `- `", "exit_on:\n  - {event"),
    (JOURNEY, "goal: {event: Survey Answered, same: visit_id, within: 14d}", "goal: Survey Answered", "Y004", 10, 7, "wanted a mapping, got `Survey Answered`", "for example: {event: Order Placed}", None),
    (JOURNEY, "event: Survey Answered, same: visit_id, within", "event: [Survey Answered, Survey Answerd], same: visit_id, within", "E010", 10, 33, "no event 'Survey Answerd'", "did you mean 'Survey Answered'?", "event: Survey Answered, same: visit_id, within"),
    (JOURNEY, "same: visit_id, within", "same: [visit_id, vsit_id], within", "E004", 10, 49, "the event and the entry have no 'vsit_id'", "did you mean 'visit_id'?", "same: visit_id, within"),
    (JOURNEY, "same: visit_id, within", "same: vsit_id, within", "E004", 10, 38, "the event and the entry have no 'vsit_id'", "did you mean 'visit_id'?", "same: visit_id, within"),
    (JOURNEY, "    send: visit_survey\n    channels: [email, sms]", "    snd: visit_survey\n    channels: [email, sms]", "J015", 15, 5, "no step word: 'snd' is none", "did you mean 'send'?", "    send: visit_survey\n    channels: [email, sms]"),
    (POLICIES, "classes: [marketing]", "classes: [marketing, transactional]", "P001", 9, 26, "transactional", "remove it", "classes: [marketing]"),
    (POLICIES, "classes: [marketing]", "classes: [marketing]\n    topics: [offers, feedbak]", "P002", 10, 22, "unknown topic 'feedbak'", "did you mean 'feedback'?", "classes: [marketing]\n    topics: [offers, feedback]"),
    (MESSAGE, "  de:\n    subject", "  xx:\n    subject", "Y013", 15, 3, "unknown locale 'xx'", "BCP 47", "  de:\n    subject"),
    (MESSAGE, "https://example.com/s/", "https://exmaple.com/s/", "M013", 14, 49, "its host is not listed", "did you mean 'example.com'?", "https://example.com/s/"),
    (MESSAGE, "https://example.com/s/", "https://other.test/s/", "M013", 14, 49, "its host is not listed", "add other.test to `links.hosts`", None),
    (MESSAGE, "https://example.com/s/", "http://example.com/s/", "M013", 14, 49, "not https", "write https://", "https://example.com/s/"),
    (MESSAGE, "https://example.com/s/", "https://example.com", "M013", 14, 49, "its host is not written out", "end the host with /", "https://example.com/"),
    (MESSAGE, "{{ entry.technician }} visited you on", "{{ vars.agent }} {{ entry.technician }} visited you on", "E004", 28, 20, "vars has no 'agent'", "write `with: {agent: …}` at the send", None),
    (JOURNEY, "expires: 2d", "expires: [2d]", "Y014", 9, 12, "a list is not a duration", "write 2d, without brackets", "expires: 2d"),
    (JOURNEY, "expires: 2d", "expires: 500d", "Y014", 9, 12, "`500d` is not a duration", "write at most 400d", "expires: 400d"),
    (OFFERS, "holdout: 10%", "holdout: 1.234%", "Y004", 11, 10, "got `1.234%`", "write at most two decimals: 1.23%", "holdout: 1.23%"),
    (OFFERS, "holdout: 10%", "holdout: 0.1", "Y004", 11, 10, "got `0.1`", "write 10% for this part of all", "holdout: 10%"),
    (JOURNEY, "    send: visit_survey\n    channels: [email, sms]", "    email: visit_survey\n    channels: [email, sms]", "J015", 15, 5, "no step word: 'email' is none", "did you mean 'send'?", "    send: visit_survey\n    channels: [email, sms]"),
    (JOURNEY, "    on_event: exit", "    on_event: exit\n  - {id: day, wait: 3d}", "J015", 20, 15, "no step word: 'wait' is none", "did you mean 'delay'?", "    on_event: exit\n  - {id: day, delay: 3d}"),
    (JOURNEY, "    on_event: exit", "    on_event: [exit]", "Y004", 19, 16, "a step is a mapping", "{exit: true}", "    on_event: [{exit: true}]"),
    (JOURNEY, "entry:\n", "trigger:\n", "Y002", 5, 1, "no key 'trigger'", "did you mean 'entry'?", "entry:\n"),
    (JOURNEY, "    on_event: exit", "    on_event: exit\n  - branch: [{if: entry.cancelled, then: exit}, {otherwise: next}]", "Y002", 20, 15, "no key 'if'", "did you mean 'when'?", "    on_event: exit"),
    (JOURNEY, "    on_event: exit", TIMES + "mon-fri}", "Y015", 21, 53, "`mon-fri` is not a day", "did you mean 'weekdays'?", TIMES + "weekdays}"),
    (JOURNEY, "  expires: 2d\n", "  expires: 2d\n  reentry: once\n", "Y005", 10, 12, "'once' is not allowed here", "did you mean 'never'?", "  expires: 2d\n  reentry: never\n"),
    (JOURNEY, "journey: visit_survey", "journey: Visit Survey", "Y005", 1, 10, "'Visit Survey' is not a name", "for example: visit_survey", "journey: visit_survey"),
    (JOURNEY, "when: not event.cancelled", "when: event.technician == Bob", "E003", 8, 29, "no name 'Bob' here", "names here: customer, entry, event, journey, now; text stands in quotes: 'Bob'", "when: event.technician == 'Bob'"),
    (JOURNEY, "when: not event.cancelled", "when: now < 2026-05-01", "E001", 8, 15, "`2026-05-01` does not fit here", "put it in quotes: '2026-05-01'", "when: now < '2026-05-01'"),
    (JOURNEY, "when: not event.cancelled", "when: now < 2026-12-25", "E014", 8, 9, "always false", "put it in quotes: '2026-12-25'", "when: now < '2026-12-25'"),
    (JOURNEY, "when: not event.cancelled", "when: NOT event.cancelled", "E001", 8, 13, "`event.cancelled` does not fit here", "write `not`", "when: not event.cancelled"),
    (JOURNEY, "when: not event.cancelled", "when: event.technician AND customer.known", "E001", 8, 26, "`AND` does not fit here", "write `and`", "when: event.technician and customer.known"),
    (JOURNEY, "key: event.visit_id", "key: visit_id", "E003", 7, 8, "no name 'visit_id' here", "write `event.visit_id`", "key: event.visit_id"),
    (JOURNEY, "when: not event.cancelled", "when: event.technician exists", "E001", 8, 26, "`exists` does not fit here", "`x is defined`", "when: event.technician is defined"),
    (JOURNEY, "when: not event.cancelled", "when: now - event.visited_at > 30d", "E001", 8, 34, "`30d` does not fit here", "`duration('30d')`", "when: now - event.visited_at > duration('30d')"),
    (JOURNEY, "when: not event.cancelled", "when: len(event.technician) > 3", "E005", 8, 9, "no function 'len'", "write `x | length`", "when: event.technician | length > 3"),
    (JOURNEY, "when: not event.cancelled", "when: event.technician.lower() == 'bob'", "E007", 8, 31, "methods of data", "use a filter: `x | lower`", "when: (event.technician | lower) == 'bob'"),
    (JOURNEY, "when: not event.cancelled", "when: count('Visit Completed') > 3", "E005", 8, 9, "no function 'count'", "did you mean 'count_of'?", "when: count_of('Visit Completed') > 3"),
    (JOURNEY, '{last_survey: "{{ now }}"}', '{last_survey: "{{ event.timestamp }}"}', "E003", 25, 30, "no name 'event' here", "did you mean 'entry'?", None),
    (PROFILE, "first_name: {type: text, pii", "first_name: {type: string, pii", "C002", 2, 22, "unknown type 'string'", "did you mean 'text'?", "first_name: {type: text, pii"),
    (OFFERS, "holdout: 10%", "holdout: 10", "Y004", 11, 10, "got `10`", "write 10%", "holdout: 10%"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "line", "column", "what", "fix", "repaired"), FIXES, ids=[f"{f[3]}-{f[2][-24:]!r}" for f in FIXES]
)
def test_a_fix_says_the_form_that_repairs(
    file: str, old: str, new: str, code: str, line: int, column: int, what: str, fix: str, repaired: str | None
) -> None:
    mine = [f for f in load({file: edited(file, old, new)}).findings if f.code == code and f.file == file]
    assert [(f.line, f.column) for f in mine] == [(line, column)], mine
    assert what in mine[0].what
    assert mine[0].fix.startswith(fix), mine[0].fix
    if repaired is not None:
        assert [f for f in load({file: edited(file, old, repaired)}).findings if f.code == code] == []


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("2", "add the unit: 2d, 2h or 2m"), ("1.5h", "write 90m, not 1.5h"), ("1,5d", "write 36h, not 1,5d"), ("2 days", "write 2d, not 2 days"),
        ("12h1d", "write 1d12h, not 12h1d"), ("1d 12h", "write 1d12h, not 1d 12h"), ("2D", "write 2d, not 2D"), ("0s", "write at least 1s"), ("500d", "write at most 400d"),
        ("0", "for example: 90m, 2h or 1d12h"), ("soon", "for example: 90m, 2h or 1d12h"), ("2h30", "for example: 90m, 2h or 1d12h"), ("", "for example: 90m, 2h or 1d12h"),
    ],
)  # fmt: skip
def test_a_duration_is_written_as_it_is_meant(text: str, fix: str) -> None:
    assert duration_fix(text) == fix


def test_places_are_found_by_what_people_call_them() -> None:
    assert [nearest_zone(one) for one in ("berlin", "New York", "PST", "Europe/Lundon")] == [
        "did you mean 'Europe/Berlin'?", "did you mean 'America/New_York'?", "did you mean 'America/Los_Angeles'?", "did you mean 'Europe/London'?",
    ]  # fmt: skip
    assert nearest_zone("custmer", ("customer", "workspace")) == "did you mean 'customer'?"
    assert nearest_zone("UTC+1", ("customer", "workspace")) == "customer, workspace, or a zone of the IANA list, such as Europe/London"
    assert [nearest_country(one) for one in ("Germany", "gb", "England", "XX")] == [
        "did you mean 'DE'?", "did you mean 'GB'?", "did you mean 'GB'?", "two letters of ISO 3166-1, such as GB or DE",
    ]  # fmt: skip


def test_a_key_is_near_only_by_two_letters() -> None:
    assert nearest("on_timeout", ["timeout"], "keys here", closely=True) == "keys here: timeout"
    assert nearest("on_timeout", ["timeout"]) == "did you mean 'timeout'?"
    assert nearest("hwen", ["when"], closely=True) == "did you mean 'when'?"


def test_a_marketing_message_gets_a_topic_that_there_is_or_where_one_is_declared() -> None:
    text = edited(MESSAGE, "topic: feedback\n", "").replace(b"class: service", b"class: marketing")
    found = [f for f in load({MESSAGE: text}).findings if f.code == "M004" and f.file == MESSAGE]
    assert [(f.what, f.fix) for f in found] == [("no topic", "add `topic: offers`")]
    without = load({MESSAGE: text, POLICIES: b"suppression: []\n"})
    assert [f.fix for f in without.findings if f.code == "M004" and f.file == MESSAGE] == ["declare it under `topics` of policies.yaml"]
    broken = load({MESSAGE: text.replace(b"class: marketing", b"class: marketing\ntopic: 5")})
    assert next(f.code for f in broken.findings if f.file == MESSAGE) == "Y005"
    assert "M004" not in [f.code for f in broken.findings if f.file == MESSAGE]


def test_a_property_that_is_not_declared_is_said_at_its_key() -> None:
    crm = "config/sources/crm.yaml"
    text = FILES[crm].decode()
    line = next(number for number, row in enumerate(text.splitlines(), 1) if "properties: {" in row)
    row = text.splitlines()[line - 1]
    new = row.replace("properties: {", "properties: {colour: record.colour, ")
    found = [f for f in load({crm: text.replace(row, new, 1).encode()}).findings if f.code == "S004"]
    assert [(f.line, f.column) for f in found] == [(line, new.index("colour") + 1)]
