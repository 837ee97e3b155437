"""Conditions that no data can make true, or false; and those next to them, which some can."""

import itertools
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from orchestrator.expressions.expression import compile_expression
from orchestrator.expressions.folding import always
from orchestrator.expressions.scope import EmptyFacts, Scope
from orchestrator.expressions.syntax import parse
from orchestrator.expressions.vocabulary import Vocabulary

FALSE = [
    "x == 'a' and x == 'b'", "x == 'a' and y and x == 'b'", "x == 1 and x == 2", "'a' == x and x != 'a'", "x == 'a' and not x == 'a'", "x > 5 and x < 3",
    "x >= 5 and x < 5", "3 > x and x > 5", "x == 7 and x < 3", "x > 2.5 and x <= 2.5", "x and not x", "x == true and x == false", "y and false",
    "(x == 'a' and x == 'b') or (y > 2 and y < 1)", "not (x or not x)",
]  # fmt: skip
TRUE = [
    "x != 'a' or x != 'b'",
    "x or not x",
    "y or true",
    "not (x == 'a' and x == 'b')",
    "x != 1 or y or x != 2",
    "not x == 'a' or x != 'b'",
]
OPEN = [
    "x == 'a' or x == 'b'", "x != 'a' and x != 'b'", "x == 'a' and y == 'b'", "x > 3 and x < 5", "x >= 5 and x <= 5", "x == '7' and x == 7", "x == '7' and x == '7.0'",
    "x == '2026-01-01' and x == '2026-01-01T00:00:00Z'", "x > '5' and x < '3'", "x != 'a' or y != 'b'", "x < 3 or x >= 3", "x == 'a' and x != 'b'", "x", "x == y",
    "x > 5 and y < 3", "x == 1 and x == true", "x != none",
]  # fmt: skip
VALUES: list[object] = [
    None,
    "a",
    "b",
    "",
    "7",
    "7.0",
    "5",
    "3",
    "2026-01-01",
    1,
    2,
    2.5,
    3,
    4,
    5,
    6,
    7,
    0,
    True,
    False,
    [],
    ["a"],
    {},
    datetime(2026, 1, 1, tzinfo=UTC),
]


def answers(text: str) -> set[bool]:
    """What it gives for all pairs of values."""
    found = compile_expression(text, Vocabulary({"x": None, "y": None}))
    return {
        found.true(Scope({"x": x, "y": y}, EmptyFacts(), datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("UTC")))
        for x, y in itertools.product(VALUES, VALUES)
    }


@pytest.mark.parametrize("text", FALSE)
def test_always_false(text: str) -> None:
    assert always(parse(text)) is False
    assert answers(text) == {False}


@pytest.mark.parametrize("text", TRUE)
def test_always_true(text: str) -> None:
    assert always(parse(text)) is True
    assert answers(text) == {True}


@pytest.mark.parametrize("text", OPEN)
def test_it_depends(text: str) -> None:
    assert always(parse(text)) is None


PARTS = [
    f"x {op} {value}" for op in ("==", "!=", "<", "<=", ">", ">=") for value in ("'a'", "'b'", "'7'", "7", "3", "5", "true", "'2026-01-01'")
]
PARTS += ["x", "not x", "y == 'a'", "true", "false"]


@pytest.mark.parametrize("word", ["and", "or"])
def test_no_pair_of_parts_is_said_to_be_what_it_is_not(word: str) -> None:
    wrong = []
    for one, other in itertools.product(PARTS, PARTS):
        text = f"{one} {word} {other}"
        said = always(parse(text))
        if said is not None and answers_of_x(text) != {said}:
            wrong.append(text)
    assert wrong == []


def answers_of_x(text: str) -> set[bool]:
    found = compile_expression(text, Vocabulary({"x": None, "y": None}))
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return {found.true(Scope({"x": x, "y": y}, EmptyFacts(), now, ZoneInfo("UTC"))) for x in VALUES for y in ("a", None)}
