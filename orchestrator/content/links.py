"""Links: https only, campaign parameters on the workspace's own hosts, safe to stand in an attribute."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit


def on_hosts(url: str, hosts: Sequence[str]) -> bool:
    """True when the URL's host is listed; `*.` matches one label or more."""
    host = (urlsplit(url).hostname or "").lower()
    return any(host == one or (one.startswith("*.") and host.endswith(one[1:]) and host != one[2:]) for one in hosts)


def tagged(url: str, hosts: Sequence[str], utm: Mapping[str, str]) -> str:
    """The URL with `utm_…` parameters, where it is ours and does not have them yet."""
    if not utm or not on_hosts(url, hosts):
        return url
    parts = urlsplit(url)
    given = {name for name, _value in parse_qsl(parts.query, keep_blank_values=True)}
    extra = urlencode([(f"utm_{name}", value) for name, value in utm.items() if f"utm_{name}" not in given])
    return urlunsplit(parts._replace(query="&".join(part for part in (parts.query, extra) if part)))


def url_part(text: str) -> str:
    """A printed value inside a URL: percent-encoded, so that it stays one part of it."""
    return quote(text, safe="")
