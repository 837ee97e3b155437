"""What a wait is told to last until: does it ever give an instant?"""

from zoneinfo import ZoneInfo

from jinja2 import nodes

from orchestrator.expressions.kinds import Kind, kind_of
from orchestrator.expressions.local_time import read_instant
from orchestrator.expressions.syntax import parse
from orchestrator.expressions.vocabulary import Vocabulary

_UTC = ZoneInfo("UTC")


def no_instant(text: str, vocabulary: Vocabulary) -> Kind | None:
    """The kind of what it gives, where that is never read as an instant; None where it may be. Raises ExpressionError."""
    node = parse(text)
    kind = kind_of(node, vocabulary.known)
    if kind is None or kind.name == "instant":
        return None
    if kind.name == "number":  # of data it may be seconds since 1970; a function counts something
        return kind if isinstance(node, nodes.Call) else None
    if kind.name == "text":
        return kind if isinstance(kind.literal, str) and read_instant(kind.literal, _UTC) is None else None
    return kind
