"""When files that are being saved are whole."""

import contextlib
import stat
from pathlib import Path

from orchestrator.workspace.file_names import paths_in

Stamp = tuple[tuple[str, int, int], ...]
"""Of each file its path, when it was last written (ns) and its size."""


def stamp_of(root: Path) -> Stamp:
    """Of config/ and templates/ as they are now; a file that goes away meanwhile is not there."""
    found: list[tuple[str, int, int]] = []
    for path in paths_in(root):
        with contextlib.suppress(OSError):
            about = path.stat()
            if stat.S_ISREG(about.st_mode):
                found.append((str(path), about.st_mtime_ns, about.st_size))
    return tuple(found)


class Saves:
    """Is told what every look has found. A program that saves empties a file before it fills it, and a copy of several files takes a while:
    what two looks have found alike is whole."""

    def __init__(self) -> None:
        self._last: Stamp | None = None
        self._judged: Stamp | None = None

    def whole(self, stamp: Stamp) -> bool:
        """Is there something new, and is it whole? True once for each state of the files."""
        steady, self._last = stamp == self._last, stamp
        if not steady or stamp == self._judged:
            return False
        self._judged = stamp
        return True

    def forget(self) -> None:
        """What was judged last is to be judged again."""
        self._judged = None
