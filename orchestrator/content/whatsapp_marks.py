"""What WhatsApp takes for bold, italic, strike-through or code: printed values are data, so theirs are made to look alike only."""

import re

_PAIR = re.compile(r"(?<!\w)([*_~`])(?=\S)[^\n]*?(?<=\S)\1(?!\w)")
MAX_SEARCHED = 1_600
"""Longer values are not searched for pairs, which takes the square of their length: no text on WhatsApp may be that long."""
_ALIKE = str.maketrans({"*": "\u2217", "_": "\u02cd", "~": "\u223c", "`": "\u02cb"})


def unmarked(value: str) -> str:
    """The value, with other characters of the same look where a pair of marks would format it. Addresses stay as they are."""
    if "://" in value or (len(value) <= MAX_SEARCHED and _PAIR.search(value) is None):
        return value
    return value.translate(_ALIKE)
