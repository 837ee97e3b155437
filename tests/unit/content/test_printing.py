from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.content.printing import CONTROL, LINK, LINK_END, Values, clean, one_line


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\r\nb\rc", "a\nb\nc"), ("a\x00\x07\x7f\x85b", "ab"), ("a\u2028b", "ab"), ("x\u202egnp.exe", "xgnp.exe"), ("a\ud800b", "ab"),
        ("\ue0000\ue001", "0"), ("tab\tstays", "tab\tstays"), ("שלום 👩‍👧", "שלום 👩‍👧"),
    ],
)  # fmt: skip
def test_what_is_taken_out_of_values(value: str, text: str) -> None:
    assert clean(value) == text


@given(st.text(st.characters(exclude_categories=()) | st.sampled_from("\r\n\t\u2028\u202e\ud800\ue000\xa0\x85"), max_size=20))
def test_nothing_of_it_is_left_in_any_text(value: str) -> None:
    ends = value.replace("\r\n", "\n").replace("\r", "\n")
    assert clean(value) == "".join(one for one in ends if not CONTROL.match(one))


def test_one_line() -> None:
    assert one_line(" a\r\n b\tc ") == "a b c"


@given(st.lists(st.text(max_size=20), max_size=4))
def test_values_come_out_once_and_escaped(texts: list[str]) -> None:
    values = Values()
    skeleton = "|".join(values(text) for text in texts)
    assert values.put_in(skeleton, escape) == "|".join(escape(clean(text)) for text in texts)


@pytest.mark.parametrize(
    ("value", "before", "after", "address"),
    [
        ("a/b?c&d", "https://x.example/", "", "https://x.example/a%2Fb%3Fc%26d"),
        ("https://x.example/a?b=1", "", "", "https://x.example/a?b=1"),
        ('https://x.example/" onclick="1', "", "", "https://x.example/%22%20onclick=%221"),
        ("https://x.example", "", "/{{", "https://x.example/{{"),
    ],
)
def test_a_value_in_an_address(value: str, before: str, after: str, address: str) -> None:
    values = Values()
    assert values.put_in(f"<{LINK}{before}{values(value)}{after}{LINK_END}>") == f"<{address}>"


def test_addresses_and_values_are_finished_each_in_their_own_way() -> None:
    values = Values()
    skeleton = f"{values('a&b')} {LINK}https://x.example{LINK_END}"
    assert values.put_in(skeleton, str.upper, lambda url: escape(url + "?a&b")) == "A&B https://x.example?a&amp;b"
