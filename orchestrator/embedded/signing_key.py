"""The keys that sign the links of this installation."""

import secrets
from pathlib import Path

from orchestrator.runtime.settings import Settings


def signing_key(folder: Path, settings: Settings) -> list[bytes]:
    """The keys of links, the one in use first; one is made and kept in the folder when ops give none."""
    given = settings.get("SIGNING_KEY")
    if given is None:
        path = folder / "signing-key"
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(32), "ascii")
        given = path.read_text("ascii").strip()
    previous = settings.get("SIGNING_KEY_PREVIOUS")
    return [key.encode() for key in (given, previous) if key]
