"""A parsed expression as a person writes it, for advice that can be copied: `event.total`, `open_issues(kind='fault')`."""

from decimal import Decimal

from jinja2 import nodes

LONGEST = 60
_SIGNS = {nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*", nodes.Div: "/", nodes.FloorDiv: "//", nodes.Mod: "%"}
_WORDS = {None: "none", True: "true", False: "false"}


def written(node: nodes.Node, otherwise: str = "x") -> str:
    """`otherwise` stands for what is long, or has a form that advice does not need."""
    found = _text(node)
    return otherwise if found is None or len(found) > LONGEST else found


def operand(node: nodes.Node, otherwise: str = "x") -> str:
    """As `written`, in brackets where a filter or a sign behind it would take only a part."""
    found = written(node, otherwise)
    return f"({found})" if isinstance(node, nodes.BinExpr) and found != otherwise else found


def _text(node: nodes.Node) -> str | None:
    match node:
        case nodes.Const(value=value):
            return _constant(value)
        case nodes.Name(name=name):
            return str(name)
        case nodes.Getattr(node=inner, attr=attr):
            return _joined(_text(inner), f".{attr}")
        case nodes.Getitem(node=inner, arg=nodes.Const(value=key)):
            return _joined(_text(inner), f"[{_constant(key)}]")
        case nodes.List(items=items):
            return _bracketed("[", items, [], "]")
        case nodes.Call(node=nodes.Name(name=name), args=args, kwargs=kwargs):
            return _joined(str(name), _bracketed("(", args, kwargs, ")"))
        case nodes.Filter(node=nodes.Node() as inner, name=name, args=args, kwargs=kwargs):
            return _joined(_side(inner), f" | {name}", _bracketed("(", args, kwargs, ")") if args or kwargs else "")
        case nodes.BinExpr(left=left, right=right) if type(node) in _SIGNS:
            return _joined(_side(left), f" {_SIGNS[type(node)]} ", _side(right))
        case _:
            return None


def _side(node: nodes.Node) -> str | None:
    found = _text(node)
    return f"({found})" if isinstance(node, nodes.BinExpr) and found is not None else found


def _constant(value: object) -> str | None:
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    return repr(value) if isinstance(value, str) else str(value) if isinstance(value, int | float | Decimal) else None


def _bracketed(opening: str, args: list[nodes.Expr], kwargs: list[nodes.Keyword] | list[nodes.Pair], closing: str) -> str | None:
    parts = [_text(arg) for arg in args] + [_joined(f"{pair.key}=", _text(pair.value)) for pair in kwargs]
    return None if any(part is None for part in parts) else opening + ", ".join(part or "" for part in parts) + closing


def _joined(*parts: str | None) -> str | None:
    return None if any(part is None for part in parts) else "".join(part or "" for part in parts)
