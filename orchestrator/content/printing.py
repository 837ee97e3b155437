"""Printed values as placeholders: a value never goes through the template's Markdown, so it can't become markup.

Each printed value becomes one private-use character sequence; the Markdown is parsed with those in it (and the parse is
remembered, since it is the same for every customer); the values are put in last, escaped for their channel.
"""

import re
from collections.abc import Callable

from orchestrator.expressions.values import canonical_text

OPEN, CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{OPEN}([0-9]{{1,5}}){CLOSE}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\ue000-\ue003]")


class Values:
    """Collects the printed values of one render."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, value: object) -> str:
        self.texts.append(clean(canonical_text(value)))
        return f"{OPEN}{len(self.texts) - 1}{CLOSE}"

    def put_in(self, text: str, escape: Callable[[str], str] = str) -> str:
        """The text with its values."""
        return _MARK.sub(lambda found: escape(self.texts[int(found[1])]), text)


def clean(text: str) -> str:
    """Without control characters and the marks themselves."""
    return _CONTROL.sub("", text)


def one_line(text: str) -> str:
    """For subjects, names and headers: no line breaks (RFC 5322 header injection), single blanks."""
    return " ".join(text.split())
