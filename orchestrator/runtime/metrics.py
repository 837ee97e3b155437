"""All metrics: one table of name, type, labels and help, from which the registry and the reference page are made.

No customer, address, event id or free text ever stands in a label.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

PREFIX = "concierge_"
FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
PASSAGE = (0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 3600.0)
LONG = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 3600.0)


@dataclass(frozen=True, slots=True)
class Metric:
    """One row of the table. `unit` is what one of it is; base units only."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    unit: str
    labels: tuple[str, ...]
    text: str
    buckets: tuple[float, ...] = ()


METRICS: tuple[Metric, ...] = (
    Metric("events_total", "counter", "events", ("source",), "Events accepted, by the write key's or the mapping source's name"),
    Metric("events_refused_total", "counter", "events", ("reason",), "Events refused over HTTP"),
    Metric("batch_seconds", "histogram", "seconds", (), "From reading a batch to its commit", FAST),
    Metric("commit_seconds", "histogram", "seconds", (), "The store's commit of a batch", FAST),
    Metric("outbox_depth", "gauge", "records", ("partition",), "Records committed and not yet published"),
    Metric("commit_conflicts_total", "counter", "commits", (), "Commits refused because another owner or version was there"),
    Metric("partitions_torn", "gauge", "partitions", (), "Partitions that stand still because a commit of theirs broke off: `concierge rebuild`"),
    Metric("runs_started_total", "counter", "runs", ("journey", "reason"), "Runs started"),
    Metric("runs_ended_total", "counter", "runs", ("journey", "reason"), "Runs ended, by how"),
    Metric("runs_waiting", "gauge", "runs", ("journey",), "People who stand in a journey"),
    Metric("journey_paused", "gauge", "1", ("journey", "cause"), "1 while a journey stands still, by file, command or guard"),
    Metric("reputation_level_ratio", "gauge", "ratio", ("journey", "measure", "window"), "Complaints or hard bounces against the level at which the guard pauses a journey, from a half on; 1 is reached"),
    Metric("audience_flips_total", "counter", "changes", ("audience",), "Changes of membership that nobody entered by: the ninth and later ones at one instant"),
    Metric("events_emitted_total", "counter", "events", ("journey", "reason"), "Events of `emit` steps; the reason emit_depth: not emitted, eight had led to one another already"),
    Metric("call_answers_total", "counter", "answers", ("outcome",), "Answers of calls as runs took them: ok, why not, unfit (a number or text that cannot be kept), too_much (more than 16 KB to save), unasked (its run had gone on or ended, or it came twice)"),
    Metric("timestamps_replaced_total", "counter", "events", (), "Events dated further ahead than events.clock_skew: they count as of their arrival"),
    Metric("expression_warnings_total", "counter", "warnings", ("file", "place"), "Comparisons, arithmetic and functions that met a missing value, or types that do not go together: the result stands. `place` is the line of the file; of a message, the locale"),
    Metric("engine_errors_total", "counter", "errors", ("error",), "Inputs, and customers' timers, that broke the engine: always a defect of this program. Timers are tried again after an hour"),
    Metric("goals_total", "counter", "goals", ("journey",), "Goals reached"),
    Metric("decisions_total", "counter", "decisions", ("journey", "channel", "verdict", "reason"), "Decisions; verdict is the effect letter"),
    Metric("timers_due_seconds", "histogram", "seconds", (), "How late timers fired", LONG),
    Metric("timers_pending", "gauge", "customers", (), "Customers who wait for time"),
    Metric("messages_total", "counter", "messages", ("channel", "provider", "lane", "status"), "Messages by what became of them at the sender"),
    Metric("provider_seconds", "histogram", "seconds", ("channel", "provider", "outcome"), "Provider calls", FAST),
    Metric("provider_errors_total", "counter", "calls", ("channel", "provider", "outcome"), "Provider calls that were not accepted"),
    Metric("provider_circuit_open", "gauge", "1 or 0", ("channel", "provider"), "1 while a provider's breaker is open"),
    Metric("event_to_provider_seconds", "histogram", "seconds", ("channel", "lane"), "From an event's arrival to the provider's answer", PASSAGE),
    Metric(
        "claims_unconfirmed_total", "counter", "messages", ("topic", "reason"),
        "Messages nobody can say the provider has: absent from its records, or those cannot tell. Transactional ones are tried again",
    ),
    Metric("calls_total", "counter", "calls", ("host", "outcome"), "Calls that ended, by the entry of webhooks.hosts and ok or why not; - called nobody"),
    Metric("call_seconds", "histogram", "seconds", ("host", "outcome"), "Tries of calls, by what was answered", FAST),
    Metric("calls_in_flight", "gauge", "calls", (), "Requests of calls under way"),
    Metric("calls_waiting", "gauge", "calls", (), "Calls read that wait for a slot or for another try"),
    Metric("claims_resolved_total", "counter", "messages", ("topic", "reason"), "Outcomes nobody had heard, proved by webhook or records"),
    Metric("dead_letters_total", "counter", "records", ("topic", "reason"), "Records that could not be read"),
    Metric("consumer_lag_records", "gauge", "records", ("topic",), "Records not yet finished with"),
    Metric("webhooks_total", "counter", "events", ("provider", "event", "result"), "Webhook events"),
    Metric("profile_refused_total", "counter", "values", ("reason",), "Traits, consents and merges that were kept out"),
)  # fmt: skip
_BY_NAME = {metric.name: metric for metric in METRICS}


class _Asked(Collector):
    """Gauges whose value is asked for when somebody looks."""

    def __init__(self) -> None:
        self.sources: dict[str, Callable[[], Iterable[tuple[tuple[str, ...], float]]]] = {}

    def collect(self) -> Iterable[GaugeMetricFamily]:
        for name, source in self.sources.items():
            metric = _BY_NAME[name]
            family = GaugeMetricFamily(PREFIX + name, metric.text, labels=metric.labels)
            for labels, value in source():
                family.add_metric(labels, value)
            yield family


class Metrics:
    """A registry of its own: nothing global."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._asked = _Asked()
        self._registry.register(self._asked)
        self._counters = {
            m.name: Counter(PREFIX + m.name, m.text, m.labels, registry=self._registry) for m in METRICS if m.kind == "counter"
        }
        self._histograms = {
            m.name: Histogram(PREFIX + m.name, m.text, m.labels, buckets=m.buckets, registry=self._registry)
            for m in METRICS
            if m.kind == "histogram"
        }
        # finding a labelled series costs more than counting on it
        self._counted: dict[tuple[str, ...], Counter] = {}
        self._observed: dict[tuple[str, ...], Histogram] = {}

    def add(self, name: str, *labels: str, by: float = 1) -> None:
        """Count. Raises KeyError for a metric that is not in the table."""
        series = self._counted.get((name, *labels))
        if series is None:
            counter = self._counters[name]
            series = self._counted[name, *labels] = counter.labels(*labels) if labels else counter
        series.inc(by)

    def observe(self, name: str, value: float, *labels: str) -> None:
        """Seconds into a histogram."""
        series = self._observed.get((name, *labels))
        if series is None:
            histogram = self._histograms[name]
            series = self._observed[name, *labels] = histogram.labels(*labels) if labels else histogram
        series.observe(value)

    def ask(self, name: str, source: Callable[[], Iterable[tuple[tuple[str, ...], float]]]) -> None:
        """A gauge: `source` gives (labels, value) when somebody looks."""
        if _BY_NAME[name].kind != "gauge":
            raise KeyError(f"{name} is no gauge")
        self._asked.sources[name] = source

    def text(self) -> bytes:
        """Prometheus text."""
        return generate_latest(self._registry)


def reference() -> str:
    """The reference page, in Markdown."""
    rows = [
        f"| `{PREFIX}{m.name}` | {m.kind} | {m.unit} | {', '.join(f'`{label}`' for label in m.labels) or '–'} | {m.text} |" for m in METRICS
    ]
    return "\n".join(
        [
            "# Metrics",
            "",
            "Base units: seconds, records. Made from `orchestrator/runtime/metrics.py`.",
            "",
            "| metric | type | unit | labels | what |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )
