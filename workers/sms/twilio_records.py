"""Looking for a text in Twilio's own records.

Source: Twilio Messages resource, list. Messages are listed by recipient, newest first; not by DateSent, which is empty for the very
ones that are looked for (queued). Neither our id nor the callback is in the list, so the body is compared, and an id that belongs to
another intent does not count.
"""

from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

import msgspec

from orchestrator.contracts.message import EmailContent, OutboundMessage, TemplateContent
from workers.records import SKEW, Absent, CannotTell, Finding, Found, Inquiry, Sought, unreadable
from workers.sms.twilio_request import TwilioAccount, authorization
from workers.transport import Request

PAGE, PAGES = 20, 5
"""Messages on a page (twenty of the longest fit into an answer as we read it) and pages read."""
_FOLDED = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " "})
"""What a messaging service's smart encoding makes of typographic signs."""


class _Message(msgspec.Struct):
    sid: str | None = None
    body: str | None = None
    date_created: str | None = None
    direction: str | None = None
    sender: str | None = msgspec.field(name="from", default=None)
    messaging_service_sid: str | None = None


class _Page(msgspec.Struct):
    messages: list[_Message]
    next_page_uri: str | None = None


def twilio_records(sought: Sought, account: TwilioAccount) -> Inquiry:
    """The inquiry. An email is never looked for here: CannotTell."""
    message = sought.message
    to = f"whatsapp:{message.to}" if message.channel == "whatsapp" else message.to
    home = f"/2010-04-01/Accounts/{account.account_sid}/Messages.json"
    uri = f"{home}?{urlencode([('To', to), ('PageSize', PAGE)])}"
    unsure, found = False, ""
    for _ in range(PAGES):
        answer = yield Request(
            f"{account.base_url}{uri}", b"", {"Authorization": authorization(account), "Accept": "application/json"}, "GET"
        )
        try:
            page = msgspec.json.decode(answer.body, type=_Page) if answer.status == 200 else None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            page = None
        if page is None:
            return unreadable(answer, sought.now)
        for one in page.messages:
            created = _instant(one.date_created)
            if created is not None and created < sought.since - SKEW:
                return _finding(found, unsure=unsure)
            if one.sid is None or one.sid in sought.taken or not (one.direction or "").startswith("outbound"):
                continue
            same = None if created is None else is_it(one.body, message) if _same_sender(one, message, account) else False
            unsure = unsure or same is None
            found = one.sid if same else found
        if page.next_page_uri is None:
            return _finding(found, unsure=unsure)
        if not page.next_page_uri.startswith(f"{home}?"):
            return CannotTell("records: a next page somewhere else")
        uri = page.next_page_uri
    return _finding(found, unsure=True)


def is_it(body: str | None, message: OutboundMessage) -> bool | None:
    """Is this the message's text? None: it is not shown (yet), or cannot be compared."""
    content = message.content
    shown = _plain(body or "")
    if isinstance(content, EmailContent) or not shown:
        return None
    if isinstance(content, TemplateContent):
        # Twilio shows what its template has become, which our preview may word otherwise; the values stand in both
        if shown == _plain(content.preview):
            return True
        values = [_plain(value) for value in content.variables.values() if _plain(value)]
        return all(value in shown for value in values) if values else None
    text = _plain(content.body)
    return shown == text or (shown.startswith("Sent from your Twilio trial account") and shown.endswith(text))


def _plain(text: str) -> str:
    return " ".join(text.translate(_FOLDED).split())


def _same_sender(one: _Message, message: OutboundMessage, account: TwilioAccount) -> bool:
    if account.messaging_service_sid:
        return one.messaging_service_sid in (None, account.messaging_service_sid)
    return one.sender is None or one.sender.removeprefix("whatsapp:") == message.sender.address


def _instant(text: str | None) -> int | None:
    """Milliseconds of an RFC 2822 date; whole seconds, so up to one early."""
    try:
        date = parsedate_to_datetime(text or "")
        return int((date if date.tzinfo is not None else date.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return None


def _finding(found: str, *, unsure: bool) -> Finding:
    if found:
        return Found(found)
    return CannotTell("records: messages that cannot be compared") if unsure else Absent()
