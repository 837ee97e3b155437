"""What was expected held against what happened, so that one thing too many or too few does not set all that follow against its neighbour."""

from collections.abc import Callable

LARGEST = 250_000
"""Comparisons: of longer lists each is held against the one in its place."""
Pair = tuple[int | None, int | None]
"""Places in the two lists: the first is None for what nobody expected, the second for what is missing."""


def paired(wanted: int, got: int, fits: Callable[[int, int], bool]) -> list[Pair]:
    """Of two lists of these lengths, in order, with as few differences as can be. Where two ways have as few, things stay in their places."""
    first = 0
    while first < min(wanted, got) and fits(first, first):
        first += 1
    last = 0
    while last < min(wanted, got) - first and fits(wanted - 1 - last, got - 1 - last):
        last += 1
    begun: list[Pair] = [(place, place) for place in range(first)]
    done: list[Pair] = [(wanted - place, got - place) for place in range(last, 0, -1)]
    rows, columns = wanted - first - last, got - first - last
    if rows * columns > LARGEST:
        both = min(rows, columns)
        between: list[Pair] = [(first + place, first + place) for place in range(both)]
        between += [(first + place, None) for place in range(both, rows)]
        between += [(None, first + place) for place in range(both, columns)]
    else:
        between = _between(first, rows, columns, fits)
    return [*begun, *between, *done]


def _between(first: int, rows: int, columns: int, fits: Callable[[int, int], bool]) -> list[Pair]:
    """Edit distance, from the end to the beginning."""
    off = [[0 if fits(first + row, first + column) else 1 for column in range(columns)] for row in range(rows)]
    costs = [[0] * (columns + 1) for _ in range(rows + 1)]
    costs[rows] = [columns - column for column in range(columns + 1)]
    for row in range(rows - 1, -1, -1):
        costs[row][columns] = rows - row
        for column in range(columns - 1, -1, -1):
            costs[row][column] = min(off[row][column] + costs[row + 1][column + 1], 1 + costs[row + 1][column], 1 + costs[row][column + 1])
    found: list[Pair] = []
    row = column = 0
    while row < rows or column < columns:
        if row < rows and column < columns and costs[row][column] == off[row][column] + costs[row + 1][column + 1]:
            found.append((first + row, first + column))
            row, column = row + 1, column + 1
        elif row < rows and costs[row][column] == 1 + costs[row + 1][column]:
            found.append((first + row, None))
            row += 1
        else:
            found.append((None, first + column))
            column += 1
    return found
