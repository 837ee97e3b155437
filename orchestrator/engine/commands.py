"""Inputs that are not customer facts: hand-overs between partitions, erasure, readmission, forwarded events."""

from collections import Counter

from orchestrator.contracts.command import Absorb, Command, Erase, Forwarded, Handover, Readmit, Unlink
from orchestrator.engine.runs import end_run, exited
from orchestrator.engine.turn import Turn
from orchestrator.profiles.erase import erase, readmit
from orchestrator.profiles.handover import absorb_command, give_away, unlinked


def apply_command(turn: Turn, command: Command) -> None:
    """Apply one command; each has a deterministic id or effect, so a repeat does nothing."""
    customer = turn.customer
    standing = Counter(run.journey for run in customer.runs)
    match command:
        case Handover():
            for answer in give_away(customer, command):
                turn.effects.command(answer)
            _moved(turn, standing)
        case Absorb():
            for one in absorb_command(customer, command, turn.workspace):
                turn.effects.count("runs_ended", one.ended.journey, "merged")
                turn.effects.end(customer, one.ended, "merged", None, turn.now)
                for planned in one.cancelled:
                    turn.effects.decide(customer, exited(turn, planned, None))
            _moved(turn, standing)
        case Unlink():
            unlinked(customer, command)
        case Erase():
            for run in list(customer.runs):
                end_run(turn, run, "erased")
            turn.effects.suppress.extend(erase(customer, turn.workspace))
            turn.erased = True
        case Readmit():
            readmit(customer)
        case Forwarded():
            raise TypeError("forwarded events are unwrapped when they are decoded")


def _moved(turn: Turn, before: Counter[str]) -> None:
    """Runs that came or went with a profile."""
    after = Counter(run.journey for run in turn.customer.runs)
    for journey in before | after:
        turn.effects.count("running", journey, by=after[journey] - before[journey])
