"""An expression: parsed by Jinja2's parser, compiled once to a Python function of the scope."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from jinja2 import nodes

from orchestrator.expressions import functions
from orchestrator.expressions.arithmetic import calculate, joined, lookup, negate
from orchestrator.expressions.calls import HistoryNeed
from orchestrator.expressions.comparison import contains, equal, equal_with_now, ordered, ordered_with_now
from orchestrator.expressions.filters import apply_filter, apply_test
from orchestrator.expressions.generator import Generator
from orchestrator.expressions.normal_form import canonical
from orchestrator.expressions.problems import ExpressionError, Problem
from orchestrator.expressions.scope import Place, Scope
from orchestrator.expressions.syntax import parse
from orchestrator.expressions.values import canonical_text
from orchestrator.expressions.vocabulary import Vocabulary

_NAMES = {
    "lookup": lookup, "eq": equal, "eq_now": equal_with_now, "ordered": ordered, "ordered_now": ordered_with_now, "contains": contains, "calc": calculate,
    "neg": negate, "joined": joined, "filt": apply_filter, "test": apply_test, "fn": functions, "text": canonical_text, "D": Decimal,
    "__builtins__": {},
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """`reads` are the top-level names, `paths` the dotted paths it reads, `needs` the history that must be kept for it,
    `audiences` those it asks for by name."""

    text: str
    reads: frozenset[str]
    paths: frozenset[tuple[str, ...]]
    needs: frozenset[HistoryNeed]
    canonical: str
    function: Callable[[Scope], object] = field(repr=False)
    warnings: tuple[Problem, ...] = ()
    audiences: frozenset[str] = frozenset()
    constant: bool = False
    """It reads nothing: no name, no function."""
    place: Place | None = None
    """Where it stands, if that is known."""

    def evaluate(self, scope: Scope) -> object:
        """Its value; missing is None. Raises nothing for any data."""
        before = scope.warnings
        try:
            found = self.function(scope)
        except RecursionError:
            scope.warnings += 1
            found = None
        if scope.warnings != before:
            scope.warn(self.place, scope.warnings - before)
        return found

    def true(self, scope: Scope) -> bool:
        """As a condition: false, missing, 0, empty text, list and mapping are false."""
        return bool(self.evaluate(scope))


def source_of(node: nodes.Expr, text: str, vocabulary: Vocabulary) -> tuple[str, Generator]:
    """Python source of a parsed expression, and what its generator has found out."""

    def where(inner: str, event: str) -> tuple[str, list[Problem], frozenset[str]]:
        try:
            tree = parse(inner)
        except ExpressionError as error:
            return "None", list(error.problems), frozenset()
        source, nested = source_of(tree, inner, vocabulary.of_the_past(event))
        generator.needs |= nested.needs
        generator.audiences |= nested.audiences
        offset = max(text.find(inner), 0)
        generator.warnings += [replace(one, column=offset + one.column) for one in nested.warnings]
        return source, nested.problems, frozenset(nested.reads)

    generator = Generator(text, vocabulary, where)
    try:
        source = generator.write(node)
    except RecursionError:
        source = generator.problem("E008", "nested too deeply", "an expression has at most 200 parts", "split it")
    return source, generator


def compile_node(node: nodes.Expr, text: str, vocabulary: Vocabulary) -> Expression:
    """Raises ExpressionError with all problems."""
    source, generator = source_of(node, text, vocabulary)
    if generator.problems:
        raise ExpressionError(text, generator.problems)
    try:
        function = eval(f"lambda s: (lambda N: {source})(s.names)", dict(_NAMES))  # noqa: S307  (our own generated source: no name of the text reaches it)
    except (SyntaxError, RecursionError, MemoryError):
        raise ExpressionError(text, [Problem("E008", "nested too deeply", "an expression has at most 200 parts", "split it")]) from None
    return Expression(
        text,
        frozenset(generator.reads),
        frozenset(generator.paths),
        frozenset(generator.needs),
        canonical(node),
        function,
        tuple(generator.warnings),
        frozenset(generator.audiences),
        constant=not generator.reads and not generator.calls,
    )


def compile_expression(text: str, vocabulary: Vocabulary) -> Expression:
    """Compile one bare expression. Raises ExpressionError with all problems, each with its place in the text."""
    return compile_node(parse(text), text, vocabulary)
