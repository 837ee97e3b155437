"""What was sent, held and refused, for the terminal."""

from rich.table import Table

from orchestrator.cli.context import Invocation
from orchestrator.contracts.reason import EFFECTS, REASONS, Reason
from orchestrator.embedded.runtime import EmbeddedRuntime


def print_summary(call: Invocation, runtime: EmbeddedRuntime) -> None:
    """Messages by channel, then decisions by effect and reason."""
    sent = Table(title="Messages", title_justify="left")
    for heading in ("channel", "status", "number"):
        sent.add_column(heading, justify="right" if heading == "number" else "left")
    for (channel, status), number in sorted(runtime.observation.sent.items()):
        sent.add_row(channel, status, f"{number:,}")
    call.console.print(sent)
    table = Table(title="Decisions", title_justify="left")
    for heading in ("what", "reason", "meaning", "number"):
        table.add_column(heading, justify="right" if heading == "number" else "left")
    for effect, reason, number in runtime.observation.decisions():
        table.add_row(EFFECTS[effect], reason, REASONS[Reason(reason)].means, f"{number:,}")
    call.console.print(table)
