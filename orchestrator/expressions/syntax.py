"""From the text of one expression to its tree, by Jinja2's parser; what is wrong is said with its place."""

import re
from functools import lru_cache

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.lexer import ignored_tokens
from jinja2.parser import Parser

from orchestrator.expressions.problems import ExpressionError, Problem

MAX_TEXT = 2_000
_BEFORE, _AFTER = "{{ (", "\n) }}"
_CLOSES = {")": "(", "]": "[", "}": "{"}
_MEANT = {
    "=": ("`=` sets a value", "`==` compares"), "&": ("signs do not join conditions", "write `and`"), "!": ("signs do not deny", "write `not`, or `!=`"),
    "|": ("two lines do not join conditions", "write `or`"), "?": ("`a ? b : c` is not written here", "`b if a else c`"),
    "$": ("names have no sign before them", "write the name alone"), "`": ("text stands in straight quotes", "'like this'"), "’": ("text stands in straight quotes", "'like this'"),
    "‘": ("text stands in straight quotes", "'like this'"), "“": ("text stands in straight quotes", "'like this'"), "”": ("text stands in straight quotes", "'like this'"),
}  # fmt: skip
"""Signs of other languages and word processors: why not, and what is written instead."""
_LOUD = ("AND", "OR", "NOT", "IN", "IS")
_SAID_OTHERWISE = {
    "contains": "`'x' in list`", "includes": "`'x' in list`", "like": "`text is like('AB-*')`", "between": "`x >= 1 and x <= 9`",
    "exists": "`x is defined`", "starts": "`text is like('AB*')`", "equals": "`==`",
}  # fmt: skip
_LENGTH = re.compile(r"(?<![\w.'\"-])\d+[smhdw](?!\w)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-][\d:]+)?)?")


@lru_cache(maxsize=1)
def jinja_parser() -> Environment:
    return Environment(autoescape=False)  # noqa: S701  (only its parser is used)


def parse(text: str) -> nodes.Expr:
    """The tree of one expression. Raises ExpressionError with E001, E002 or E008."""
    if len(text) > MAX_TEXT:
        raise ExpressionError(text, [Problem("E008", f"{len(text)} characters", f"an expression has at most {MAX_TEXT}", "split it")])
    for mark in ("{{", "}}", "{%", "%}", "{#"):
        if mark in text:
            why = "this key takes a bare expression"
            raise ExpressionError(text, [Problem("E002", f"`{mark}` in an expression", why, "remove the braces", text.find(mark))])
    problem = _unbalanced(text)
    if problem is not None:
        raise ExpressionError(text, [problem])
    try:
        tree = _parsed(text)
    except ExpressionError:
        raise
    except (RecursionError, ValueError, OverflowError):
        raise ExpressionError(text, [Problem("E008", "nested too deeply", "an expression has at most 200 parts", "split it")]) from None
    output = tree.body[0] if len(tree.body) == 1 else None
    if not isinstance(output, nodes.Output) or len(output.nodes) != 1 or isinstance(output.nodes[0], nodes.TemplateData):
        raise ExpressionError(text, [Problem("E001", "more than one expression", "this key takes one", "write one expression")])
    return output.nodes[0]


def _unbalanced(text: str) -> Problem | None:
    """A quote or bracket without its other."""
    if not text.strip():
        return Problem("E001", "an empty expression", "there is nothing to evaluate", "write one, or remove the key")
    opened: list[tuple[str, int]] = []
    quote: tuple[str, int] | None = None
    at = 0
    while at < len(text):
        sign = text[at]
        if quote is not None:
            at += sign == "\\"
            quote = None if sign == quote[0] else quote
        elif sign in "'\"":
            quote = (sign, at)
        elif sign in "([{":
            opened.append((sign, at))
        elif sign in _CLOSES:
            if not opened or opened[-1][0] != _CLOSES[sign]:
                return Problem("E001", f"`{sign}` closes nothing", "brackets stand in pairs", "check brackets and quotes", at)
            opened.pop()
        at += 1
    if quote is not None:
        return Problem("E001", f"`{quote[0]}` is not closed", "text stands between two equal quotes", "check brackets and quotes", quote[1])
    if opened:
        return Problem("E001", f"`{opened[-1][0]}` is not closed", "brackets stand in pairs", "check brackets and quotes", opened[-1][1])
    return None


def _parsed(text: str) -> nodes.Template:
    source = _BEFORE + text + _AFTER
    try:
        parser = Parser(jinja_parser(), source)
    except TemplateSyntaxError as error:
        raise ExpressionError(text, [_unread(text, str(error.message))]) from None
    try:
        return parser.parse()
    except TemplateSyntaxError as error:
        raise ExpressionError(text, [_misplaced(text, source, parser, str(error.message))]) from None


def _unread(text: str, message: str) -> Problem:
    """A sign the language does not have: the message says where."""
    tail = message.rpartition(" at ")[2]
    column = int(tail) - len(_BEFORE) if tail.isdigit() else 0
    return _problem(text, min(max(column, 0), len(text)))


def _misplaced(text: str, source: str, parser: Parser, message: str) -> Problem:
    """Where the parser stood: the token it could not use."""
    if message.startswith("unexpected char"):
        return _unread(text, message)
    places: list[int] = []
    at = 0
    try:
        left = sum(1 for _ in parser.stream)
        for _line, kind, value in jinja_parser().lex(source):
            if kind not in ignored_tokens:
                places.append(at)
            at += len(value)
    except TemplateSyntaxError as error:
        return _unread(text, str(error.message))
    index = len(places) - left
    column = places[index] - len(_BEFORE) if 0 <= index < len(places) else 0
    return _problem(text, column) if column < len(text) else _broken_off(text)


def _broken_off(text: str) -> Problem:
    last = text.rstrip()
    return Problem(
        "E001", f"it breaks off after `{last[-20:].split(' ')[-1]}`", "something must follow", "complete it", max(len(last) - 1, 0)
    )


def _problem(text: str, column: int) -> Problem:
    sign = text[column : column + 1]
    why, fix = _MEANT.get(sign, ("this is not an expression", "check brackets and quotes"))
    if text[column - 1 : column + 1] == "<>":
        why, fix = "`<>` is not written here", "`!=` says: not equal"
    elif sign == "|" and text[column - 1 : column] != "|":
        why, fix = "this is not an expression", "check brackets and quotes"
    word = sign
    if sign.isalnum() or sign in "_'\"":
        word = text[column:].split(maxsplit=1)[0][:30]
        why, fix = "a word or sign is missing before it, or it is one too many", "join by and, or, ==, in …; check brackets and quotes"
        before = text[:column].strip().rpartition(" ")[2]
        loud = next((one for one in (word, before) if one in _LOUD), None)
        if loud is not None:
            why, fix = "words of the language are small", f"write `{loud.lower()}`"
    if word.casefold() in _SAID_OTHERWISE:
        why, fix = "it is written otherwise here", _SAID_OTHERWISE[word.casefold()]
    length = next((one for one in _LENGTH.finditer(text) if one.start() <= column < one.end()), None)
    if length is not None:
        column, word = length.start(), length[0]
        why, fix = "a length of time is text", f"`duration('{word}')`, or `days_since(x) > 30`"
    day = next((one for one in _DAY.finditer(text) if one.start() <= column < one.end()), None)
    if day is not None:
        column = day.start()
        word = day[0]
        why, fix = "a date in an expression is text", f"put it in quotes: '{day[0]}'"
    if sign == ":" and "|" in text[:column]:
        argument = text[column + 1 :].strip()
        why, fix = "arguments of a filter stand in brackets", f"{text[:column].rpartition('|')[2].strip()}({argument})"
    return Problem("E001", f"`{word}` does not fit here", why, fix, max(column, 0))
