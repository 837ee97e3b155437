"""Templates that only print: no conditions, no loops. Their expressions are compiled one by one, which costs a fifth of a template's run."""

from dataclasses import dataclass

from jinja2 import TemplateSyntaxError, nodes

from orchestrator.expressions.environment import MAX_OUTPUT, BoundExceeded, MissingValue, Printer, TemplateEnvironment
from orchestrator.expressions.expression import Expression, compile_node
from orchestrator.expressions.problems import ExpressionError
from orchestrator.expressions.scope import Scope
from orchestrator.expressions.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Straight:
    """Texts and, with the line each stands on, expressions."""

    parts: tuple[str | tuple[Expression, int], ...]

    def render(self, scope: Scope, printer: Printer) -> str:
        """Raises MissingValue and BoundExceeded, as a template does."""
        found: list[str] = []
        for part in self.parts:
            if isinstance(part, str):
                found.append(part)
                continue
            expression, line = part
            value = expression.evaluate(scope)
            if value is None:
                raise MissingValue(expression.canonical, line)
            found.append(printer(value))
        text = "".join(found)
        if len(text) > MAX_OUTPUT:
            raise BoundExceeded(f"more than {MAX_OUTPUT} characters")
        return text


def compile_straight(source: str, vocabulary: Vocabulary) -> Straight | None:
    """None where the text needs more than printing (or is broken, which the template engine then says)."""
    try:
        body = TemplateEnvironment().parse(source).body
        if not all(isinstance(node, nodes.Output) for node in body):
            return None
        outputs = (node for output in body if isinstance(output, nodes.Output) for node in output.nodes)
        return Straight(
            tuple(
                node.data if isinstance(node, nodes.TemplateData) else (compile_node(node, source, vocabulary), node.lineno)
                for node in outputs
            )
        )
    except (TemplateSyntaxError, ExpressionError):
        return None
