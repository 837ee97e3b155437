"""The query language of the logs: what is read, what is refused in words, and that no text can hurt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.email.sendgrid_records import query_of
from workers.sandbox.logs_query import BadQueryError, Condition, read_conditions

AT = 1_772_445_600_000


def test_what_is_allowed_is_read() -> None:
    assert read_conditions("") == []
    assert read_conditions(
        "to_email = 'a@b.example' AND status IN ('delivered', \"processed\") AND sg_message_id_created_at > TIMESTAMP \"2026-03-02T10:00:00Z\""
    ) == [Condition("to_email", "=", ("a@b.example",)), Condition("status", "IN", ("delivered", "processed")),
          Condition("sg_message_id_created_at", ">", at=AT)]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("to_email LIKE 'a'", "condition expected at 0"),
        ("to_email = 'a' OR subject = 'b'", "AND expected"),
        ("to_email > 'a'", "not allowed"),
        ("custom_args = 'a'", "not allowed"),
        ("categories IN ('a')", "not in this version"),
        ("status IN ()", "list of texts"),
        ("to_email = ('a')", "takes a text"),
        ("sg_message_id_created_at > '2026-03-02T10:00:00Z'", "TIMESTAMP"),
        ('sg_message_id_created_at > TIMESTAMP "yesterday"', "no instant"),
        ("'" * 4_001, "too long"),
    ],
)
def test_what_is_refused_says_why(query: str, word: str) -> None:
    with pytest.raises(BadQueryError, match=word):
        read_conditions(query)


pieces = st.sampled_from(
    ["to_email", "status", "sg_message_id_created_at", "reason", " = ", " IN ", " >= ", "'a'", '"b"', "('a')", "()", " AND ", 'TIMESTAMP "', "2026-03-02", '"']
)  # fmt: skip


@given(st.text(max_size=60) | st.lists(pieces, max_size=12).map("".join))
def test_any_text_is_read_or_refused(query: str) -> None:
    try:
        found = read_conditions(query)
    except BadQueryError as error:
        assert str(error)
    else:
        assert bool(found) == bool(query.strip())


@given(st.text(min_size=1, max_size=30) | st.text("ab@.'\"é\n ", min_size=1, max_size=12), st.integers(0, 4_000_000_000_000))
def test_whatever_address_we_look_for_is_the_one_that_is_read(address: str, since: int) -> None:
    query = query_of(address, since)
    if query is None:
        assert not address.isprintable() or ("'" in address and '"' in address)
    else:
        assert read_conditions(query) == [
            Condition("to_email", "=", (address,)), Condition("sg_message_id_created_at", ">=", at=since // 1000 * 1000)
        ]  # fmt: skip
