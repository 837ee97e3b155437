"""Looking at the bytes first must never let through what walking through the value would have found."""

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.ingest.unfit import MAX_DEPTH, unfit, unfit_in
from tests.examples import examples

numbers = st.one_of(
    st.integers(), st.integers(min_value=2**62, max_value=2**66), st.integers(max_value=-(2**62)), st.floats(allow_nan=False)
)
texts = st.one_of(st.text(max_size=6), st.sampled_from(["\0", "a\0b", "\\u0000", "😀", "9" * 19, "\\"]))
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
)


def read(raw: bytes) -> object:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None  # refused before anybody asks


@given(values, st.booleans())
@settings(max_examples=examples(1000))
def test_the_bytes_never_hide_what_is_unfit(value: object, escaped: bool) -> None:
    raw = json.dumps(value, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    found = read(raw)
    assert unfit_in(raw, found) == unfit(found)
    again = msgspec.json.encode(found)
    assert unfit_in(again, found) == unfit(found)


@pytest.mark.parametrize("raw", [b'"\\u0000"', b'{"\\u0000": 1}', b"9223372036854775808", b"-9223372036854775809", b"[" * 34 + b"]" * 34])
def test_each_kind_is_found(raw: bytes) -> None:
    assert unfit_in(raw, msgspec.json.decode(raw))


def test_depth_is_counted_by_nesting_not_by_number() -> None:
    wide = json.dumps([[1]] * (MAX_DEPTH + 5)).encode()
    assert unfit_in(wide, msgspec.json.decode(wide)) is None
