"""Is a host one of `webhooks.hosts`? Asked by lint when a journey is written, and by the worker before it calls."""

HTTPS = 443
"""The port of an entry without one."""


def is_listed(entry: str, host: str, port: int, usual: int) -> bool:
    """An entry without a port means the scheme's own, one with a port means that one only. `*.` stands for one label or more."""
    name, colon, written = entry.rpartition(":")
    if colon and written.isascii() and written.isdigit():
        wanted = int(written)
    else:
        name, wanted = entry, usual
    if wanted != port:
        return False
    name = name.removeprefix("[").removesuffix("]")
    if name.startswith("*."):
        before = host.removesuffix(name[1:])
        return before not in ("", host) and not before.startswith(".") and not _is_number(host)
    return name == host


def _is_number(host: str) -> bool:
    """Its last label is a number, so a resolver may take all of it for an address."""
    return ":" in host or host.rpartition(".")[2].startswith(tuple("0123456789"))
