"""Mistakes in a journey's header and in where its steps lead: said once, at their place; mended as they are told to be, nothing is left."""

import pytest

from orchestrator.workspace.finding import Finding
from tests.one_journey import CONCIERGE, PROFILE, errors, loaded

HEAD = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
"""
STEPS = """steps:
  - {id: mail, send: hello, channels: [email]}
  - {id: wait, wait_until: {event: Order Placed, same: basket, timeout: 1d}}
  - {id: again, send: hello, channels: [email, sms]}
"""
WAIT = "timeout: 1d}}"
LAST = "  - {id: again, "
AGAIN = "  - {id: again, send: hello, channels: [email, sms]}\n"
BYE = "{id: bye, send: hello, channels: [email]}"
EXIT = "exit_on:\n  - {event: Order Placed, same: basket, then: %s}\n" + STEPS
KEYED = "exit_on: [{event: Order Placed, reason: bought%s}]\n" + STEPS
SPLIT = "steps:\n  - {id: tone, split: %s}\n  - {id: mail, send: hello, channels: [email]}\n"
CALL = "steps:\n  - {id: ask, webhook: {url: 'https://api.example.com/x', method: POST%s}}\n"
EMIT = "steps:\n  - {id: tell, emit: %s}\n"
SET = "steps:\n  - {id: note, update_profile: {set: {%s}}}\n"
EVENTS = "source: scores\nevents: {Score Given: {score: number!, ready_at: instant}}\n"
TRAITS = (
    PROFILE + "  last: {type: instant}\n  born: {type: date}\n  tags: {type: list}\n  language: {type: locale}\n  vip: {type: boolean}\n"
)


def said(text: str) -> list[Finding]:
    return errors(
        HEAD + text, None, profile=TRAITS, concierge=CONCIERGE + "webhooks: {hosts: [api.example.com]}\n", **{"sources/scores": EVENTS}
    )


WRONG = [
    # the journey after its head, code, line, column, part of the fix, old, new: the mended text
    (EXIT % "nudge", "Y004", 5, 47, "[{id:", "nudge", f"[{BYE}]"),
    (EXIT % BYE, "Y004", 5, 47, "[{id:", BYE, f"[{BYE}]"),
    (EXIT % f"[{BYE.replace('bye', 'mail')}]", "J013", 5, 53, "rename", "{id: mail, send: hello, channels: [email]}]", f"{BYE}]"),
    (EXIT % f"[{BYE}, {BYE}]", "J013", 5, 96, "rename", f"{BYE}]", f"{BYE.replace('bye', 'ciao')}]"),
    (EXIT % f"[{BYE.replace('bye', 'exit')}]", "J014", 5, 53, "exit_step", "id: exit", "id: exit_step"),
    (STEPS.replace("steps:\n  - {id: mail", "steps:\n  {id: mail").split("  - {id: wait")[0], "Y004", 5, 3, "- {id:", "  {id", "  - {id"),
    ("steps: mail\n", "Y004", 4, 8, "- {id:", "mail", f"[{BYE}]"),
    (STEPS.replace(WAIT, WAIT[:-1] + ", on_event: " + BYE + "}"), "Y004", 6, 88, "[{…}]", BYE, f"[{BYE}]"),
    (STEPS.replace(WAIT, WAIT[:-1] + ", on_event: {exit: true}}"), "Y004", 6, 88, "[{…}]", "{exit: true}", "[{exit: true}]"),
    (STEPS.replace(WAIT, WAIT[:-1] + ", on_event: []}"), "J002", 6, 88, "next", "[]", "next"),
    (STEPS.replace(LAST, "  - branch: [{when: customer.known, then: next}, {otherwise: {then: exit}}]\n" + LAST), "Y004", 7, 62, "exit", "{then: exit}", "exit"),
    (STEPS.replace(WAIT, WAIT[:-1] + ", on_event: ext}"), "J016", 6, 88, "did you mean 'exit'", "ext", "exit"),
    (STEPS.replace(WAIT, WAIT[:-1] + ", on_event: exti}"), "J016", 6, 88, "did you mean 'exit'", "exti", "exit"),
    (STEPS.replace(WAIT, WAIT[:-1] + ", on_event: agian}"), "J016", 6, 88, "did you mean 'again'", "agian", "again"),
    (STEPS.replace(WAIT, WAIT[:-1] + ", on_event: nxet}"), "J016", 6, 88, "did you mean 'next'", "nxet", "next"),
    (KEYED % "", "J009", 4, 11, "same: basket, or match: true", "bought", "bought, same: basket"),
    (KEYED % "", "J009", 4, 11, "same: basket, or match: true", "bought", "bought, match: true"),
    # arms
    (SPLIT % "{}", "J031", 5, 23, "{short: 50, long: 50}", "{}", "{a: 50, b: 50}"),
    (SPLIT % "{x_a: 100}", "J031", 5, 23, "{short: 50, long: 50}", "x_a: 100", "a: 50, b: 50"),
    (SPLIT % "{a: 100}", "J031", 5, 23, "{short: 50, long: 50}", "a: 100", "a: 50, b: 50"),
    (SPLIT % "[{name: A, weight: 50}, {name: b, weight: 50}]", "Y005", 5, 31, "for example: a", "A", "a"),
    (SPLIT % "[{name: a, weight: 50}, {name: a, weight: 50}]", "J031", 5, 54, "rename", "name: a", "name: b"),
    (SPLIT % "[{name: winner, weight: 50}, {name: a, weight: 50}]", "J032", 5, 31, "another name", "winner", "b"),
    (SPLIT % "{a: 12.٥%, b: 87.5%}", "J031", 5, 27, "50", "12.٥%", "12.5%"),
    # instants
    ('active: {from: "2026-02-21T10:00"}\n' + STEPS, "Y015", 4, 16, "2026-02-21T10:00Z", '10:00"', '10:00Z"'),
    ("active: {from: 20260221}\n" + STEPS, "Y015", 4, 16, "2026-03-01", "20260221", "2026-02-21"),
    ("active: {from: ٢026-02-21}\n" + STEPS, "Y015", 4, 16, "2026-03-01", "٢026", "2026"),
    ("max_age: ٢d\n" + STEPS, "Y014", 4, 10, "90m", "٢d", "2d"),
    ("holdout: ٥%\n" + STEPS, "Y004", 4, 10, "10%", "٥%", "5%"),
    # events of one's own
    (EMIT % "Order Placd", "E010", 5, 22, "did you mean", "Placd", "Placed"),
    (EMIT % "page:Home", "J036", 5, 22, "another name", "page:Home", "Ping"),
    (EMIT % "identify", "J036", 5, 22, "another name", "identify", "Ping"),
    (EMIT % "{event: Ping, properties: {n: high}}", "Y004", 5, 52, "wanted: integer", "high", "3"),
    (EMIT % "{event: Upgrade Suggested, properties: {totl: 3}}", "E004", 5, 62, "did you mean 'total'", "totl", "total"),
    (EMIT % "{event: Upgrade Suggested, properties: {total: [3]}}", "Y004", 5, 69, "wanted: number", "[3]", '"3.5"'),
    (EMIT % "Score Given", "Y012", 5, 22, "properties: {score:", "Score Given", "{event: Score Given, properties: {score: 3}}"),
    (EMIT % "{event: Score Given, properties: {ready_at: 2026-03-02}}", "Y012", 5, 30, "properties: {score:", "ready_at: 2026-03-02", "score: 3"),
    (EMIT % "{event: Score Given, properties: {score: }}", "Y012", 5, 56, "properties: {score:", "score: ", 'score: "{{ entry.total }}"'),
    (EMIT % "{event: Score Given, properties: {score: 1, ready_at: now}}", "Y004", 5, 76, '"{{ now }}"', "now", '"{{ now }}"'),
    # traits
    (SET % "last: now", "J035", 5, 45, '"{{ now }}"', "now", '"{{ now }}"'),
    (SET % "born: yesterday", "J035", 5, 45, "2026-03-02", "yesterday", "2026-03-02"),
    (SET % "tags: tv", "J035", 5, 45, "[tv]", "tv", "[tv]"),
    (SET % "country: England", "J035", 5, 48, "GB", "England", "GB"),
    (SET % "timezone: London", "J035", 5, 49, "did you mean 'Europe/London'", "London", "Europe/London"),
    (SET % "language: English", "J035", 5, 49, "en or de-AT", "English", "en"),
    (SET % 'vip: "true"', "J035", 5, 44, "without quotes", '"true"', "true"),
    (SET % "tier: [gold]", "J035", 5, 45, "wanted: text", "[gold]", "gold"),
    # waits
    (STEPS.replace("timeout: 1d", "timeout: 1d, since: wait"), "J029", 6, 84, "one of: entry, mail, step", "since: wait", "since: mail"),
    (STEPS.replace("timeout: 1d", "timeout: 1d, since: stp"), "J029", 6, 84, "did you mean 'step'", "stp", "step"),
    (STEPS.replace("event: Order Placed, same: basket, timeout: 1d", "when: customer.tier == 'a', timeout: 1d, since: mail"), "Y004", 6, 70, "remove it", ", since: mail", ""),
    (STEPS.replace("event: Order Placed, same: basket, timeout: 1d", "any: [{when: customer.tier == 'a'}, {when: customer.tier == 'b'}], timeout: 1d, since: mail"), "Y004", 6, 109, "remove it", ", since: mail", ""),
    # what can have no effect
    (STEPS.replace("[email, sms]}", "[email, sms], fallback: {on: [unseen], after: 24h}, expires: 20h}"), "J046", 7, 86, "longer `expires`", "20h", "24h"),
    (STEPS.replace("[email, sms]}", "[email, sms], fallback: {on: [unseen, expired], after: 80h}}"), "J046", 7, 95, "shorter `after`", "80h", "72h"),
    (STEPS.replace("[email, sms]}", "[email, sms], fallback: {on: [expired]}, expires: 5h}"), "J046", 7, 64, "shorter `after`", "expired]", "expired], after: 4h"),
    ("in_flight: {runs: continue, waits: reschedule}\n" + STEPS, "Y005", 4, 36, "runs: migrate", "continue", "migrate"),
    ("limits: {over: drop}\n" + STEPS, "Y012", 4, 10, "messages_per_day", "over: drop", "messages_per_day: 100, over: drop"),
    ("limits: {over: drop, entries_per_day: 5}\n" + STEPS, "Y012", 4, 10, "messages_per_day", "over: drop, ", ""),
    (SET % "", "Y012", 5, 32, "set:", "{set: {}}", "{unset: [tier]}"),
    (STEPS.replace(LAST, "  - branch: [{otherwise: exit}]\n" + LAST).replace(AGAIN, ""), "Y012", 7, 15, "when", "{otherwise", "{when: customer.known, then: next}, {otherwise"),
    # calls
    (CALL % ", headers: {X Bad: a}", "Y005", 5, 83, "X-Reason", "X Bad", "X-Bad"),
    (CALL % ", headers: {authorization: Bearer abc}", "Y011", 5, 98, "secret:", "headers: {authorization: Bearer abc}", "secret: crm_token"),
    (CALL % ", body: {a: 1, b: '{{ customer.first_name }}'}", "J038", 5, 89, "pii: true", "body:", "pii: true, body:"),
    (CALL % ", headers: {X-Name: '{{ customer.first_name }}'}", "J038", 5, 91, "pii: true", "headers:", "pii: true, headers:"),
    # where it stands
    ("exit_on: [{event: [Ping, Pnog], match: true}]\n" + STEPS, "E010", 4, 26, "did you mean 'Pong'", "Pnog", "Pong"),
    ("goal: {event: Order Placed, same: [basket, order]}\n" + STEPS, "E004", 4, 44, "both have", ", order", ""),
    (STEPS.replace("{id: again, send: hello", "{id: again, snd: hello"), "J015", 7, 17, "did you mean 'send'", "snd", "send"),
    (STEPS.replace("id: again, send: hello", "id: again, message: hello"), "J015", 7, 17, "did you mean 'send'", "message", "send"),
    (STEPS.replace("id: again, send: hello", "id: again, greet: hello"), "J015", 7, 5, "one of: send", "greet", "send"),
    # one mistake, one finding
    (SPLIT % "{winner: a, b: 50, c: 50}", "J032", 5, 24, "another name", "winner: a, ", ""),
    (STEPS.replace(WAIT, WAIT[:-1] + ", on_event: [{id: deep, send: hello, channels: [email]}, {jump: mail, max: 2}]}") + "  - {jump: deep}\n", "J018", 8, 12, "holds it", "deep}", "wait, max: 2}"),
    ("max_age: 1d\n" + STEPS.replace("  - {id: wait,", "  - {id: rest, delay: 2d}\n  - {id: wait,"), "J019", 8, 5, "max_age", "max_age: 1d", "max_age: 3d"),
    # nothing falls through
    (STEPS.replace(WAIT, WAIT[:-1] + ", on_event: exit, on_timeout: exit}"), "J019", 7, 5, "remove it,", AGAIN, ""),
    (STEPS.replace(LAST, "  - branch: [{when: customer.known, then: exit}, {otherwise: exit}]\n" + LAST), "J019", 8, 5, "remove it,", "{otherwise: exit}", "{otherwise: next}"),
    (STEPS.replace(LAST, "  - {id: ab, split: [{name: a, weight: 50, then: exit}, {name: b, weight: 50, then: exit}]}\n" + LAST), "J019", 8, 5, "remove it,", "weight: 50, then: exit}]", "weight: 50}]"),
    (STEPS.replace(WAIT, WAIT[:-1] + ", on_event: [{exit: yes_}], on_timeout: [{exit: no_}]}"), "J019", 7, 5, "remove it,", ", on_timeout: [{exit: no_}]", ""),
    (STEPS.replace(LAST, "  - exit: true\n  - branch: [{when: customer.known, then: exit}]\n" + LAST), "J019", 8, 5, "remove it and the one behind it", "  - exit: true\n", ""),
    (STEPS.replace(AGAIN, "  - exit: true\n  - {jump: mail, max: 2}\n"), "J019", 8, 5, "remove it", "  - exit: true\n", ""),
    (STEPS.replace(AGAIN, "  - exit: true\n  - exit: done\n"), "J019", 8, 5, "remove it", "  - exit: done\n", ""),
    (STEPS.replace(WAIT, "any: [{event: Ping, then: exit}, {event: Pong, then: exit}], timeout: 1d}, on_event: [" + BYE + "]}").replace("event: Order Placed, same: basket, ", ""),
     "J019", 6, 115, "remove it", f", on_event: [{BYE}]", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "line", "column", "fix", "old", "new"), WRONG, ids=[f"{w[1]}-{n}" for n, w in enumerate(WRONG)])
def test_a_mistake_is_said_once_and_can_be_mended(text: str, code: str, line: int, column: int, fix: str, old: str, new: str) -> None:
    found = said(text)
    assert [(f.code, f.line, f.column) for f in found] == [(code, line, column)], found
    assert fix in found[0].fix
    before, there, behind = text.rpartition(old)
    assert there
    assert said(before + new + behind) == []


RIGHT = [
    STEPS.replace("timeout: 1d", "timeout: 1d, since: mail"),
    STEPS.replace("[email, sms]}", "[email, sms], fallback: {on: [unseen, undeliverable], after: 24h}, expires: 20h}"),
    "in_flight: {runs: migrate, waits: reschedule}\nlimits: {entries_per_day: 5, over: hold}\n" + STEPS,
    CALL % ", headers: {X-Reason: a, Accept: text/plain}",
    *(SET % change for change in ("last: 2026-03-02", 'last: "{{ entry.ready_at }}"', "last: 1772445600", "tags: []", "country: gb", "tier: 7", "score: '7'", "size: 1.5", 'tags: ["{{ entry.item }}"]')),
    EMIT % "{event: Score Given, properties: {score: '3', ready_at: 2026-03-02}}",
    # an event that does not have the key's property is of all runs
    "exit_on: [{event: Ping, reason: over}]\n" + STEPS,
    KEYED % ", match: event.order == 'x'",
    "goal: {event: Order Placed, match: true}\n" + STEPS,
    # a step that is named in a path, behind one that never falls through
    STEPS.replace(WAIT, WAIT[:-1] + ", on_event: exit, on_timeout: again}"),
    STEPS.replace(WAIT, WAIT[:-1] + ", on_event: again, on_timeout: exit}").replace(LAST, LAST),
    STEPS.replace(LAST, "  - {jump: again}\n" + LAST),
    STEPS + "  - {jump: mail, max: 2}\n  - exit: done\n",
    STEPS.replace(WAIT, "any: [{event: Ping, then: exit}, {event: Pong}], timeout: 1d}, on_event: [" + BYE + "]}").replace("event: Order Placed, same: basket, ", ""),
    STEPS.replace(LAST, "  - {id: slow, throttle: {max: 1, per: 1d, over: exit}}\n  - {id: later, delay: {until: entry.ready_at, past: exit, missing: exit}}\n" + LAST),
]  # fmt: skip


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_right_is_not_spoken_of(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        # what a step with a mistake in it leads to is reached, as far as anybody can tell
        (STEPS.replace(LAST, "  - branch: [{when: seem('Ping'), then: [{id: deep, delay: 1d}]}, {otherwise: exit}]\n  - exit: true\n" + LAST), ["E005", "J019"]),
        (STEPS.replace(WAIT, "tmeout: 1d}, on_event: again}").replace(LAST, "  - exit: true\n" + LAST), ["Y002"]),
        (STEPS.replace(WAIT, "timeout: 1}, on_event: again}").replace(LAST, "  - exit: true\n" + LAST), ["Y014"]),
        # the goal's `match` stands there, but it cannot be read
        ("goal: {event: Order Placed, match: event.ordr == 'x'}\n" + STEPS, ["E004"]),
        ("goal: {event: Order Placed, same: {basket: 1}}\n" + STEPS, ["Y004"]),
    ],
)  # fmt: skip
def test_one_mistake_does_not_make_others(text: str, codes: list[str]) -> None:
    assert sorted(f.code for f in said(text)) == sorted(codes)


def test_every_step_without_id_gets_one_of_its_own() -> None:
    text = (
        STEPS.replace("id: mail, ", "").replace("id: again, ", "").replace("  - {id: wait", "  - delay: 1d\n  - delay: 2d\n  - {id: wait")
    )
    found = said(text)
    assert [(f.code, f.fix) for f in found] == [("J012", f"id: {name}") for name in ("hello", "delay", "delay_2", "hello_2")]
    for finding in found:
        word = "{send" if "hello" in finding.fix else "- delay"
        text = text.replace(word, f"{{{finding.fix}, send" if word == "{send" else f"- {finding.fix}\n    delay", 1)
    assert said(text) == []


def test_a_proposed_id_is_no_id_of_another_step() -> None:
    found = errors(HEAD + STEPS.replace("id: again, ", "").replace("id: wait", "id: hello"))
    assert [f.fix for f in found] == ["id: hello_2"]


def test_reentry_that_is_misspelled() -> None:
    found = errors(HEAD.replace("event.basket}", "event.basket, reentry: nevr}") + STEPS)
    assert [(f.code, f.fix) for f in found] == [("Y005", "did you mean 'never'?")]


@pytest.mark.parametrize("reentry", ["{per: customer}", "{per: key, on_repeat: parallel}"])
def test_what_reentry_counts_by_needs_something_to_count(reentry: str) -> None:
    found = errors(HEAD.replace("event.basket}", f"event.basket, reentry: {reentry}}}") + STEPS)
    assert [(f.code, f.line, f.column) for f in found] == [("J008", 3, 61)]
    assert errors(HEAD.replace("event.basket}", f"event.basket, reentry: {reentry[:-1]}, after: 30d}}}}") + STEPS) == []


def test_the_second_of_two_documents_is_all_that_is_said() -> None:
    found = errors(HEAD + "---\n" + STEPS)
    assert [(f.code, f.line, f.column, f.fix) for f in found] == [
        ("Y010", 4, 1, "remove this line; what follows belongs to the file, or into a file of its own")
    ]
    assert errors(HEAD + STEPS) == []


@pytest.mark.parametrize("hosts", ["webhooks: {{hosts: [{}]}}", "links: {{hosts: [{}]}}"])
@pytest.mark.parametrize("host", ["https://api.example.com", "api.example.com/v1", "https://api.example.com/"])
def test_a_host_is_no_url(hosts: str, host: str) -> None:
    base = CONCIERGE.replace("links: {hosts: [example.com]}\n", "")
    found = loaded({"try_it": HEAD + STEPS}, concierge=base + hosts.format(host) + "\n").findings
    assert [(f.file, f.code, f.fix) for f in found] == [("config/concierge.yaml", "Y005", "write api.example.com")]
    assert loaded({"try_it": HEAD + STEPS}, concierge=base + hosts.format("'*.example.com:8443'") + "\n").findings == ()


def test_of_several_entry_events_the_unknown_one_is_pointed_at() -> None:
    found = errors(
        HEAD.replace("event: Basket Changed,", "event: [Basket Changed, Basket Chnged],").replace("event.basket}", "customer.id}") + STEPS
    )
    assert ("E010", 3, 33) in [(f.code, f.line, f.column) for f in found]
