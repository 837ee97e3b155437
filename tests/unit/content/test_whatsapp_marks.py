"""WhatsApp formats what stands between marks: a value never formats anything."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.content.whatsapp_marks import unmarked

FORMATTED = re.compile(r"(?<!\w)([*_~`])(?=\S)[^\n]*?(?<=\S)\1(?!\w)")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("*free*", "∗free∗"), ("a ~b~ c", "a ∼b∼ c"), ("_a_b_", "ˍaˍbˍ"), ("`x`", "ˋxˋ"),
        ("snake_case_name", "snake_case_name"), ("5 * 3", "5 * 3"), ("one*", "one*"), ("*a\nb*", "*a\nb*"), ("", ""),
        ("https://example.com/_a_", "https://example.com/_a_"),
    ],
)  # fmt: skip
def test_only_pairs_are_shown_otherwise(value: str, shown: str) -> None:
    assert unmarked(value) == shown


@given(st.text(alphabet="*_~`ab \n", max_size=30))
def test_no_value_formats(value: str) -> None:
    shown = unmarked(value)
    assert FORMATTED.search(shown) is None
    assert len(shown) == len(value)


def test_a_hostile_value_costs_little() -> None:
    before = time.process_time()
    unmarked(" *a" * 100_000)
    assert time.process_time() - before < 1
