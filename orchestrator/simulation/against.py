"""The workspace as it was at a commit of the git repository it stands in."""

import io
import subprocess
import tarfile
from pathlib import Path

PARTS = ("config/", "templates/")


class NoSuchVersion(ValueError):  # noqa: N818  (says what is wrong)
    """Git cannot give it: a sentence says why."""


def files_at(root: Path, ref: str, into: Path) -> None:
    """Write config/ and templates/ of the workspace at `root`, as they stand in commit, branch or tag `ref`, into the folder `into`.
    Nothing in the repository changes. Raises NoSuchVersion."""
    commit = _git(
        root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}", otherwise=f"git knows no version {ref!r}"
    )
    name = commit.decode().strip()
    packed = _git(root, "archive", "--format=tar", name, otherwise=f"there is no workspace in {ref!r}")
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is None or not member.name.startswith(PARTS) or ".." in member.name.split("/"):
                continue
            place = into / member.name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content.read())
    if not (into / "config" / "concierge.yaml").is_file():
        raise NoSuchVersion(f"there is no workspace in {ref!r}: no config/concierge.yaml")


def _git(root: Path, *arguments: str, otherwise: str) -> bytes:
    try:
        ran = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=False)  # noqa: S603, S607  (arguments are ours; a ref stands behind --end-of-options)
    except OSError as error:
        raise NoSuchVersion(f"git cannot be run: {error.strerror}") from error
    if ran.returncode:
        said = ran.stderr.decode("utf-8", "replace").strip()
        raise NoSuchVersion(f"{otherwise}{': ' + said if said else ''}")
    return ran.stdout
