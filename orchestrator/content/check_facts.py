"""M006 and M007: facts and the action are stated in every channel and locale, whatever the data; proved on the parsed text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from orchestrator.content.printed import Path, Printed, check_expression
from orchestrator.expressions.normal_form import canonical
from orchestrator.expressions.syntax import parse
from orchestrator.expressions.vocabulary import Vocabulary
from orchestrator.workspace.content_problem import ContentProblem
from orchestrator.workspace.message import Message

BODIES = ("body", "email", "sms", "whatsapp")


@dataclass(frozen=True, slots=True)
class _Stated:
    """A text of its own, and the normal forms of what it prints in any case."""

    name: str
    path: Path
    forms: frozenset[str]


def check_facts(
    message: Message, base: Path, locale: str, printed: Mapping[str, list[Printed]], vocabulary: Vocabulary
) -> Iterator[ContentProblem]:
    """`base` is where the content stands; `printed` maps the names of `BODIES` that this locale has, and that can be read, to what they
    print. A fact of one locale is a fact of all; of one that cannot be read nothing is said."""
    stated = list(_stated(message, base, locale, printed, vocabulary))
    for form, fact in _facts(message, vocabulary).items():
        for one in stated:
            if form not in one.forms:
                yield ContentProblem(
                    "M006",
                    one.path,
                    f"fact `{fact}` is not stated in {one.name} ({locale})",
                    "every channel and locale states the same facts, in any case",
                    f"add {{{{ {fact} }}}}",
                )
    if all(content.action is None for content in message.content.values()):
        return
    if message.content[locale].action is None:
        yield ContentProblem("M007", base, f"no action ({locale})", "other locales ask for one", "add `action: {label: …, url: …}`")
        return
    for one in stated:
        if one.name != "body" and "action.url" not in one.forms:
            yield ContentProblem(
                "M007",
                one.path,
                f"the action is not stated in {one.name} ({locale})",
                "every channel asks for the same thing",
                "add {{ action.url }}",
            )


def _readable(text: str, vocabulary: Vocabulary) -> bool:
    return not any(one.code.startswith("E") for one in check_expression(text, (), vocabulary))


def _facts(message: Message, vocabulary: Vocabulary) -> dict[str, str]:
    """Normal form to text, of all locales."""
    found: dict[str, str] = {}
    for content in message.content.values():
        for fact in content.facts:
            if _readable(fact, vocabulary):
                found.setdefault(canonical(parse(fact)), fact)
    return found


def _stated(message: Message, base: Path, locale: str, printed: Mapping[str, list[Printed]], vocabulary: Vocabulary) -> Iterator[_Stated]:
    for name in BODIES:
        if name in printed:
            path: Path = (*base, "body") if name == "body" else ("channels", name, "body", locale)
            yield _Stated(name, path, frozenset(one.canonical for one in printed[name] if one.unconditional))
    variables = message.whatsapp.variables.values()
    if locale in message.whatsapp.content_sid and all(_readable(text, vocabulary) for text in variables):
        forms = frozenset(canonical(parse(text)) for text in variables)
        yield _Stated("whatsapp template", ("channels", "whatsapp", "variables"), forms)
