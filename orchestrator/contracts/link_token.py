"""Tokens in unsubscribe and preference links: signed, opaque, without expiry, since a mail may be read years later.

RFC 8058 wants a link that names the recipient and the list, works without cookies or login, and can't be guessed.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from dataclasses import dataclass
from hashlib import sha256
from typing import get_args

import msgspec

from orchestrator.contracts.topics import Channel

_LENGTH = 16


@dataclass(frozen=True, slots=True)
class LinkToken:
    """Whose link it is and what it is about."""

    customer: str
    channel: Channel
    topic: str


class Signer:
    """`keys`: the one in use first, then the previous one, which still opens old links."""

    def __init__(self, *keys: bytes) -> None:
        """Raises ValueError for a key that is too short to mean anything."""
        if not keys or any(len(key) < 16 for key in keys):
            raise ValueError("a signing key has at least 16 bytes")
        self._keys = keys

    def write(self, token: LinkToken) -> str:
        """URL-safe text."""
        body = msgspec.json.encode((token.customer, token.channel, token.topic))
        return urlsafe_b64encode(self._sign(self._keys[0], body) + body).decode().rstrip("=")

    def read(self, text: str) -> LinkToken | None:
        """None for anything that was not signed with one of the keys."""
        if len(text) > 2000:
            return None
        try:
            raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            body = raw[_LENGTH:]
            if not any(hmac.compare_digest(raw[:_LENGTH], self._sign(key, body)) for key in self._keys):
                return None
            customer, channel, topic = msgspec.json.decode(body, type=tuple[str, str, str])
        except (BadBase64, ValueError, msgspec.DecodeError):
            return None
        return LinkToken(customer, channel, topic) if channel in get_args(Channel) else None  # type: ignore[arg-type]  # it is one of them

    @staticmethod
    def _sign(key: bytes, body: bytes) -> bytes:
        return hmac.new(key, body, sha256).digest()[:_LENGTH]
