"""The `value` type of the language: any YAML in which a text with `{{` is a template, mappings and lists walked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from jinja2 import TemplateSyntaxError, nodes

from orchestrator.expressions.arithmetic import bounded
from orchestrator.expressions.expression import Expression, compile_node
from orchestrator.expressions.problems import ExpressionError, Problem
from orchestrator.expressions.scope import Place, Scope
from orchestrator.expressions.syntax import jinja_parser
from orchestrator.expressions.values import canonical_text
from orchestrator.expressions.vocabulary import Vocabulary

Part = str | Expression


@dataclass(frozen=True, slots=True, eq=False)
class ValueTemplate:
    """`raw` is what was written. One `{{ … }}` and nothing else keeps the expression's type; else the texts are joined."""

    raw: object
    node: object

    def evaluate(self, scope: Scope) -> object:
        """The value; a text with a missing part is missing."""
        return _evaluate(self.node, scope)

    def evaluate_url(self, scope: Scope) -> str | None:
        """As text in which every value is percent-encoded (RFC 3986, section 2.1): none of them can become another part of the URL.
        One whose last act is `| urlencode` already is: not so `a ~ b | urlencode`, where that is of `b` alone. None with a missing part."""
        if isinstance(self.node, str):
            return self.node
        if not isinstance(self.node, _Text):
            return None  # a URL is a text with its host written out
        found: list[str] = []
        for index, part in enumerate(self.node.parts):
            if isinstance(part, str):
                found.append(part)
                continue
            value = part.evaluate(scope)
            if value is None:
                return None
            text = canonical_text(value)
            found.append(text if index in self.node.encoded else quote(text, safe="", errors="replace"))
        return bounded("".join(found))

    @property
    def expressions(self) -> tuple[Expression, ...]:
        return tuple(_expressions(self.node))


@dataclass(frozen=True, slots=True, eq=False)
class _Text:
    """`encoded`: the places of parts whose last act is `| urlencode`."""

    parts: tuple[Part, ...]
    encoded: frozenset[int]


def _evaluate(node: object, scope: Scope) -> object:
    match node:
        case Expression():
            return node.evaluate(scope)
        case _Text():
            found = [part if isinstance(part, str) else part.evaluate(scope) for part in node.parts]
            return None if any(part is None for part in found) else bounded("".join(canonical_text(part) for part in found))
        case Mapping():
            return {name: _evaluate(item, scope) for name, item in node.items()}
        case list():
            return [_evaluate(item, scope) for item in node]
        case _:
            return node


def _expressions(node: object) -> list[Expression]:
    match node:
        case Expression():
            return [node]
        case _Text():
            return [part for part in node.parts if isinstance(part, Expression)]
        case Mapping():
            return [found for item in node.values() for found in _expressions(item)]
        case list():
            return [found for item in node for found in _expressions(item)]
        case _:
            return []


def compile_value(raw: object, vocabulary: Vocabulary, place: Place | None = None) -> ValueTemplate:
    """`place`: where it stands. Raises ExpressionError."""
    return ValueTemplate(raw, _compile(raw, vocabulary, place))


def _compile(raw: object, vocabulary: Vocabulary, place: Place | None) -> object:
    if isinstance(raw, str) and "{{" in raw:
        return _compile_text(raw, vocabulary, place)
    if isinstance(raw, Mapping):
        return {str(name): _compile(item, vocabulary, place) for name, item in raw.items()}
    if isinstance(raw, list):
        return [_compile(item, vocabulary, place) for item in raw]
    return raw


def _compile_text(raw: str, vocabulary: Vocabulary, place: Place | None) -> object:
    try:
        tree = jinja_parser().parse(raw)
    except TemplateSyntaxError as error:
        raise ExpressionError(raw, [Problem("E001", str(error.message), "this is not a template", "check braces and quotes")]) from None
    parts: list[Part] = []
    encoded: set[int] = set()
    for output in tree.body:
        if not isinstance(output, nodes.Output):
            raise ExpressionError(raw, [Problem("E007", "a block in a value", "values take `{{ }}` only", "use `a if condition else b`")])
        for node in output.nodes:
            if isinstance(node, nodes.Filter) and node.name == "urlencode":
                encoded.add(len(parts))
            parts.append(
                str(node.data) if isinstance(node, nodes.TemplateData) else replace(compile_node(node, raw, vocabulary), place=place)
            )
    return parts[0] if len(parts) == 1 else _Text(tuple(parts), frozenset(encoded))
