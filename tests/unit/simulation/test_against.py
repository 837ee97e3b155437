"""The workspace of a commit is read from git, and nothing else is."""

import subprocess
from pathlib import Path

import pytest

from orchestrator.simulation.against import NoSuchVersion, files_at
from orchestrator.workspace.file_names import read_files
from tests.one_journey import files

ONE = """journey: try_it
class: service
entry: {event: Ping}
steps: [{id: first, send: hello, channels: [email]}]
"""


def git(root: Path, *arguments: str) -> None:
    given = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(root), *given, *arguments], check=True, capture_output=True)


def write(root: Path, content: dict[str, bytes]) -> None:
    for name, value in content.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(value)


@pytest.fixture
def brand(tmp_path: Path) -> Path:
    """A workspace in a folder of a repository, of which another folder is none."""
    repository = tmp_path / "repository"
    root = repository / "brand"
    write(root, files({"try_it": ONE}))
    write(repository, {"other/config/concierge.yaml": b"no", "brand/notes.txt": b"n"})
    git(repository, "init", "-q", "-b", "main")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "one")
    git(repository, "tag", "v1")
    return root


def test_the_files_as_they_were(brand: Path, tmp_path: Path) -> None:
    before = dict(read_files(brand))
    write(brand, {"config/journeys/try_it.yaml": ONE.replace("first", "other").encode(), "templates/snippets/new.txt": b"x"})
    into = tmp_path / "there"
    files_at(brand, "v1", into)
    assert dict(read_files(into)) == before
    assert not (into / "notes.txt").exists()
    assert b"other" in (brand / "config/journeys/try_it.yaml").read_bytes()


def test_what_git_does_not_have_is_said(brand: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoSuchVersion, match="git knows no version 'v9'"):
        files_at(brand, "v9", tmp_path / "a")
    with pytest.raises(NoSuchVersion, match="git knows no version '--output=x'"):
        files_at(brand, "--output=x", tmp_path / "a")
    git(brand.parent, "rm", "-q", "-r", "--cached", "brand")
    git(brand.parent, "commit", "-q", "-m", "gone")
    with pytest.raises(NoSuchVersion, match="there is no workspace in 'HEAD'"):
        files_at(brand, "HEAD", tmp_path / "b")
    outside = tmp_path / "outside"
    outside.mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    with pytest.raises(NoSuchVersion, match="not a git repository"):
        files_at(outside, "HEAD", tmp_path / "c")
    monkeypatch.setenv("PATH", str(outside))
    with pytest.raises(NoSuchVersion, match="git cannot be run"):
        files_at(brand, "v1", tmp_path / "d")
