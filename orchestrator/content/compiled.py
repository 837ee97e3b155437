"""Templates, values and expressions of one workspace's content, compiled when first used and kept."""

from collections.abc import Mapping
from types import MappingProxyType

from jinja2 import Template

from orchestrator.content.locale_chain import localised
from orchestrator.content.snippets import expand
from orchestrator.content.straight import Straight, compile_straight
from orchestrator.expressions.environment import Printer, TemplateEnvironment, render_template
from orchestrator.expressions.expression import Expression, compile_expression
from orchestrator.expressions.scope import Scope
from orchestrator.expressions.value import ValueTemplate, compile_value
from orchestrator.expressions.vocabulary import Vocabulary
from orchestrator.workspace.workspace import Workspace

_NAMES = (
    "customer",
    "entry",
    "event",
    "run",
    "steps",
    "waited",
    "journey",
    "now",
    "message",
    "vars",
    "brand",
    "locale",
    "action",
    "blocks",
)
NOTHING: Mapping[str, object] = MappingProxyType({})
_VOCABULARY = Vocabulary(dict.fromkeys(_NAMES))


class Compiled:
    """Lint has checked all of it: what cannot be compiled here raises jinja2.TemplateSyntaxError or ExpressionError."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._environment = TemplateEnvironment()
        self._templates: dict[str, Template] = {}
        self._straight: dict[str, Straight | None] = {}
        self._expressions: dict[str, Expression] = {}
        self._values: dict[str, ValueTemplate] = {}
        self._brands: dict[str, object] = {}
        self._expanded: dict[tuple[str, str], str] = {}

    def brand(self, locale: str) -> object:
        """The brand as one locale reads it."""
        if locale not in self._brands:
            self._brands[locale] = localised(
                self.workspace.brand.values, locale, self.workspace.locale, (*self.workspace.locales, self.workspace.locale)
            )
        return self._brands[locale]

    def expanded(self, text: str, locale: str) -> str:
        """With its snippets. Raises SnippetError, which lint has ruled out."""
        if "include" not in text:
            return text
        found = self._expanded.get((text, locale))
        if found is None:
            found = self._expanded[text, locale] = expand(text, self.workspace.snippets, locale, self.workspace.locale)
        return found

    def render(self, text: str, scope: Scope, printer: Printer, names: Mapping[str, object] = NOTHING) -> str:
        """The text of a template; each value is escaped by `printer`. `names` are names beside those of the scope.

        Raises MissingValue, BoundExceeded, jinja2.TemplateError, and what a broken filter call raises.
        """
        if not names:
            if text not in self._straight:
                self._straight[text] = compile_straight(text, _VOCABULARY)
            straight = self._straight[text]
            if straight is not None:
                return straight.render(scope, printer)
        template = self._templates.get(text)
        if template is None:
            template = self._templates[text] = self._environment.from_string(text)
        return render_template(template, scope, printer, names)

    def value(self, text: str) -> ValueTemplate:
        """A short text with values in it, cheaper than a template."""
        found = self._values.get(text)
        if found is None:
            found = self._values[text] = compile_value(text, _VOCABULARY)
        return found

    def expression(self, text: str) -> Expression:
        """A WhatsApp variable."""
        found = self._expressions.get(text)
        if found is None:
            found = self._expressions[text] = compile_expression(text, _VOCABULARY)
        return found
