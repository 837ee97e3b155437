"""People inside a journey when another version of it comes into force."""

from orchestrator.engine.runs import cancel, end_run
from orchestrator.engine.turn import Turn
from orchestrator.journeys.listen import hear_again
from orchestrator.journeys.migrate import meet_step, rename, way_of
from orchestrator.model.run import Run
from orchestrator.workspace.journey import Journey


def meet_new_versions(turn: Turn) -> None:
    """Runs that began in another version than the one in force: each does what the new one's `in_flight` says, once."""
    for run in list(turn.runs):
        journey = turn.workspace.journeys.get(run.journey)
        if journey is None or journey.status == "draft":
            end_run(turn, run, "version_exit")  # `plan` refuses that with people in it, unless it is what is wanted
        elif run.version != journey.version and (run.journey, run.version) not in turn.workspace.earlier:
            _meet(turn, run, journey)


def _meet(turn: Turn, run: Run, journey: Journey) -> None:
    turn.customer.changed("runs")
    run.version = journey.version
    _pin(turn, run, _content(turn, run) if journey.in_flight.content == "pinned" else "")
    way = way_of(run.node, run.state, journey)
    if journey.was:
        _rename(turn, run, journey)
    if run.heard:
        hear_again(run, journey, turn.frame)
    if journey.in_flight.runs == "exit":
        end_run(turn, run, "version_exit")
    elif not way.stays:
        _move(turn, run, journey, way.to)
    else:
        meet_step(run, journey, turn.frame)


def _content(turn: Turn, run: Run) -> str:
    """A run that began before its journey said `pinned` goes on with what was in force until now."""
    return run.content or turn.workspace.content_before or turn.workspace.content


def _pin(turn: Turn, run: Run, content: str) -> None:
    """To a version of all messages; also what it has due or held, which may outlive it."""
    if run.content == content:
        return
    run.content = content
    for planned in turn.customer.messages.planned:
        if planned.run_id == run.id:
            planned.facts.content = content
            turn.customer.changed("msgs")


def _rename(turn: Turn, run: Run, journey: Journey) -> None:
    """Of the run and of its messages: those that may still come back are found by the step's name."""
    rename(run, journey)
    messages = turn.customer.messages
    for planned in messages.planned:
        if planned.run_id == run.id and planned.step in journey.was:
            planned.step = journey.was[planned.step]
            turn.customer.changed("msgs")
    for sent in messages.sent:
        if (sent.journey, sent.key, sent.number) == (run.journey, run.key, run.number) and sent.step in journey.was:
            sent.amend(step=journey.was[sent.step])
            turn.customer.changed("msgs")


def _move(turn: Turn, run: Run, journey: Journey, target: str | None) -> None:
    """Its step is gone: what it had planned there is taken back, and it goes where `removed` says; `plan` refuses a version that
    says nothing of people who stand there, and a run that gets here all the same ends."""
    if target is None or target not in journey.steps:
        end_run(turn, run, "version_exit")
        return
    cancel(turn, run, run.node)
    run.state, run.due, run.check_at, run.node = "ready", None, None, target
