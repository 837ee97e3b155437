"""The history a template asks for, so that it is kept."""

from collections.abc import Iterable

from jinja2 import TemplateSyntaxError, nodes

from orchestrator.expressions.calls import HistoryNeed
from orchestrator.expressions.environment import TemplateEnvironment
from orchestrator.expressions.expression import source_of
from orchestrator.expressions.vocabulary import HISTORY, Vocabulary


def template_needs(texts: Iterable[str]) -> set[HistoryNeed]:
    """Of all texts; those that cannot be read ask for nothing (lint says why)."""
    found: set[HistoryNeed] = set()
    for text in texts:
        if not any(name in text for name in HISTORY):
            continue
        try:
            tree = TemplateEnvironment().parse(text)
        except TemplateSyntaxError:
            continue
        for call in tree.find_all(nodes.Call):
            _source, generator = source_of(call, text, Vocabulary())
            found |= generator.needs
    return found
