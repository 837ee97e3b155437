"""A journey as a picture that any browser shows: SVG, from the same steps as the Mermaid flowchart."""

import itertools
from collections.abc import Sequence
from xml.sax.saxutils import escape

from orchestrator.plan.layers import BOX, HIGH, Edge, lay_out
from orchestrator.plan.mermaid import NOT_HERE, entry_text, label_of, ways_of
from orchestrator.plan.people import People, counted
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import END, EXIT, BranchStep, SplitStep

EDGE, MOST = 16, 34
"""Pixels round the picture; characters of a line in a box."""
_ENTRY, _STOP = "\1entry", "\1stop"


def svg(journey: Journey, people: People | None = None) -> str:
    """A whole document. With `people` each step says how many stand in it. Long texts are cut; the whole one shows under the pointer."""
    steps = {name: journey.steps[name] for name in journey.order if name in journey.steps}
    edges: list[Edge] = [(_ENTRY, _target(journey.first), "")]
    edges += [(name, _target(target), way) for name, step in steps.items() for way, target in ways_of(step)]
    standing, gone = (people or People()).drawn(journey)
    found = lay_out([_ENTRY, *steps, _STOP, *gone], edges)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{found.width + 2 * EDGE:.0f}" height="{found.height + 2 * EDGE:.0f}" font-family="sans-serif" font-size="12">',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>',
        f'<rect width="100%" height="100%" fill="white"/><g transform="translate({EDGE} {EDGE})">',
    ]  # fmt: skip
    for (_start, _end, way), points in zip(edges, found.lines, strict=True):
        lines += _line(points, way)
    for name, (x, y) in found.places.items():
        if name in (_ENTRY, _STOP):
            lines += _box(x, y, entry_text(journey) if name == _ENTRY else "end", "", HIGH / 2)
            continue
        below = counted(standing[name]) if standing[name] else ""
        label, step = (NOT_HERE.format(name), None) if name in gone else (label_of(steps[name]), steps[name])
        lines += _box(x, y, label, below, 14 if isinstance(step, BranchStep | SplitStep) else 3)
    return "\n".join([*lines, "</g></svg>"]) + "\n"


def _target(name: str) -> str:
    return _STOP if name in (END, EXIT) else name


def _box(x: float, y: float, text: str, below: str, round_by: float) -> list[str]:
    lines = [_cut(text), *([below] if below else [])]
    first = y + HIGH / 2 + 4 - 8 * (len(lines) - 1)
    shown = "".join(
        f'<text x="{x:.0f}" y="{first + 16 * row:.0f}" text-anchor="middle">{escape(line)}</text>' for row, line in enumerate(lines)
    )
    return [
        f'<g><title>{escape(_plain(text))}</title><rect x="{x - BOX / 2:.0f}" y="{y:.0f}" width="{BOX}" height="{HIGH}" rx="{round_by:.0f}" fill="#f4f6f8" stroke="#445"/>{shown}</g>'
    ]


def _line(points: Sequence[tuple[float, float]], way: str) -> list[str]:
    """Down from box to box in curves; a way back goes round at right angles."""
    back = points[0][1] >= points[-1][1]
    path = f"M{points[0][0]:.0f} {points[0][1]:.0f}"
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        half = (y0 + y1) / 2
        path += f"L{x1:.0f} {y1:.0f}" if back or x0 == x1 else f"C{x0:.0f} {half:.0f} {x1:.0f} {half:.0f} {x1:.0f} {y1:.0f}"
    found = [f'<path d="{path}" fill="none" stroke="#445" marker-end="url(#tip)"/>']
    if way:
        (x0, y0), (x1, y1) = points[0], points[1]
        x, y = ((x0 + x1) / 2, y0 - 4) if back else (x0 + (x1 - x0) * 0.6, y0 + (y1 - y0) * 0.6)
        found.append(
            f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="middle" fill="#225" stroke="white" stroke-width="3" paint-order="stroke"><title>{escape(_plain(way))}</title>{escape(_cut(way))}</text>'
        )
    return found


def _cut(text: str) -> str:
    plain = _plain(text)
    return plain if len(plain) <= MOST else plain[: MOST - 1] + "…"


def _plain(text: str) -> str:
    """One line, without what no XML document may hold."""
    return " ".join("".join(c if c.isprintable() and not "\ud800" <= c <= "\udfff" else " " for c in text).split())
