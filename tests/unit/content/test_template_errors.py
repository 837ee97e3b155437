"""A text that is no template, or no Markdown for every channel: said where it stands, in plain words."""

import pytest

from orchestrator.content.check import check_message
from orchestrator.workspace.load import load_files
from tests.unit.content.test_check import FILES, ORDER, findings

ERRORS = [
    # in place of "thank you.", column, what, the fix, repaired
    ("{{ entry.package and }} x.", 26, "it breaks off after `and`", "complete it", "{{ entry.package and entry.order_id }} x."),
    ("{{ entry.package x.", 7, "`{{` is not closed", "close it with `}}`", "{{ entry.package }} x."),
    ("{{ entry.package } or {{ entry.order_id }}.", 7, "`{{` is not closed", "close it with `}}`", "{{ entry.package }} or {{ entry.order_id }}."),
    ("{# a {{ b #}{% if entry.package %}a.", 19, "`{% if %}` has no `{% endif %}`", "add `{% endif %}`", "{% if entry.package %}a.{% endif %}"),
    ("a{% endif %}", 8, "`{% endif %}` closes nothing", "remove it", "a"),
    ("{% else %}", 7, "`{% else %}` stands alone", "open one above", "{% if entry.package %}a{% else %}b{% endif %}"),
    ("{% for x in entry.package %}a{% endif %}", 36, "`{% endif %}` closes nothing", "write `{% endfor %}`", "{% for x in entry.package %}a{% endfor %}"),
    ("{% iff entry.package %}a{% endif %}", 10, "no block 'iff'", "did you mean 'if'?", "{% if entry.package %}a{% endif %}"),
    ("{% if entry.package = 'x' %}a{% endif %}", 27, "`=` does not fit here", "`==` compares", "{% if entry.package == 'x' %}a{% endif %}"),
    ("{% set a = %}", 17, "an empty expression", "write one", "{% set a = 1 %}"),
    ("{{ }}", 9, "an empty expression", "write one", "a"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "column", "what", "fix", "repaired"), ERRORS, ids=[e[0] for e in ERRORS])
def test_a_text_that_is_no_template_says_what_is_meant_and_where(text: str, column: int, what: str, fix: str, repaired: str) -> None:
    found = [f for f in findings(ORDER, ("thank you.", text)) if f.code == "E001"]
    assert [(f.file, f.line, f.column, f.what) for f in found] == [(ORDER, 11, column, what)]
    assert fix in found[0].fix
    assert [f for f in findings(ORDER, ("thank you.", repaired)) if f.code == "E001"] == []


def test_what_markdown_may_not_hold_is_reported_where_it_begins() -> None:
    """Not at the first of its signs that stands anywhere: here, a bar in a sentence and one in a value."""
    before = "thank | you.\n      {% if entry.order_id %}\n      more | text\n      {% endif %}\n\n      "
    for block, what in (
        ("| {{ entry.package }} | b |\n      |---|---|", "a table"),
        ("a <b>c</b>", "raw HTML"),
        ("a ![b](https://example.com/c.png)", "a picture"),
    ):
        found = [f for f in findings(ORDER, ("thank you.", before + block + "\n\n     ")) if f.code == "M016"]
        assert [(f.line, f.column) for f in found] == [(16, 7 if block.startswith("|") else 9)], (block, found)
        assert what in found[0].what


def test_a_table_in_a_snippet_is_reported_at_the_text_that_includes_it() -> None:
    text = FILES[ORDER].replace(b"thank you.", b"{% include 'prices.md' %}\n\n     ")
    files = {**FILES, ORDER: text, "templates/snippets/prices.md": b"one\n\ntwo\n\n| a |\n|---|\n"}
    found = [f for f in load_files(files, {}, check_message).findings if f.code == "M016"]
    assert [(f.file, f.line, f.column) for f in found][:1] == [(ORDER, 11, 10)]
