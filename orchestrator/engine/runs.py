"""Runs on their way: walked on until they stand, planned when they come to a send, cleaned up when they end."""

from orchestrator.contracts.decision import Decision
from orchestrator.contracts.reason import Reason
from orchestrator.contracts.topics import STRICTNESS, MessageClass
from orchestrator.engine.acts import TurnActs
from orchestrator.engine.chain import end_chain
from orchestrator.engine.turn import Turn
from orchestrator.journeys.enter import watch_goal
from orchestrator.journeys.halt import AtSend, Ended, Waiting
from orchestrator.journeys.names import run_facts
from orchestrator.journeys.walk import walk
from orchestrator.model.planned import Planned
from orchestrator.model.run import EventSnapshot, Run
from orchestrator.model.shown_offers import give_back
from orchestrator.workspace.journey import Ending, Journey
from orchestrator.workspace.message import DEFAULT_EXPIRES, Message
from orchestrator.workspace.step import END, EXIT, SendStep

CANCELLING: frozenset[Ending] = frozenset(("goal", "exit_on", "restarted", "merged", "version_exit", "erased"))
"""Endings that take back what has not left; a run that ends by itself cancels nothing."""

STEP_GONE = "its step is not in the journey any more"


def walk_on(turn: Turn, run: Run) -> None:
    """Move one run to its next send or wait, or to its end."""
    turn.customer.changed("runs")
    journey = turn.journey_of(run)
    if journey is None or (run.node not in journey.steps and run.node not in (END, EXIT)):
        end_run(turn, run, "version_exit")
        return
    if journey.status == "paused":
        return
    match walk(run, journey, turn.frame, TurnActs(turn)):
        case AtSend(step):
            plan(turn, run, journey, step)
        case Ended(how, label):
            end_run(turn, run, how, label)
        case Waiting():
            pass


def plan(turn: Turn, run: Run, journey: Journey, step: SendStep, *, ending_event: EventSnapshot | None = None) -> None:
    """A message comes due. With `ending_event` it belongs to an exit's `then` and its run does not wait for it."""
    message = turn.message_of(run, step.message)
    assert message is not None
    message_class = class_of(step, message, journey)
    written = step.expires if step.expires is not None else message.expires
    if written is None and message_class != "transactional":
        written = DEFAULT_EXPIRES
    record = run.steps.get(step.node)
    together = step.choose == "all"
    for channels in [[channel] for channel in step.channels] if together else [list(step.channels)]:
        turn.customer.messages.planned.append(
            Planned(
                step=step.node,
                visit=record.count if record else 1,
                message=step.message,
                message_class=message_class,
                channels=channels,
                priority=step.priority if step.priority is not None else journey.priority,
                due=turn.now,
                facts=run_facts(run, ending_event),
                if_held=step.if_held,
                expires_at=None if written is None else turn.now + written,
                waiting=ending_event is None,
                exit_message=ending_event is not None,
                together=together,
                caused_at=turn.caused_at,
            )
        )
    turn.customer.changed("msgs")


def class_of(step: SendStep, message: Message, journey: Journey) -> MessageClass:
    """The step's, else the message's, else the journey's; lint refuses none at all and a looser step."""
    chosen = step.message_class or message.message_class or journey.message_class or "marketing"
    if message.message_class and STRICTNESS[message.message_class] > STRICTNESS[chosen]:
        return message.message_class
    return chosen


def end_run(turn: Turn, run: Run, how: Ending, label: str | None = None) -> None:
    """Take the run out; cancel its uncommitted messages where this ending does that; go on watching its goal."""
    customer = turn.customer
    if run in customer.runs:
        customer.runs.remove(run)
        turn.effects.count("running", run.journey, by=-1)
    customer.changed("runs")
    turn.effects.count("runs_ended", run.journey, how)
    if how in CANCELLING:
        cancel(turn, run)
    journey = turn.journey_of(run)
    goal = journey.goal if journey is not None and not run.goal and how != "erased" else None
    if journey is not None and goal is not None and run.started_at + goal.within > turn.now:
        watch_goal(customer, run, journey)
    turn.effects.end(customer, run, how, label, turn.now)


def cancel(turn: Turn, run: Run, step: str | None = None) -> None:
    """Messages of the run (of one step) that have not been handed to a sender will not be: `journey_exited`. What is with a sender or a provider
    goes, does not come back for another try, and no other channel follows."""
    messages = turn.customer.messages
    for sent in messages.sent:
        if not sent.kept or (sent.journey, sent.key, sent.number) != (run.journey, run.key, run.number):
            continue
        planned = sent.plan
        if planned is not None and not planned.exit_message and step in (None, planned.step):
            sent.exited = True
            end_chain(turn, sent)
            if sent.given_back:
                give_back(messages, sent)
            turn.customer.changed("msgs")
    gone = [one for one in messages.planned if one.run_id == run.id and not one.exit_message and step in (None, one.step)]
    if not gone:
        return
    messages.planned = [planned for planned in messages.planned if planned not in gone]
    turn.customer.changed("msgs")
    for planned in gone:
        turn.effects.decide(turn.customer, exited(turn, planned, None, cause="" if step is None else STEP_GONE))
        give_back(messages, planned)


def exited(turn: Turn, planned: Planned, intent: str | None, cause: str = "") -> Decision:
    """Its run ended before it had left, or what `cause` says."""
    facts = planned.facts
    return Decision(
        reason=Reason.JOURNEY_EXITED, effect="D", at=turn.now, customer=turn.customer.id, journey=facts.journey,
        version=facts.version, run=planned.run_id, step=planned.step, message=planned.message,
        channel=planned.channels[0] if planned.together else None, message_class=planned.message_class, checked_at="release" if planned.held else "plan", intent=intent,
        values={"cause": cause} if cause else {},
    )  # fmt: skip
