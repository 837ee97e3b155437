"""Locales of a message: known ones, and no text in a locale that the message's content does not have."""

from collections.abc import Iterator, Mapping

from babel import Locale, UnknownLocaleError

from orchestrator.content.printed import Path
from orchestrator.workspace.content_problem import ContentProblem
from orchestrator.workspace.message import Message


def check_locales(message: Message) -> Iterator[ContentProblem]:
    """Y013, M002 and M021."""
    for locale in message.content:
        if not known_locale(locale):
            yield ContentProblem(
                "Y013",
                ("content", locale),
                f"unknown locale '{locale}'",
                "content stands by locale",
                "BCP 47, such as en or de-AT",
                key=True,
            )
    for path, texts in _overrides(message):
        for locale in texts:
            if locale not in message.content:
                yield ContentProblem(
                    "M002", (*path, locale), f"the message has no content in {locale}", "a message uses one locale for all of it, so this is never used",
                    f"add `{locale}:` to content, or remove it", key=True,
                )  # fmt: skip
        missing = [locale for locale in message.content if texts and locale not in texts]
        if missing and path[-1] == "content_sid":
            what = f"no template in {', '.join(missing)}"
            yield ContentProblem("M002", path, what, "outside the 24-hour window these customers get it in another locale", "add them")
        if missing and path[-1] != "content_sid":
            yield ContentProblem("M021", path, f"an override, but not in {', '.join(missing)}", "these get the derived text", "add them")


def _overrides(message: Message) -> Iterator[tuple[Path, Mapping[str, str]]]:
    yield ("channels", "email", "subject"), message.email.subject
    yield ("channels", "email", "body"), message.email.body
    yield ("channels", "sms", "body"), message.sms.body
    yield ("channels", "whatsapp", "body"), message.whatsapp.body
    yield ("channels", "whatsapp", "content_sid"), message.whatsapp.content_sid


def known_locale(locale: str) -> bool:
    """One that there is, by Unicode's data."""
    try:
        return bool(Locale.parse(locale, sep="-"))
    except (UnknownLocaleError, ValueError):
        return False
