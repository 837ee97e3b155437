"""Slips of the hand in YAML: said where they are made, with a fix that repairs them."""

import pytest

from tests.unit.workspace.test_lint import CONCIERGE, JOURNEY, OFFERS, edited, load

WHEN = "when: not event.cancelled"
TITLE = "title: Ask for feedback after a technician's visit; text those who did not answer the email"
BRANCH = "    on_event: exit\n  - branch: [{when: "
QUOTED = '    on_event: exit\n  - branch: [{when: "'

SLIPS = [
    # old, as it was slipped, code, line, column, part of the reason, part of the fix, repaired
    ("    send: visit", "    send visit", "Y001", 15, 5, "without `: `", "write `send: visit_survey`", "    send: visit"),
    ("    send: visit", "    send:visit", "Y001", 15, 5, "without `: `", "write `send: visit_survey`", "    send: visit"),
    ("priority: 60", "priority:60", "Y001", 4, 1, "without `: `", "write `priority: 60`", "priority: 60"),
    ("  event: Visit C", "  event Visit C", "Y001", 6, 3, "without `: `", "write `event: Visit Completed`", "  event: Visit C"),
    ("  - id: ask", "  - id ask", "Y001", 14, 5, "without `: `", "write `id: ask`", "  - id: ask"),
    ("  - id: ask", "  -id: ask", "Y001", 14, 3, "dash", "write `- id: ask`", "  - id: ask"),
    ("    on_event: exit", "      on_event: exit", "Y001", 19, 7, "further in", "as the line above", "    on_event: exit"),
    ("  when: not", "    when: not", "Y001", 8, 5, "further in", "as the line above", "  when: not"),
    (TITLE, TITLE.replace(": Ask", ': "Ask'), "Y001", 2, 8, "closed only by the one at 25:26", "close it", TITLE.replace(": Ask", ': "Ask') + '"'),
    (TITLE, TITLE.replace(": Ask", ": 'Ask"), "Y001", 2, 44, "inside", '"Ask for feedback after a tech', TITLE.replace(": Ask", ': "Ask') + '"'),
    ("    send: visit", "\u00a0   send: visit", "Y001", 15, 1, "U+00A0 (no-break space)", "by a space", "    send: visit"),
    ("    send: visit", "  \u00a0 send: visit", "Y001", 15, 3, "U+00A0 (no-break space)", "by a space", "    send: visit"),
    ("send: visit", "send:\u00a0visit", "Y001", 15, 10, "U+00A0 (no-break space)", "by a space", "send: visit"),
    ("class: service", "\u200bclass: service", "Y001", 3, 1, "U+200B (zero width space)", "remove it", "class: service"),
    (WHEN, "when: 'Sam' != event.technician", "Y001", 8, 9, "begins with a quote", "\"'Sam' != event.technician\"", "when: \"'Sam' != event.technician\""),
    (WHEN, 'when: "Sam" != event.technician', "Y001", 8, 9, "begins with a quote", "'\"Sam\" != event.technician'", "when: '\"Sam\" != event.technician'"),
    ("    on_event: exit", BRANCH + "'Sam' == entry.technician, then: exit}]", "Y001", 20, 21, "begins with a quote", "\"'Sam' == entry.technician\"", QUOTED + "'Sam' == entry.technician\", then: exit}]"),
    ("    on_event: exit", BRANCH + "entry.technician in ['Sam'], then: exit}]", "Y007", 20, 41, "bracket", "quotes", QUOTED + "entry.technician in ['Sam']\", then: exit}]"),
    ("    on_event: exit", BRANCH + "entry.technician == ['Sam'][0], then: exit}]", "Y007", 20, 41, "bracket", "quotes", QUOTED + "entry.technician in ['Sam']\", then: exit}]"),
    ("    on_event: exit", "    on_event: exit\n  - {[a]: b}", "Y004", 20, 6, "wanted a text as key", "key: value", "    on_event: exit"),
    ("    on_event: exit", "    on_event: exit\n  - {{a: b}: c}", "Y006", 20, 5, "mapping", "quote", "    on_event: exit"),
    ("steps:\n", "---\nsteps:\n", "Y010", 13, 1, "a second document", "remove this line", "steps:\n"),
    ("goal:", "--- # the rest\n\n# a note\ngoal:", "Y010", 10, 1, "a second document", "remove this line", "\n# a note\ngoal:"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "column", "why", "fix", "repaired"), SLIPS, ids=[f"{s[2]}-{s[1][-30:]!r}" for s in SLIPS]
)
def test_a_slip_is_said_at_its_place_and_its_fix_repairs_it(
    old: str, new: str, code: str, line: int, column: int, why: str, fix: str, repaired: str
) -> None:
    mine = [f for f in load({JOURNEY: edited(JOURNEY, old, new)}).findings if f.file == JOURNEY]
    assert [(f.code, f.line, f.column) for f in mine] == [(code, line, column)], mine
    assert why in f"{mine[0].what} {mine[0].why}"
    assert fix in mine[0].fix
    assert [f for f in load({JOURNEY: edited(JOURNEY, old, repaired)}).findings if f.severity == "error"] == []


def test_a_colour_without_quotes_is_a_comment() -> None:
    new = "  colours: {primary: #0B5FFF}\n  x_colours: {"
    mine = [f for f in load({CONCIERGE: edited(CONCIERGE, "  colours: {", new)}).findings if f.file == CONCIERGE]
    assert [(f.code, f.line, f.column, f.fix) for f in mine] == [("Y001", 11, 22, 'quote it: "#0B5FFF"')]
    assert "begins a comment" in mine[0].why
    assert load({CONCIERGE: edited(CONCIERGE, "  colours: {", new.replace("#0B5FFF", '"#0B5FFF"'))}).findings == ()


def test_a_list_of_traits_may_stand_on_lines_of_its_own() -> None:
    """What the parser cuts inside brackets is fine outside of them."""
    new = "  - branch:\n      - when: customer.plan in ['fast', 'slow']\n        then: exit\n      - otherwise: next\n  - id: think\n"
    assert load({OFFERS: edited(OFFERS, "  - id: think\n", new)}).workspace is not None
