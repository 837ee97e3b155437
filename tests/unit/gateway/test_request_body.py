"""Bodies: unpacked within their bound, read as JSON or refused with a place; no bytes can hurt."""

import contextlib
import gzip
import json
import math
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.gateway.request_body import MOST_MEMBERS, TooLargeError, read_json, unpack

LIMIT = 10_000


@given(st.lists(st.binary(max_size=3000), min_size=1, max_size=3))
def test_all_members_of_a_gzip_body(parts: list[bytes]) -> None:
    assert unpack(b"".join(gzip.compress(part) for part in parts), LIMIT) == b"".join(parts)


def test_no_more_than_the_limit_is_ever_unpacked() -> None:
    assert unpack(gzip.compress(b"0" * LIMIT), LIMIT) == b"0" * LIMIT
    for bomb in (gzip.compress(b"0" * (LIMIT + 1)), gzip.compress(b"0" * 50_000_000), gzip.compress(b"0" * LIMIT) + gzip.compress(b"0")):
        with pytest.raises(TooLargeError):
            unpack(bomb, LIMIT)


def test_what_is_no_gzip_body() -> None:
    whole = gzip.compress(b"x" * 500)
    assert unpack(whole + b"\0" * 100, LIMIT) == b"x" * 500, "padding"
    for wrong, what in (
        (whole[:-9], "ends before its end"),
        (whole + b"junk", "incorrect header"),
        (b"{}", "incorrect header"),
        (gzip.compress(b"") * (MOST_MEMBERS + 1), "members"),
    ):
        with pytest.raises(zlib.error, match=what):
            unpack(wrong, LIMIT)


@given(st.binary(max_size=200) | st.binary(max_size=100).map(lambda b: b"\x1f\x8b\x08" + b))
def test_any_bytes_are_unpacked_or_refused(raw: bytes) -> None:
    with contextlib.suppress(zlib.error, TooLargeError):
        assert len(unpack(raw, LIMIT)) <= LIMIT


@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:0123456789.eE+-\\ud8nNaIfty \n', max_size=60).map(str.encode))
def test_any_bytes_are_json_or_refused(raw: bytes) -> None:
    try:
        read_json(raw)
    except ValueError as error:
        assert str(error)


def test_the_place_of_a_mistake_is_told() -> None:
    for raw, what in (
        (b'{\n "a": nope}', "line 2, column 7"),
        (b"", "line 1, column 1"),
        (b'{"a": "\xff"}', "byte 7 is not UTF-8"),
        (b"[" * 50_000, "nested too deep"),
        (b"[" + b"9" * 5000 + b"]", "thousands of digits"),
    ):
        with pytest.raises(ValueError, match=what):
            read_json(raw)


def test_what_is_unfit_is_read_so_that_it_can_be_refused_by_name() -> None:
    assert read_json(b'["\\ud800"]') == ["\ud800"]
    assert math.isnan(read_json(b"[NaN]")[0])
    assert read_json(b"[123456789012345678901234567890]") == [123456789012345678901234567890]
    assert read_json(b"\xef\xbb\xbf" + json.dumps({"a": 1}).encode()) == {"a": 1}, "a byte order mark"
