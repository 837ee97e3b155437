"""When a provider says that it may be asked again: Retry-After in either form (RFC 9110, 10.2.3), or X-RateLimit-Reset."""

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

LONGEST, SHORTEST = 86_400_000, 1_000
"""Milliseconds: a value beyond is a mistake of somebody's clock."""
_WHOLE = re.compile(r"[0-9]{1,12}")


def retry_after(headers: Mapping[str, str], now: int) -> int | None:
    """Milliseconds from `now`; None when the answer does not say. Header names are in lower case; anything unreadable says nothing."""
    after = headers.get("retry-after", "").strip()
    if _WHOLE.fullmatch(after):
        return min(int(after) * 1000, LONGEST)
    if after:
        try:
            date = parsedate_to_datetime(after)
            at = (date if date.tzinfo is not None else date.replace(tzinfo=UTC)).timestamp()
            return min(max(int(at * 1000) - now, SHORTEST), LONGEST)
        except (ValueError, TypeError, IndexError, OverflowError, OSError):
            pass  # neither form: perhaps the other header says more
    reset = headers.get("x-ratelimit-reset", "").strip()
    return min(max(int(reset) * 1000 - now, SHORTEST), LONGEST) if _WHOLE.fullmatch(reset) else None
