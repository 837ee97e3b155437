"""What can be missing: read off the parsed expression and the conditions it stands under (language: missing is false, and equals nothing)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from jinja2 import nodes

from orchestrator.content.uses import ANY_CUSTOMER, ANY_ENTRY
from orchestrator.expressions.normal_form import canonical, dotted

UNSURE = frozenset(("entry", "customer", "vars", "steps", "waited", "event", "brand"))
"""Names whose fields may be missing unless something says that they are not."""
_PROVES = {"defined": True, "number": True, "text": True, "like": True, "in": True, "none": False, "undefined": False, "blank": False}
"""Tests that say that a value is there, by their outcome."""
Paths = frozenset[tuple[str, ...]]
_WHOLE: Paths = frozenset((ANY_ENTRY, ANY_CUSTOMER))
Optional = Mapping[tuple[str, ...], frozenset[str]]
"""Further paths that may be missing, each with the names that are there whenever it is."""


def present_if(test: nodes.Node, outcome: bool) -> frozenset[str]:
    """Normal forms of what cannot be missing where `test` came out as `outcome`."""
    match test:
        case nodes.Not(node=inner):
            return present_if(inner, not outcome)
        case nodes.And(left=left, right=right) | nodes.Or(left=left, right=right):
            first, second = present_if(left, outcome), present_if(right, outcome)
            return first | second if isinstance(test, nodes.And) == outcome else first & second
        case nodes.Compare(expr=left, ops=[operand]):
            told = operand.op not in ("ne", "notin")
            return _operand(left) | _operand(operand.expr) if told == outcome else frozenset()
        case nodes.Test(node=inner, name=name):
            return _operand(inner) if _PROVES.get(name) is outcome else frozenset()
        case _:
            return _operand(test) if outcome else frozenset()


def _operand(node: nodes.Node) -> frozenset[str]:
    """A filter of a missing value is missing, so what is in it is there if the result is."""
    if isinstance(node, nodes.Filter):
        inner = frozenset[str]() if node.name == "default" or node.node is None else _operand(node.node)
        return inner | {canonical(node)}
    return frozenset((canonical(node),)) if isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem) else frozenset()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known at one place of a template: `required` is never missing, `local` are names the template itself sets, and
    `present` are normal forms of what the conditions around it have asked for."""

    required: Paths
    optional: Optional
    present: frozenset[str] = frozenset()
    local: frozenset[str] = frozenset()

    def given(self, test: nodes.Node, outcome: bool) -> "Known":
        """Where `test` came out as `outcome`."""
        return replace(self, present=self.present | present_if(test, outcome))

    def setting(self, *names: str) -> "Known":
        """After the template has set these names."""
        return replace(self, local=self.local | set(names))


def may_miss(node: nodes.Node | None, known: Known) -> str | None:
    """The path that may be missing, None where a value is sure."""
    if node is None or canonical(node) in known.present:
        return None
    match node:
        case nodes.Filter(name="default", args=args):
            return may_miss(args[0], known) if args else None
        case nodes.Filter(node=inner) | nodes.Neg(node=inner):
            return may_miss(inner, known)
        case nodes.CondExpr(test=test, expr1=then, expr2=otherwise):
            other = may_miss(otherwise, known.given(test, False)) if otherwise is not None else f"the `else` of `{_shown(then)} if …`"
            return may_miss(then, known.given(test, True)) or other
        case nodes.Or(left=left, right=right):
            return may_miss(right, known.given(left, False))
        case nodes.And(left=left, right=right):
            return may_miss(left, known) or may_miss(right, known.given(left, True))
        case nodes.BinExpr(left=left, right=right):
            return may_miss(left, known) or may_miss(right, known)
        case nodes.Concat(nodes=parts):
            return next((found for part in parts if (found := may_miss(part, known))), None)
        case nodes.Name() | nodes.Getattr() | nodes.Getitem():
            return _path(node, known)
        case _:
            return None


def _path(node: nodes.Node, known: Known) -> str | None:
    path = dotted(node)
    if path is None:
        root: nodes.Node = node
        while isinstance(root, nodes.Getattr | nodes.Getitem):
            root = root.node
        return None if isinstance(root, nodes.Name) and root.name in known.local else _shown(node)
    if path[0] in known.local:
        return None
    for depth in range(len(path), 0, -1):
        names = known.optional.get(path[:depth])
        if names is not None:
            return None if known.present & names or canonical(node) in known.present else ".".join(path)
    if path in known.required or path[:1] in known.required & _WHOLE:
        return None
    return ".".join(path) if path[0] in UNSURE else None


def _shown(node: nodes.Node) -> str:
    """An expression for people: paths as they are written, the rest in short."""
    path = dotted(node)
    if path is not None:
        return ".".join(path)
    match node:
        case nodes.Getattr(node=inner, attr=attr):
            return f"{_shown(inner)}.{attr}"
        case nodes.Getitem(node=inner, arg=nodes.Const(value=value)):
            return f"{_shown(inner)}[{value!r}]"
        case nodes.Call(node=nodes.Name(name=name)):
            return f"{name}(…)"
        case _:
            return "…"
