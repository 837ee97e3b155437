"""A customer who answers: the inbound webhook, and what Twilio itself does on STOP and START."""

from typing import Literal

import msgspec

from workers.sandbox.problem import RefusedError
from workers.sandbox.sandbox import Sandbox
from workers.sandbox.segments import segments
from workers.sandbox.twilio_check import MAX_BODY, is_number

STOP_WORDS = frozenset(("STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "CANCEL", "REVOKE", "OPTOUT"))
START_WORDS = frozenset(("START", "UNSTOP", "YES"))
"""Source: Twilio, default opt-out keywords: one word, any case."""
NOBODY = "+440000000000"
"""Whom a person writes to who never got anything."""


class Reply(msgspec.Struct, rename={"sender": "from"}, forbid_unknown_fields=True, frozen=True):
    """What a person writes."""

    channel: Literal["sms", "whatsapp"]
    sender: str
    text: str


def read_reply(body: bytes) -> Reply:
    """Raises RefusedError."""
    try:
        reply = msgspec.json.decode(body, type=Reply)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedError("No reply", f'{error}; send {{"channel": "sms", "from": "+447911123456", "text": "…"}}') from error
    if not is_number(reply.sender):
        raise RefusedError("No reply", f"from is {reply.sender[:40]!r}; a number as +447911123456, without whatsapp:")
    if len(reply.text) > MAX_BODY:
        raise RefusedError("No reply", f"the text has {len(reply.text)} characters; at most {MAX_BODY}")
    return reply


async def answer(sandbox: Sandbox, reply: Reply) -> str:
    """Keeps the reply, obeys STOP and START as Twilio does (texts only), and tells the gateway. The message's sid."""
    prefix = "whatsapp:" if reply.channel == "whatsapp" else ""
    last = next(iter(sandbox.store.messages({"to": reply.sender, "channel": reply.channel}, 1)), None)
    ours = f"{prefix}{last['from']}" if last else f"{prefix}{NOBODY}"
    person, word, now = f"{prefix}{reply.sender}", reply.text.strip().upper(), sandbox.clock()
    if reply.channel == "sms" and word in STOP_WORDS | START_WORDS:
        await sandbox.store.stop(ours, person, stopped=word in STOP_WORDS)
    await sandbox.store.heard_from(person, now)
    sid = f"SM{sandbox.ids()}"
    await sandbox.store.add_reply(
        {
            "id": sid,
            "channel": reply.channel,
            "from": reply.sender,
            "to": ours.removeprefix("whatsapp:"),
            "text": reply.text,
            "received_at": now,
        }
    )
    fields = {
        "MessageSid": sid, "SmsMessageSid": sid, "SmsSid": sid, "SmsStatus": "received", "AccountSid": str((last or {}).get("account", "AC" + "0" * 32)),
        "From": person, "To": ours, "Body": reply.text, "NumMedia": "0", "NumSegments": str(segments(reply.text)), "ApiVersion": "2010-04-01",
    }  # fmt: skip
    if prefix:
        fields |= {"WaId": reply.sender.removeprefix("+"), "ProfileName": "Sandbox", "MessageType": "text"}
    sandbox.webhooks.form(sandbox.webhooks.targets.inbound, fields)
    sandbox.changed()
    return sid
