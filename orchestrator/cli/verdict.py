"""`concierge policies --customer ID --message M`: the verdict for one person and one message, right now, line by line."""

from collections.abc import Iterator

import click

from orchestrator.cli.context import Invocation, Stop
from orchestrator.cli.open_reader import known, open_reader
from orchestrator.content.render import Renderer
from orchestrator.engine.ask_now import ask_now
from orchestrator.engine.turn import Surroundings
from orchestrator.expressions.problems import nearest
from orchestrator.journey_tests.world import NoLinks
from orchestrator.policies.explain import explain
from orchestrator.policies.judge import judge
from orchestrator.policies.pace import Pace
from orchestrator.policies.question import Question
from orchestrator.policies.verdict import Drop, Hold, Pass, Refusal
from orchestrator.runtime.clock import SystemClock
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.load import load_in_force
from orchestrator.workspace.step import SendStep
from orchestrator.workspace.workspace import Workspace


def show_verdict(call: Invocation, data: str | None, customer_id: str, message: str) -> None:
    """Print it, for every step that sends the message. Raises Stop."""
    with open_reader(call, data) as reader:
        customer, version = known(reader, customer_id), reader.version()
    workspace = load_in_force(version[1], call.environment).workspace if version else call.load_good().workspace
    if workspace is None:
        raise Stop("the version in force cannot be read by this program version")
    if message not in workspace.messages:
        raise Stop(f"no message {message!r}; {nearest(message, workspace.messages, 'messages')}")
    sends = list(_sends(workspace, message))
    if not sends:
        raise Stop(f"no journey sends {message!r}", 1)
    around = Surroundings(workspace, Renderer(workspace, NoLinks()), 0, 1, SystemClock().now(), Pace())
    found = [(journey.name, step, ask_now(customer.copy(), journey, step, around)) for journey, step in sends]
    if call.as_json:
        call.print_json([{"journey": journey, "step": step, **_as_data(question)} for journey, step, question in found])
        return
    for journey, step, question in found:
        click.echo(f"{customer.id} · {message} · {journey} · {step} ({question.message_class})")
        for channel, answers in explain(question).items():
            click.echo(f"  {channel}")
            for number, name, refusal in answers:
                click.echo(f"    {number:>2} {name:<20} {'passes' if refusal is None else _words(refusal)}")
        status = question.journey.status
        click.echo(f"  → {_sentence(question)}" + ("" if status == "live" else f"; but the journey is {status}"))


def _sends(workspace: Workspace, message: str) -> Iterator[tuple[Journey, str]]:
    for journey in workspace.journeys.values():
        for step in journey.every_step:
            if isinstance(step, SendStep) and step.message == message:
                yield journey, step.node


def _words(refusal: Refusal) -> str:
    told = [refusal.reason.value, *([f"rule {refusal.rule} (version {refusal.rule_version})"] if refusal.rule else [])]
    told += [f"case {refusal.case}"] if refusal.case else []
    told += [f"{name} = {value}" for name, value in refusal.values.items()]
    return f"{'HOLDS' if refusal.hold else 'DROPS'}  {', '.join(told)}"


def _sentence(question: Question) -> str:
    match judge(question):
        case Pass(channel):
            return f"would be sent by {channel}"
        case Hold(channel, refusal):
            return f"would be held on {channel}: {refusal.reason.value}"
        case Drop(refusal):
            return f"would be dropped: {refusal.reason.value}"


def _as_data(question: Question) -> dict[str, object]:
    verdict = judge(question)
    return {
        "class": question.message_class,
        "journey_status": question.journey.status,
        "verdict": type(verdict).__name__.lower(),
        "channel": None if isinstance(verdict, Drop) else verdict.channel,
        "reason": "allowed" if isinstance(verdict, Pass) else verdict.refusal.reason.value,
        "channels": {
            channel: [
                {
                    "line": number, "name": name, "verdict": "pass" if refusal is None else "hold" if refusal.hold else "drop",
                    **({} if refusal is None else {"reason": refusal.reason.value, "rule": refusal.rule, "rule_version": refusal.rule_version, "case": refusal.case, "values": dict(refusal.values)}),
                }
                for number, name, refusal in answers
            ]
            for channel, answers in explain(question).items()
        },
    }  # fmt: skip
