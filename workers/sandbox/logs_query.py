"""The query language of SendGrid's Email Logs: conditions joined by AND. Source: SendGrid Email Logs API."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import eq, ge, gt, le, lt

_CONDITION = re.compile(r"""\s*([a-z_]+)\s*(>=|<=|=|>|<|IN\b)\s*(TIMESTAMP\s*"[^"]*"|'[^']*'|"[^"]*"|\([^()]*\))\s*""")
_AND = re.compile(r"AND\b")
_TEXT = re.compile(r"""'([^']*)'|"([^"]*)\"""")
_TIMES: dict[str, Callable[[int, int], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le}
_OPERATORS = {"sg_message_id": ("=",), "subject": ("=",), "to_email": ("=",), "status": ("IN",), "sg_message_id_created_at": tuple(_TIMES)}
LATER = ("reason", "categories")
MOST = 4_000
"""Characters."""


class BadQueryError(Exception):
    """What is wrong, in words."""


@dataclass(frozen=True, slots=True)
class Condition:
    """`text`, `texts` or `at` (milliseconds), as the operator takes it."""

    field: str
    operator: str
    texts: tuple[str, ...] = ()
    at: int = 0

    def holds(self, value: str | int) -> bool:
        """Of this field's value."""
        if isinstance(value, int):
            return _TIMES[self.operator](value, self.at)
        return value in self.texts if self.operator == "IN" else eq(value, self.texts[0])


def read_conditions(query: str) -> list[Condition]:
    """Empty for an empty query. Raises BadQueryError."""
    found: list[Condition] = []
    place = 0
    if len(query) > MOST:
        raise BadQueryError("the query is too long")
    while place < len(query) and query[place:].strip():
        if found:
            joined = _AND.match(query, place)
            if joined is None:
                raise BadQueryError(f"AND expected at {place}")
            place = joined.end()
        match = _CONDITION.match(query, place)
        if match is None:
            raise BadQueryError(f"a condition expected at {place}")
        found.append(_condition(match[1], match[2], match[3]))
        place = match.end()
    return found


def _condition(field: str, operator: str, value: str) -> Condition:
    if field in LATER:
        raise BadQueryError(f"{field} is not in this version of the sandbox")
    if operator not in _OPERATORS.get(field, ()):
        raise BadQueryError(f"{field} {operator} is not allowed")
    texts = tuple(single or double for single, double in _TEXT.findall(value))
    if operator == "IN":
        if not value.startswith("(") or not texts:
            raise BadQueryError(f"{field} IN takes a list of texts")
        return Condition(field, operator, texts)
    if operator == "=":
        if value.startswith(("(", "TIMESTAMP")):
            raise BadQueryError(f"{field} = takes a text")
        return Condition(field, operator, texts)
    if not value.startswith("TIMESTAMP"):
        raise BadQueryError(f'{field} takes TIMESTAMP "2027-01-31T09:00:00Z"')
    try:
        at = datetime.fromisoformat(texts[0])
        return Condition(field, operator, at=int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000))
    except (ValueError, OverflowError) as error:
        raise BadQueryError(f"{texts[0][:40]!r} is no instant") from error
