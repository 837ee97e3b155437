"""`concierge why`: every decision about a person, in words."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click
import msgspec

from orchestrator.cli.context import Invocation, Stop
from orchestrator.cli.open_reader import known, open_reader
from orchestrator.contracts.decision import Decision
from orchestrator.contracts.reason import EFFECTS, REASONS, Reason
from orchestrator.expressions.durations import read_duration, write_duration
from orchestrator.expressions.problems import nearest
from orchestrator.runtime.clock import SystemClock
from orchestrator.workspace.load import load_in_force


@click.command()
@click.argument("customer")
@click.option("--journey", metavar="J", help="Only this journey.")
@click.option("--message", metavar="ID", help="Only this message, by name or intent id.")
@click.option("--since", metavar="T", help="Only since then: a duration (2d) or an instant (2026-03-02).")
@click.option("--data", metavar="DIR", help="The embedded store's folder.")
@click.pass_obj
def why(call: Invocation, customer: str, journey: str | None, message: str | None, since: str | None, data: str | None) -> None:
    """Why CUSTOMER got or didn't get messages: newest first, with reason, rule, rule version and the values it saw.

    How a run ended is no decision about a message: `concierge customer show` lists the journeys somebody is and was in.
    """
    with open_reader(call, data) as reader:
        decisions, version = reader.decisions(known(reader, customer)), reader.version()
    after = _since(since)
    chosen = [
        d for d in decisions
        if d.at >= after and (journey is None or d.journey == journey) and (message is None or message in (d.message, d.intent))
    ]  # fmt: skip
    if not chosen:
        _refuse_unknown(call, decisions, version, journey, message)
    if call.as_json:
        call.print_json([msgspec.to_builtins(decision) for decision in chosen])
        return
    if not chosen:
        click.echo("no decisions")
    for decision in chosen:
        click.echo(describe(decision))


def _refuse_unknown(
    call: Invocation, decisions: Sequence[Decision], version: tuple[str, dict[str, bytes]] | None, journey: str | None, message: str | None
) -> None:
    """Raises Stop for a journey or message that neither the decisions nor the version in force name."""
    journeys = {one.journey for one in decisions if one.journey}
    messages = {name for one in decisions for name in (one.message, one.intent) if name}
    if journey in (None, *journeys) and message in (None, *messages):
        return
    workspace = load_in_force(version[1], call.environment).workspace if version else None
    if workspace is None:
        return  # which names there are cannot be told
    names = [*journeys, *workspace.journeys]
    if journey is not None and journey not in names:
        raise Stop(f"no journey {journey!r}; {nearest(journey, names, 'there are')}")
    names = [*messages, *workspace.messages]
    if message is not None and message not in names:
        raise Stop(f"no message {message!r}; {nearest(message, workspace.messages, 'there are')}")


def _since(text: str | None) -> int:
    if text is None:
        return 0
    length = read_duration(text)
    if length is not None:
        return SystemClock().now() - length
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise Stop(f"--since {text}: a duration (2d) or an instant (2026-03-02T10:00:00Z)") from None
    return round((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp() * 1000)


def clock_text(at: int, zone: ZoneInfo | None = None) -> str:
    """An instant for people, in UTC unless a zone is given."""
    moment = datetime.fromtimestamp(at / 1000, zone or UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S") + ("" if zone else "Z")


CHECKED = {
    "plan": "judged when it came due",
    "release": "judged again after it had been held",
    "sender": "stopped by the last check, immediately before it would have left",
}
ACTORS = {
    "author": "whoever writes the journey or the message",
    "policy": "whoever writes config/policies.yaml",
    "customer": "the customer",
    "backend": "the systems that send events",
    "ops": "operations",
    "provider": "the provider",
}


def describe(decision: Decision) -> str:
    """A decision in a few lines: when, what and its code; what that means; what it rests on; who can change it."""
    about = [decision.journey and f"journey {decision.journey}", decision.step and f"step {decision.step}"]
    about += [decision.message and f"message {decision.message}", decision.channel and f"by {decision.channel}"]
    what = EFFECTS.get(decision.effect, decision.effect).upper()
    lines = [f"{clock_text(decision.at)}  {what:<13} {decision.reason.value}  {' · '.join(part for part in about if part)}"]
    until = f", until {clock_text(decision.until)}" if decision.until else ""
    lines.append(f"    {REASONS[decision.reason].means}{until}")
    lines += [f"    not by {channel}: {_means(reason)}" for channel, reason in decision.channels.items()]
    detail = [f"case {decision.case}"] if decision.case else []
    if decision.rule:
        detail.append(f"rule {decision.rule}" + (f" (version {decision.rule_version})" if decision.rule_version else ""))
    detail += [f"won by {decision.winner}"] if decision.winner else []
    detail += [f"in {decision.part}"] if decision.part else []
    detail += [f"{key.removesuffix('_ms')} = {_value(key, value)}" for key, value in decision.values.items()]
    detail += [f"at {decision.place}"] if decision.place else []
    if detail:
        lines.append("    because of: " + ", ".join(detail))
    detail = [f"{decision.message_class} message"] if decision.message_class and decision.message else []
    if decision.checked_at and decision.message:
        detail.append(CHECKED[decision.checked_at])
    if decision.version:
        detail.append(f"journey's version {decision.version[:8]}")
    if detail:
        lines.append("    " + ", ".join(detail))
    who = REASONS[decision.reason].who
    if who and decision.effect != "S":
        lines.append(f"    who can change it: {' or '.join(ACTORS[one] for one in who)}")
    return "\n".join(lines)


def _means(reason: str) -> str:
    """Of a channel's verdict: the code and its words."""
    means = REASONS[Reason(reason)].means
    return f"{reason}: {means[0].lower()}{means[1:]}"


def _value(key: str, value: object) -> str:
    if isinstance(value, int) and key.endswith("_ms"):
        return write_duration(value // 1000 * 1000)
    if isinstance(value, int) and key in ("due", "expires_at", "stopped_at", "last_entry"):
        return clock_text(value)
    return str(value)
