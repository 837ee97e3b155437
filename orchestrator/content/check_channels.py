"""What the channels ask of a message: subject and preheader, the WhatsApp template, SMS length, pictures."""

from collections.abc import Iterator, Mapping

from orchestrator.content.markdown import to_channel
from orchestrator.content.printed import Path
from orchestrator.content.printing import Values
from orchestrator.content.segments import count_segments, fold, plain_blanks
from orchestrator.content.static_text import certain_text
from orchestrator.content.uses import Uses
from orchestrator.workspace.content_problem import ContentProblem
from orchestrator.workspace.message import LocaleContent, Message, SmsOptions

MAX_SUBJECT, MAX_PREHEADER = 78, 110
"""Characters that mail programs show."""


def check_channels(message: Message, uses: Uses) -> Iterator[ContentProblem]:
    """M008, M009, M010, M012, M024 and Y012 of one message."""
    yield from _email(message)
    yield from _template(message, uses)
    for locale in message.content:
        yield from _sms(message, locale, uses)
    for base, contents in _contents(message):
        for locale, content in contents.items():
            if content.image is not None and not content.image.alt.strip():
                yield ContentProblem(
                    "M024", (*base, locale, "image"), "a picture without `alt`", "many people read mail without pictures", "alt: what it shows"
                )  # fmt: skip


def _contents(message: Message) -> Iterator[tuple[Path, Mapping[str, LocaleContent]]]:
    """The message's own, and what its variants lay over it."""
    yield ("content",), message.content
    for index, variant in enumerate(message.variants):
        laid = {locale: content for locale, content in variant.content.items() if content.image != message.content[locale].image}
        yield ("variants", index, "content"), laid


def _email(message: Message) -> Iterator[ContentProblem]:
    if "email" not in message.channels:
        return
    for locale, content in message.content.items():
        subject, preheader = message.email.subject.get(locale) or content.subject, content.preheader
        if subject is None:
            yield ContentProblem("M008", ("content", locale), "no subject", "an email needs one", "add `subject:`")
        if preheader is None:
            yield ContentProblem(
                "M008", ("content", locale), "no preheader", "inboxes show the first words of the mail instead", "add `preheader:`"
            )
        for name, text, limit in (("subject", subject, MAX_SUBJECT), ("preheader", preheader, MAX_PREHEADER)):
            written = len(certain_text(text)) if text else 0
            if written > limit:
                least = "at least " if text and "{{" in text else ""
                path = (
                    ("channels", "email", name, locale)
                    if name == "subject" and locale in message.email.subject
                    else ("content", locale, name)
                )
                yield ContentProblem("M008", path, f"{least}{written} characters", f"mail programs cut a {name} at {limit}", "shorten it")


def _template(message: Message, uses: Uses) -> Iterator[ContentProblem]:
    """The approved template: its category fits every class the message is sent with."""
    options, path = message.whatsapp, ("channels", "whatsapp", "category")
    if options.variables and not options.content_sid:
        yield ContentProblem(
            "Y012",
            ("channels", "whatsapp"),
            "variables without `content_sid`",
            "they belong to an approved template",
            "content_sid: {en: HX…}",
        )
    numbers = [str(number) for number in range(1, len(options.variables) + 1)]
    if sorted(options.variables) != sorted(numbers):
        yield ContentProblem(
            "Y005", ("channels", "whatsapp", "variables"), f"variables {', '.join(options.variables)}", "a template numbers its places from 1, without a gap",
            f"number them {', '.join(numbers)}",
        )  # fmt: skip
    category, classes = options.category, uses.classes
    if category == "marketing" and classes - {"marketing"}:
        yield ContentProblem("M012", path, "category marketing on a message that is not", "the provider judges by the category", "utility")
    if category in ("utility", "authentication") and "marketing" in classes:
        yield ContentProblem(
            "M012", path, f"category {category} on a marketing message", "the provider would re-categorise it", "marketing"
        )
    if category == "marketing" and options.content_sid and uses.whatsapp_only:
        yield ContentProblem(
            "M012", path, f"'{uses.whatsapp_only}' sends it on WhatsApp alone", "marketing templates do not reach numbers that begin with +1",
            "add sms or email to `channels`", warning=True,
        )  # fmt: skip


def _sms(message: Message, locale: str, uses: Uses) -> Iterator[ContentProblem]:
    """M009, and M010 where the text is too long even with every value empty and without its layout; of messages that are sent as SMS."""
    options = message.sms
    override = options.body.get(locale)
    if override is None and options == SmsOptions() and "sms" not in uses.channels:
        return
    source = override or message.content[locale].body
    written = Values().put_in(to_channel(certain_text(source), "sms"))
    counted = count_segments(fold(written) if options.encoding == "gsm7" else plain_blanks(written))
    place: Path = ("channels", "sms", "body", locale) if override else ("content", locale, "body")
    if counted.forcing:
        yield ContentProblem(
            "M009", place, f"{counted.forcing!r} force{'s' if len(counted.forcing) == 1 else ''} UCS-2", "a segment then holds 70 characters, not 160",
            "encoding: gsm7 (folds quotes and dashes), or other characters", near=counted.forcing[0],
        )  # fmt: skip
    if counted.count > options.max_segments and options.over == "next_channel":
        yield ContentProblem(
            "M010",
            place,
            f"{counted.count} segments before any value is printed, at most {options.max_segments}",
            "it would never be sent" + (f"; {counted.forcing!r} make every segment hold 70 characters, not 160" if counted.forcing else ""),
            "shorten it, or raise max_segments",
        )
