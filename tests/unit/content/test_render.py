"""Content: one source, every channel."""

from dataclasses import replace

import pytest

from orchestrator.content.render import Unrendered
from orchestrator.contracts.message import EmailContent, TemplateContent, TextContent
from orchestrator.contracts.reason import Reason
from orchestrator.contracts.topics import Channel
from orchestrator.workspace.message import Image, LocaleContent
from orchestrator.workspace.workspace import Workspace
from tests.unit.content.rendered import VISIT, render


def test_one_source_every_channel(example: Workspace) -> None:
    message = example.messages["visit_survey"]
    email = render(example, message, "email", VISIT, first_name="Ada")
    assert isinstance(email, EmailContent)
    assert email.subject == "How did Bob do?"
    assert "<strong>Bob</strong> visited you on Mar 2, 2026" in email.html
    assert "Bob visited you on Mar 2, 2026" in email.text
    assert "https://example.com/s/v1?utm_source=concierge&utm_medium=email&utm_campaign=visit_survey" in email.text
    assert email.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    sms = render(example, message, "sms", VISIT)
    assert isinstance(sms, TextContent)
    assert sms.body.startswith("Bob visited you on Mar 2, 2026. How was it? https://example.com/s/v1")
    whatsapp = render(example, message, "whatsapp", VISIT)
    assert isinstance(whatsapp, TextContent)
    assert "*Bob* visited you" in whatsapp.body
    outside = render(example, message, "whatsapp", VISIT, window=False)
    assert isinstance(outside, TemplateContent)
    assert outside.variables["1"] == "Bob"


def test_the_locale_chain(example: Workspace) -> None:
    message = example.messages["visit_survey"]
    german = render(example, message, "email", VISIT, locale="de-AT")
    assert isinstance(german, EmailContent)
    assert german.subject == "Wie war der Besuch von Bob?"
    assert "Ihr Tarn-Team" in german.text
    other = render(example, message, "email", VISIT, locale="fr-CA")
    assert isinstance(other, EmailContent)
    assert other.subject.startswith("How did")


def test_a_missing_value_refuses_the_message(example: Workspace) -> None:
    found = render(example, example.messages["visit_survey"], "email", {"visit_id": "v1", "visited_at": "2026-03-02"})
    assert isinstance(found, Unrendered)
    assert (found.reason, found.detail) == (Reason.MISSING_VALUE, "entry.technician")
    assert "visit_survey.yaml" in found.place


def test_a_template_outside_the_window_needs_all_its_variables(example: Workspace) -> None:
    found = render(example, example.messages["visit_survey"], "whatsapp", {**VISIT, "technician": " "}, window=False)
    assert isinstance(found, Unrendered)
    assert found.reason is Reason.MISSING_VALUE


def test_the_preview_of_a_template_may_lack_values(example: Workspace) -> None:
    """What is sent is the template; its preview says more than its variables do."""
    source = example.messages["visit_survey"]
    message = replace(source, content={"en": replace(source.content["en"], body="{{ customer.nothing }}")})
    found = render(example, message, "whatsapp", VISIT, window=False)
    assert isinstance(found, TemplateContent)
    assert found.preview == ""
    assert found.variables["2"] == "Mar 2, 2026"


def test_a_template_is_found_along_the_locale_chain(example: Workspace) -> None:
    source = example.messages["visit_survey"]
    message = replace(source, whatsapp=replace(source.whatsapp, content_sid={"en": source.whatsapp.content_sid["en"]}))
    found = render(example, message, "whatsapp", VISIT, window=False, locale="de")
    assert isinstance(found, TemplateContent)
    assert found.content_sid == source.whatsapp.content_sid["en"]
    assert found.variables["2"] == "Mar 2, 2026"  # one locale for all of it
    inside = render(example, message, "whatsapp", VISIT, locale="de")
    assert isinstance(inside, TextContent)
    assert "02.03.2026" in inside.body
    none = render(example, replace(source, whatsapp=replace(source.whatsapp, content_sid={})), "whatsapp", VISIT, window=False)
    assert isinstance(none, Unrendered)
    assert none.reason is Reason.LOCALE_MISSING


@pytest.mark.parametrize("channel", ["email", "sms", "whatsapp"])
def test_nothing_is_sent_blank(example: Workspace, channel: Channel) -> None:
    message = replace(
        example.messages["order_confirmation"], content={"en": LocaleContent(body="{% if customer.vip %}x{% endif %}", subject="s")}
    )
    found = render(example, message, channel, VISIT)
    assert isinstance(found, Unrendered)
    assert (found.reason, found.detail) == (Reason.TEMPLATE_ERROR, "NothingToSay: the text is empty")


def test_a_mail_without_subject_is_not_sent(example: Workspace) -> None:
    message = replace(example.messages["order_confirmation"], content={"en": LocaleContent(body="x", subject="{{ customer.name }}")})
    found = render(example, message, "email", VISIT, name=" \n")
    assert isinstance(found, Unrendered)
    assert "subject" in found.place


def test_a_picture_reaches_mail_and_whatsapp(example: Workspace) -> None:
    picture = Image(url="https://example.com/i/{{ entry.visit_id }}.png", alt='A "map"')
    content = {"en": LocaleContent(body="x", subject="s", image=picture)}
    message = replace(example.messages["order_confirmation"], content=content)
    email = render(example, message, "email", VISIT)
    assert isinstance(email, EmailContent)
    assert '<img src="https://example.com/i/v1.png" alt="A &quot;map&quot;"' in email.html
    placed = replace(example, layouts={**example.layouts, "default.email.html": "<i>{{ image.alt }}</i>{{ content }}"})
    own = render(placed, message, "email", VISIT)
    assert isinstance(own, EmailContent)
    assert own.html == '<i>A &quot;map&quot;</i><p style="margin:0 0 16px">x</p>'
    chat = render(example, message, "whatsapp", VISIT)
    assert isinstance(chat, TextContent)
    assert chat.media == ("https://example.com/i/v1.png",)
    sms = render(example, message, "sms", VISIT)
    assert isinstance(sms, TextContent)
    assert sms.media == ()


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_a_text_the_provider_would_refuse_is_too_long(example: Workspace, channel: Channel) -> None:
    source = example.messages["order_confirmation"]
    message = replace(source, content={"en": LocaleContent(body="a " * 900, subject="s")}, sms=replace(source.sms, over="send"))
    found = render(example, message, channel, VISIT)
    assert isinstance(found, Unrendered)
    assert found.reason is Reason.MESSAGE_TOO_LONG


def test_no_way_out_of_what_is_transactional(example: Workspace) -> None:
    email = render(
        example,
        example.messages["order_confirmation"],
        "email",
        {**VISIT, "order_id": "1", "package": "p", "price": 1, "installed_on": "2026-03-02"},
    )
    assert isinstance(email, EmailContent), email
    assert email.headers == {}
    assert "unsubscribe" not in email.html.lower()


def test_too_long_for_the_channel(example: Workspace) -> None:
    found = render(example, example.messages["visit_survey"], "sms", {**VISIT, "technician": "B" * 400})
    assert isinstance(found, Unrendered)
    assert found.reason is Reason.MESSAGE_TOO_LONG


@pytest.mark.parametrize(("text", "locale", "said"), [("{{ 29.9 | money }} im Monat", "de", "29,90 £"), ("{{ now | time }}", "en", " AM")])
def test_blanks_of_locale_data_do_not_double_the_price_of_a_text(example: Workspace, text: str, locale: str, said: str) -> None:
    """CLDR writes a no-break space between number and currency, and a narrow one before AM."""
    survey = example.messages["visit_survey"]
    body = {**survey.sms.body, locale: text}
    content = render(example, replace(survey, sms=replace(survey.sms, body=body)), "sms", VISIT, locale=locale)
    assert isinstance(content, TextContent)
    assert said in content.body
    assert content.encoding == "gsm7"
