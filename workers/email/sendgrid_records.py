"""Looking for an email in SendGrid's own records.

Source: SendGrid Email Logs API. The list cannot be filtered by our own id (custom_args), so it is asked for by recipient and time, and
each message of it is looked at. Not every account may read its logs: then nobody can tell.
"""

from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import quote

import msgspec

from workers.records import SKEW, Absent, CannotTell, Found, Inquiry, Sought, unreadable
from workers.transport import Answer, Request

T = TypeVar("T")
MOST = 30
"""Messages to one person since a try began that are looked at."""


class _Row(msgspec.Struct):
    sg_message_id: str


class _Rows(msgspec.Struct):
    messages: list[_Row]


class _Event(msgspec.Struct):
    custom_args: dict[str, object] | None = None


class _Details(msgspec.Struct):
    custom_args: dict[str, object] | None = None
    events: list[_Event] = []

    def intents(self) -> set[object]:
        """Our ids among the arguments of the message or, where that shows none, of its events; empty where none is shown."""
        return {shown.get("intent") for shown in (self.custom_args, *(one.custom_args for one in self.events)) if shown is not None}


def sendgrid_records(sought: Sought, base_url: str, api_key: str) -> Inquiry:
    """The inquiry."""
    query = query_of(sought.message.to, sought.since - SKEW)
    if query is None:
        return CannotTell("records: an address that no query can name")
    headers = {"Authorization": f"Bearer {api_key}", "Accept": "application/json"}
    body = msgspec.json.encode({"query": query, "limit": MOST})
    answer = yield Request(f"{base_url}/v3/logs", body, {**headers, "Content-Type": "application/json"})
    rows = _read(answer, _Rows)
    if rows is None:
        return unreadable(answer, sought.now)
    unsure = len(rows.messages) >= MOST
    for row in rows.messages:
        provider_id = row.sg_message_id.split(".")[0]
        if provider_id in sought.taken:
            continue
        answer = yield Request(f"{base_url}/v3/logs/{quote(row.sg_message_id, safe='')}", b"", headers, "GET")
        details = _read(answer, _Details)
        if details is None and answer.status != 404:
            return unreadable(answer, sought.now)
        intents = set() if details is None else details.intents()
        if sought.message.intent in intents:
            return Found(provider_id)
        unsure = unsure or not intents  # listed and not (or not whole) there: it may be the one
    return CannotTell("records: messages that cannot be compared") if unsure else Absent()


def query_of(address: str, since: int) -> str | None:
    """In the query language of the logs. A text stands in single or double quotes and there is no escaping: None where both occur."""
    mark = next((mark for mark in ("'", '"') if mark not in address), None)
    if mark is None or not address.isprintable():
        return None
    at = datetime.fromtimestamp(since // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f'to_email = {mark}{address}{mark} AND sg_message_id_created_at >= TIMESTAMP "{at}"'


def _read(answer: Answer, kind: type[T]) -> T | None:
    if answer.status != 200:
        return None
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
