"""Logs on standard error: plain lines on a terminal, one JSON object a line elsewhere. No address, name or text of a customer is logged."""

import json
import logging
from datetime import UTC, datetime
from typing import TextIO

from orchestrator.errors import ConfigurationError

LEVELS = ("debug", "info", "warning", "error")
HTTP = "orchestrator.http"
"""The logger for what clients do wrong below HTTP (broken requests, cut connections): their fault, so only `debug` shows it."""


class JsonLines(logging.Formatter):
    """`at` (RFC 3339, UTC), `level`, `logger`, `message`, and `error` with the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        found = {"at": at, "level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        if record.exc_info:
            found["error"] = self.formatException(record.exc_info)
        return json.dumps(found, ensure_ascii=False)


def set_up_logs(level: str, stream: TextIO) -> None:
    """For the whole process. Raises ConfigurationError for a level there is not."""
    if level.lower() not in LEVELS:
        raise ConfigurationError(f"CONCIERGE_LOG={level!r}: one of {', '.join(LEVELS)}")
    output = logging.StreamHandler(stream)
    output.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s") if stream.isatty() else JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[output], force=True)
    logging.getLogger(HTTP).setLevel(logging.DEBUG if level.lower() == "debug" else logging.CRITICAL)
    for name in ("asyncio", "mode.timers"):  # what they say below a warning is of no use to anybody
        logging.getLogger(name).setLevel(logging.WARNING)
