"""The picture of a mail whose layout has no place for it."""

from collections.abc import Mapping
from functools import lru_cache
from html import escape

from jinja2 import TemplateSyntaxError, nodes

from orchestrator.expressions.environment import TemplateEnvironment


@lru_cache(maxsize=256)
def names_in(source: str) -> frozenset[str]:
    """Top-level names a template reads; none where it cannot be read."""
    try:
        return frozenset(node.name for node in TemplateEnvironment().parse(source).find_all(nodes.Name))
    except TemplateSyntaxError:
        return frozenset()


def picture(image: Mapping[str, object]) -> str:
    """It stands before the text."""
    url, alt = escape(str(image["url"])), escape(str(image["alt"]))
    return f'<p style="margin:0 0 16px"><img src="{url}" alt="{alt}" style="display:block;width:100%;max-width:560px"></p>\n'
