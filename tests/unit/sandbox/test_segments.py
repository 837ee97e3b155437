"""Parts of a text and the line an inbox shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.content.segments import count_segments
from workers.sandbox.preheader import preheader
from workers.sandbox.segments import segments


@pytest.mark.parametrize(
    ("text", "parts"),
    [("", 1), ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("€" * 80, 1), ("€" * 81, 2), ("€" * 153, 3), ("ü" * 160, 1), ("ç" * 70, 1), ("ç" * 71, 2),
     ("😀" * 35, 1), ("😀" * 36, 2), ("😀" * 67, 3)],
)  # fmt: skip
def test_parts(text: str, parts: int) -> None:
    assert segments(text) == parts


@given(st.text(alphabet=st.sampled_from("aZ0 €{ü\nçé😀"), max_size=400))
def test_the_sandbox_counts_as_the_orchestrator_does(text: str) -> None:
    if text:
        assert segments(text) == count_segments(text).count


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<body><div data-preheader style="x">A &amp; <i>b</i>\n c</div>', "A & b c"), ("<span style='color:red;display: none'>Hid</span><div>no</div>", "Hid"),
        ('<div style="display:none">first</div><p data-preheader>marked</p>', "marked"), ("<p>Hi</p>", None), ("<div data-preheader></div>", None), ("", None), ("<div data-preheader>", None),
    ],
)  # fmt: skip
def test_preheader(html: str, found: str | None) -> None:
    assert preheader(html) == found


@given(st.text(alphabet="<>div datpreh='\"&;:sytlonx/", max_size=200))
def test_any_html_has_one_or_none(html: str) -> None:
    assert preheader(html) is None or preheader(html) != ""
