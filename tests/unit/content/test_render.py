"""Content: one source, every channel; a printed value is data, never markup."""

from dataclasses import replace
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.content.render import Renderer, Unrendered
from orchestrator.content.segments import plain_blanks
from orchestrator.content.whatsapp_marks import unmarked
from orchestrator.contracts.message import EmailContent, TemplateContent, TextContent
from orchestrator.contracts.reason import Reason
from orchestrator.contracts.topics import Channel
from orchestrator.engine.customer_frame import frame_for
from orchestrator.engine.turn import Surroundings
from orchestrator.journey_tests.world import NoLinks
from orchestrator.journeys.names import run_names
from orchestrator.model.customer import Customer
from orchestrator.model.run import EventSnapshot, Run
from orchestrator.model.sections import Stamped
from orchestrator.policies.pace import Pace
from orchestrator.workspace.message import Image, LocaleContent, Message
from orchestrator.workspace.workspace import Workspace
from tests.examples import examples
from tests.worlds import T0


def render(
    workspace: Workspace, message: Message, channel: Channel, properties: dict[str, object], *, window: bool = True, **traits: object
) -> EmailContent | TextContent | TemplateContent | Unrendered:
    customer = Customer("ada")
    for name, value in traits.items():
        customer.traits[name] = Stamped(value, 0)
    renderer = Renderer(workspace, NoLinks())
    frame = frame_for(customer, Surroundings(workspace, renderer, 0, 1, T0, Pace()), T0)
    journey = workspace.journeys["visit_survey"]
    entry = EventSnapshot(name="e", type="track", timestamp=T0, arrival=T0, sequence=0, properties=properties)
    names = run_names(Run(journey=journey.name, key="", number=1, version="", started_at=T0, sequence=0, entry=entry), journey, frame)
    names["message"] = {"name": message.name, "class": "service", "topic": message.topic, "journey": journey.name, "step": "ask"}
    found = renderer.render(message, channel, frame, names, window_open=window, message_class="service")
    return found if isinstance(found, Unrendered) else found.content


VISIT: dict[str, object] = {"technician": "Bob", "visit_id": "v1", "visited_at": "2026-03-02T09:00:00Z"}


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


@pytest.mark.parametrize(
    "evil",
    [
        "**x**",
        "[x](https://evil.example)",
        "# x",
        "<b>x</b>",
        "<script>1</script>",
        "{{ 7*7 }}",
        "{% raw %}",
        "- x",
        "1. x",
        "`x`",
        "a\nb",
        "\r\nBcc: x@example.com",
        '"><img src=x onerror=1>',
        "![x](https://evil.example/i)",
        "\ue0000\ue001",
        "a\x00\x1b[31m\u202eb",
    ],
)
def test_values_are_never_markup(example: Workspace, evil: str) -> None:
    message = example.messages["visit_survey"]
    email = render(example, message, "email", {**VISIT, "technician": evil})
    assert isinstance(email, EmailContent)
    plain = "".join(c for c in evil if c not in "\r\x00\x1b\u202e\ue000\ue001")
    assert plain in email.text
    assert "<b>x" not in email.html
    assert "<script" not in email.html
    assert "<img" not in email.html
    assert not set("\x00\x1b\u202e\ue000\ue001\ue002\ue003") & set(email.html + email.text + email.subject)
    assert 'evil.example"' not in email.html
    assert "49" not in email.subject
    assert "\n" not in email.subject
    assert "\r" not in email.subject
    sms = render(example, message, "sms", {**VISIT, "technician": evil})
    if evil == "`x`":  # a backtick forces UCS-2, and that makes it too long
        assert isinstance(sms, Unrendered)
        return
    assert isinstance(sms, TextContent)
    assert plain.strip() in sms.body


names_text = st.text(st.characters(exclude_categories=("Cs", "Cc", "Co", "Zl", "Zp")), min_size=1, max_size=30).filter(
    lambda text: text.strip() == text
)


def test_any_name_reads_the_same_in_every_channel(example: Workspace) -> None:
    message = example.messages["visit_survey"]
    long = replace(message, sms=replace(message.sms, over="send"))

    @given(names_text)
    @settings(max_examples=examples(60))
    def check(name: str) -> None:
        properties: dict[str, object] = {**VISIT, "technician": name}
        email = render(example, message, "email", properties)
        whatsapp = render(example, message, "whatsapp", properties)
        assert isinstance(email, EmailContent)
        assert isinstance(whatsapp, TextContent)
        assert f"{name} visited you on Mar 2, 2026" in email.text
        assert f"*{unmarked(name)}* visited you on Mar 2, 2026" in whatsapp.body
        assert f"<strong>{escape(name)}</strong> visited you on Mar 2, 2026" in email.html
        assert email.subject == f"How did {' '.join(name.split())} do?"
        sms = render(example, long, "sms", properties)
        assert isinstance(sms, TextContent)
        assert f"{plain_blanks(name)} visited you on Mar 2, 2026" in sms.body, "with spaces that cost nothing"

    check()


@pytest.mark.parametrize(
    ("body", "html", "text", "whatsapp"),
    [
        ("# Head\n\nbody", '<h2 style="margin:0 0 12px;font-size:20px">Head</h2>', "HEAD\n\nbody", "*Head*\n\nbody"),
        ("- a\n- b", "<ul><li>a</li>\n<li>b</li>\n</ul>", "- a\n- b", "- a\n- b"),
        ("1. a\n2. b", "<ol><li>a</li>\n<li>b</li>\n</ol>", "1. a\n2. b", "1. a\n2. b"),
        (
            "_it_ [l](https://example.com/x)",
            '<em>it</em> <a href="https://example.com/x?utm_source=concierge&amp;utm_medium=email&amp;utm_campaign=visit_survey">l</a>',
            "it l: https://example.com/x?utm_source=concierge&utm_medium=email&utm_campaign=visit_survey",
            "_it_ l: https://example.com/x?utm_source=concierge&utm_medium=whatsapp&utm_campaign=visit_survey",
        ),
        ("{% if customer.vip %}vip{% else %}not{% endif %}", "not", "not", "not"),
        ("{% if true %}\n    kept\n{% endif %}", "kept", "kept", "kept"),
        ("[x](https://other.example/?q={{ customer.odd }})", '<a href="https://other.example/?q=a%26b%20%22c">x</a>', "x: https://other.example/?q=a%26b%20%22c", "x: https://other.example/?q=a%26b%20%22c"),
        ("see https://other.example/{{ customer.odd }}.", '<a href="https://other.example/a%26b%20%22c">', "see https://other.example/a%26b%20%22c.", "see https://other.example/a%26b%20%22c."),
        ("# now https://other.example/a", "now <a", "NOW https://other.example/a", "*now https://other.example/a*"),
        ("# {{ customer.odd }} **x**", "a&amp;b &quot;c <strong>x</strong>", 'a&b "c X', '*a&b "c x*'),
        ("{% for x in entry.list %}- {{ x }}\n{% endfor %}", "<ul><li>one</li>\n<li>two</li>\n</ul>", "- one\n- two", "- one\n- two"),
        ("[x]({{ customer.evil }})", '<a href="#">x</a>', "x: javascript:alert(1)", "x: javascript:alert(1)"),
    ],
)  # fmt: skip
def test_markdown_by_channel(example: Workspace, body: str, html: str, text: str, whatsapp: str) -> None:
    message = replace(
        example.messages["visit_survey"],
        content={"en": LocaleContent(body=body, subject="s")},
        email=example.messages["order_confirmation"].email,
        whatsapp=example.messages["order_confirmation"].whatsapp,
    )
    workspace = replace(
        example,
        layouts={"default.email.html": "{{ content }}", "default.email.txt": "{{ content }}", "default.whatsapp.txt": "{{ content }}"},
    )
    visit: dict[str, object] = {**VISIT, "list": ["one", "two"]}
    email = render(workspace, message, "email", visit, evil="javascript:alert(1)", odd='a&b "c')
    assert isinstance(email, EmailContent), email
    assert html in email.html
    assert email.text.strip() == text
    chat = render(workspace, message, "whatsapp", visit, evil="javascript:alert(1)", odd='a&b "c')
    assert isinstance(chat, TextContent)
    assert chat.body == whatsapp


@pytest.mark.parametrize(("text", "locale", "said"), [("{{ 29.9 | money }} im Monat", "de", "29,90 £"), ("{{ now | time }}", "en", " AM")])
def test_blanks_of_locale_data_do_not_double_the_price_of_a_text(example: Workspace, text: str, locale: str, said: str) -> None:
    """CLDR writes a no-break space between number and currency, and a narrow one before AM."""
    survey = example.messages["visit_survey"]
    body = {**survey.sms.body, locale: text}
    content = render(example, replace(survey, sms=replace(survey.sms, body=body)), "sms", VISIT, locale=locale)
    assert isinstance(content, TextContent)
    assert said in content.body
    assert content.encoding == "gsm7"
