import re
from time import perf_counter

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.expressions.like import is_like
from tests.unit.expressions.test_expression import value


@given(st.text("ab\n.", max_size=8), st.text("ab*?.", max_size=6))
def test_it_is_what_the_regular_expression_would_say(text: str, pattern: str) -> None:
    whole = "".join(".*" if sign == "*" else "." if sign == "?" else re.escape(sign) for sign in pattern)
    assert is_like(text, pattern) == (re.fullmatch(whole, text, re.DOTALL) is not None)


def test_no_pattern_takes_for_ever() -> None:
    begun = perf_counter()
    assert not is_like("a" * 20_000, "*a" * 12 + "*b")
    assert perf_counter() - begun < 1  # seconds; with backtracking it would be years


def test_a_pattern_that_is_missing_fits_nothing() -> None:
    assert value("'None' is like(x)", x=None) is False
