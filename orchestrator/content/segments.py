"""SMS segments: GSM-7 (3GPP TS 23.038) or UCS-2, packed as networks do: an escape pair or a surrogate pair is never split."""

from dataclasses import dataclass
from typing import Literal

BASIC = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
EXTENSION = "\f^{}\\[~]|€"
_GSM, _EXTENSION = frozenset(BASIC + EXTENSION), frozenset(EXTENSION)
_BLANKS = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " "})
"""What locale data puts between a number and its unit, or a time and its AM."""
_FOLD = str.maketrans({
    "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-", "…": "...",
    "•": "-", "\t": " ", "`": "'",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Segments:
    """`forcing` are the characters that force UCS-2, each once, in order."""

    encoding: Literal["gsm7", "ucs2"]
    count: int
    units: int
    forcing: str = ""


def plain_blanks(text: str) -> str:
    """With spaces for the blanks that do not break: they look alike on a phone, and one alone would double the price."""
    return text.translate(_BLANKS)


def fold(text: str) -> str:
    """Quotes, dashes and blanks as GSM-7 has them."""
    return plain_blanks(text).translate(_FOLD)


def count_segments(text: str) -> Segments:
    """How many parts a text takes: 160 or 153 septets, 70 or 67 UTF-16 units each."""
    if set(text) <= _GSM:
        units = len(text) + sum(map(text.count, EXTENSION))
        return Segments("gsm7", 1 if units <= 160 else _pack([2 if c in _EXTENSION else 1 for c in text], 153), units)
    forcing = "".join(dict.fromkeys(c for c in text if c not in _GSM))
    sizes = [2 if ord(c) > 0xFFFF else 1 for c in text]
    units = sum(sizes)
    return Segments("ucs2", 1 if units <= 70 else _pack(sizes, 67), units, forcing)


def _pack(sizes: list[int], part: int) -> int:
    parts, used = 1, 0
    for size in sizes:
        if used + size > part:
            parts, used = parts + 1, 0
        used += size
    return parts
