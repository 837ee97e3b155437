"""YAML that is not what it was meant to be, and files that are not expected."""

from pathlib import Path

import pytest

from orchestrator.errors import ConfigurationError
from orchestrator.workspace.file_names import read_files
from orchestrator.workspace.load import load_files
from tests.unit.workspace.test_lint import FILES, JOURNEY, edited, load

WRONG = [
    # old, new, code, line, column, part of the reason
    ("  event: Visit C", "\tevent: Visit C", "Y010", 6, 1, "spaces"), ("priority: 60", "priority: !!str 60", "Y010", 4, 11, "no tags"),
    ("title: Ask", "x_a: &a [*a]\ntitle: Ask", "Y010", 2, 6, "1,000"), ("priority: 60", "priority: *p", "Y001", 4, 11, "&name"),
    ("title: Ask for", "title: {{ x }} Ask for", "Y006", 2, 8, "mapping"), ("when: not event.cancelled", "when: [seen('Visit Completed', within='4h')]", "Y007", 8, 34, "comma"),
    ("priority: 60", "priority: 60\n? [a]\n: b", "Y004", 5, 3, "names"), ('{last_survey: "{{ now }}"}', '{last_survey: "{{ now }}', "Y001", 25, 26, "not closed"),
    ("priority: 60", "<<: 3\npriority: 60", "Y010", 4, 5, "merges"), ("title: Ask", "title: \x07Ask", "Y001", 2, 8, "invisible"),
    ("priority: 60", "owner: +447911", "Y009", 4, 8, "007"), ("priority: 60", "owner: 0x1F", "Y009", 4, 8, "007"), ("priority: 60", "owner: ${X}", "Y011", 4, 8, "environment"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "line", "column", "why"), WRONG, ids=[f"{w[2]}-{w[1][:20]!r}" for w in WRONG])
def test_a_pitfall_is_named_at_its_place(old: str, new: str, code: str, line: int, column: int, why: str) -> None:
    mine = [f for f in load({JOURNEY: edited(JOURNEY, old, new)}).findings if f.code == code and f.file == JOURNEY]
    assert [(f.line, f.column) for f in mine] == [(line, column)], mine
    assert why in f"{mine[0].what} {mine[0].why}"


@pytest.mark.parametrize(
    "text", ["owner: NO", "owner: on", "owner: 2026-03-02", "owner: 08:00", "owner: '007'", "priority:", "priority: null", "x_note: {a: 1}"]
)
def test_words_dates_and_empty_keys_are_fine(text: str) -> None:
    assert load({JOURNEY: edited(JOURNEY, "priority: 60", text)}).findings == ()


def test_merged_keys_stand_under_those_that_are_written() -> None:
    found = load({JOURNEY: edited(JOURNEY, "priority: 60", "x_all: &all {priority: 700, owner: me}\n<<: *all\npriority: 60")})
    assert found.findings == ()
    assert found.workspace is not None
    assert found.workspace.journeys["visit_survey"].priority == 60


NAMES = [
    ("config/journeys/old/visit_survey.yaml", "rename one"), ("config/journeys/a.yml", "a.yaml"), ("config/profle.yaml", "profile"), ("config/notes.txt", "move it"),
    ("templates/layouts/x.html", "default.email.html"), ("templates/snippets/Big.md", "opening_hours"), ("config/lookups.yaml", "remove it for now"), ("config/audience.yaml", "audiences"),
    ("templates/messages/a.test.yaml", "config/journeys"), ("config/journeys/Visit-Survey.yaml", "rename the file"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "fix"), NAMES, ids=[n[0] for n in NAMES])
def test_a_file_that_is_not_expected_is_refused(name: str, fix: str) -> None:
    found = [f for f in load({name: FILES[JOURNEY]}).findings if f.code == "Y016" and "/".join(name.split("/")[:2]) in f.file]
    assert found, name
    assert any(fix in f.fix for f in found), found


@pytest.mark.parametrize("name", ["templates/layouts/default.email.html", "templates/snippets/hours.md", JOURNEY])
def test_a_text_that_is_not_utf_8_or_too_long_is_refused(name: str) -> None:
    for content in (b"a\xff", b"a" * 1_000_001):
        assert [f.code for f in load({name: content}).findings if f.file == name] == ["Y016"]


def test_notes_fixtures_and_editors_files_are_no_part_of_the_workspace(tmp_path: Path) -> None:
    for name in (
        "config/fixtures/a.jsonl",
        "config/README.md",
        "templates/whatsapp.lock",
        "config/.x.swp",
        "config/journeys/.#visit_survey.yaml",
        "config/journeys/visit_survey.yaml~",
        "config/journeys/#visit_survey.yaml#",
        "config/journeys/visit_survey.yaml.bak",
        "templates/messages/visit_survey.yaml.orig",
        "config/concierge.yaml",
        "config/journeys/fixtures/a.yaml",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert sorted(read_files(tmp_path)) == ["config/concierge.yaml", "config/journeys/fixtures/a.yaml"]


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config/concierge.yaml").write_text("concierge: 1")

    def refuse(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ConfigurationError, match=r"config/concierge\.yaml cannot be read: Permission denied"):
        read_files(tmp_path)


def test_a_file_that_goes_away_while_it_is_looked_for_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("config/concierge.yaml", "config/sub/gone.yaml", "templates/gone.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("concierge: 1")
    read = Path.read_bytes

    def vanish(path: Path) -> bytes:
        if path.name == "gone.yaml":
            path.unlink()
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", vanish)
    assert list(read_files(tmp_path)) == ["config/concierge.yaml"]


def test_lint_reads_the_tests_too_and_a_version_in_force_does_not() -> None:
    test, lost = "config/journeys/visit_survey.test.yaml", "config/journeys/visit_surve.test.yaml"
    wrong = FILES[test].replace(b"step: ask", b"step: aks", 1).replace(b"event: Visit Completed", b"event: Visit Complete", 1)
    changed = {**FILES, test: wrong, lost: FILES[test]}
    found = load_files(changed, {})
    assert found.workspace is None
    errors = [f for f in found.findings if f.severity == "error"]
    assert {(f.code, f.file, f.fix) for f in errors} == {
        ("T001", test, "did you mean 'ask'?"),
        ("E010", test, "did you mean 'Visit Completed'?"),
        ("J007", lost, "did you mean 'visit_survey'?"),
    }
    kept = load_files(changed, {}, tests=False)
    assert kept.workspace is not None
    assert kept.tests == ()
