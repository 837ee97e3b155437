"""What the embedded runtime counts: batches and senders told to the metrics, and a summary for the terminal."""

from collections import Counter

from orchestrator.contracts.message import OutboundMessage
from orchestrator.contracts.reason import EFFECTS
from orchestrator.contracts.topics import outbound
from orchestrator.engine.batch import Outcome
from orchestrator.runtime.metrics import Metrics

COUNTED = {
    "decisions": "decisions_total",
    "runs_started": "runs_started_total",
    "runs_ended": "runs_ended_total",
    "conflicts": "commit_conflicts_total",
    "goals": "goals_total",
    "profile_refused": "profile_refused_total",
    "audience_flips": "audience_flips_total",
    "events_emitted": "events_emitted_total",
    "calls_answered": "call_answers_total",
    "expression_warnings": "expression_warnings_total",
    "clock_skew": "timestamps_replaced_total",
    "engine_errors": "engine_errors_total",
}
"""What the engine counts by its name there, to the metric with the same labels. Of the others nobody asks."""


class Observation:
    """Implements the senders' `Watch` and the calls' `CallWatch`; `batch` is the partition loops' observer."""

    def __init__(self, metrics: Metrics) -> None:
        self.metrics = metrics
        self.sent: Counter[tuple[str, str]] = Counter()
        self.decided: Counter[tuple[str, str, str]] = Counter()
        self.events = 0

    def batch(self, outcome: Outcome, _partition: int, seconds: float) -> None:
        """One committed batch."""
        metrics = self.metrics
        metrics.observe("batch_seconds", seconds)
        metrics.observe("commit_seconds", outcome.commit_seconds)
        for seconds_late in outcome.late:
            metrics.observe("timers_due_seconds", max(seconds_late, 0.0))
        for labels, number in outcome.counts.items():
            what, *rest = labels
            if what in COUNTED:
                metrics.add(COUNTED[what], *rest, by=number)
            if what == "decisions":
                journey, _channel, effect, reason = rest
                self.decided[journey, effect, reason] += number
        for letter in outcome.dead_letters:
            metrics.add("dead_letters_total", letter.topic, letter.reason.value)

    def decisions(self) -> list[tuple[str, str, int]]:
        """(effect, reason, number) over all journeys, in the order of `EFFECTS`, the most frequent first."""
        found: Counter[tuple[str, str]] = Counter()
        for (_journey, effect, reason), number in self.decided.items():
            found[effect, reason] += number
        order = list(EFFECTS)
        return sorted(
            ((effect, reason, number) for (effect, reason), number in found.items()), key=lambda one: (order.index(one[0]), -one[2])
        )

    def received(self, what: str, label: str, number: int) -> None:
        """Events over HTTP: accepted by source, refused by reason."""
        if number:
            self.metrics.add("events_total" if what == "accepted" else "events_refused_total", label, by=number)

    def called(self, channel: str, provider: str, outcome: str, seconds: float) -> None:
        self.metrics.observe("provider_seconds", seconds, channel, provider, outcome)
        if outcome != "Accepted":
            self.metrics.add("provider_errors_total", channel, provider, outcome)

    def tried(self, host: str, outcome: str, seconds: float) -> None:
        self.metrics.observe("call_seconds", seconds, host, outcome)

    def call_ended(self, host: str, outcome: str) -> None:
        self.metrics.add("calls_total", host, outcome)

    def ended(self, message: OutboundMessage, provider: str, status: str, now: int) -> None:
        self.metrics.add("messages_total", message.channel, provider, message.lane, status)
        self.sent[message.channel, status] += 1
        if status == "accepted" and message.caused_at:
            self.metrics.observe("event_to_provider_seconds", max(now - message.caused_at, 0) / 1000, message.channel, message.lane)

    def resolved(self, message: OutboundMessage, by: str) -> None:
        self.metrics.add("claims_resolved_total", outbound(message.channel, message.lane), by)

    def unconfirmed(self, message: OutboundMessage, reason: str) -> None:
        self.metrics.add("claims_unconfirmed_total", outbound(message.channel, message.lane), reason)
