"""Printed values as placeholders: a value never goes through the template's Markdown, so it can't become markup.

Each printed value becomes one private-use character sequence; the Markdown is parsed with those in it (and the parse is
remembered, since it is the same for every customer); the values are put in last, escaped for their channel. Addresses of
links stand between marks of their own, so that they are finished as a whole: checked, tagged, escaped.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias
from urllib.parse import quote

from orchestrator.content.links import url_part
from orchestrator.expressions.values import canonical_text

OPEN, CLOSE = "\ue000", "\ue001"
LINK, LINK_END = "\ue002", "\ue003"
_MARK = re.compile(f"{OPEN}([0-9]{{1,5}}){CLOSE}")
_LINK = re.compile(f"{LINK}([^{LINK_END}]*){LINK_END}")
_Piece: TypeAlias = str | int | tuple[str | int, ...]
"""Text, the number of a value, or the address of a link with its values."""
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202d\u202e\ud800-\udfff\ue000-\ue003]")
_LINE_END = re.compile(r"\r\n?")
_URL_SAFE = ":/?#[]@!$&'()*+,;=%"


class Passage(str):
    """Text of our own that a template prints as a whole: a block, with its values already in their places."""

    __slots__ = ()


class Values:
    """Collects the printed values of one render."""

    __slots__ = ("texts",)

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, value: object) -> str:
        if isinstance(value, Passage):
            return str(value)
        self.texts.append(clean(canonical_text(value)))
        return f"{OPEN}{len(self.texts) - 1}{CLOSE}"

    def put_in(self, text: str, value: Callable[[str], str] = str, address: Callable[[str], str] = str) -> str:
        """The text with its values: each goes through `value`, every whole address of a link through `address`."""
        found: list[str] = []
        for piece in _pieces(text):
            if isinstance(piece, str):
                found.append(piece)
            elif isinstance(piece, int):
                found.append(value(self.texts[piece]))
            else:
                found.append(address(self._address(piece)))
        return "".join(found)

    def _address(self, pieces: tuple[str | int, ...]) -> str:
        """A value inside an address is one part of it, percent-encoded; one that begins it is an address itself."""
        return "".join(
            piece if isinstance(piece, str) else (url_part if at else _whole)(self.texts[piece]) for at, piece in enumerate(pieces)
        )


@lru_cache(maxsize=4_096)
def _pieces(text: str) -> tuple[_Piece, ...]:
    """Where the values go: the same for every customer."""
    found: list[_Piece] = []
    for number, part in enumerate(_LINK.split(text)):
        found += [_marked(part)] if number % 2 else _marked(part)
    return tuple(found)


def _marked(text: str) -> tuple[str | int, ...]:
    return tuple(int(part) if number % 2 else part for number, part in enumerate(_MARK.split(text)) if part)


def _whole(address: str) -> str:
    """No blanks, quotes or angle brackets, the rest as it stands."""
    return quote(address.strip(), safe=_URL_SAFE)


def clean(text: str) -> str:
    """Without control characters, overrides of the writing direction (they would turn the text after them round), lone surrogates
    and the marks themselves; every line end is LF."""
    if text.isprintable():
        return text  # none of these is printable
    return CONTROL.sub("", _LINE_END.sub("\n", text) if "\r" in text else text)


def one_line(text: str) -> str:
    """For subjects, names and headers: no line breaks (RFC 5322 header injection), single blanks."""
    return " ".join(text.split())
