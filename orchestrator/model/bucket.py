"""Shares of customers that stay the same: holdouts (and later splits) are drawn from a hash, never from a random number."""

import hashlib


def bucket(workspace: str, kind: str, name: str, who: str) -> float:
    """In [0, 1): the first 8 bytes of SHA-256 of `workspace|kind|name|who`, big-endian, over 2^64."""
    digest = hashlib.sha256(f"{workspace}|{kind}|{name}|{who}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
