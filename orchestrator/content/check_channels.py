"""What the channels ask of a message: subject and preheader, the WhatsApp category, SMS length, pictures, overrides in every locale."""

from collections.abc import Iterator

from orchestrator.content.markdown import to_channel
from orchestrator.content.segments import count_segments, fold
from orchestrator.content.static_text import certain_text
from orchestrator.workspace.load import ContentProblem
from orchestrator.workspace.message import Message, SmsOptions

MAX_SUBJECT, MAX_PREHEADER = 78, 110
"""Characters that mail programs show."""


def check_channels(message: Message) -> Iterator[ContentProblem]:
    """M008, M010, M012, M021, M024 of one message."""
    yield from _email(message)
    yield from _category(message)
    for locale in message.content:
        yield from _sms(message, locale)
    for locale, content in message.content.items():
        if content.image is not None and not content.image.alt.strip():
            yield ContentProblem(
                "M024", ("content", locale, "image"), "a picture without `alt`", "many people read mail without pictures", "alt: what it shows"
            )  # fmt: skip
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


def _category(message: Message) -> Iterator[ContentProblem]:
    category, path = message.whatsapp.category, ("channels", "whatsapp", "category")
    if category == "marketing" and message.message_class not in (None, "marketing"):
        yield ContentProblem("M012", path, "category marketing on a message that is not", "the provider judges by the category", "utility")
    if category in ("utility", "authentication") and message.message_class == "marketing":
        yield ContentProblem(
            "M012", path, f"category {category} on a marketing message", "the provider would re-categorise it", "marketing"
        )


def _sms(message: Message, locale: str) -> Iterator[ContentProblem]:
    """M010 where the text is too long even with every value empty and without its layout. Derived text only where SMS is spoken of."""
    options = message.sms
    override = options.body.get(locale)
    if override is None and options == SmsOptions():
        return
    written = to_channel(certain_text(override or message.content[locale].body), "sms")
    counted = count_segments(fold(written) if options.encoding == "gsm7" else written)
    place = ("channels", "sms", "body", locale) if override else ("content", locale, "body")
    if counted.forcing:
        yield ContentProblem(
            "M009", place, f"{counted.forcing!r} force{'s' if len(counted.forcing) == 1 else ''} UCS-2", "a segment then holds 70 characters, not 160",
            "encoding: gsm7 (folds quotes and dashes), or other characters",
        )  # fmt: skip
    if counted.count > options.max_segments and options.over == "next_channel":
        yield ContentProblem(
            "M010",
            place,
            f"{counted.count} segments before any value is printed, at most {options.max_segments}",
            "it would never be sent" + (f"; {counted.forcing!r} make every segment hold 70 characters, not 160" if counted.forcing else ""),
            "shorten it, or raise max_segments",
        )
