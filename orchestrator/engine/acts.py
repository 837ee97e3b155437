"""What the steps of a journey do beyond their run: traits are written, events are emitted."""

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from orchestrator.contracts.call import OutboundCall, encode_call
from orchestrator.contracts.event import Event, encode_event
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import CUSTOMER_EVENTS, OUTBOUND_CALLS
from orchestrator.dispatch.intent import intent_id
from orchestrator.engine.turn import Turn
from orchestrator.expressions.values import plain
from orchestrator.ingest.emitted import emitted
from orchestrator.model.run import Run
from orchestrator.profiles.traits import write
from orchestrator.workspace.step import EmitStep, WebhookStep

DEEPEST = 8
"""An emitted event may lead to another so often; journeys that answer each other would never end."""


class TurnActs:
    """Of one customer's turn."""

    __slots__ = ("_turn",)

    def __init__(self, turn: Turn) -> None:
        self._turn = turn

    def write_trait(self, operation: str, trait: str, value: object) -> None:
        """`operation` is set, unset, add, remove or increment."""
        write(self._turn.frame, operation, trait, value)

    def emit(self, run: Run, step: EmitStep, properties: Mapping[str, object], cause: int) -> None:
        """A `track` event of this customer, on its way to the log. Its id is the same whenever this visit of the step is applied
        again, so that it counts once."""
        turn = self._turn
        if cause >= DEEPEST:
            turn.effects.count("events_emitted", run.journey, "emit_depth")
            return
        identity = turn.customer.identity
        intent, _visit = self._intent(run, step.node, "emit")
        event = Event(
            type="track", event=step.event,
            user_id=identity.user_id, anonymous_id=None if identity.user_id is not None else turn.customer.id,
            message_id="emit-" + intent,
            timestamp=datetime.fromtimestamp(turn.now / 1000, UTC).isoformat(timespec="milliseconds"),
            properties={name: plain(value) for name, value in properties.items() if value is not None},
            context=emitted(run.journey, step.node, cause + 1),
        )  # fmt: skip
        turn.effects.records.append(Record(topic=CUSTOMER_EVENTS, key=turn.customer.id.encode(), value=encode_event(event)))
        turn.effects.count("events_emitted", run.journey, "")

    def call(self, run: Run, step: WebhookStep, url: str, headers: Mapping[str, str], body: object) -> None:
        """On its way to the workers that call. Its id is the same whenever this visit of the step is applied again."""
        turn = self._turn
        intent, visit = self._intent(run, step.node, "webhook")
        call = OutboundCall(
            id=intent, customer=turn.customer.id, journey=run.journey, key=run.key, number=run.number, step=step.node, visit=visit,
            method=step.method, url=url, headers=dict(headers), body=None if step.body is None else msgspec.Raw(msgspec.json.encode(body)),
            secret=step.secret, timeout=step.timeout, retries=step.retries, at=turn.now,
        )  # fmt: skip
        turn.effects.records.append(Record(topic=OUTBOUND_CALLS, key=turn.customer.id.encode(), value=encode_call(call)))
        turn.effects.count("calls", run.journey)

    def _intent(self, run: Run, step: str, kind: str) -> tuple[str, int]:
        """The id of what this visit of the step does, and the visit; the same under every name the step has had."""
        journey = self._turn.journey_of(run)
        record = run.steps.get(step)
        visit = record.count if record else 1
        origin = step if journey is None else journey.origin(step)
        return intent_id(self._turn.customer.id, run.journey, run.key, run.number, origin, visit, kind), visit
