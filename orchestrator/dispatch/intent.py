"""The id of an intended message: the same for every try and every replay, different for every intended message."""

import hashlib

from orchestrator.contracts.topics import Channel


def intent_id(customer: str, journey: str, key: str, number: int, step: str, visit: int, channel: Channel | str) -> str:
    """32 hex digits: the first 16 bytes of the SHA-256 of the parts, each preceded by its length so that none can run into the next."""
    parts = (customer, journey, key, str(number), step, str(visit), channel)
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
