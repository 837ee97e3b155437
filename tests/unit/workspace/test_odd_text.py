"""Text that is no text, and numbers beyond all bounds: said at their place, never an exception."""

import pytest

from tests.unit.workspace.test_lint import CONCIERGE, JOURNEY, MESSAGE, edited, load

HALF = "\\ud83d"
PAIR = "\\ud83d\\ude00"
HALVES = [
    (JOURNEY, "when: not event.cancelled", f"when: \"event.technician == 'x{HALF}'\"", 8, 32),
    (JOURNEY, 'last_survey: "{{ now }}"', f'last_survey: "{{{{ now }}}} {HALF}"', 25, 37),
    (JOURNEY, "  - id: ask\n", f'  - id: ask\n    "x_{HALF}": 1\n', 15, 8),
    (MESSAGE, 'subject: "How did', f'subject: "{PAIR} {HALF} did', 7, 28),
    (CONCIERGE, "name: Tarn Fibre\n", f'name: "Tarn{HALF}"\n', None, 0),
]


@pytest.mark.parametrize(("file", "old", "new", "line", "column"), HALVES, ids=[one[2][:20] for one in HALVES])
def test_half_a_character_is_no_text(file: str, old: str, new: str, line: int | None, column: int) -> None:
    found = [f for f in load({file: edited(file, old, new)}).findings if f.severity == "error"]
    assert [f.code for f in found] == ["Y001"], found
    assert "half a character" in found[0].what
    assert line is None or (found[0].line, found[0].column) == (line, column)


def test_two_halves_are_one_character() -> None:
    loaded = load({MESSAGE: edited(MESSAGE, 'subject: "How did', f'subject: "{PAIR} How did')})
    assert loaded.findings == ()
    assert loaded.workspace is not None
    subject = loaded.workspace.messages["visit_survey"].content["en"].subject
    assert subject is not None
    assert subject.startswith("\U0001f600 How did")


def test_a_place_behind_two_halves_is_right() -> None:
    found = load(
        {JOURNEY: edited(JOURNEY, "when: not event.cancelled", f"when: \"event.technician == '{PAIR}' and event.tecnician\"")}
    ).findings
    assert [(f.code, f.line, f.column) for f in found] == [("E004", 8, 55)]


NINES, HEX = "9" * 5_000, "0x" + "F" * 5_000


@pytest.mark.parametrize("number", [NINES, f"-{NINES}", HEX])
@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("priority: 60", "priority: {}", "Y005"), ("  - id: nudge\n", "  - {{jump: answered, max: {}}}\n  - id: nudge\n", "Y005"), ("increment: {surveys: 1}", "increment: {{surveys: {}}}", "J035"),
        ("title: Ask", "title: {}\nowner: Ask", "Y009"), ("title: Ask", "x_note: {}\ntitle: Ask", None),
    ],
)  # fmt: skip
def test_a_number_of_thousands_of_digits(number: str, old: str, new: str, code: str | None) -> None:
    findings = load({JOURNEY: edited(JOURNEY, old, new.format(number))}).findings
    assert [f.code for f in findings] == ([] if code is None else [code])
    assert all(len(f.what) < 100 for f in findings)
