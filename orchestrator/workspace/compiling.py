"""Expressions of YAML values: compiled, with their problems put at the right line and column of the file."""

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from orchestrator.expressions.expression import Expression, compile_expression
from orchestrator.expressions.folding import always as truth
from orchestrator.expressions.problems import ExpressionError, Problem
from orchestrator.expressions.scope import EmptyFacts, Scope
from orchestrator.expressions.syntax import parse
from orchestrator.expressions.value import ValueTemplate, compile_value
from orchestrator.expressions.vocabulary import Vocabulary
from orchestrator.workspace.shape import Reading
from orchestrator.workspace.yaml_node import Node


def expression_at(node: object, vocabulary: Vocabulary, reading: Reading) -> Expression | None:
    """The compiled expression, or None with all its problems noted."""
    if not isinstance(node, Node) or node.broken:
        return None
    try:
        found = compile_expression(node.text, vocabulary)
    except ExpressionError as error:
        _note(error.problems, node, reading)
        return None
    _note(found.warnings, node, reading)
    return replace(found, place=(reading.file, str(node.line)))


def condition_at(node: object, vocabulary: Vocabulary, reading: Reading) -> Expression | None:
    """As `expression_at`; also says when nothing can change its answer."""
    found = expression_at(node, vocabulary, reading)
    if found is not None and found.constant and isinstance(node, Node):
        always = found.true(Scope({}, EmptyFacts(), datetime.fromtimestamp(0, UTC), ZoneInfo("UTC")))
        _note([Problem("E014", f"always {str(always).lower()}", "it reads nothing that could change", "remove it")], node, reading)
    elif found is not None and isinstance(node, Node):
        answer = truth(parse(node.text))
        if answer is not None:
            why = "its parts cannot be true together" if not answer else "one of its parts is always true"
            fix = "x in ['a', 'b'] where any of them is meant" if not answer else "x not in ['a', 'b'] where none of them is meant"
            _note([Problem("E014", f"always {str(answer).lower()}", why, fix)], node, reading)
    return found


def value_at(node: object, vocabulary: Vocabulary, reading: Reading) -> ValueTemplate | None:
    """The compiled value, or None with all its problems noted."""
    if not isinstance(node, Node) or node.broken:
        return None
    endless = next((one for one in node.walk() if one.kind == "scalar" and one.scalar() in (math.inf, -math.inf)), None)
    if endless is not None:
        reading.bad(
            endless,
            "Y005",
            f"`{endless.text[:20]}` is out of range",
            "no such number can be kept or sent",
            "a smaller one, or text in quotes",
        )
        return None
    try:
        found = compile_value(node.data(), vocabulary, (reading.file, str(node.line)))
    except ExpressionError as error:
        _note(error.problems, node, reading)
        return None
    for expression in found.expressions:
        _note(expression.warnings, node, reading)
    return found


def _note(problems: Iterable[Problem], node: Node, reading: Reading) -> None:
    """Each at its own character."""
    for problem in problems:
        place = node.place_of(problem.column) if node.kind == "scalar" else node.place
        reading.findings.note(problem.code, reading.file, place, problem.what, problem.why, problem.fix)
