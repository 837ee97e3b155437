"""The id of an intended message, as it travels: 32 hex digits."""

import re

_INTENT = re.compile(r"[0-9a-f]{32}")


def is_intent(text: str) -> bool:
    """One of ours? Providers hand back whatever somebody gave them."""
    return _INTENT.fullmatch(text) is not None
