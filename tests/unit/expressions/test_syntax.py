"""What is wrong with the text of an expression is said at its character, in plain words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import nodes

from orchestrator.expressions.problems import ExpressionError, nearest, place_of
from orchestrator.expressions.syntax import MAX_TEXT, parse

WRONG = [
    ("= 3", "E001", 0, "`==` compares"), ("a = true", "E001", 2, "`==` compares"), ("a && b", "E001", 2, "write `and`"), ("a || b", "E001", 3, "write `or`"),
    ("a ? b : c", "E001", 2, "`b if a else c`"), ("a <> b", "E001", 3, "`!=`"), ("!a", "E001", 0, "write `not`"), ("'abc", "E001", 0, "quotes"),
    ("a)", "E001", 1, "brackets"), ("(a", "E001", 0, "brackets"), ("(a]", "E001", 2, "brackets"), ("a and", "E001", 4, "complete"), ("a b", "E001", 2, "join by"),
    ("a == “b”", "E001", 5, "'like this'"), ("$a", "E001", 0, "alone"), ("", "E001", 0, "write one"), ("  ", "E001", 0, "write one"),
    ("{{ a }}", "E002", 0, "braces"), ("a {# b", "E002", 2, "braces"), ("x" * (MAX_TEXT + 1), "E008", 0, "split"), ("(" * 900 + ")" * 900, "E008", 0, "split"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "column", "fix"), WRONG, ids=[w[0][:20] for w in WRONG])
def test_a_mistake_has_its_place_and_its_fix(text: str, code: str, column: int, fix: str) -> None:
    with pytest.raises(ExpressionError) as found:
        parse(text)
    (problem,) = found.value.problems
    assert (problem.code, problem.column) == (code, column), problem
    assert fix in problem.fix


@pytest.mark.parametrize("text", ["a == 'it''s'", "'(' in a", '"]" == a', "a['}'] == 1", "a == '\\''"])
def test_brackets_and_quotes_inside_of_text_are_text(text: str) -> None:
    assert isinstance(parse(text), nodes.Expr)


@given(st.text(alphabet="ab'\"()[]{}=&|!<>?:.,~ \n0123é“$\\", max_size=40))
def test_any_text_is_read_or_refused_inside_of_it(text: str) -> None:
    try:
        parse(text)
    except ExpressionError as error:
        for problem in error.problems:
            assert 0 <= problem.column <= len(text)
            assert problem.fix


def test_a_word_is_found_as_what_it_stands_for() -> None:
    text = "a.date == 'date' and date"
    assert [place_of(text, "date", form) for form in ("field", "text", "name")] == [2, 11, 21]
    assert place_of("upper | upper", "upper", "filter") == 8
    assert place_of(text, "gone", "name") == 0


@pytest.mark.parametrize(
    ("word", "fix"),
    [("sned", "did you mean 'send'?"), ("SEND", "did you mean 'send'?"), ("dely", "did you mean 'delay'?"), ("xyz", "one of: delay, send")],
)
def test_a_near_word_is_proposed_and_otherwise_all(word: str, fix: str) -> None:
    assert nearest(word, ["send", "delay"]) == fix
