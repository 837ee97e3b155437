"""A breaker per provider: after failures in a row nothing is sent for a while, then one probe decides."""

from dataclasses import dataclass, replace

THRESHOLD = 8
OPEN_FOR = 10_000
LONGEST = 300_000
"""Failures in a row; milliseconds."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """`opened_at` None is closed. `pause` doubles with every probe that fails."""

    failures: int = 0
    opened_at: int | None = None
    pause: int = OPEN_FOR
    probing: bool = False


def allows(circuit: Circuit, now: int) -> bool:
    """May a message go to this provider now? When the pause is over one probe may."""
    return circuit.opened_at is None or (not circuit.probing and now >= circuit.opened_at + circuit.pause)


def asked(circuit: Circuit) -> Circuit:
    """A message was given to it: while it is open that is the probe."""
    return replace(circuit, probing=True) if circuit.opened_at is not None else circuit


def succeeded(_circuit: Circuit) -> Circuit:
    """It answered."""
    return Circuit()


def failed(circuit: Circuit, now: int, *, at_once: bool = False) -> Circuit:
    """It did not. `at_once`: no need to count, nothing can be sent."""
    if circuit.opened_at is not None and not circuit.probing:
        return circuit  # a call that was under way when it opened tells nothing new
    if circuit.opened_at is not None:
        return Circuit(circuit.failures + 1, now, min(circuit.pause * 2, LONGEST))
    failures = circuit.failures + 1
    return Circuit(failures, now if at_once or failures >= THRESHOLD else None)
