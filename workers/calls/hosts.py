"""Which hosts may be called: those the workspace lists, and what ops permit beyond public addresses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from yarl import URL

from orchestrator.contracts.call_hosts import HTTPS, is_listed
from orchestrator.errors import ConfigurationError

HTTP = 80
_PRIVATE = re.compile(r"(?P<host>[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]):(?P<port>[0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a call goes. `listed` is the entry of `webhooks.hosts` that lets it: the label of metrics, so that their number is bounded."""

    url: URL
    host: str
    port: int
    listed: str


_DOTS = re.compile(r"(?i:/(?:\.|%2e){1,2})(?=[/?#]|$)")
"""A segment of a path that means this folder or the one above, however it is written."""


def target_of(text: str, hosts: Sequence[str], private: frozenset[tuple[str, int]]) -> Target | None:
    """None for a URL that may not be called: not https, a user name in it, a host that is not listed. `private`: (host, port) that ops
    permit; there http will do. Raises ValueError for what is no URL."""
    if not text.isprintable() or any(character.isspace() for character in text):
        raise ValueError("a URL without spaces and control characters is wanted")
    if _DOTS.search(re.split("[?#]", text, maxsplit=1)[0]):
        raise ValueError("a path without `.` and `..` is wanted")  # a value, encoded or not, would lead to another path
    url = URL(text).with_fragment(None)
    host, port = url.raw_host, url.port
    if not host or not port or url.raw_user is not None or url.raw_password is not None:
        return None
    if url.scheme != "https" and not (url.scheme == "http" and (host, port) in private):
        return None
    usual = HTTPS if url.scheme == "https" else HTTP
    for entry in hosts:
        if is_listed(entry.lower(), host, port, usual):
            return Target(url, host, port, entry)
    return None


def authority_of(text: str) -> str:
    """Host and port as they are written, for telling calls apart; empty for what is no URL."""
    try:
        return URL(text).authority
    except ValueError:
        return ""


def read_private(text: str | None) -> frozenset[tuple[str, int]]:
    """From CONCIERGE_CALLS_ALLOW_PRIVATE: `host:port`, comma-separated. Raises ConfigurationError."""
    found = set()
    for one in (text or "").split(","):
        if not one.strip():
            continue
        match = _PRIVATE.fullmatch(one.strip().lower())
        if match is None or not 0 < int(match["port"]) < 65536:
            raise ConfigurationError(
                f"CONCIERGE_CALLS_ALLOW_PRIVATE: {one.strip()!r}: a list of host:port, separated by commas, no patterns"
            )
        found.add((match["host"].strip("[]"), int(match["port"])))
    return frozenset(found)
