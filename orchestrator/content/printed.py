"""What a template prints, and what is wrong with it: read off the parsed template, without sample data."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

from jinja2 import TemplateSyntaxError, nodes

from orchestrator.content.presence import Known, Optional, Paths, may_miss
from orchestrator.content.template_error import template_error
from orchestrator.expressions.environment import LOOP, TemplateEnvironment
from orchestrator.expressions.expression import source_of
from orchestrator.expressions.normal_form import canonical
from orchestrator.expressions.problems import ExpressionError
from orchestrator.expressions.syntax import parse
from orchestrator.expressions.vocabulary import Vocabulary
from orchestrator.workspace.content_problem import ContentProblem

Path = tuple[str | int, ...]
ALWAYS: Paths = frozenset(
    (("customer", "id"), ("customer", "locale"), ("customer", "timezone"), ("locale",), ("action", "url"), ("action", "label"))
)
MAX_LOOPS = 3
_WORD, _QUOTED = re.compile(r"(?P<word>[\w.]+)"), re.compile(r"['`](?P<word>[^'`]+)['`]")
OFFER: tuple[tuple[str, ...], ...] = (("offer",), *(("offer", name) for name in ("name", "topic", "slot", "title", "body", "content")))
"""What a message may go without, wherever it is printed; what it has of an offer it has whole."""
OFFERED: Optional = MappingProxyType(dict.fromkeys(OFFER, frozenset(".".join(path) for path in OFFER)))
_SNIPPETS = "only a snippet can be included, by its name in quotes, in a body or a block"


@dataclass(frozen=True, slots=True)
class Printed:
    """One `{{ … }}` of a template, in the order of its text."""

    canonical: str
    unconditional: bool


def analyse(text: str, path: Path, vocabulary: Vocabulary, optional: Optional = OFFERED) -> tuple[list[Printed], list[ContentProblem]]:
    """What a template prints, and its problems (E codes, M005) at `path`. `optional` are further paths that may be missing."""
    try:
        tree = TemplateEnvironment().parse(text)
    except TemplateSyntaxError as error:
        found = template_error(text, error)
        near = text[found.at : found.at + 40].split("\n", 1)[0]
        return [], [ContentProblem("E001", path, found.what, found.why, found.fix, text.count("\n", 0, found.at) + 1, near=near)]
    walker = _Walker(text, path)
    walker.walk(tree.body, vocabulary, Known(vocabulary.required | ALWAYS, optional))
    return walker.printed, walker.problems


def check_expression(text: str, path: Path, vocabulary: Vocabulary) -> list[ContentProblem]:
    """The problems of one bare expression that is printed somewhere."""
    walker = _Walker(text, path)
    try:
        walker.show(parse(text), vocabulary, Known(vocabulary.required | ALWAYS, OFFERED))
    except ExpressionError as error:
        return [ContentProblem(one.code, path, one.what, one.why, one.fix, near=text[one.column :][:40]) for one in error.problems]
    return walker.problems


class _Walker:
    def __init__(self, text: str, path: Path) -> None:
        self._text = text
        self._path = path
        self._line = 1
        self.printed: list[Printed] = []
        self.problems: list[ContentProblem] = []

    def _note(self, code: str, what: str, why: str, fix: str, near: str = "") -> None:
        self.problems.append(ContentProblem(code, self._path, what, why, fix, self._line, near=near))

    def walk(self, body: Iterable[nodes.Node], vocabulary: Vocabulary, known: Known, loops: int = 0, *, conditional: bool = False) -> None:
        for node in body:
            self._line = node.lineno
            match node:
                case nodes.Output():
                    for one in node.nodes:
                        if not isinstance(one, nodes.TemplateData):
                            self.show(one, vocabulary, known, conditional=conditional)
                case nodes.If():
                    self._choose(node, vocabulary, known, loops)
                case nodes.For(target=nodes.Name(name=name), iter=items, body=inner, else_=otherwise, recursive=False, test=None):
                    self._compile(items, vocabulary)
                    if loops == MAX_LOOPS:
                        self._note("E008", f"loops nest deeper than {MAX_LOOPS}", "output must stay bounded", "split the template")
                    inside = vocabulary.with_names(**{name: None, "loop": LOOP})
                    self.walk(inner, inside, known.setting(name, "loop"), loops + 1, conditional=True)
                    self.walk(otherwise, vocabulary, known, loops, conditional=True)
                case nodes.Assign(target=nodes.Name(name=name), node=value):
                    self._compile(value, vocabulary)
                    vocabulary, known = vocabulary.with_names(**{name: None}), known.setting(name)
                case _:
                    what = _SNIPPETS if isinstance(node, nodes.Include) else f"{type(node).__name__.lower()} is not part of the language"
                    self._note("E007", what, "templates print, choose and repeat; nothing else", "remove it")

    def _choose(self, node: nodes.If, vocabulary: Vocabulary, known: Known, loops: int) -> None:
        for branch in (node, *node.elif_):
            self._compile(branch.test, vocabulary)
            self.walk(branch.body, vocabulary, known.given(branch.test, True), loops, conditional=True)
            known = known.given(branch.test, False)
        self.walk(node.else_, vocabulary, known, loops, conditional=True)

    def _compile(self, node: nodes.Node, vocabulary: Vocabulary) -> None:
        self._line = node.lineno
        _source, generator = source_of(cast("nodes.Expr", node), self._text, vocabulary)
        for problem in (*generator.problems, *generator.warnings):
            word = _WORD.match(self._text, problem.column) if problem.column else _QUOTED.search(problem.what)
            self._note(problem.code, problem.what, problem.why, problem.fix, word["word"] if word is not None else "")

    def show(self, node: nodes.Expr, vocabulary: Vocabulary, known: Known, *, conditional: bool = False) -> None:
        """One printed expression."""
        before = len(self.problems)
        self._compile(node, vocabulary)
        self.printed.append(Printed(canonical(node), not conditional))
        path = may_miss(node, known) if len(self.problems) == before else None
        if path is not None:
            self._note(
                "M005",
                f"`{path}` may be missing",
                "a message is never sent blank: it would be refused",
                '| default("…"), an {% if %} around it, or `!` in the source',
                path,
            )
