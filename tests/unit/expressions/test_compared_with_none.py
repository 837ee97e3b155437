"""`x == none` is never true: only `is` asks for what is missing."""

import pytest

from tests.one_journey import errors, loaded
from tests.unit.expressions.judged import advised, judged

COMPARED = [
    # written, code, column, what, what to write
    ("event.t == none", "E014", 11, "always false", "event.t is none"),
    ("event.t != None", "E014", 11, "always true", "event.t is defined"),
    ("none == event.n + 1", "E014", 0, "always false", "(event.n + 1) is none"),
    ("event.t | lower != none", "E014", 19, "always true", "event.t | lower is defined"),
    ("event.t < none", "E014", 10, "always false", "event.t is none"),
    ("event.t not in none", "E014", 15, "always true", "event.t is defined"),
    ("event.t in ['a', none]", "E014", 17, "`none` in this list is never met", "(event.t is none or event.t in ['a'])"),
    ("event.n not in [1, None]", "E014", 19, "`none` in this list is never met", "(event.n is defined and event.n not in [1])"),
    ("event.n in [none]", "E014", 12, "`none` in this list is never met", "event.n is none"),
    ("event.u is none and event.t == none", "E014", 31, "always false", "event.t is none"),
    ("event.t == null", "E003", 11, "no name 'null' here", "event.t is none"),
    ("NULL != event.t", "E003", 0, "no name 'NULL' here", "event.t is defined"),
    ("seen('Ping', where='event.n == none')", "E014", 31, "always false", "event.n is none"),
]


@pytest.mark.parametrize(("text", "code", "column", "what", "better"), COMPARED, ids=[one[0] for one in COMPARED])
def test_a_comparison_with_none_is_answered_with_is(text: str, code: str, column: int, what: str, better: str) -> None:
    found = judged(text)
    assert [(one.code, one.column, one.what) for one in found] == [(code, column, what)]
    assert advised(found[0]) == [better]
    assert judged(better) == []


@pytest.mark.parametrize(
    "text", ["event.t is none", "event.t is not none", "event.t | default(none) == 'a'", "event.t in ['none', '']", "event.t != 'None'"]
)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert judged(text) == []


@pytest.mark.parametrize(("text", "code", "fix", "better"), [
    ("event.b == TRUE", "E003", "did you mean 'true'?", "event.b == true"), ("event.b == FALSE", "E003", "did you mean 'false'?", "event.b == false"),
    ("event.t is null", "E005", "did you mean 'none'?", "event.t is none"), ("event.t is not Null", "E005", "did you mean 'none'?", "event.t is not none"),
    ("event.t | default(null) == 'a'", "E003", "`none` stands for what is missing; a condition asks `x is none`", "event.t | default(none) == 'a'"),
])  # fmt: skip
def test_words_of_other_languages_have_theirs_here(text: str, code: str, fix: str, better: str) -> None:
    assert [(one.code, one.fix) for one in judged(text)] == [(code, fix)]
    assert judged(better) == []


def test_it_is_said_in_conditions_values_and_texts() -> None:
    journey = (
        "journey: try_it\nclass: service\nentry: {event: Ping, when: event.n != none}\n"
        "steps:\n  - {id: s, send: hello, channels: [email], with: {a: \"{{ 'x' if entry.n == none else 'y' }}\"}}\n"
    )
    found = [(f.code, f.severity, f.line, f.column, f.fix) for f in errors(journey)]
    assert found == [
        ("E014", "warning", 3, 39, "write `event.n is defined`"), ("E014", "warning", 5, 77, "write `entry.n is none`"),
    ]  # fmt: skip


@pytest.mark.parametrize(("written", "expected"), [
    ("entry.n != none", [("E014", "warning", "write `entry.n is defined`")]), ("entry.n is not none", []), ("entry.n is defined", []),
])  # fmt: skip
def test_it_is_said_in_a_message(written: str, expected: list[tuple[str, str, str]]) -> None:
    journey = "journey: try_it\nclass: service\nentry: {event: Ping}\nsteps:\n  - {id: s, send: note, channels: [email]}\n"
    text = "{% if " + written + " %}Yes{% endif %} and so on"
    found = [f for f in loaded({"try_it": journey}, {"note": text}).findings if f.file == "templates/messages/note.yaml"]
    assert {(f.code, f.severity, f.fix) for f in found} == set(expected)
    assert {f.line for f in found} <= {5}
