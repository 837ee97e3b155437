"""Normal forms of parsed expressions: equal for texts that differ only in blanks and quotes; paths as tuples."""

from jinja2 import nodes


def dotted(node: nodes.Node) -> tuple[str, ...] | None:
    """`customer.context.last_page` as a tuple; None where the path is not literal."""
    if isinstance(node, nodes.Name):
        return (node.name,)
    if isinstance(node, nodes.Getattr):
        inner = dotted(node.node)
        return None if inner is None else (*inner, node.attr)
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
        inner = dotted(node.node)
        return None if inner is None else (*inner, node.arg.value)
    return None


def past_field(node: nodes.Node) -> tuple[str, str] | None:
    """`last_of('Order Placed').total` as the event and the field."""
    match node:
        case (
            nodes.Getattr(node=nodes.Call() as call, attr=str() as name)
            | nodes.Getitem(node=nodes.Call() as call, arg=nodes.Const(value=str() as name))
        ):
            event = _event_of(call)
            return None if event is None else (event, name)
        case _:
            return None


def _event_of(call: nodes.Call) -> str | None:
    if not isinstance(call.node, nodes.Name) or call.node.name not in ("last_of", "first_of"):
        return None
    given = [*call.args[:1], *(pair.value for pair in call.kwargs if pair.key == "event")]
    return next((one.value for one in given if isinstance(one, nodes.Const) and isinstance(one.value, str)), None)


def canonical(node: nodes.Node) -> str:
    """A normal form: equal for expressions that differ only in blanks and quotes."""
    match node:
        case nodes.Const(value=value):
            return repr(value)
        case nodes.Name(name=name):
            return str(name)
        case nodes.Getattr(node=inner, attr=attr):
            return f"{canonical(inner)}.{attr}"
        case nodes.Getitem(node=inner, arg=nodes.Const(value=str() as key)):
            return f"{canonical(inner)}.{key}"
        case nodes.Filter(node=inner, name=name, args=args, kwargs=kwargs):
            given = [canonical(arg) for arg in args] + sorted(f"{pair.key}={canonical(pair.value)}" for pair in kwargs)
            return f"{canonical(inner) if inner is not None else ''}|{name}({','.join(given)})"
        case _:
            parts = [
                f"{name}={canonical(value) if isinstance(value, nodes.Node) else [canonical(v) if isinstance(v, nodes.Node) else v for v in value] if isinstance(value, list) else value!r}"
                for name, value in node.iter_fields(exclude=("ctx",))
            ]
            return f"{type(node).__name__}({','.join(parts)})"
