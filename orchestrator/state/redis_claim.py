"""How a claim is stored in Redis: its number, which the script gives, a bar, and MessagePack. It also says whose the intent is."""

from typing import cast

import msgspec

from orchestrator.contracts.claim import Claim, ClaimState


class StoredClaim(msgspec.Struct, array_like=True, frozen=True):
    """Texts that come from outside are bytes, so that none is too odd to be written. `call` tells apart what one sender asks for."""

    state: str
    sender: str
    at: int
    attempt: int
    customer: bytes
    call: int
    provider_id: bytes = b""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(StoredClaim)


def claim_body(claim: Claim, customer: str, call: int) -> bytes:
    """Of a claim that is asked for: all but its number."""
    return _encoder.encode(
        StoredClaim(claim.state, claim.sender, claim.at, claim.attempt, _bytes(customer), call, _bytes(claim.provider_id or ""))
    )


def settled_value(value: bytes, claim: Claim) -> bytes:
    """The stored value `value` once the claim has become `claim`."""
    held = decode_stored(value)
    after = StoredClaim(claim.state, held.sender, claim.at, held.attempt, held.customer, held.call, _bytes(claim.provider_id or ""))
    return numbered(claim.sequence, _encoder.encode(after))


def numbered(number: int, body: bytes) -> bytes:
    """The stored value of a claim."""
    return b"%d|" % number + body


def body_of(value: bytes) -> bytes:
    """A stored value without its number."""
    return value[value.index(b"|") + 1 :]


def decode_stored(value: bytes) -> StoredClaim:
    """Raises ValueError, msgspec.DecodeError for what is no claim."""
    return _decoder.decode(body_of(value))


def decode_claim(value: bytes) -> Claim:
    """Raises ValueError, msgspec.DecodeError for what is no claim."""
    number, _bar, body = value.partition(b"|")
    held = _decoder.decode(body)
    provider = held.provider_id.decode("utf-8", "surrogatepass") or None
    return Claim(cast("ClaimState", held.state), held.sender, held.at, held.attempt, provider, int(number))


def owner_of(value: bytes) -> str:
    """The customer whose intent it is."""
    return decode_stored(value).customer.decode("utf-8", "surrogatepass")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
