"""SendGrid's event webhook: the signature is checked on the raw bytes; events become receipts.

Source: SendGrid Event Webhook and its security features: ECDSA P-256 over timestamp + body. Retries may come with a new
sg_event_id, so a receipt's id is made of what does not change.
"""

import hashlib
from base64 import b64decode
from collections.abc import Sequence
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from orchestrator.contracts.receipt import Receipt, Status

SIGNATURE, TIMESTAMP = "X-Twilio-Email-Event-Webhook-Signature", "X-Twilio-Email-Event-Webhook-Timestamp"
STATUS: dict[str, Status] = {
    "delivered": "delivered", "open": "opened", "click": "clicked", "spamreport": "complained", "unsubscribe": "unsubscribed",
    "group_unsubscribe": "unsubscribed", "bounce": "bounced", "dropped": "failed", "processed": "sent",
}  # fmt: skip
_DEAD_DROPS = ("Bounced Address", "Invalid")


def public_key(text: str) -> ec.EllipticCurvePublicKey:
    """From base64 SubjectPublicKeyInfo. Raises ValueError."""
    key = load_der_public_key(b64decode(text))
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError("not an ECDSA public key")  # noqa: TRY004  (it is the text's value that is wrong)
    return key


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


def read_events(body: bytes) -> list[dict[str, Any]]:
    """Raises msgspec.DecodeError when the body is no array of objects."""
    return msgspec.json.decode(body, type=list[dict[str, Any]])


def receipt_of(event: dict[str, Any], customer: str) -> Receipt | None:
    """The receipt of one event; None for what says nothing about a customer."""
    kind = str(event.get("event", ""))
    status = STATUS.get(kind)
    at = event.get("timestamp")
    if status is None or not isinstance(at, int) or isinstance(at, bool) or not 0 < at < 2**40:
        return None
    intent = event.get("intent")
    reason = str(event.get("reason") or event.get("response") or "")[:300]
    dead = (kind == "bounce" and event.get("type", "bounce") == "bounce") or (
        kind == "dropped" and any(one in reason for one in _DEAD_DROPS)
    )
    if kind == "bounce" and not dead:
        status = "failed"
    return Receipt(
        id=_id(event, status), customer=customer, status=status, at=at * 1000, channel="email", intent=intent if isinstance(intent, str) else None,
        provider="sendgrid", provider_id=str(event.get("sg_message_id", "")).split(".")[0] or None,
        code=str(event.get("status") or "") or None, detail=reason or None, address=str(event["email"]) if event.get("email") else None,
        address_dead=dead, human=not event.get("sg_machine_open", False), link=str(event["url"]) if event.get("url") else None,
    )  # fmt: skip


def _id(event: dict[str, Any], status: str) -> str:
    """Stable over retries: whose message, what, when, which link."""
    parts = (
        str(event.get("intent") or str(event.get("sg_message_id", "")).split(".")[0]),
        status,
        str(event.get("timestamp")),
        str(event.get("email")),
        str(event.get("url", "")),
    )
    return "sg:" + hashlib.sha256("|".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]
