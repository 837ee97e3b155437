"""What SendGrid would refuse, in its words and with the field. Source: SendGrid v3 Mail Send, errors and limitations."""

import re
from collections.abc import Iterator
from typing import Any

Wrong = tuple[str, str | None]
_ADDRESS = re.compile(r"[^@\s<>(),;:\\\"\x00-\x20\x7f]+@[^@\s<>(),;:\\\"\x00-\x20\x7f]+\.[^@\s<>(),;:\\\"\x00-\x20\x7f]+")
RESERVED = frozenset(
    ("x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding", "to", "from", "subject", "reply-to", "cc", "bcc")
)  # fmt: skip
MOST_RECIPIENTS = 1000
MOST_ARGS = 10_000
NO_FROM = "The from object must be provided for every email send. It is an object that requires the email parameter, but may also contain a name parameter."
NO_TO = "The to array is required for all personalization objects, and must have at least one email object with a valid email address."
NO_CONTENT = "Unless a valid template_id is provided, the content parameter is required. There must be at least one defined content block."


def check(mail: Any) -> Wrong | None:
    """What is wrong with a decoded request body; None is fine."""
    if not isinstance(mail, dict):
        return "Bad Request", None
    return next(_wrongs(mail), None)


def _wrongs(mail: dict[str, Any]) -> Iterator[Wrong]:
    for key in ("send_at", "batch_id", "template_id"):
        if mail.get(key) is not None:
            yield f"{key} is not in this version of the sandbox", key
    people = mail.get("personalizations")
    if not isinstance(people, list) or not people:
        yield "The personalizations field is required and must have at least one personalization.", "personalizations"
        return
    if not _is_party(mail.get("from")):
        yield NO_FROM, "from.email"
    if "reply_to" in mail and "reply_to_list" in mail:
        yield "reply_to_list and reply_to cannot both be given.", "reply_to"
    if mail.get("reply_to") is not None and not _is_party(mail["reply_to"]):
        yield "Does not contain a valid address.", "reply_to.email"
    yield from _strings(mail, "")
    number = 0
    for place, person in enumerate(people):
        number += sum(len(person[key]) for key in ("to", "cc", "bcc") if isinstance(person, dict) and isinstance(person.get(key), list))
        yield from _person(person, f"personalizations.{place}", mail)
    if number > MOST_RECIPIENTS:
        yield "There are too many recipients: at most 1000 over all personalizations, counting to, cc and bcc.", "personalizations"
    yield from _content(mail.get("content"))


def _person(person: Any, where: str, mail: dict[str, Any]) -> Iterator[Wrong]:
    if not isinstance(person, dict):
        yield "Bad Request", where
        return
    if not isinstance(person.get("to"), list) or not person["to"]:
        yield NO_TO, f"{where}.to"
        return
    seen: set[str] = set()
    for key in ("to", "cc", "bcc"):
        parties = person.get(key) or []
        if not isinstance(parties, list):
            yield f"The {key} parameter must be an array of objects.", f"{where}.{key}"
            return
        for place, one in enumerate(parties):
            if not _is_party(one):
                yield "Does not contain a valid address.", f"{where}.{key}.{place}.email"
                return
            address = one["email"].lower()
            if address in seen:
                yield (
                    f"Each email address in the personalization block should be unique between to, cc, and bcc. We found {key} twice.",
                    where,
                )
            seen.add(address)
    if "from" in person and not _is_party(person["from"]):
        yield NO_FROM, f"{where}.from.email"
    subject = person.get("subject", mail.get("subject"))
    if not isinstance(subject, str) or not subject:
        yield "The subject is required. You can get around this requirement if you use a template with a subject defined.", "subject"
    yield from _strings(person, f"{where}.")


def _strings(part: dict[str, Any], where: str) -> Iterator[Wrong]:
    """Headers and custom arguments: objects of strings, within their limits."""
    for key in ("headers", "custom_args"):
        values = part.get(key)
        if values is None:
            continue
        if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
            yield f"The {key} parameter must be an object whose values are strings.", f"{where}{key}"
            continue
        if key == "headers":
            yield from (
                (f"The header {name} is reserved and cannot be set.", f"{where}{key}.{name}") for name in values if name.lower() in RESERVED
            )
        elif sum(len(name.encode()) + len(value.encode()) for name, value in values.items()) >= MOST_ARGS:
            yield "The custom_args must be less than 10,000 bytes.", f"{where}{key}"


def _content(content: Any) -> Iterator[Wrong]:
    if not isinstance(content, list) or not content:
        yield NO_CONTENT, "content"
        return
    for place, one in enumerate(content):
        if not isinstance(one, dict) or not isinstance(one.get("type"), str) or not one["type"]:
            yield "The content type parameter is required and must be a string.", f"content.{place}.type"
            return
        if not isinstance(one.get("value"), str) or not one["value"]:
            yield "The content value must be a string at least one character in length.", f"content.{place}.value"
            return
    order = [one["type"] for one in content]
    if len(set(order)) != len(order) or ("text/plain" in order and order[0] != "text/plain"):
        yield "If present, text/plain and text/html may only be provided once; text/plain comes first, then text/html.", "content"


def _is_party(value: Any) -> bool:
    """An object with a valid address and perhaps a name."""
    if not isinstance(value, dict) or not isinstance(value.get("name", ""), str | None):
        return False
    address = value.get("email")
    return isinstance(address, str) and len(address) <= 320 and _ADDRESS.fullmatch(address) is not None
