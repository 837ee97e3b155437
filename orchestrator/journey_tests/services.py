"""Services of a test, which its webhooks call: what they answer stands in the test, else it is 200 with `{}`. Nothing leaves."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from orchestrator.contracts.call import CallAnswer, OutboundCall, Why

HOWS: dict[str, tuple[Why, int | None]] = {
    "down": ("unreachable", None),
    "timeout": ("timeout", None),
    "rejected": ("status", 400),
    "rate_limited": ("status", 429),
}
"""How a webhook fails, in a test: after its last try."""


@dataclass(frozen=True, slots=True)
class Outage:
    """Of one step's service, or `*`; in force from `since` up to `until` (None: to the end)."""

    step: str
    how: str
    since: int
    until: int | None


@dataclass(slots=True)
class Services:
    """`answers` maps a step to `status`, `headers` and `body`."""

    answers: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    outages: list[Outage] = field(default_factory=list)
    calls: list[OutboundCall] = field(default_factory=list)

    def answer(self, call: OutboundCall, at: int) -> CallAnswer:
        """The final one, at the same instant."""
        self.calls.append(call)
        given = self.answers.get(call.step, {})
        status, body = given.get("status", 200), given.get("body", {})
        headers = given.get("headers")
        outage = next((one for one in reversed(self.outages) if one.step in ("*", call.step) and _in_force(one, at)), None)
        why: Why = "" if isinstance(status, int) and 200 <= status < 300 else "status"
        if outage is not None:
            (why, status), body = HOWS[outage.how], None
        return CallAnswer(
            id=call.id, customer=call.customer, journey=call.journey, key=call.key, number=call.number, step=call.step, visit=call.visit,
            ok=not why, status=status if isinstance(status, int) else None, why=why, attempts=1, at=at,
            headers={str(name).lower(): str(value) for name, value in headers.items()} if isinstance(headers, Mapping) else {},
            body=None if body is None else msgspec.Raw(msgspec.json.encode(body)),
        )  # fmt: skip


def _in_force(outage: Outage, at: int) -> bool:
    return outage.since <= at and (outage.until is None or at < outage.until)


def read_outage(item: Mapping[str, object], at: int, until: int | None) -> Outage:
    """From a test's `fail: {webhook: step, how: down}`. Raises ValueError."""
    how = str(item.get("how"))
    if how not in HOWS:
        raise ValueError(f"fail.how of a webhook is one of {', '.join(HOWS)}")
    return Outage(str(item["webhook"]), how, at, until)
