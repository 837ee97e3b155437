from hypothesis import given
from hypothesis import strategies as st

from orchestrator.engine.receipts import WIDTH, holds

marks = st.binary(min_size=WIDTH, max_size=WIDTH).map(lambda mark: bytes(byte % 3 for byte in mark))


@given(st.lists(marks, max_size=6), marks)
def test_a_mark_is_found_only_where_one_begins(known: list[bytes], mark: bytes) -> None:
    assert holds(b"".join(known), mark) is (mark in known)


@given(st.lists(marks, min_size=2, max_size=6), st.integers(1, WIDTH - 1))
def test_not_between_two(known: list[bytes], at: int) -> None:
    together = b"".join(known)
    between = together[at : at + WIDTH]
    assert holds(together, between) is (between in known)
