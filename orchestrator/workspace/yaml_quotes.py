"""Quotes that are not closed, or close too early, where a file stops being YAML."""

import re

import yaml

from orchestrator.workspace.yaml_spot import Mistake, Spot

_BEGINS = re.compile(r"""^((?:.*?[:\-,{\[]\s+|.*[{\[]|\s*))(['"])((?:(?!\2).)*)\2(\s*)$""")
"""A line up to the place: what stands before the value, its quote, its text, the blanks behind it."""
_COMMENT = re.compile(r"\s+#.*$|\s+$")


def swallowed(spot: Spot) -> Mistake | None:
    """A quote that was never closed ends at the next one, lines below."""
    last = _last_quoted(spot)
    if last is None or last.start_mark.line == last.end_mark.line or (spot.line, spot.column) < (last.end_mark.line, last.end_mark.column):
        return None
    if spot.line > last.end_mark.line + 1:
        return None
    why = f"`{last.style}` is opened here and closed only by the one at {last.end_mark.line + 1}:{last.end_mark.column}"
    return spot.not_yaml(last.start_mark.line, last.start_mark.column, why, f"close it at the end of its text: …{last.style}")


def _last_quoted(spot: Spot) -> yaml.ScalarToken | None:
    """Of the scalars that the parser could read: the last, where it has quotes."""
    found: yaml.ScalarToken | None = None
    try:
        for token in yaml.scan("\n".join(spot.lines) + "\n", Loader=yaml.SafeLoader):
            if (token.start_mark.line, token.start_mark.column) >= (spot.line, spot.column):
                break
            if isinstance(token, yaml.ScalarToken):
                found = token
    except yaml.YAMLError:
        pass  # it ends where the parser stopped
    return found if found is not None and found.style in ("'", '"') else None


def closed_early(spot: Spot) -> Mistake | None:
    """A value that begins with a quote ends at the next one, and something follows on the line."""
    begins = _BEGINS.match(spot.before)
    rest = spot.row[spot.column :]
    if begins is None or not rest.strip() or rest[:1] in ",}]:#" or "expected" not in spot.problem:
        return None
    start = begins.start(2)
    value = _value(spot.row[start:], flow="flow" in spot.context)
    if begins[4] or not rest[0].isalnum():
        why = "a value that begins with a quote ends at the next one, and something follows"
        return spot.not_yaml(spot.line, start, why, f"quote the whole value: {quoted(value)}")
    inner = value[1:-1] if value.endswith(begins[2]) and len(value) > 1 else value[1:]
    return spot.not_yaml(
        spot.line, spot.column - 1, "the quote inside ends the value", f"put the text into the other quotes: {quoted(inner)}"
    )


def _value(text: str, *, flow: bool) -> str:
    """What belongs to the value: to the end of the line; inside `{ }` and `[ ]` to the comma or bracket that is not the value's own."""
    if not flow:
        return _COMMENT.sub("", text)
    depth, quote = 0, ""
    for at, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}" and depth:
            depth -= 1
        elif sign in ",]}" and not depth:
            return text[:at].rstrip()
    return _COMMENT.sub("", text)


def quoted(text: str) -> str:
    """As one scalar of YAML, in the quotes that need the least."""
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"
