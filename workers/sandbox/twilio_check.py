"""What Twilio would refuse when a message is created. Source: Twilio's error dictionary, https://www.twilio.com/docs/api/errors."""

import re

import msgspec

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_CALLBACK = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?([/?#].*)?", re.DOTALL)
_CONTENT = re.compile(r"HX[0-9a-fA-F]{32}")
MAX_BODY, MAX_MEDIA, MAX_CALLBACK = 1600, 10, 4000
LATER = ("SendAt", "ScheduleType", "ApplicationSid", "PersistentAction")
"""Parameters the sandbox does not act on yet."""


def check(form: dict[str, str], media: list[str]) -> tuple[int, str] | None:
    """The error code and its words; None is fine. `media` are the values of the repeated MediaUrl."""
    return _parties(form) or _body(form, media) or _rest(form)


def is_number(text: str) -> bool:
    """E.164: a plus sign and 7 to 15 digits."""
    return _NUMBER.fullmatch(text) is not None


def _parties(form: dict[str, str]) -> tuple[int, str] | None:
    to, sender = form.get("To", ""), form.get("From", "")
    if not to:
        return 21604, "A 'To' phone number is required."
    if not is_number(to.removeprefix("whatsapp:")):
        return 21211, f"Invalid 'To' Phone Number: {to[:40]}"
    if not sender and not form.get("MessagingServiceSid"):
        return 21603, "A 'From' phone number is required."
    if sender and to.startswith("whatsapp:") != sender.startswith("whatsapp:"):
        return 63007, "Twilio could not find a Channel with the specified From address"
    return None


def _body(form: dict[str, str], media: list[str]) -> tuple[int, str] | None:
    if not form.get("Body") and not media and not form.get("ContentSid"):
        return 21602, "Message body is required."
    if len(form.get("Body", "")) > MAX_BODY:
        return 21617, "The concatenated message body exceeds the 1600 character limit."
    if len(media) > MAX_MEDIA:
        return 21623, "Number of media files exceeds allowed limit"
    if not all(url.startswith(("http://", "https://")) for url in media):
        return 21620, "Invalid media URL(s)"
    if form.get("ContentVariables") and not form.get("ContentSid"):
        return 21654, "ContentSid Required"
    if form.get("ContentSid") and not _CONTENT.fullmatch(form["ContentSid"]):
        return 21655, "The ContentSid is invalid"
    if "ContentVariables" in form and variables(form) is None:
        return 21656, "The Content Variables Parameter is invalid"
    return None


def _rest(form: dict[str, str]) -> tuple[int, str] | None:
    callback = form.get("StatusCallback")
    if callback and (len(callback) > MAX_CALLBACK or not _CALLBACK.fullmatch(callback)):
        return 21609, f"The 'StatusCallback' URL {callback[:80]} is not a valid URL."
    for name in LATER:
        if name in form:
            return 20001, f"{name} is not in this version of the sandbox"
    return None


def variables(form: dict[str, str]) -> dict[str, str] | None:
    """ContentVariables; None when there are none or they are no JSON object of strings."""
    try:
        return msgspec.json.decode(form.get("ContentVariables", "").encode(), type=dict[str, str])
    except (msgspec.DecodeError, UnicodeError):
        return None
