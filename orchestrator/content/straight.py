"""Templates that only print and choose: no loops, no names of their own. Their expressions are compiled one by one, which costs a
fifth of a template's run; what the brand and the locale alone decide is worked out once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias, cast

from jinja2 import TemplateSyntaxError, nodes

from orchestrator.expressions.environment import MAX_OUTPUT, BoundExceeded, MissingValue, Printer, TemplateEnvironment
from orchestrator.expressions.expression import Expression, compile_node
from orchestrator.expressions.problems import ExpressionError
from orchestrator.expressions.scope import Scope
from orchestrator.expressions.vocabulary import Vocabulary

FIXED = frozenset(("brand", "locale"))
"""Names that are the same for every message of one locale."""
_FIXED_FORMS = (nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const, nodes.Compare, nodes.Operand, nodes.Not, nodes.And, nodes.Or)


@dataclass(frozen=True, slots=True)
class Printed:
    """A value, and the line it stands on. `fixed`: it reads nothing but FIXED names, and neither place nor time matter to it."""

    expression: Expression
    line: int
    fixed: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """`{% if %}`: the parts of the first branch whose test is true."""

    branches: tuple[tuple[Printed | None, tuple["Part", ...]], ...]
    """The last one may have no test: `{% else %}`."""


Part: TypeAlias = str | Printed | Chosen


@dataclass(frozen=True, slots=True)
class Straight:
    """A template as a list of what it prints, in order."""

    parts: tuple[Part, ...]

    def render(self, scope: Scope, printer: Printer) -> str:
        """Raises MissingValue and BoundExceeded, as a template does."""
        found: list[str] = []
        _print(self.parts, scope, printer, found)
        text = "".join(found)
        if len(text) > MAX_OUTPUT:
            raise BoundExceeded(f"more than {MAX_OUTPUT} characters")
        return text

    def folded(self, scope: Scope, printer: Printer) -> "Straight":
        """The same with everything printed that is fixed; it renders alike wherever brand and locale are those of `scope`."""
        return Straight(tuple(_joined(_fold(self.parts, scope, printer))))


def _print(parts: tuple[Part, ...], scope: Scope, printer: Printer, found: list[str]) -> None:
    for part in parts:
        if isinstance(part, str):
            found.append(part)
        elif isinstance(part, Printed):
            value = part.expression.evaluate(scope)
            if value is None:
                raise MissingValue(part.expression.canonical, part.line)
            found.append(printer(value))
        else:
            for test, inner in part.branches:
                if test is None or test.expression.true(scope):
                    _print(inner, scope, printer, found)
                    break


def _fold(parts: tuple[Part, ...], scope: Scope, printer: Printer) -> Iterable[Part]:
    for part in parts:
        if isinstance(part, str):
            yield part
        elif isinstance(part, Printed):
            value = part.expression.evaluate(scope) if part.fixed else None
            yield part if value is None else printer(value)  # a missing one refuses each message anew
        else:
            yield from _fold_choice(part, scope, printer)


def _fold_choice(choice: Chosen, scope: Scope, printer: Printer) -> Iterable[Part]:
    """Tests whose answer is known are left out: false ones with their branch, a true one with all that comes after it."""
    left: list[tuple[Printed | None, tuple[Part, ...]]] = []
    for test, inner in choice.branches:
        always = test is None
        if test is not None and test.fixed:
            if not test.expression.true(scope):
                continue
            always = True
        left.append((None if always else test, tuple(_joined(_fold(inner, scope, printer)))))
        if always:
            break
    if left and left[0][0] is None:
        yield from left[0][1]
    elif left:
        yield Chosen(tuple(left))


def _joined(parts: Iterable[Part]) -> Iterable[Part]:
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += part
            continue
        if text:
            yield text
        text = ""
        yield part
    if text:
        yield text


def compile_straight(source: str, vocabulary: Vocabulary, fixed: frozenset[str] = FIXED) -> Straight | None:
    """None where the text needs more than printing and choosing (or is broken, which the template engine then says). `fixed`: names that
    are the same wherever it is folded."""
    try:
        return Straight(tuple(_compile(TemplateEnvironment().parse(source).body, source, vocabulary, fixed)))
    except (_NeedsMore, TemplateSyntaxError, ExpressionError):
        return None


class _NeedsMore(Exception):  # noqa: N818  (an answer, not a fault)
    """A loop, an assignment, an include."""


def _compile(body: list[nodes.Node], source: str, vocabulary: Vocabulary, fixed: frozenset[str]) -> Iterable[Part]:
    for node in body:
        if isinstance(node, nodes.Output):
            for one in node.nodes:
                yield one.data if isinstance(one, nodes.TemplateData) else _printed(one, source, vocabulary, fixed)
        elif isinstance(node, nodes.If):
            branches = [
                (_printed(cast("nodes.Expr", one.test), source, vocabulary, fixed), tuple(_compile(one.body, source, vocabulary, fixed)))
                for one in (node, *node.elif_)
            ]
            yield Chosen((*branches, (None, tuple(_compile(node.else_, source, vocabulary, fixed)))))
        else:
            raise _NeedsMore


def _printed(node: nodes.Expr, source: str, vocabulary: Vocabulary, fixed: frozenset[str]) -> Printed:
    return Printed(compile_node(node, source, vocabulary), node.lineno, _is_fixed(node, fixed))


def _is_fixed(node: nodes.Node, fixed: frozenset[str]) -> bool:
    if isinstance(node, nodes.Name):
        return node.name in fixed
    inner = all(_is_fixed(one, fixed) for one in node.iter_child_nodes())
    return inner and (node.name == "default" if isinstance(node, nodes.Filter) else isinstance(node, _FIXED_FORMS))
