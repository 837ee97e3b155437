"""What lint says of one expression: its problems and warnings, and whether its advice leads to an expression without any."""

import re

from orchestrator.expressions.expression import compile_expression
from orchestrator.expressions.kinds import declared
from orchestrator.expressions.problems import ExpressionError, Problem
from orchestrator.expressions.vocabulary import Vocabulary

_TYPES = {
    "t": "text", "u": "text", "n": "number", "b": "boolean", "at": "instant", "until": "instant", "day": "date", "l": "list", "o": "object",
}  # fmt: skip
WORDS = Vocabulary({"event": frozenset(_TYPES), "customer": None, "now": None, "x": None}).with_declared(
    {("event", name): kind for name, type_name in _TYPES.items() if (kind := declared(type_name)) is not None}
)
_ADVICE = re.compile(r"`([^`]+)`")


def judged(text: str, words: Vocabulary = WORDS) -> list[Problem]:
    """Problems, or what is warned of where there are none."""
    try:
        return list(compile_expression(text, words).warnings)
    except ExpressionError as error:
        return list(error.problems)


def advised(problem: Problem) -> list[str]:
    """The expressions that a fix shows."""
    found = _ADVICE.findall(problem.fix)
    assert found, problem
    return found
