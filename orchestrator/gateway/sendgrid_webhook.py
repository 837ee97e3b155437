"""SendGrid's event webhook: the signature is checked on the raw bytes; events become receipts.

Source: SendGrid Event Webhook and its security features: ECDSA P-256 over timestamp + body. Retries may come with a new
sg_event_id, so a receipt's id is made of what does not change. Our own id stands flat among an event's fields (custom_args);
an asynchronous bounce has neither it nor SendGrid's, so it counts for the address.
"""

import hashlib
import re
from base64 import b64decode
from collections.abc import Sequence
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from orchestrator.contracts.intent import is_intent
from orchestrator.contracts.reason import Reason
from orchestrator.contracts.receipt import Receipt, Status

SIGNATURE, TIMESTAMP = "X-Twilio-Email-Event-Webhook-Signature", "X-Twilio-Email-Event-Webhook-Timestamp"
STATUS: dict[str, Status] = {
    "processed": "sent", "deferred": "sent", "delivered": "delivered", "open": "opened", "click": "clicked", "spamreport": "complained",
    "unsubscribe": "unsubscribed", "group_unsubscribe": "unsubscribed", "bounce": "bounced", "dropped": "failed",
}  # fmt: skip
"""Events about a person. `deferred`: the receiving server does not take it yet, and SendGrid goes on trying for 72 hours."""
DEAD_DROPS = frozenset(("bounced address", "invalid"))
"""Reasons of `dropped` after which the address is of no use."""
DROPS: dict[str, Status] = {"spam reporting address": "complained", "unsubscribed address": "unsubscribed"}
"""Reasons of `dropped` that tell what the person had said to SendGrid before."""
FRESH = 3 * 86_400_000
"""Milliseconds a signed timestamp may lie in the past or future. A post that was not answered is repeated for 24 hours, and whether a
repetition is signed anew is nowhere said."""
_SECONDS = re.compile(r"[0-9]{1,12}")


def is_signed(body: bytes, signature: str | None, timestamp: str | None, keys: Sequence[ec.EllipticCurvePublicKey]) -> bool:
    """True when one of the keys signed exactly these bytes."""
    if not signature or not timestamp:
        return False
    try:
        raw = b64decode(signature, validate=True)
    except ValueError:
        return False
    for key in keys:
        try:
            key.verify(raw, timestamp.encode("utf-8", "surrogatepass") + body, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            continue
        return True
    return False


def is_fresh(timestamp: str | None, now: int) -> bool:
    """A post that somebody kept and plays again is refused. `timestamp` in seconds since 1970, `now` in milliseconds."""
    return timestamp is not None and _SECONDS.fullmatch(timestamp) is not None and abs(int(timestamp) * 1000 - now) <= FRESH


def read_events(body: bytes) -> list[dict[str, Any]]:
    """Raises msgspec.DecodeError, UnicodeDecodeError, RecursionError when the body is no array of objects."""
    return msgspec.json.decode(body, type=list[dict[str, Any]])


def intent_of(event: dict[str, Any]) -> str | None:
    """Our id of the message."""
    found = event.get("intent")
    return found if isinstance(found, str) and is_intent(found) else None


def provider_id_of(event: dict[str, Any]) -> str | None:
    """The X-Message-Id its request was answered with: what stands before the first dot."""
    return str(event.get("sg_message_id") or "").split(".")[0] or None


def suppression_of(event: dict[str, Any]) -> tuple[str, str] | None:
    """(address, dead|complained): what an event means for the address, whoever's it is."""
    address = event.get("email")
    if not isinstance(address, str) or not address:
        return None
    if _is_dead(event):
        return address, "dead"
    return (address, "complained") if "complained" in _statuses(event) else None


def receipts_of(event: dict[str, Any], customer: str) -> list[Receipt]:
    """What one event says about a customer; empty where that is nothing."""
    at = event.get("timestamp")
    if not isinstance(at, int) or isinstance(at, bool) or not 0 < at < 2**40:
        return []
    dead = _is_dead(event)
    detail = str(event.get("reason") or event.get("response") or "")[:300]
    return [
        Receipt(
            id=_id(event, status), customer=customer, status=status, at=at * 1000, channel="email", intent=intent_of(event), provider="sendgrid",
            provider_id=provider_id_of(event), code=str(event.get("status") or "")[:40] or None, detail=detail or None,
            reason=Reason.PROVIDER_WITHHELD.value if status == "failed" and event.get("event") == "dropped" and not dead else None,
            address=str(event["email"]) if event.get("email") else None, address_dead=dead and status in ("bounced", "failed"),
            human=not event.get("sg_machine_open", False), link=str(event["url"])[:2000] if event.get("url") else None,
        )
        for status in _statuses(event)
    ]  # fmt: skip


def _statuses(event: dict[str, Any]) -> list[Status]:
    kind = event.get("event")
    status = STATUS.get(kind) if isinstance(kind, str) else None
    if status is None:
        return []
    if kind == "bounce" and not _is_dead(event):
        return ["failed"]  # blocked: refused this time, and no word against the address
    also = DROPS.get(_reason(event)) if kind == "dropped" else None
    return [status] if also is None else [status, also]


def _is_dead(event: dict[str, Any]) -> bool:
    if event.get("event") == "bounce":
        return bool(event.get("type", "bounce") == "bounce")
    return event.get("event") == "dropped" and _reason(event) in DEAD_DROPS


def _reason(event: dict[str, Any]) -> str:
    return str(event.get("reason") or "").strip().lower()


def _id(event: dict[str, Any], status: str) -> str:
    """Stable over retries: whose message, what, when, which link."""
    parts = (intent_of(event) or provider_id_of(event) or "", status, *(str(event.get(name, "")) for name in ("timestamp", "email", "url")))
    return "sg:" + hashlib.sha256("|".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]
