"""What lint says of messages and layouts, through the whole reader: each rule broken once, with its place."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.content.check import check_message
from orchestrator.content.check_channels import check_channels
from orchestrator.content.check_links import check_url
from orchestrator.content.uses import Uses
from orchestrator.expressions.vocabulary import Vocabulary
from orchestrator.workspace.file_names import read_files
from orchestrator.workspace.finding import Finding
from orchestrator.workspace.load import load_files
from orchestrator.workspace.message import Image
from orchestrator.workspace.workspace import Workspace
from tests.examples import examples

FILES = read_files(Path(__file__).parents[3])
OFFER = "templates/messages/monthly_offer.yaml"
ORDER = "templates/messages/order_confirmation.yaml"
SURVEY = "templates/messages/visit_survey.yaml"
HTML, TEXT, SMS = (f"templates/layouts/default.{ending}" for ending in ("email.html", "email.txt", "sms.txt"))
GERMAN_FACTS = "facts: [entry.order_id, entry.package, entry.price | money, entry.installed_on | date]\n    action: {label: Bestellung"


def findings(file: str, *edits: tuple[str, str]) -> tuple[Finding, ...]:
    text = FILES[file].decode()
    for old, new in edits:
        assert old in text, f"{old!r} is not in {file}"
        text = text.replace(old, new, 1)
    return load_files({**FILES, file: text.encode()}, {}, check_message).findings


WRONG = [
    # file, old, new, code, the file and line it is reported at, part of what it says
    (ORDER, "thank you.", "thank <b>you</b>.", "M016", ORDER, 11, "raw HTML"),
    (ORDER, "thank you.", "thank `you`.", "M016", ORDER, 11, "code"),
    (ORDER, "thank you.", "[you](http://example.com/a).", "M013", ORDER, 11, "http://example.com/a"),
    (ORDER, "thank you.", "https://evil.example/a", "M013", ORDER, 11, "evil.example"),
    (ORDER, "thank you.", "[you](https://example.com{{ entry.order_id }})", "M013", ORDER, 11, "https://example.com{{"),
    (ORDER, "thank you.", "[you]({{ entry.order_id }})", "M013", ORDER, 11, "{{ entry.order_id }}: not https"),
    (ORDER, "thank you.", "[you](/terms)", "M013", ORDER, 11, "/terms"),
    (ORDER, "thank you.", "{% include 'a.md' %}", "M015", ORDER, 11, "no snippet 'a.md'"),
    (ORDER, "thank you.", "{{ customer.first_name }}", "M005", ORDER, 11, "customer.first_name"),
    (ORDER, "thank you.", "{% if customer.country %}{{ customer.first_name }}{% endif %}", "M005", ORDER, 11, "customer.first_name"),
    (ORDER, "thank you.", "{% if not customer.first_name %}{{ customer.first_name }}{% endif %}", "M005", ORDER, 11, "customer.first_name"),
    (ORDER, "thank you.", "{{ brand.hotline }}", "M005", ORDER, 11, "brand.hotline"),
    (ORDER, "- {{ entry.package }}", "- {% if entry.package %}{{ entry.package }}{% endif %}", "M006", ORDER, 8, "entry.package"),
    (ORDER, "{{ entry.price | money }} a month", "{{ entry.price }} a month", "M006", ORDER, 8, "entry.price | money"),
    (ORDER, "- {{ entry.price | money }} im Monat\n", "", "M006", ORDER, 21, "(de)"),
    (ORDER, '    action: {label: Bestellung ansehen, url: "https://example.com/o/{{ entry.order_id }}"}\n', "", "M007", ORDER, 19, "(de)"),
    (ORDER, "    preheader: What you ordered and when it is ready.\n", "", "M008", ORDER, 6, "no preheader"),
    (ORDER, "What you ordered", "What you ordered " * 8, "M008", ORDER, 7, "characters"),
    (ORDER, 'subject: "Your order {{', 'subject: "' + "Your order " * 8 + "{{", "M008", ORDER, 6, "at least 88"),
    (ORDER, "thank you.", "Act  now,", "M014", ORDER, 11, "act now"),
    (ORDER, "thank you.", "thank you {customer.first_name}.", "E001", ORDER, 11, "`{customer.first_name}` prints no value"),
    (ORDER, "thank you.", "thank you { first_name }.", "E001", ORDER, 11, "`{ first_name }` prints no value"),
    (ORDER, "thank you.", "thank you, *|FNAME|*.", "E001", ORDER, 11, "`*|FNAME|*` prints no value"),
    (ORDER, "thank you.", "thank you {so} much {{ customer.first_name | default('') }}.", None, "", 0, ""),
    (ORDER, "thank you.", "thank you!!", "M014", ORDER, 11, "!!"),
    (SURVEY, "max_segments: 2\n", "max_segments: 1\n", None, "", 0, ""),
    (SURVEY, 'en: "{{ entry.technician }} visited', 'en: "' + "Ein «Wort». " * 12 + "{{ entry.technician }} visited", "M010", SURVEY, 28, "3 segments"),
    (SURVEY, "{1: entry.technician,", "{1: customer.first_name,", "M005", SURVEY, 33, "customer.first_name"),
    (SURVEY, "{1: entry.technician,", "{1: customer.first_name,", "M006", SURVEY, 33, "whatsapp template"),
    (SURVEY, "  sms:\n", '  email:\n    subject: {en: "{{ customer.first_name }}"}\n  sms:\n', "M005", SURVEY, 26, "customer.first_name"),
    (SURVEY, "  sms:\n", "  sms:\n    layout: bare\n", "M015", SURVEY, 26, "bare.sms.txt"),
    (HTML, "{{ unsubscribe_url }}", "{{ preferences_url }}", "M020", HTML, 1, "unsubscribe_url"),
    (TEXT, "{{ brand.name }}, {{ brand.postal_address }}", "{{ brand.name }}", "M020", TEXT, 1, "brand.postal_address"),
    (TEXT, "{% if unsubscribe_url %}", "{% if true %}", "M005", TEXT, 5, "unsubscribe_url"),
    (TEXT, "{{ content }}", "", "M015", TEXT, 1, "does not print the content"),
    (TEXT, "{{ brand.voice.sign_off }}", "", "M014", TEXT, 1, "sign-off"),
    (HTML, '<a href="{{ action.url }}"', '<a href="#"', "M007", HTML, 1, "does not show the action"),
    (HTML, "{{ content }}", "{{ content }", "E001", HTML, 10, "default.email.html"),
    (SMS, "{{ brand.voice.sign_off }}", "{{ brand.voice.sign_of | default('') }}", "M014", SMS, 1, "sign-off"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "code", "where", "line", "what"), WRONG, ids=[f"{w[3]}-{w[2][:28]}" for w in WRONG])
def test_a_rule_broken_once(file: str, old: str, new: str, code: str | None, where: str, line: int, what: str) -> None:
    found = findings(file, (old, new))
    if code is None:
        assert found == ()
        return
    mine = [one for one in found if one.code == code and one.file == where]
    assert mine, found
    assert any(what in one.what for one in mine), mine
    assert mine[0].line == line
    assert all(one.why and one.fix for one in mine)


RIGHT = [
    (ORDER, "thank you.", "{% if customer.first_name %}{{ customer.first_name | upper }}{% endif %}"),
    (ORDER, "thank you.", "{% if customer.first_name is none %}you{% else %}{{ customer.first_name }}{% endif %}"),
    (ORDER, "thank you.", "{{ customer.first_name if customer.first_name else 'you' }} {{ customer.first_name or 'you' }}"),
    (ORDER, "thank you.", "{{ action.url }} [you]({{ action.url }}) <https://a.example.com> [w](mailto:a@example.com) [t](tel:+44152400000)"),
    (ORDER, "thank you.", "factnow {{ 'act now' }} pact nowhere"),
    (ORDER, "thank you.", "{% for x in entry.order_id %}{{ loop.index }} {{ x.name }}{% else %}none{% endfor %}{% set y = 1 %}{{ y }}"),
    (ORDER, "thank you.", "{% if entry.price > 5 %}\n          a lot, and far in\n      {% endif %}"),
    (ORDER, 'url: "https://example.com/o/{{ entry.order_id }}"', "url: https://example.com"),
    (HTML, "{% if action %}", "{% if action.label %}"),
    (HTML, "{{ content }}", "{% if image %}{{ image.url }}{% endif %}{{ content }}"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new"), RIGHT, ids=[r[2][:40] for r in RIGHT])
def test_what_is_fine(file: str, old: str, new: str) -> None:
    found = findings(file, (old, new))
    assert not [one for one in found if one.code not in ("M007", "M021")], found


def test_pictures(example: Workspace) -> None:
    source = example.messages["order_confirmation"]
    picture = Image(url="http://example.com/a.png")
    message = replace(source, content={"en": replace(source.content["en"], image=picture)})
    uses = Uses(frozenset(), frozenset(), Vocabulary())
    assert [(one.code, one.path) for one in check_channels(message, uses)] == [("M024", ("content", "en", "image"))]
    assert [one.code for one in check_url(picture.url, ("image",), example.links.hosts)] == ["M013"]
    assert list(check_url("https://example.com/{{ entry.id }}.png", ("image",), example.links.hosts)) == []


def test_a_fact_of_one_locale_is_a_fact_of_all() -> None:
    without = (GERMAN_FACTS, GERMAN_FACTS.replace("entry.order_id, ", "")), ("Ihre Bestellung **{{ entry.order_id }}**", "Ihre Bestellung")
    assert [(one.code, one.line) for one in findings(ORDER, *without)] == [("M006", 21)]
    more = (
        (GERMAN_FACTS, GERMAN_FACTS.replace("[", "[entry.order_id | upper, ")),
        ("vielen Dank.", "vielen Dank. {{ entry.order_id | upper }}"),
    )
    assert [(one.code, one.line) for one in findings(ORDER, *more)] == [("M006", 8)]


@given(st.text(alphabet="{}%#|'\"ab. \n<>[]()!*_~-+=,0:/", max_size=60))
@settings(max_examples=examples(60))
def test_no_text_makes_lint_fall_over(text: str) -> None:
    body = "\n".join(f"      {line}" for line in ("x " + text).splitlines())
    findings(ORDER, ("      Hi {{ customer", f"{body}\n      Hi {{{{ customer"))


def test_a_layouts_mistake_is_said_once_at_its_own_line() -> None:
    found = [one for one in findings(HTML, ("{{ content }}", "{{ content }")) if one.code == "E001"]
    assert [one.file for one in found] == [HTML]
    assert "{{ content }" in FILES[HTML].decode().splitlines()[found[0].line - 1]
    assert "seen in '" in found[0].why
