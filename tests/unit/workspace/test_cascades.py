"""One mistake is one finding, at its own place: what depends on a definition that could not be read says nothing about it."""

import pytest

from tests.unit.workspace.test_lint import CONCIERGE, FILES, JOURNEY, MESSAGE, POLICIES, PROFILE, SOURCE, load

CRM = "config/sources/crm.yaml"
TEST = "config/journeys/visit_survey.test.yaml"
ORDERS = "config/journeys/order_confirmation.yaml"
OPEN = "\nx: [1, 2\n"
VISIT = "{visit_id: text!, technician: text!, visited_at: instant!, cancelled: boolean}"
COMPLETED = f"source: backend\nevents:\n  Visit Completed: {VISIT}"
CASES = "  - when: record.source.table == 'cases' and record.op in ['c', 'r'] and record.after.status == 'open'\n"

ONE = [
    # file, old, new, code, line (0: wherever), part of what is said
    (SOURCE, "  Speed Tested: {mbit: number!}\n", f"  Speed Tested: {{mbit: number!}}{OPEN}", "Y001", 0, ""),
    (SOURCE, "  Visit Reopened", "\tVisit Reopened", "Y010", 4, ""),
    (SOURCE, "visit_id: text!,", "visit_id: !text,", "Y001", 0, ""),
    (SOURCE, "events:", "evnts:", "Y002", 2, "evnts"),
    (SOURCE, "Visit Reopened: {visit_id: text!}", "Visit Reopened: [visit_id]", "Y004", 4, "a list"),
    (SOURCE, VISIT, "text", "Y004", 3, "text"),
    (SOURCE, "technician: text!", "technician: txt!", "C002", 3, "txt"),
    (SOURCE, "technician: text!", "technician: [text!]", "Y004", 3, "a list"),
    (CRM, "otherwise: dead_letter\n", f"otherwise: dead_letter{OPEN}", "Y001", 0, ""),
    (CRM, "map:\n", "mapp:\n", "Y002", 3, "mapp"),
    (CRM, CASES + "    event", "  - event", "S003", 17, "behind this one"),
    (CRM, CASES + "    event", "  - whn: record.op\n    event", "Y002", 17, "whn"),
    (PROFILE, "value: event.product}\n", f"value: event.product}}{OPEN}", "Y001", 0, ""),
    (PROFILE, 'channel: "*"', "channel: *", "Y001", 0, ""),
    (PROFILE, "traits:", "trats:", "Y002", 1, "trats"),
    (PROFILE, "issues:", "isues:", "Y002", 13, "isues"),
    (PROFILE, "surveys: {type: integer", "surveys: {type: int", "C002", 11, "int"),
    (PROFILE, "surveys: {type: integer", "surveys: {typ: integer", "Y002", 11, "typ"),
    (PROFILE, "surveys: {type: integer, default: 0}", "surveys: integer", "Y004", 11, "integer"),
    (POLICIES, "max_hold: 7d\n", f"max_hold: 7d{OPEN}", "Y001", 0, ""),
    (POLICIES, "topics:", "topcs:", "Y002", 1, "topcs"),
    (POLICIES, "{title: Offers, consent: {email: opt_in, sms: opt_in, whatsapp: opt_in}}", "opt_in", "Y004", 2, "opt_in"),
    (MESSAGE, "3: action.url}\n", f"3: action.url}}{OPEN}", "Y001", 0, ""),
    (MESSAGE, "    body: |\n      Hi", "    bodi: |\n      Hi", "Y002", 9, "bodi"),
    (MESSAGE, "message: visit_survey", "message: visit_servey", "Y016", 1, "visit_servey"),
    (MESSAGE, "content:", "contnt:", "Y002", 5, "contnt"),
    (MESSAGE, "  en:\n", "  en: hello\n  fr:\n", "Y004", 6, "hello"),
    (MESSAGE, "variables: {1: entry.technician, 2: entry.visited_at | date, 3: action.url}", "variables: [entry.technician]", "Y004", 33, "a list"),
    (MESSAGE, '{label: Answer in one minute, url: "https://example.com/s/{{ entry.visit_id }}"}', "{label: Answer in one minute}", "Y012", 14, "url"),
    (MESSAGE, "\n      **{{ entry.technician }}**", "\n      **{{ entry.tecnician }}**", "E004", 12, "tecnician"),
    (MESSAGE, "**{{ entry.technician }}** visited", "**{{ entry.technician }** visited", "E001", 12, "}"),
    (MESSAGE, "facts: [entry.technician,", "facts: [entry.tecnician,", "E004", 13, "tecnician"),
    (JOURNEY, "steps:\n", f"steps: [{OPEN}", "Y001", 0, ""),
    (JOURNEY, "channels: [email, sms]", "chanels: [email, sms]", "Y002", 16, "chanels"),
    (JOURNEY, "timeout: 24h", "timout: 24h", "Y002", 18, "timout"),
    (TEST, "    then:\n", "    thn:\n", "Y002", 10, "thn"),
    (CONCIERGE, "locale: en", "locale: fr", "Y005", 3, "`locales`"),
    (CONCIERGE, 'hosts: [example.com, "*.example.com"]', 'hosts: ["https://example.com"]', "Y005", 21, "no host"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "code", "line", "what"), ONE, ids=[f"{one[3]}-{one[2][:24]!r}" for one in ONE])
def test_a_mistake_is_said_once_at_its_place(file: str, old: str, new: str, code: str, line: int, what: str) -> None:
    text = FILES[file].decode()
    assert old in text
    found = load({file: text.replace(old, new, 1).encode()}).findings
    assert [(one.file, one.line, one.code) for one in found] == [(file, line or found[0].line, code)], [
        (one.file, one.line, one.code, one.what) for one in found
    ]
    assert what in found[0].what + found[0].fix


def test_what_depends_on_it_is_judged_once_it_is_mended() -> None:
    """A mistake elsewhere waits for the definition it is about, no longer."""
    other = FILES[JOURNEY].replace(b"not event.cancelled", b"not event.canceled").replace(b"surveys: 1", b"surveis: 1")
    for file, old, new, silent in (
        (SOURCE, b"events:", b"evnts:", "E004"),
        (PROFILE, b"traits:", b"trats:", "J035"),
    ):
        broken = load({file: FILES[file].replace(old, new, 1), JOURNEY: other}).findings
        assert silent not in {one.code for one in broken}
        assert "Y002" in {one.code for one in broken}
    assert {one.code for one in load({JOURNEY: other}).findings} == {"E004", "J035"}


def test_what_has_nothing_to_do_with_it_is_said_beside_it() -> None:
    trait, journey = (
        FILES[PROFILE].replace(b"surveys: {type: integer", b"surveys: {type: int"),
        FILES[JOURNEY].replace(b"surveys: 1", b"surveis: 1"),
    )
    assert [one.code for one in load({PROFILE: trait, JOURNEY: journey}).findings] == ["J035", "C002"]
    topic, message = (
        FILES[POLICIES].replace(b"feedback: {", b"feedback: [{").replace(b"opt_in}}\n  care", b"opt_in}}]\n  care"),
        FILES[MESSAGE],
    )
    found = load({POLICIES: topic, MESSAGE: message.replace(b"topic: feedback", b"topic: feedbak")}).findings
    assert [one.code for one in found] == ["Y004", "M004"]


def test_an_audiences_file_that_is_not_yaml_names_no_audience_unknown() -> None:
    files = {
        **FILES,
        ORDERS: FILES[ORDERS].replace(b"event: Order Placed\n", b"audience: loyal\n").replace(b"  key: event.order_id\n", b""),
    }
    assert {one.code for one in load({**files, "config/audiences.yaml": b"audiences: [\n"}).findings} & {"J007", "Y001"} == {"Y001"}
    assert "J007" in {
        one.code for one in load({**files, "config/audiences.yaml": b"audiences: {other: {when: customer.known}}\n"}).findings
    }


def test_a_message_of_another_event_is_one_finding_that_names_the_journey() -> None:
    files: dict[str, bytes | None] = {ORDERS: FILES[ORDERS].replace(b"send: order_confirmation", b"send: visit_survey")}
    found = [one for one in load(files).findings if one.severity == "error"]
    assert [(one.file, one.code) for one in found] == [(MESSAGE, "E004")]
    assert "journey 'order_confirmation'" in found[0].what
    assert "Order Placed" in found[0].why


def test_tests_come_last() -> None:
    """Their findings often follow from another file's."""
    files: dict[str, bytes | None] = {
        TEST: FILES[TEST].replace(b"step: ask", b"step: aks", 1),
        MESSAGE: FILES[MESSAGE].replace(b"class: service", b"class: servce"),
    }
    assert [one.file for one in load(files).findings] == [MESSAGE, TEST]
