"""Where the boxes of a picture stand: in layers from top to bottom, lines that are long reserving a place in each layer they pass."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Edge = tuple[str, str, str]
"""From, to, what is written beside it."""
BOX, LANE, GAP, HIGH, BETWEEN = 250, 40, 24, 46, 56
"""Pixels: a box's width, a passing line's, the space between two of them, a box's height, the space between two layers."""


@dataclass(slots=True)
class Layout:
    """`places` maps a box to the middle of its upper edge; `lines` go with the edges as they were given: points from top to bottom, or
    for a way back those of its detour. `width` and `height` in pixels."""

    places: dict[str, tuple[float, float]] = field(default_factory=dict)
    lines: list[list[tuple[float, float]]] = field(default_factory=list)
    width: float = 0
    height: float = 0


def lay_out(order: Sequence[str], edges: Sequence[Edge]) -> Layout:
    """`order` names the boxes; an edge to an earlier one is a way back."""
    number = {name: index for index, name in enumerate(order)}
    layer = dict.fromkeys(order, 0)
    for name in order:
        for start, end, _text in edges:
            if start == name and number[end] > number[name]:
                layer[end] = max(layer[end], layer[name] + 1)
    rows: list[list[str]] = [[] for _ in range(max(layer.values(), default=0) + 1)]
    for name in order:
        rows[layer[name]].append(name)
    chains: list[list[str]] = []
    before: dict[str, list[str]] = {}
    for index, (start, end, _text) in enumerate(edges):
        chain = [start, end]
        if number[end] > number[start]:
            lanes = [f"\0{index}.{row}" for row in range(layer[start] + 1, layer[end])]
            for row, lane in enumerate(lanes, layer[start] + 1):
                rows[row].append(lane)
            chain = [start, *lanes, end]
            for upper, lower in itertools.pairwise(chain):
                before.setdefault(lower, []).append(upper)
        chains.append(chain)
    return _placed(rows, chains, before, number)


def _placed(rows: list[list[str]], chains: list[list[str]], before: Mapping[str, list[str]], number: Mapping[str, int]) -> Layout:
    """Within a layer by the middle of what leads there; the layers one above the other, all round one axis."""
    found = Layout()
    middle: dict[str, float] = {}
    tops: dict[str, float] = {}
    for index, row in enumerate(rows):
        row.sort(
            key=lambda name: (sum(middle[one] for one in before.get(name, ())) / max(len(before.get(name, ())), 1), number.get(name, 0))
        )
        width = sum(_width(name) for name in row) + GAP * (len(row) - 1)
        at = -width / 2
        for name in row:
            middle[name], tops[name] = at + _width(name) / 2, float(index * (HIGH + BETWEEN))
            at += _width(name) + GAP
        found.width = max(found.width, width)
    for name in number:
        found.places[name] = middle[name] + found.width / 2, tops[name]
    backs = 0
    for chain in chains:
        points = [(middle[name] + found.width / 2, tops[name]) for name in chain]
        if number[chain[-1]] <= number[chain[0]]:
            backs += 1
            side = found.width + GAP * backs
            (x0, y0), (x1, y1) = points
            found.lines.append([(x0 + BOX / 2, y0 + HIGH / 2), (side, y0 + HIGH / 2), (side, y1 + HIGH / 2), (x1 + BOX / 2, y1 + HIGH / 2)])
            continue
        line = [(points[0][0], points[0][1] + HIGH)]
        for x, y in points[1:-1]:
            line += [(x, y), (x, y + HIGH)]
        found.lines.append([*line, points[-1]])
    found.width += GAP * (backs + 1) if backs else 0
    found.height = len(rows) * (HIGH + BETWEEN) - BETWEEN
    return found


def _width(name: str) -> int:
    return LANE if name.startswith("\0") else BOX
