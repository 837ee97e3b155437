"""`x is like('AB-*')`: `*` is any text, `?` any one sign, all else itself. The whole text must fit, no sign of it is looked at twice per piece."""

import re
from functools import lru_cache


def is_like(text: str, pattern: str) -> bool:
    """Pieces between stars are found one behind the other, each as early as it can be, so that no pattern takes for ever."""
    first, *rest = _pieces(pattern)
    start = first.match(text)
    if start is None:
        return False
    if not rest:
        return start.end() == len(text)
    at = start.end()
    for piece in rest[:-1]:
        found = piece.search(text, at)
        if found is None:
            return False
        at = found.end()
    last = len(pattern) - (pattern.rfind("*") + 1)
    return len(text) - last >= at and rest[-1].match(text, len(text) - last) is not None


@lru_cache(maxsize=1024)
def _pieces(pattern: str) -> tuple[re.Pattern[str], ...]:
    pieces = re.sub(r"\*+", "*", pattern).split("*")
    return tuple(re.compile("".join("." if sign == "?" else re.escape(sign) for sign in piece), re.DOTALL) for piece in pieces)
