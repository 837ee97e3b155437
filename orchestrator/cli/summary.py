"""What was sent, held and refused, for the terminal."""

from collections import Counter

from rich.table import Table

from orchestrator.cli.context import Invocation
from orchestrator.contracts.reason import REASONS, Reason
from orchestrator.embedded.runtime import EmbeddedRuntime

EFFECTS = {"S": "sent", "H": "held", "D": "not sent", "E": "entry refused", "R": "tried again", "F": "failed"}


def print_summary(call: Invocation, runtime: EmbeddedRuntime) -> None:
    """Messages by channel, then decisions by effect and reason."""
    sent = Table(title="Messages", title_justify="left")
    for heading in ("channel", "status", "number"):
        sent.add_column(heading, justify="right" if heading == "number" else "left")
    for (channel, status), number in sorted(runtime.observation.sent.items()):
        sent.add_row(channel, status, f"{number:,}")
    call.console.print(sent)
    decided: Counter[tuple[str, str]] = Counter()
    for (_journey, effect, reason), number in runtime.observation.decided.items():
        decided[effect, reason] += number
    table = Table(title="Decisions", title_justify="left")
    for heading in ("what", "reason", "meaning", "number"):
        table.add_column(heading, justify="right" if heading == "number" else "left")
    for (effect, reason), number in sorted(decided.items(), key=lambda one: ("SHDERF".find(one[0][0]), -one[1])):
        table.add_row(EFFECTS.get(effect, effect), reason, REASONS[Reason(reason)].means, f"{number:,}")
    call.console.print(table)
