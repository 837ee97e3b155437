"""What `since` counts from: the entry, the present step, or an instant."""

from typing import Protocol
from zoneinfo import ZoneInfo

from jinja2 import nodes

from orchestrator.expressions.comparison_advice import as_instant
from orchestrator.expressions.durations import LONGEST, read_duration, write_duration
from orchestrator.expressions.kinds import kind_of
from orchestrator.expressions.local_time import read_instant
from orchestrator.expressions.problems import nearest
from orchestrator.expressions.vocabulary import MARKS, Vocabulary

_UTC = ZoneInfo("UTC")
_NO_INSTANT = ("boolean", "list", "object", "duration")
_SHOWN = 30 * 86_400_000


class Writer(Protocol):
    """The generator, as this check sees it."""

    vocabulary: Vocabulary

    def problem(self, code: str, what: str, why: str, fix: str, word: str = "") -> str: ...


def judge_since(g: Writer, since: nodes.Expr) -> bool:
    """False, with E006 noted, where it counts from nothing, so that nothing would ever be counted."""
    kind = kind_of(since, g.vocabulary.known)
    text = kind.literal if kind is not None else None
    if isinstance(text, str):
        return _judge_text(g, text)
    if (kind is not None and kind.name in _NO_INSTANT) or (isinstance(since, nodes.Const) and read_instant(since.value, _UTC) is None):
        what = "`none`" if kind is None else f"{kind.article} {kind.name}"
        length = _duration_of(since)
        fix = _window(g, length) if length is not None else _marks(g)
        g.problem("E006", f"{what} is nothing to count from", "since takes a mark or an instant", fix, "since")
        return False
    return True


def _judge_text(g: Writer, text: str) -> bool:
    if text in g.vocabulary.marks or (text not in MARKS and read_instant(text, _UTC) is not None):
        return True
    if text in MARKS:
        g.problem("E006", f"since='{text}' counts nothing here", "nobody is inside a journey yet", _window(g, _SHOWN), text)
        return False
    length, instant = read_duration(text), as_instant(text)
    if length is not None:
        fix = _window(g, length)
    else:
        found = nearest(text, g.vocabulary.marks)
        fix = f"since='{instant}'" if instant is not None else found if found.startswith("did you") else _marks(g)
    g.problem("E006", f"'{text}' is nothing to count from", "since takes a mark or an instant", fix, text)
    return False


def _duration_of(since: nodes.Expr) -> int | None:
    """Of `duration('7d')`."""
    match since:
        case nodes.Call(node=nodes.Name(name="duration"), args=[nodes.Const(value=str() as text)]):
            return read_duration(text)
        case _:
            return None


def _window(g: Writer, length: int) -> str:
    return f"within='{write_duration(min(length, g.vocabulary.retention or LONGEST))}'"


def _marks(g: Writer) -> str:
    return ", ".join(f"since='{one}'" for one in (*sorted(g.vocabulary.marks), "2026-03-02"))
