"""A printed value is data, never markup; the author's Markdown is."""

from dataclasses import replace
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.content.render import Unrendered
from orchestrator.content.segments import plain_blanks
from orchestrator.content.whatsapp_marks import unmarked
from orchestrator.contracts.message import EmailContent, TextContent
from orchestrator.workspace.message import LocaleContent
from orchestrator.workspace.workspace import Workspace
from tests.examples import examples
from tests.unit.content.rendered import VISIT, render


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
