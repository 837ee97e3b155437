"""An expression: parsed by Jinja2's parser, compiled once to a Python function of the scope."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from jinja2 import Environment, TemplateSyntaxError, nodes

from orchestrator.expressions import functions
from orchestrator.expressions.arithmetic import calculate, joined, lookup, negate
from orchestrator.expressions.calls import HistoryNeed
from orchestrator.expressions.comparison import contains, equal, ordered, ordered_with_now
from orchestrator.expressions.filters import apply_filter, apply_test
from orchestrator.expressions.generator import Generator
from orchestrator.expressions.normal_form import canonical
from orchestrator.expressions.problems import ExpressionError, Problem
from orchestrator.expressions.scope import Scope
from orchestrator.expressions.values import canonical_text
from orchestrator.expressions.vocabulary import Vocabulary

MAX_TEXT = 2_000
_NAMES = {
    "lookup": lookup, "eq": equal, "ordered": ordered, "ordered_now": ordered_with_now, "contains": contains, "calc": calculate,
    "neg": negate, "joined": joined, "filt": apply_filter, "test": apply_test, "fn": functions, "text": canonical_text, "D": Decimal,
    "__builtins__": {},
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """`reads` are the top-level names, `paths` the dotted paths it reads, `needs` the history that must be kept for it."""

    text: str
    reads: frozenset[str]
    paths: frozenset[tuple[str, ...]]
    needs: frozenset[HistoryNeed]
    canonical: str
    function: Callable[[Scope], object] = field(repr=False)
    warnings: tuple[Problem, ...] = ()
    constant: bool = False
    """It reads nothing: no name, no function."""

    def evaluate(self, scope: Scope) -> object:
        """Its value; missing is None. Raises nothing for any data."""
        try:
            return self.function(scope)
        except RecursionError:
            scope.warnings += 1
            return None

    def true(self, scope: Scope) -> bool:
        """As a condition: false, missing, 0, empty text, list and mapping are false."""
        return bool(self.evaluate(scope))


@lru_cache(maxsize=1)
def jinja_parser() -> Environment:
    return Environment(autoescape=False)  # noqa: S701  (only its parser is used)


def parse(text: str) -> nodes.Expr:
    """The tree of one expression. Raises ExpressionError with E001, E002 or E008."""
    if len(text) > MAX_TEXT:
        raise ExpressionError(text, [Problem("E008", f"{len(text)} characters", f"an expression has at most {MAX_TEXT}", "split it")])
    for mark in ("{{", "}}", "{%", "%}", "{#"):
        if mark in text:
            raise ExpressionError(
                text,
                [Problem("E002", f"`{mark}` in an expression", "this key takes a bare expression", "remove the braces", text.find(mark))],
            )
    if not text.strip():
        raise ExpressionError(
            text, [Problem("E001", "an empty expression", "there is nothing to evaluate", "write one, or remove the key")]
        )
    try:
        tree = jinja_parser().parse("{{ (" + text + "\n) }}")
    except TemplateSyntaxError as error:
        raise ExpressionError(
            text,
            [
                Problem(
                    "E001", str(error.message), "this is not an expression", "check brackets and quotes", _column(text, str(error.message))
                )
            ],
        ) from None
    except (RecursionError, ValueError, OverflowError):
        raise ExpressionError(text, [Problem("E008", "nested too deeply", "an expression has at most 200 parts", "split it")]) from None
    output = tree.body[0] if len(tree.body) == 1 else None
    if not isinstance(output, nodes.Output) or len(output.nodes) != 1 or isinstance(output.nodes[0], nodes.TemplateData):
        raise ExpressionError(text, [Problem("E001", "more than one expression", "this key takes one", "write one expression")])
    return output.nodes[0]


def _column(text: str, message: str) -> int:
    quoted = message.split("'")
    return max(text.find(quoted[1]), 0) if len(quoted) > 2 else 0


def source_of(node: nodes.Expr, text: str, vocabulary: Vocabulary) -> tuple[str, Generator]:
    """Python source of a parsed expression, and what its generator has found out."""

    def where(inner: str) -> tuple[str, list[Problem], frozenset[str]]:
        try:
            tree = parse(inner)
        except ExpressionError as error:
            return "None", list(error.problems), frozenset()
        source, nested = source_of(tree, inner, vocabulary.with_names(event=None))
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
        constant=not generator.reads and not generator.calls,
    )


def compile_expression(text: str, vocabulary: Vocabulary) -> Expression:
    """Compile one bare expression. Raises ExpressionError with all problems, each with its place in the text."""
    return compile_node(parse(text), text, vocabulary)
