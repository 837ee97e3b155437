"""What an expression compares with what: constants by the name of the field beside them, and fields with each other."""

from collections.abc import Iterator
from functools import lru_cache

from jinja2 import nodes

from orchestrator.expressions.problems import ExpressionError
from orchestrator.expressions.syntax import parse

Literal = str | int | float | bool


@lru_cache(maxsize=4096)
def literals_in(text: str) -> frozenset[tuple[str, Literal]]:
    """`event.severity in ['a', 'b'] and entry.score >= 7` gives severity a, severity b, score 7. Conditions in quotes (`where=`) count too.
    Empty for what is no expression."""
    return frozenset((name, value) for sides in _compared(text) for name in _names(sides) for side in sides for value in _constants(side))


@lru_cache(maxsize=4096)
def fields_compared(text: str) -> frozenset[tuple[str, ...]]:
    """`event.product == entry.package` gives (package, product): names of fields that are compared with each other, sorted."""
    return frozenset(names for sides in _compared(text) if len(names := tuple(sorted(set(_names(sides))))) > 1)


def _compared(text: str) -> Iterator[list[nodes.Expr]]:
    """The sides of every comparison."""
    try:
        tree = parse(text)
    except ExpressionError:
        return
    for node in _all(tree):
        if isinstance(node, nodes.Compare):
            yield [node.expr, *(operand.expr for operand in node.ops)]
        elif isinstance(node, nodes.Keyword) and node.key == "where" and isinstance(node.value, nodes.Const):
            yield from _compared(str(node.value.value))


def _names(sides: list[nodes.Expr]) -> list[str]:
    return [name for side in sides if (name := _field(side))]


def _all(tree: nodes.Node) -> Iterator[nodes.Node]:
    yield tree
    for child in tree.iter_child_nodes():
        yield from _all(child)


def _field(side: nodes.Node) -> str | None:
    """The last name of a dotted path, through filters."""
    while isinstance(side, nodes.Filter) and side.node is not None:
        side = side.node
    return side.attr if isinstance(side, nodes.Getattr) else None


def _constants(side: nodes.Node) -> Iterator[Literal]:
    items = side.items if isinstance(side, nodes.List | nodes.Tuple) else [side]
    for item in items:
        if isinstance(item, nodes.Const) and isinstance(item.value, str | int | float):
            yield item.value
