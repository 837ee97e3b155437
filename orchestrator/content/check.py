"""What lint says of a message's content: facts and the action in every channel, values that may be missing, channel rules.

All on the parsed templates: nothing needs sample data.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import cast

from jinja2 import TemplateSyntaxError, nodes

from orchestrator.content.links import on_hosts
from orchestrator.content.markdown import refused_parts
from orchestrator.expressions.environment import TemplateEnvironment
from orchestrator.expressions.expression import parse, source_of
from orchestrator.expressions.normal_form import canonical, dotted
from orchestrator.expressions.problems import ExpressionError
from orchestrator.expressions.vocabulary import Vocabulary
from orchestrator.workspace.journey import Journey, SendStep
from orchestrator.workspace.load import ContentProblem
from orchestrator.workspace.message import LocaleContent, Message
from orchestrator.workspace.vocabularies import Vocabularies
from orchestrator.workspace.workspace import Workspace

Path = tuple[str | int, ...]
MAX_SUBJECT, MAX_PREHEADER = 78, 110
ANY_ENTRY = ("entry",)
"""Among the required paths: nothing is known of the entry."""
ALWAYS = frozenset(
    (("customer", "id"), ("customer", "locale"), ("customer", "timezone"), ("locale",), ("action", "url"), ("action", "label"))
)


@dataclass(frozen=True, slots=True)
class Printed:
    """One `{{ … }}` of a template."""

    canonical: str
    node: nodes.Expr
    unconditional: bool


def check_message(message: Message, workspace: Workspace, words: Vocabularies) -> Iterator[ContentProblem]:
    """All problems of one message."""
    vocabulary = _vocabulary(message, workspace, words)
    for locale, content in message.content.items():
        yield from _locale(message, locale, content, workspace, vocabulary)
    sids, variables = message.whatsapp.content_sid, message.whatsapp.variables
    for number, text in variables.items():
        yield from _expression(text, ("channels", "whatsapp", "variables", number), vocabulary)
    if message.whatsapp.category == "marketing" and message.message_class not in (None, "marketing"):
        yield ContentProblem(
            "M012",
            ("channels", "whatsapp", "category"),
            "category marketing on a message that is not",
            "the provider judges by the category",
            "utility",
        )
    if message.whatsapp.category in ("utility", "authentication") and message.message_class == "marketing":
        yield ContentProblem(
            "M012",
            ("channels", "whatsapp", "category"),
            f"category {message.whatsapp.category} on a marketing message",
            "the provider would re-categorise it",
            "marketing",
        )
    for channel, texts in (("email", message.email.body), ("sms", message.sms.body), ("whatsapp", message.whatsapp.body)):
        missing = [locale for locale in message.content if texts and locale not in texts]
        if missing:
            yield ContentProblem(
                "M021",
                ("channels", channel, "body"),
                f"an override, but not in {', '.join(missing)}",
                "these get the derived text",
                "add them",
            )
    if sids and message.topic is None and message.message_class == "marketing":
        yield ContentProblem("M004", (), "no topic", "consent is asked by topic", "add one")


def _vocabulary(message: Message, workspace: Workspace, words: Vocabularies) -> Vocabulary:
    """Of all journeys that send it; where none does (or theirs are broken) `entry` may hold anything and nothing is missing."""
    events: list[str] = []
    steps: set[str] = set()
    variables: set[str] = set()
    for journey in workspace.journeys.values():
        sends = [one for one in _sends(journey) if one.message == message.name]
        if sends:
            events += journey.entry.events
            steps |= set(journey.steps)
            variables |= {name for one in sends for name in one.variables}
    if events:
        return words.content(tuple(events), steps, variables)
    unknown = words.content((), steps, variables).with_names(entry=None, steps=None, vars=None)
    return replace(unknown, required=unknown.required | {ANY_ENTRY})


def _sends(journey: Journey) -> Iterable[SendStep]:
    yield from (one for one in journey.steps.values() if isinstance(one, SendStep))
    yield from (one for rule in journey.exit_on for one in rule.then if isinstance(one, SendStep))


def _locale(
    message: Message, locale: str, content: LocaleContent, workspace: Workspace, vocabulary: Vocabulary
) -> Iterator[ContentProblem]:
    base: Path = ("content", locale)
    printed: dict[str, list[Printed]] = {}
    texts: list[tuple[str, Path, str | None]] = [
        ("body", (*base, "body"), content.body), ("subject", (*base, "subject"), content.subject), ("preheader", (*base, "preheader"), content.preheader),
        ("email", ("channels", "email", "body", locale), message.email.body.get(locale)),
        ("sms", ("channels", "sms", "body", locale), message.sms.body.get(locale)),
        ("whatsapp", ("channels", "whatsapp", "body", locale), message.whatsapp.body.get(locale)),
    ]  # fmt: skip
    if content.action is not None:
        texts += [("label", (*base, "action", "label"), content.action.label), ("url", (*base, "action", "url"), content.action.url)]
        if not content.action.url.startswith("https://") or not on_hosts(content.action.url.split("{")[0] + "x", workspace.links.hosts):
            yield ContentProblem(
                "M013",
                (*base, "action", "url"),
                "not https, or its host is not listed",
                "people must recognise where a link leads",
                "links.hosts in concierge.yaml",
            )
    for name, path, text in texts:
        if text is None:
            continue
        found, problems = analyse(text, path, vocabulary)
        printed[name] = found
        yield from problems
        if name in ("body", "email", "sms", "whatsapp"):
            for _line, what in refused_parts(text):
                yield ContentProblem(
                    "M016", path, what, "not every channel can show it", "use plain Markdown: bold, italic, lists, links, headings"
                )
        for word in workspace.brand.banned:
            if word.lower() in text.lower():
                yield ContentProblem("M014", path, f"'{word}'", "the brand's voice does not use it", "say it another way")
    if content.subject is None and "email" in message.channels and locale not in message.email.subject:
        yield ContentProblem("M008", base, "no subject", "an email needs one", "add `subject:`")
    for name, limit in (("subject", MAX_SUBJECT), ("preheader", MAX_PREHEADER)):
        text = getattr(content, name)
        if text is not None and len(text) > limit and "{{" not in text:
            yield ContentProblem("M008", (*base, name), f"{len(text)} characters", f"mail programs cut a {name} at {limit}", "shorten it")
    yield from _facts(message, locale, content, printed, vocabulary)


def _facts(
    message: Message, locale: str, content: LocaleContent, printed: dict[str, list[Printed]], vocabulary: Vocabulary
) -> Iterator[ContentProblem]:
    """M006 and M007: stated unconditionally wherever there is a text of its own."""
    places: list[tuple[str, Path, set[str]]] = []
    for name, path in (
        ("body", ("content", locale, "body")),
        ("email", ("channels", "email", "body", locale)),
        ("sms", ("channels", "sms", "body", locale)),
        ("whatsapp", ("channels", "whatsapp", "body", locale)),
    ):
        if name in printed:
            places.append((name, path, {one.canonical for one in printed[name] if one.unconditional}))
    if locale in message.whatsapp.content_sid:
        stated = set()
        for text in message.whatsapp.variables.values():
            try:
                stated.add(canonical(parse(text)))
            except ExpressionError:
                continue
        places.append(("whatsapp template", ("channels", "whatsapp", "variables"), stated))
    for index, fact in enumerate(content.facts):
        yield from _expression(fact, ("content", locale, "facts", index), vocabulary)
        try:
            wanted = canonical(parse(fact))
        except ExpressionError:
            continue
        for name, where, stated in places:
            if wanted not in stated:
                yield ContentProblem(
                    "M006",
                    where,
                    f"fact `{fact}` is not stated in {name} ({locale})",
                    "every channel states the same facts, in any case",
                    f"add {{{{ {fact} }}}}",
                )
    if content.action is not None:
        for name, where, stated in places:
            if name != "body" and "action.url" not in stated:
                yield ContentProblem(
                    "M007",
                    where,
                    f"the action is not stated in {name} ({locale})",
                    "every channel asks for the same thing",
                    "add {{ action.url }}",
                )


def _expression(text: str, path: Path, vocabulary: Vocabulary) -> Iterator[ContentProblem]:
    try:
        _source, generator = source_of(parse(text), text, vocabulary)
        problems = generator.problems
    except ExpressionError as error:
        problems = list(error.problems)
    for problem in problems:
        yield ContentProblem(problem.code, path, problem.what, problem.why, problem.fix)


def analyse(text: str, path: Path, vocabulary: Vocabulary) -> tuple[list[Printed], list[ContentProblem]]:
    """What a template prints, and what is wrong with it."""
    try:
        tree = TemplateEnvironment().parse(text)
    except TemplateSyntaxError as error:
        return [], [ContentProblem("E001", path, str(error.message), "this is not a template", "check braces and quotes")]
    walker = _Walker(text, path, vocabulary)
    walker.walk(tree.body, vocabulary, frozenset(), conditional=False, depth=0)
    return walker.printed, walker.problems


class _Walker:
    def __init__(self, text: str, path: Path, vocabulary: Vocabulary) -> None:
        self._text = text
        self._path = path
        self.printed: list[Printed] = []
        self.problems: list[ContentProblem] = []
        self._required = vocabulary.required | ALWAYS

    def _note(self, code: str, what: str, why: str, fix: str) -> None:
        self.problems.append(ContentProblem(code, self._path, what, why, fix))

    def walk(self, body: Iterable[nodes.Node], vocabulary: Vocabulary, guarded: frozenset[str], *, conditional: bool, depth: int) -> None:
        for node in body:
            match node:
                case nodes.Output():
                    for one in node.nodes:
                        if not isinstance(one, nodes.TemplateData):
                            self._print(one, vocabulary, guarded, conditional=conditional)
                case nodes.If(test=test, body=then, elif_=others, else_=otherwise):
                    self._expression(test, vocabulary)
                    seen = guarded | {canonical(part) for part in test.find_all((nodes.Name, nodes.Getattr))} | {canonical(test)}
                    self.walk(then, vocabulary, seen, conditional=True, depth=depth)
                    self.walk(others, vocabulary, guarded, conditional=True, depth=depth)
                    self.walk(otherwise, vocabulary, guarded, conditional=True, depth=depth)
                case nodes.For(target=nodes.Name(name=name), iter=items, body=inner):
                    self._expression(items, vocabulary)
                    if depth == 3:
                        self._note("E008", "loops nest deeper than 3", "output must stay bounded", "split the template")
                    self.walk(
                        inner, vocabulary.with_names(**{name: None, "loop": None}), guarded | {name}, conditional=True, depth=depth + 1
                    )
                case nodes.Assign(target=nodes.Name(name=name), node=value):
                    self._expression(value, vocabulary)
                    vocabulary = vocabulary.with_names(**{name: None})
                case _:
                    self._note(
                        "E007",
                        f"{type(node).__name__.lower()} is not part of the language",
                        "templates print, choose and repeat; nothing else",
                        "remove it",
                    )

    def _expression(self, node: nodes.Node, vocabulary: Vocabulary) -> None:
        _source, generator = source_of(cast("nodes.Expr", node), self._text, vocabulary)
        for problem in generator.problems:
            self._note(problem.code, problem.what, problem.why, problem.fix)

    def _print(self, node: nodes.Expr, vocabulary: Vocabulary, guarded: frozenset[str], *, conditional: bool) -> None:
        self._expression(node, vocabulary)
        form = canonical(node)
        self.printed.append(Printed(form, node, not conditional))
        path = self._may_miss(node, guarded)
        if path is not None:
            self._note(
                "M005",
                f"`{path}` may be missing",
                "a message is never sent blank: it would be refused",
                '| default("…"), an {% if %} around it, or `!` in the source',
            )

    def _may_miss(self, node: nodes.Node, guarded: frozenset[str]) -> str | None:
        """The path that may be missing, None when it cannot be, has a default, or stands in an `if` on it."""
        if isinstance(node, nodes.Filter):
            return None if node.name == "default" else self._may_miss(node.node, guarded) if node.node is not None else None
        path = dotted(node)
        if path is not None and path[0] == "entry" and ANY_ENTRY in self._required:
            return None
        if path is None or canonical(node) in guarded or path[0] in guarded or path in self._required:
            return None
        return ".".join(path) if path[0] in ("entry", "customer", "vars", "steps", "waited", "event") else None
