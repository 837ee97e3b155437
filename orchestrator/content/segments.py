"""SMS segments: GSM-7 (3GPP TS 23.038) or UCS-2, packed as networks do: an escape pair or a surrogate pair is never split."""

from dataclasses import dataclass
from typing import Literal

BASIC = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
EXTENSION = "\f^{}\\[~]|€"
_BASIC, _EXTENSION = frozenset(BASIC), frozenset(EXTENSION)
_FOLD = str.maketrans({
    "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-", "…": "...",
    "\u00a0": " ", "\u202f": " ", "\u2009": " ", "•": "-", "\t": " ", "`": "'",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Segments:
    """`forcing` are the characters that force UCS-2, each once, in order."""

    encoding: Literal["gsm7", "ucs2"]
    count: int
    units: int
    forcing: str = ""


def fold(text: str) -> str:
    """Quotes, dashes and blanks as GSM-7 has them."""
    return text.translate(_FOLD)


def count_segments(text: str) -> Segments:
    """How many parts a text takes: 160 or 153 septets, 70 or 67 UTF-16 units each."""
    forcing = "".join(dict.fromkeys(c for c in text if c not in _BASIC and c not in _EXTENSION))
    if forcing:
        sizes = [2 if ord(c) > 0xFFFF else 1 for c in text]
        return Segments("ucs2", _pack(sizes, 70, 67), sum(sizes), forcing)
    sizes = [2 if c in _EXTENSION else 1 for c in text]
    return Segments("gsm7", _pack(sizes, 160, 153), sum(sizes))


def _pack(sizes: list[int], single: int, part: int) -> int:
    if sum(sizes) <= single:
        return 1
    parts, used = 1, 0
    for size in sizes:
        if used + size > part:
            parts, used = parts + 1, 0
        used += size
    return parts
