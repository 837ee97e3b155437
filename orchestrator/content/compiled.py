"""Templates, values and expressions of one workspace's content, compiled when first used and kept."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from jinja2 import Template

from orchestrator.content.locale_chain import localised
from orchestrator.content.snippets import expand
from orchestrator.content.straight import FIXED, Straight, compile_straight
from orchestrator.expressions.environment import Printer, TemplateEnvironment, render_template
from orchestrator.expressions.expression import Expression, compile_expression
from orchestrator.expressions.scope import Scope
from orchestrator.expressions.value import ValueTemplate, compile_value
from orchestrator.expressions.values import canonical_text
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
    "offer",
    "blocks",
)
_LAYOUT_NAMES = ("content", "subject", "preheader", "image", "sender", "unsubscribe_url", "preferences_url", "why_url")
_OF_MESSAGE = re.compile(r"message\.\w+")
NOTHING: Mapping[str, object] = MappingProxyType({})
_VOCABULARY = Vocabulary(dict.fromkeys(_NAMES))
_LAYOUT_VOCABULARY = Vocabulary(dict.fromkeys((*_NAMES, *_LAYOUT_NAMES)))


class Compiled:
    """Lint has checked all of it: what cannot be compiled here raises jinja2.TemplateSyntaxError or ExpressionError."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._environment = TemplateEnvironment()
        self._templates: dict[str, Template] = {}
        self._straight: dict[str, Straight | None] = {}
        self._layouts: dict[tuple[str, str, Printer, bool], Straight | None] = {}
        self._expressions: dict[str, Expression] = {}
        self._values: dict[str, ValueTemplate] = {}
        self._brands: dict[str, object] = {}
        self._utms: dict[tuple[object, ...], dict[str, str]] = {}
        printed = [one for text in workspace.links.utm.values() for one in self.value(text).expressions]
        self._plain_utm = all(_OF_MESSAGE.fullmatch(one.canonical) for one in printed)
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

    def render(self, text: str, scope: Scope, printer: Printer) -> str:
        """The text of a template; each value is escaped by `printer`.

        Raises MissingValue, BoundExceeded, jinja2.TemplateError, and what a broken filter call raises.
        """
        if text not in self._straight:
            self._straight[text] = compile_straight(text, _VOCABULARY)
        straight = self._straight[text]
        return self._render_template(text, scope, printer) if straight is None else straight.render(scope, printer)

    def render_layout(self, text: str, scope: Scope, printer: Printer) -> str:
        """As `render`, of a template that is the same for many messages. `scope` has the layout's names too; `printer` is one that
        depends on the value alone."""
        offered = scope.names.get("offer") is not None
        key = (text, scope.locale, printer, offered)
        if key not in self._layouts:
            straight = compile_straight(text, _LAYOUT_VOCABULARY, FIXED if offered else FIXED | {"offer"})
            self._layouts[key] = None if straight is None else straight.folded(scope, printer)
        layout = self._layouts[key]
        return self._render_template(text, scope, printer) if layout is None else layout.render(scope, printer)

    def _render_template(self, text: str, scope: Scope, printer: Printer) -> str:
        template = self._templates.get(text)
        if template is None:
            template = self._templates[text] = self._environment.from_string(text)
        return render_template(template, scope, printer, NOTHING)

    def value(self, text: str) -> ValueTemplate:
        """A short text with values in it, cheaper than a template."""
        found = self._values.get(text)
        if found is None:
            found = self._values[text] = compile_value(text, _VOCABULARY)
        return found

    def utm(self, scope: Scope) -> dict[str, str]:
        """The campaign parameters of a message; worked out once where they print nothing but what is known of `message`."""
        about = scope.names.get("message")
        key = tuple(about.items()) if self._plain_utm and isinstance(about, dict) else None
        found = None if key is None else self._utms.get(key)
        if found is None:
            found = {name: canonical_text(self.value(text).evaluate(scope)) for name, text in self.workspace.links.utm.items()}
            if key is not None:
                self._utms[key] = found
        return found

    def expression(self, text: str) -> Expression:
        """A WhatsApp variable."""
        found = self._expressions.get(text)
        if found is None:
            found = self._expressions[text] = compile_expression(text, _VOCABULARY)
        return found
