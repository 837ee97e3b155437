"""The receipt: what became of a message, or what a customer answered, on the topic `delivery-receipts`.

Version 2 (version 1 had neither `tried` nor `again`). `id` is deterministic where the source allows it (provider id + status), so a repeated webhook does nothing.
"""

from typing import Literal, get_args

import msgspec

from orchestrator.contracts.message import LeftOut
from orchestrator.contracts.topics import Channel

VERSION = 2

Status = Literal[
    "accepted", "sent", "delivered", "read", "opened", "clicked", "replied", "deferred",
    "bounced", "failed", "rejected", "complained", "unsubscribed", "unconfirmed",
]  # fmt: skip
STATUSES: tuple[Status, ...] = get_args(Status)


class Receipt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`at` and `retry_at` are milliseconds since 1970.

    - `deferred`: not sent, to be judged again at `retry_at` (0: at once). `reason` is why: a policy's code when the last
      check held it back, `rate_limited` or `provider_down` otherwise. `tried`: a provider was asked, so it counts as a try.
    - `rejected`: not sent and never will be on this channel: `reason` is a policy's code with `checked` = `sender`, or
      `provider_rejected`, `provider_withheld`.
    - `bounced`, `failed` and `unconfirmed`, reported after a provider had accepted it, may have `again`: waits in milliseconds after
      which it is worth another try, the first such failure's first. `provider_id` is then the try that failed.
    - `replied` and `unsubscribed` may have no intent: they belong to an address (`address`), tied to the customer by the
      publisher; `text` is the reply.
    """

    v: int = VERSION
    id: str
    customer: str
    status: Status
    at: int
    channel: Channel
    intent: str | None = None
    provider: str = ""
    provider_id: str | None = None
    attempt: int = 1
    reason: str | None = None
    rule: str | None = None
    case: str | None = None
    checked: str = ""
    code: str | None = None
    detail: str | None = None
    retry_at: int | None = None
    tried: bool = True
    again: tuple[int, ...] = ()
    address: str | None = None
    address_dead: bool = False
    human: bool = True
    link: str | None = None
    text: str | None = None
    keyword: Literal["stop", "start", "help"] | None = None
    offer: LeftOut | None = None
    """The message went without the offer it carried at its commit."""
    topic: str | None = None
    consent: Literal["granted", "revoked"] | None = None
    """With `unsubscribed`: what the person chose on our page for `topic` on `channel`; None means revoked."""


_decoder = msgspec.json.Decoder(Receipt)


def decode_receipt(value: bytes) -> Receipt:
    """Raises msgspec.DecodeError, and ValueError for a version this code cannot read."""
    receipt = _decoder.decode(value)
    if receipt.v > VERSION:
        raise ValueError(f"receipt of version {receipt.v}; this program reads up to {VERSION}: upgrade the orchestrator first")
    return receipt


def encode_receipt(receipt: Receipt) -> bytes:
    return msgspec.json.encode(receipt)
