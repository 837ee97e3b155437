"""Expressions of YAML values: compiled, with their problems put at the right line and column of the file."""

from orchestrator.expressions.expression import Expression, compile_expression
from orchestrator.expressions.problems import ExpressionError
from orchestrator.expressions.value import ValueTemplate, compile_value
from orchestrator.expressions.vocabulary import Vocabulary
from orchestrator.workspace.shape import Reading
from orchestrator.workspace.yaml_node import Node


def expression_at(node: object, vocabulary: Vocabulary, reading: Reading) -> Expression | None:
    """The compiled expression, or None with all its problems noted."""
    if not isinstance(node, Node):
        return None
    try:
        return compile_expression(node.text, vocabulary)
    except ExpressionError as error:
        _note(error, node, reading)
        return None


def value_at(node: object, vocabulary: Vocabulary, reading: Reading) -> ValueTemplate | None:
    """The compiled value, or None with all its problems noted."""
    if not isinstance(node, Node):
        return None
    try:
        return compile_value(node.data(), vocabulary)
    except ExpressionError as error:
        _note(error, node, reading)
        return None


def _note(error: ExpressionError, node: Node, reading: Reading) -> None:
    """Exact for values on one line; in blocks the place of the value."""
    single = node.kind == "scalar" and not node.block and "\n" not in node.text
    for problem in error.problems:
        shift = (0 if node.plain else 1) + problem.column if single else 0
        reading.findings.note(problem.code, reading.file, (node.line, node.column + shift), problem.what, problem.why, problem.fix)
