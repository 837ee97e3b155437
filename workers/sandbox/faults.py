"""Faults on demand: rules that make the sandbox fail in the ways real providers do."""

from typing import Literal

import msgspec

from orchestrator.contracts.topics import Channel


class Fault(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """Matches by `channel`, by `address` (exact), by `every` n-th matching call; acts at most `times`.

    `status` and `code` answer an error; `delay` (seconds) waits first; `hang` never answers; `drop` cuts the connection.
    With `accept` the message is stored before any of these; `lose` is `drop` with `accept`. `on` says which calls are meant: those that
    send, or those that look into the records.
    """

    channel: Channel | None = None
    address: str | None = None
    every: int = 1
    times: int | None = None
    status: int | None = None
    code: int | None = None
    retry_after: int | None = None
    delay: float = 0.0
    act: Literal["answer", "hang", "drop", "lose"] = "answer"
    accept: bool = False
    on: Literal["send", "records"] = "send"

    @property
    def accepts(self) -> bool:
        """The message is stored all the same."""
        return self.accept or self.act == "lose"


class Faults:
    """The rules in force, with what each has seen."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._seen: list[int] = []
        self._acted: list[int] = []

    def set(self, rules: list[Fault]) -> None:
        """Raises ValueError that says which rule and why."""
        for number, rule in enumerate(rules, 1):
            if rule.every < 1 or (rule.times is not None and rule.times < 0):
                raise ValueError(f"rule {number}: `every` is at least 1, `times` at least 0")
            if rule.status is not None and not 400 <= rule.status <= 599:
                raise ValueError(f"rule {number}: status {rule.status} is no error; 400 to 599")
            if rule.code is not None and not 10_000 <= rule.code <= 99_999:
                raise ValueError(f"rule {number}: code {rule.code} is no error code of Twilio; five digits")
            if rule.retry_after is not None and not 0 <= rule.retry_after <= 86_400:
                raise ValueError(f"rule {number}: retry_after {rule.retry_after}; 0 to 86400 seconds")
            if rule.act != "answer" and rule.status is not None:
                raise ValueError(f"rule {number}: act {rule.act} gives no answer, so it has no status; leave one out")
            if (rule.code is not None or rule.retry_after is not None) and rule.status is None:
                raise ValueError(f"rule {number}: code and retry_after go with a status; add one")
            if rule.on == "records" and rule.accepts:
                raise ValueError(f"rule {number}: a look into the records stores nothing; leave accept and act: lose out")
            if not 0 <= rule.delay <= 120:
                raise ValueError(f"rule {number}: delay {rule.delay}; 0 to 120 seconds")
            if rule.act == "answer" and rule.status is None and not rule.delay:
                raise ValueError(f"rule {number} does nothing: give status, delay, or act: hang, drop, lose")
        self._rules, self._seen, self._acted = list(rules), [0] * len(rules), [0] * len(rules)

    @property
    def rules(self) -> list[Fault]:
        return list(self._rules)

    @property
    def acted(self) -> list[int]:
        """How often each rule has acted."""
        return list(self._acted)

    def match(self, channel: str, address: str, on: str = "send") -> Fault | None:
        """The first rule that acts on this call."""
        for index, rule in enumerate(self._rules):
            if rule.on != on or rule.channel not in (None, channel) or rule.address not in (None, address):
                continue
            if rule.times is not None and self._acted[index] >= rule.times:
                continue
            self._seen[index] += 1
            if self._seen[index] % rule.every == 0:
                self._acted[index] += 1
                return rule
        return None


def read_faults(body: bytes) -> list[Fault]:
    """Raises msgspec.DecodeError with the path of what is wrong."""
    return msgspec.json.decode(body, type=list[Fault])
