"""What layouts and texts can name beyond the message's own words: the sender, the subject, the picture, the customer's past."""

from dataclasses import replace

import pytest

from orchestrator.content.check import check_message
from orchestrator.content.render import Unrendered
from orchestrator.contracts.message import EmailContent, TemplateContent, TextContent
from orchestrator.expressions.template_needs import template_needs
from orchestrator.workspace.load import load_files
from orchestrator.workspace.message import Image
from orchestrator.workspace.workspace import Workspace
from tests.unit.content.rendered import VISIT, render
from tests.unit.workspace.test_lint import FILES, JOURNEY, MESSAGE, edited
from tests.worlds import T0, Engine

TRACKED = "https://example.com/s/v1?utm_source=concierge&amp;utm_medium=email&amp;utm_campaign=visit_survey"


def with_layout(workspace: Workspace, name: str, text: str) -> Workspace:
    return replace(workspace, layouts={**workspace.layouts, name: text})


@pytest.mark.parametrize(("channel", "layout", "shown"), [
    ("email", "{{ content }} from {{ sender.name }} <{{ sender.address }}>", "from Tarn Fibre <hello@news.example.com>"),
    ("sms", "{{ content }} from {{ sender.from }}", "from TARN"),
    ("sms", "{{ subject }}: {{ content }}", "How did Bob do?: Bob visited"),
    ("sms", "{{ preheader }} {{ content }}", "One minute helps us get better. Bob"),
])  # fmt: skip
def test_a_layout_names_the_sender_and_the_heads(example: Workspace, channel: str, layout: str, shown: str) -> None:
    name = "default.email.txt" if channel == "email" else "default.sms.txt"
    found = render(with_layout(example, name, layout), example.messages["visit_survey"], channel, VISIT)  # type: ignore[arg-type]  # a literal
    assert not isinstance(found, Unrendered | TemplateContent), found
    assert shown in (found.text if isinstance(found, EmailContent) else found.body)


def test_a_layout_with_a_place_for_the_picture_has_it_once(example: Workspace) -> None:
    survey = example.messages["visit_survey"]
    image = Image(url="https://example.com/a.png?x=1&y=2", alt="<Bob>")
    one = replace(survey, content={"en": replace(survey.content["en"], image=image)})
    placed = '<i>{% if image %}<img src="{{ image.url }}">{% endif %}</i>{{ content }}'
    for layout, times in ((placed, 1), ("{# image #}{{ content }}", 1), ("<p>image</p>{{ content }}", 1)):
        mail = render(with_layout(example, "default.email.html", layout), one, "email", VISIT)
        assert isinstance(mail, EmailContent)
        assert mail.html.count('src="https://example.com/a.png?x=1&amp;y=2"') == times
        assert "<Bob>" not in mail.html


def test_an_address_in_html_is_tracked_and_escaped_once(example: Workspace) -> None:
    survey = example.messages["visit_survey"]
    one = replace(survey, content={"en": replace(survey.content["en"], body="[a & b](https://example.com/s/{{ entry.visit_id }})")})
    mail = render(example, one, "email", {**VISIT, "visit_id": "v1"})
    assert isinstance(mail, EmailContent)
    assert f'<a href="{TRACKED}"' in mail.html
    assert "&amp;amp;" not in mail.html


def test_a_value_formats_nothing_on_whatsapp(example: Workspace) -> None:
    survey = example.messages["visit_survey"]
    for window in (True, False):
        found = render(example, survey, "whatsapp", {**VISIT, "technician": "_Bob_ ~x~"}, window=window)
        text = found.body if isinstance(found, TextContent) else found.variables["1"] if isinstance(found, TemplateContent) else ""
        assert "\u02cdBob\u02cd" in text
        assert "_Bob_" not in text


PAST = "{{ count_of('Survey Answered', within='30d', where='event.score > 3') }} of {{ count_of('Survey Answered', within='30d') }}"


def test_a_text_that_asks_for_the_past_gets_it(example: Workspace) -> None:
    """The history it names is kept, its `where` is asked, and a message without a journey's help says it."""
    assert {need.event for need in template_needs([PAST, "{{ broken", "nothing"])} == {"Survey Answered"}
    changed = edited(MESSAGE, "How was it?\n    facts", f"How was it? {PAST}.\n    facts")
    loaded = load_files({**FILES, MESSAGE: changed}, {}, check_message)
    assert loaded.workspace is not None, loaded.findings
    assert loaded.workspace.history["Survey Answered"] is not None
    engine = Engine(loaded.workspace)
    engine.apply([
        engine.identify("ada", T0, email="ada@example.com"),
        engine.event("ada", T0 + 1, "Survey Answered", visit_id="v0", score=5),
        engine.event("ada", T0 + 2, "Survey Answered", visit_id="v0", score=1),
        engine.event("ada", T0 + 3, "Visit Completed", visit_id="v1", technician="Bob", visited_at="2026-03-02T09:00:00Z"),
    ])  # fmt: skip
    (mail,) = engine.messages
    assert isinstance(mail.content, EmailContent)
    assert "How was it? 1 of 2." in mail.content.text


@pytest.mark.parametrize("text", ["{% if engaged(channel='email') %}a{% endif %}b", "{{ messages_sent(within='7d', channel='email') }}b"])
def test_functions_of_conditions_can_be_printed_too(example: Workspace, text: str) -> None:
    found = load_files({**FILES, MESSAGE: edited(MESSAGE, "How was it?\n    facts", f"How was it? {text}\n    facts")}, {}, check_message)
    assert found.workspace is not None, found.findings
    mail = render(found.workspace, found.workspace.messages["visit_survey"], "email", VISIT)
    assert isinstance(mail, EmailContent)
    assert ("How was it? b" in mail.text) or ("How was it? 0b" in mail.text)


def test_a_layout_that_names_what_not_every_message_has(example: Workspace) -> None:
    """`subject` may be missing where a message goes by SMS alone: lint says it at the layout."""
    layout = {"templates/layouts/default.sms.txt": b"{{ subject }} {{ content }}"}
    no_subject = edited(MESSAGE, '    subject: "How did {{ entry.technician }} do?"\n', "")
    texts = FILES[JOURNEY].decode().replace("[email, sms]", "[sms]").replace("[sms, whatsapp, email]", "[sms]").encode()
    found = load_files({**FILES, **layout, MESSAGE: no_subject, JOURNEY: texts}, {}, check_message).findings
    assert ("M005", "templates/layouts/default.sms.txt") in {(one.code, one.file) for one in found}
