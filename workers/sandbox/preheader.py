"""The line an inbox shows after the subject, found in a mail's HTML."""

import re
from html import unescape

_MARKED = re.compile(r"<(\w+)\b[^>]*\bdata-preheader\b[^>]*>(.*?)</\1\s*>", re.DOTALL | re.IGNORECASE)
_HIDDEN = re.compile(r"<(div|span)\b[^>]*style=[\"'][^\"']*display:\s*none[^\"']*[\"'][^>]*>(.*?)</\1\s*>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
FIRST = 20_000
"""Characters looked at: a preheader stands at the top."""


def preheader(html: str) -> str | None:
    """The text of the element marked `data-preheader`, else of the first hidden one; None where there is neither."""
    top = html[:FIRST]
    found = _MARKED.search(top) or _HIDDEN.search(top)
    if found is None:
        return None
    return " ".join(unescape(_TAG.sub("", found[2])).split()) or None
