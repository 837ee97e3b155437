"""YAML on one line, for people to paste into a file."""

import json
import re

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*( [A-Za-z0-9_]+)*|([0-9]+[dhms])+")
"""Words and lengths of time."""
_OTHER = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))
"""Words that some readers of YAML take for something else than text."""


def flow(value: object) -> str:
    """As YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(name)}: {flow(item)}" for name, item in value.items()) + "}"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.casefold() not in _OTHER:
        return value
    return json.dumps(value, ensure_ascii=False)
