import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.content.markdown import Target, to_channel
from orchestrator.content.printing import LINK, LINK_END
from orchestrator.content.refused_markdown import refused_markdown

P = '<p style="margin:0 0 16px">'


@pytest.mark.parametrize(
    ("source", "html", "text", "whatsapp"),
    [
        ("a\nb", f"{P}a\nb</p>", "a b", "a b"),
        ("a  \nb", f"{P}a<br>\nb</p>", "a\nb", "a\nb"),
        ("**a** *b* ***c***", f"{P}<strong>a</strong> <em>b</em> <em><strong>c</strong></em></p>", "a b c", "*a* _b_ _*c*_"),
        ("- a\n\n  b\n- c", "<ul><li>a<br>b</li>\n<li>c</li>\n</ul>", "- a\n  b\n- c", "- a\n  b\n- c"),
        ("3. a\n   - b\n   - c\n4. d", "<ol><li>a<ul><li>b</li>\n<li>c</li>\n</ul>\n</li>\n<li>d</li>\n</ol>", "3. a\n  - b\n  - c\n4. d", "3. a\n  - b\n  - c\n4. d"),
        ("a\n\n---\n\nb", f"{P}a</p>\n<hr>\n{P}b</p>", "a\n\nb", "a\n\nb"),
        ("a <b>c</b> & d", f"{P}a &lt;b&gt;c&lt;/b&gt; &amp; d</p>", "a <b>c</b> & d", "a <b>c</b> & d"),
        ("`a` ![b](c)", f"{P}`a` ![b](c)</p>", "`a` ![b](c)", "`a` ![b](c)"),
        ("a\n\n    b", f"{P}a</p>\n{P}b</p>", "a\n\nb", "a\n\nb"),
        ("```\na\n```", f"{P}```\na\n```</p>", "``` a ```", "``` a ```"),
        ("[a](javascript:b)", f"{P}[a](javascript:b)</p>", "[a](javascript:b)", "[a](javascript:b)"),
        ("# Straße **x**", '<h2 style="margin:0 0 12px;font-size:20px">Straße <strong>x</strong></h2>', "STRASSE X", "*Straße x*"),
        ("> a", f"{P}a</p>", "a", "a"),
        ("", "", "", ""),
    ],
)  # fmt: skip
def test_every_form(source: str, html: str, text: str, whatsapp: str) -> None:
    assert to_channel(source, "html") == html
    assert to_channel(source, "text") == text
    assert to_channel(source, "whatsapp") == whatsapp
    assert to_channel(source, "sms") == to_channel(source, "whatsapp").replace("*", "").replace("_", "")


@pytest.mark.parametrize(
    ("source", "html", "text"),
    [
        ("[a](https://x.example/_b_)", '<a href="[https://x.example/_b_]">a</a>', "a: [https://x.example/_b_]"),
        ("<https://x.example>", '<a href="[https://x.example]">https://x.example</a>', "[https://x.example]"),
        ("(https://x.example/a).", '(<a href="[https://x.example/a]">https://x.example/a</a>).', "([https://x.example/a])."),
        ("a https://x.example/b?c=1, d", 'a <a href="[https://x.example/b?c=1]">https://x.example/b?c=1</a>, d', "a [https://x.example/b?c=1], d"),
        ("[https://x.example](https://y.example)", '<a href="[https://y.example]">https://x.example</a>', "https://x.example: [https://y.example]"),
    ],
)  # fmt: skip
def test_addresses_stand_between_marks(source: str, html: str, text: str) -> None:
    def read(target: Target) -> str:
        return to_channel(source, target).replace(LINK, "[").replace(LINK_END, "]")

    assert read("html") == f"{P}{html}</p>"
    assert read("sms") == text


@given(st.text(alphabet="ab *_#[]()<>!`~-1.\n &:/h", max_size=60))
def test_no_text_makes_a_tag_of_its_own(source: str) -> None:
    tags = set(re.findall(r"</?([a-z0-9]+)", to_channel(source, "html")))
    assert tags <= {"p", "strong", "em", "a", "ul", "ol", "li", "h2", "hr", "br"}


@given(
    st.lists(
        st.sampled_from(
            ["word", " ", "\n", "\n\n", "    ", "- ", "1. ", "# ", "> ", "*", "**", "_", "`", "```\n", "~~~\n", "|", "---", "<b>", "!["]
        )
    )
)
def test_no_word_gets_lost(parts: list[str]) -> None:
    source = "".join(parts)
    for target in ("html", "text", "sms", "whatsapp"):
        assert to_channel(source, target).lower().count("word") == parts.count("word")


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("a\n\n| a |\n|---|\n| b |", [("a table", "| a |")]), ("<b>x</b>", [("raw HTML", "<b>")]), ("<div>\nx\n</div>", [("raw HTML", "<div>")]), ("`x`", [("code", "`")]), ("```\nx\n```", [("code", "```")]),
        ("![a](b)", [("a picture in the text", "![")]), ("{% if a <b and c> d %}x{% endif %}", []), ("{{ '<b>' }} {# <b> #}", []), ("{% if a %}\n    x\n{% endif %}", []),
        ("a < b > c, <https://x.example>", []), ("{{ unclosed", []),
    ],
)  # fmt: skip
def test_what_no_channel_but_html_can_show(source: str, found: list[tuple[str, str]]) -> None:
    assert [(one.what, one.near) for one in refused_markdown(source)] == found
