"""What a receiver can trust: a bearer token, and a signature of the time and the body with the same secret."""

import hashlib
import hmac
import logging
import re
from collections.abc import Mapping
from pathlib import Path

PREFIX = "CONCIERGE_SECRET_"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_log = logging.getLogger(__name__)


def signature(secret: str, at: int, body: bytes) -> str:
    """The value of X-Concierge-Signature: `t=<seconds since 1970>,v1=<hex>`, where v1 is HMAC-SHA-256 with the secret of `<t>.<body>`, the
    body's bytes as they are sent. `at` in milliseconds: of this try, so that a receiver can refuse what is old."""
    seconds = at // 1000
    digest = hmac.new(secret.encode(), b"%d." % seconds + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def variable_of(name: str) -> str:
    """The environment variable that holds the secret called so in YAML."""
    return PREFIX + name.upper().replace("-", "_")


class Secrets:
    """Secrets by their names in YAML, from CONCIERGE_SECRET_<NAME> or a file that CONCIERGE_SECRET_<NAME>_FILE names. A file is read at every
    try, so that a secret is changed without a restart."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._missed: set[str] = set()

    def get(self, name: str) -> str | None:
        """None where there is none, or one that no header can hold; that is said once for each name."""
        found, why = self._read(variable_of(name)) if _NAME.fullmatch(name) else ("", "is no name of a secret")
        if found and found.isascii() and found.isprintable():
            return found
        if name not in self._missed:
            self._missed.add(name)
            _log.error(
                "secret %r: %s %s; calls that need it fail until it is there", name, variable_of(name), why or "is empty, or no ASCII text"
            )
        return None

    def _read(self, variable: str) -> tuple[str, str]:
        if variable in self._environment:
            return self._environment[variable].strip(), ""
        file = self._environment.get(f"{variable}_FILE")
        if file is None:
            return "", "is not set, nor is the same with _FILE"
        try:
            return Path(file).read_text("utf-8").strip(), ""
        except (OSError, UnicodeDecodeError) as error:
            return "", f"cannot be read from {file}: {error}"
