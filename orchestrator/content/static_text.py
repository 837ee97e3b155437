"""The words of a template that stand in its source, without its values and conditions."""

from jinja2 import TemplateSyntaxError, nodes

from orchestrator.expressions.environment import TemplateEnvironment


def without_code(source: str) -> str:
    """All text, an `x` for each printed value; everything else of the template engine is left out."""
    parts: list[str] = []
    try:
        for _line, kind, text in TemplateEnvironment().lex(source):
            parts.append(text if kind == "data" else "x" if kind == "variable_begin" else "")
    except TemplateSyntaxError:
        return source
    return "".join(parts)


def certain_text(source: str) -> str:
    """Only what every reader gets: neither values nor what stands under a condition or in a loop."""
    try:
        body = TemplateEnvironment().parse(source).body
    except TemplateSyntaxError:
        return ""
    outputs = (part for node in body if isinstance(node, nodes.Output) for part in node.nodes)
    return "".join(part.data for part in outputs if isinstance(part, nodes.TemplateData))
