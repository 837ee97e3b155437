"""A planned message is judged: committed and put on its lane, held, or dropped; each with its decision."""

import math
from collections.abc import Mapping
from dataclasses import replace

import msgspec

from orchestrator.content.render import Unrendered
from orchestrator.contracts.decision import CheckedAt, Decision, Effect
from orchestrator.contracts.reason import Reason
from orchestrator.contracts.topics import Channel
from orchestrator.engine import duplicates
from orchestrator.engine.commit_message import commit_message, goes_beside_another
from orchestrator.engine.limits import count_message, over_the_limit
from orchestrator.engine.offers import WithOffer, add_offer, slot_of
from orchestrator.engine.question import ask, names_of
from orchestrator.engine.runs import STEP_GONE, walk_on
from orchestrator.engine.turn import Turn
from orchestrator.journeys.membership import EXISTING
from orchestrator.journeys.views import SCHEDULED
from orchestrator.model.planned import Planned
from orchestrator.model.shown_offers import give_back
from orchestrator.policies.best_channel import best_first
from orchestrator.policies.judge import judge
from orchestrator.policies.question import Question
from orchestrator.policies.quiet_hours import quiet_line
from orchestrator.policies.suppression import rules_line
from orchestrator.policies.verdict import Drop, Hold, Pass, Refusal
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import SendStep

RETRYING = frozenset(
    (Reason.RATE_LIMITED, Reason.PROVIDER_DOWN, Reason.OUTCOME_UNKNOWN, Reason.UNDELIVERABLE, Reason.WHATSAPP_WINDOW_CLOSED)
)

AT_RELEASES = (Reason.ONLY_IF_FALSE, Reason.DUPLICATE_MESSAGE)
"""Asked when a message comes due and at its releases, not whenever something happens while it is held."""
FOR_GOOD = (Reason.ERASED, Reason.EXPIRED, Reason.EXPIRED_WHILE_HELD)
"""Nothing that happens during a hold takes these back."""
AT_ONCE = (EXISTING, SCHEDULED)
"""Entries of very many people at one instant."""
DAY = 86_400_000
TOO_LATE = 60_000
"""A turn that was missed by more, because nobody was there or everybody was busy, is taken anew: what had piled up would go out as a burst."""


def order(planned: Planned) -> tuple[int, int, str, str, int]:
    """Decided together means by priority, then due instant, then journey, then the parts of the intent id."""
    facts = planned.facts
    return (-planned.priority, planned.due, facts.journey, f"{facts.key}/{facts.number}/{planned.step}", planned.visit)


def find_send(journey: Journey, step_id: str) -> SendStep | None:
    """A send of the steps or of an exit's `then`."""
    step = journey.steps.get(step_id)
    if step is None:
        step = next((s for rule in journey.exit_on for s in rule.then if s.node == step_id), None)
    return step if isinstance(step, SendStep) else None


def decide(turn: Turn, planned: Planned, *, at_release: bool) -> bool:
    """Judge one message from the top. True when it was settled (committed or dropped): its run has then gone on."""
    journey = turn.journey_for(planned)
    message = turn.message_for(planned)
    # the run of a message may be over when its step gets another name
    step = None if journey is None else find_send(journey, journey.was.get(planned.step, planned.step))
    if journey is None or message is None or step is None or journey.status == "draft":
        values: dict[str, object] = {"cause": STEP_GONE} if journey is not None and message is not None and step is None else {}
        drop(turn, planned, Refusal("journey", Reason.JOURNEY_EXITED, values=values), at_release=at_release)
        return True
    before = _before_the_lines(turn, planned, journey, step)
    if before is not None:
        if before.hold:
            hold(turn, planned, before, None, at_release=at_release)
            return False
        kept = _kept(ask(turn, planned, journey, message, step, at_release=True)) if at_release and before.reason in AT_RELEASES else None
        if kept is not None:
            hold(turn, planned, kept.refusal, kept.channel, at_release=at_release)
            return False
        drop(turn, planned, before, at_release=at_release)
        return True
    if step.choose == "best" and planned.fell_from is None and not planned.tries:
        planned.channels = best_first(step.channels, turn.customer.messages.sent, turn.now)
    question = ask(turn, planned, journey, message, step, at_release=at_release)
    return _settle(turn, planned, question, step, at_release=at_release)


def _kept(question: Question) -> Hold | None:
    """The hold that has kept it so far, where it still does, whatever else refuses it now: it is not released, and that may pass."""
    planned = question.planned
    for channel in planned.channels:
        for refusal in (rules_line(question, channel, planned.held_by), quiet_line(question, channel)):
            if refusal is not None and refusal.hold and _holds_already(planned, refusal):
                return Hold(channel, refusal, {})
    return None


def _holds_already(planned: Planned, refusal: Refusal) -> bool:
    """It is held, and by this."""
    return planned.held and planned.reason == refusal.reason and refusal.holder in planned.held_by


def _before_the_lines(turn: Turn, planned: Planned, journey: Journey, step: SendStep) -> Refusal | None:
    """Asked before line 1, for every class."""
    facts = planned.facts
    numbers = {facts.number, *(number for run in turn.customer.runs if run.id == planned.run_id for number in run.also)}
    sent_on = {
        sent.channel for sent in turn.customer.messages.sent
        if sent.journey == facts.journey and sent.key == facts.key and sent.number in numbers
        and sent.step == planned.step and sent.visit == planned.visit
    }  # fmt: skip
    part = planned.together or planned.fell_from is not None
    if sent_on:
        left = [channel for channel in planned.channels if channel not in sent_on] if part else []
        if not left:
            return Refusal("already_sent", Reason.ALREADY_SENT)  # of the channels it was for: the decision names them
        planned.channels = left
    if journey.status == "paused":
        # whoever waits for time is looked at when the pause ends: what never expires looks again by itself
        until = turn.now + DAY if planned.expires_at is None else None
        return Refusal("journey_paused", Reason.JOURNEY_PAUSED, hold=True, until=until, values={"cause": journey.paused_by})
    if planned.fell_from is not None:
        return None  # the step's own conditions were met when the channel before it was chosen
    if step.only_if is not None and not step.only_if.true(turn.frame.scope(names_of(turn, planned, journey))):
        return Refusal("only_if", Reason.ONLY_IF_FALSE, values={"only_if": step.only_if.text})
    return None if sent_on else duplicates.refused(turn, planned, journey, step)


def _settle(turn: Turn, planned: Planned, question: Question, step: SendStep, *, at_release: bool) -> bool:
    passed_over: dict[Channel, Refusal] = {}
    while True:
        verdict = judge(question)
        kept = _kept(question) if at_release and isinstance(verdict, Drop) and verdict.refusal.reason not in FOR_GOOD else None
        if kept is not None:
            hold(turn, planned, kept.refusal, kept.channel, at_release=at_release)
            return False
        if isinstance(verdict, Drop):
            drop(turn, planned, verdict.refusal, at_release=at_release, passed_over={**passed_over, **verdict.passed_over})
            return True
        if isinstance(verdict, Hold):
            hold(turn, planned, verdict.refusal, verdict.channel, at_release=at_release)
            return False
        again = goes_beside_another(turn, planned)  # counted already
        limited = None if again else over_the_limit(turn, planned, question.journey)
        if limited is not None and limited.hold:
            hold(turn, planned, limited, verdict.channel, at_release=at_release)
            return False
        if limited is not None:
            drop(turn, planned, limited, at_release=at_release, passed_over=passed_over, channel=verdict.channel)
            return True
        paced = _paced(turn, planned, verdict.channel)
        if paced is not None:
            hold(turn, planned, paced, verdict.channel, at_release=at_release)
            return False
        passed_over.update(verdict.passed_over)
        names = {
            **question.names,
            "vars": {name: value.evaluate(turn.frame.scope(question.names)) for name, value in step.variables.items()},
        }
        outcome = turn.around.renderer.render(
            question.message, verdict.channel, turn.frame, names, window_open=question.window_open, message_class=planned.message_class,
        )  # fmt: skip
        if not isinstance(outcome, Unrendered):
            slot = slot_of(question, step)
            offer = None if slot == "none" else add_offer(turn, question, slot, verdict.channel, outcome, names)
            carried = offer if isinstance(offer, WithOffer) else None
            intent = commit_message(turn, question, step, verdict.channel, outcome, passed_over, carried, at_release=at_release)
            if isinstance(offer, Refusal):
                note = decision(turn, planned, offer, "i", verdict.channel, at_release=at_release)
                turn.effects.decide(turn.customer, msgspec.structs.replace(note, part="offer", intent=intent))
            if not again:
                count_message(turn, planned, question.journey)
            duplicates.note(turn, planned, question.journey, step)
            _leave(turn, planned)
            if carried is None:
                give_back(turn.customer.messages, planned)
            return True
        refusal = Refusal("content", outcome.reason, values={"detail": outcome.detail, "place": outcome.place})
        left = [channel for channel in question.planned.channels if channel != verdict.channel and channel not in passed_over]
        if outcome.reason is not Reason.MESSAGE_TOO_LONG or not left:
            drop(turn, planned, refusal, at_release=at_release, passed_over=passed_over, channel=verdict.channel)
            return True
        passed_over[verdict.channel] = refusal
        narrowed = Planned(**{f: getattr(planned, f) for f in planned.__struct_fields__})
        narrowed.channels = left
        question = replace(question, planned=narrowed)


def _paced(turn: Turn, planned: Planned, channel: Channel) -> Refusal | None:
    """Line 11: what was held leaves in turns, and what a whole audience is sent at once, because a journey has begun or its time has come; all else, and
    transactional, goes without."""
    smoothed = planned.held or planned.facts.entry.type in AT_ONCE
    if planned.message_class == "transactional" or not smoothed or planned.reason in RETRYING:
        return None
    if planned.turn_at is not None and turn.now <= planned.turn_at + TOO_LATE:
        moved = turn.moved_on(channel, planned)
        planned.turn_at, planned.turn_moved = planned.turn_at + math.ceil(moved), planned.turn_moved + moved
        if planned.turn_at <= turn.now:
            return None
    else:
        promise = turn.pace_turn(channel, planned.priority)
        if promise.at is None:
            return None
        planned.turn_at, planned.turn_moved = promise
    return Refusal("limits", Reason.RELEASE_PACED, hold=True, until=planned.turn_at)


def hold(turn: Turn, planned: Planned, refusal: Refusal, channel: Channel | None, *, at_release: bool) -> None:
    """Keep it. A decision is written when the reason or the rule is a new one, not each time it is looked at."""
    known = _holds_already(planned, refusal)
    planned.held = True
    planned.reason = refusal.reason
    planned.until = refusal.until
    if refusal.reason is not Reason.RELEASE_PACED:
        planned.turn_at = None
    planned.retry_at = None
    first = planned.held_by.setdefault(refusal.holder, turn.now)
    planned.limit_at = None if refusal.limit is None else first + refusal.limit
    turn.customer.changed("msgs")
    if not known:
        turn.effects.decide(turn.customer, decision(turn, planned, refusal, "H", channel, at_release=at_release, until=refusal.until))


def drop(
    turn: Turn, planned: Planned, refusal: Refusal, *, at_release: bool,
    passed_over: Mapping[Channel, Refusal] | None = None, channel: Channel | None = None,
) -> None:  # fmt: skip
    """It will not be sent; that is no error, and its run goes on."""
    turn.effects.decide(turn.customer, decision(turn, planned, refusal, "D", channel, at_release=at_release, passed_over=passed_over or {}))
    run = next((run for run in turn.customer.runs if run.id == planned.run_id), None)
    part = planned.fell_from is not None or goes_beside_another(turn, planned)
    if run is not None and not part and planned.step in run.steps and run.steps[planned.step].count == planned.visit:
        record = run.steps[planned.step]
        record.sent, record.reason = False, refusal.reason.value
        turn.customer.changed("runs")
    _leave(turn, planned)
    give_back(turn.customer.messages, planned)


def _leave(turn: Turn, planned: Planned) -> None:
    """Out of the list of planned messages; a run that waited for it goes on."""
    customer = turn.customer
    customer.messages.planned = [other for other in customer.messages.planned if other is not planned]
    customer.changed("msgs")
    if not planned.waiting or any(other.waiting and other.same_visit(planned) for other in customer.messages.planned):
        return
    run = next((run for run in customer.runs if run.id == planned.run_id), None)
    if run is None or run.state != "sending" or run.node != planned.step:
        return
    journey = turn.journey_of(run)
    assert journey is not None
    run.state, run.node = "ready", journey.steps[planned.step].next
    customer.changed("runs")
    turn.ready.append(run.id)


def runs_go_on(turn: Turn) -> None:
    """Walk on the runs whose messages were decided, in that order."""
    ready, turn.ready = turn.ready, []
    for run_id in ready:
        run = next((run for run in turn.customer.runs if run.id == run_id), None)
        if run is not None:
            walk_on(turn, run)


def decision(
    turn: Turn, planned: Planned, refusal: Refusal, effect: Effect, channel: Channel | None, *, at_release: bool,
    until: int | None = None, passed_over: Mapping[Channel, Refusal] | None = None,
) -> Decision:  # fmt: skip
    """The explanation of one verdict."""
    facts = planned.facts
    if channel is None and planned.together:
        channel = planned.channels[0]
    checked: CheckedAt = "release" if at_release else "plan"
    return Decision(
        reason=refusal.reason, effect=effect, at=turn.now, customer=turn.customer.id, journey=facts.journey,
        version=facts.version, run=planned.run_id, step=planned.step, message=planned.message, channel=channel,
        message_class=planned.message_class, rule=refusal.rule, rule_version=refusal.rule_version,
        values=dict(refusal.values), until=until, checked_at=checked, case=refusal.case,
        channels={name: other.reason.value for name, other in (passed_over or {}).items()},
    )  # fmt: skip


__all__ = ["Pass", "decide", "decision", "drop", "find_send", "hold", "order", "runs_go_on"]
