"""Links: https only, campaign parameters on the workspace's own hosts, safe to stand in an attribute."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from urllib.parse import quote, urlsplit


def on_hosts(url: str, hosts: Sequence[str]) -> bool:
    """True when the URL's host is listed; `*.` matches one label or more."""
    host = _host(url[:8] + url[8:].split("/", 1)[0])
    return any(host == one or (one.startswith("*.") and host.endswith(one[1:]) and host != one[2:]) for one in hosts)


@lru_cache(maxsize=256)
def _host(origin: str) -> str:
    try:
        return (urlsplit(origin).hostname or "").lower()
    except ValueError:
        return ""


def safe(url: str) -> bool:
    """True for what a click may open; `javascript:` and the like are not."""
    return url.startswith(("https://", "http://", "mailto:", "tel:"))


def tagged(url: str, hosts: Sequence[str], utm: Mapping[str, str]) -> str:
    """The URL with `utm_…` parameters, where it is ours and does not have them yet."""
    if not utm or not on_hosts(url, hosts):
        return url
    rest, mark, fragment = url.partition("#")
    extra = "&".join(f"utm_{name}={quote(value, safe='')}" for name, value in utm.items() if value and f"utm_{name}=" not in rest)
    joined = rest + ("&" if "?" in rest else "?") + extra if extra else rest
    return joined + mark + fragment


def url_part(text: str) -> str:
    """A printed value inside a URL: percent-encoded, so that it stays one part of it."""
    return quote(text, safe="")
