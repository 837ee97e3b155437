"""What functions of the language ask of a customer, answered from the profile."""

from collections.abc import Mapping, Sequence

from orchestrator.contracts.topics import CHANNELS, Channel
from orchestrator.expressions.scope import PastEvent
from orchestrator.model.customer import Customer
from orchestrator.model.planned import Sent
from orchestrator.profiles.address import address_hash, address_of
from orchestrator.profiles.audience import Answer, membership
from orchestrator.profiles.consent_state import passes, state
from orchestrator.profiles.issues import as_data, open_cases
from orchestrator.workspace.audience import EVERYONE
from orchestrator.workspace.workspace import Workspace

_NONE: frozenset[str] = frozenset()


class CustomerFacts:
    """Of one customer at one instant. An audience is judged once for as long as nothing changes in the profile, however many
    rules ask for it."""

    __slots__ = ("_answers", "_customer", "_now", "_workspace")

    def __init__(self, customer: Customer, workspace: Workspace, now: int) -> None:
        self._customer = customer
        self._workspace = workspace
        self._now = now
        self._answers: dict[str, tuple[int, Answer]] | None = None

    def past(self, event: str) -> Sequence[PastEvent]:
        found = self._customer.past.get(event)
        if found is None:
            return ()
        window, instants = self._workspace.history.get(event), self._workspace.instants.get(event, _NONE)
        if window is not None and any(item.timestamp <= self._now - window for item in found.items):
            # kept a little longer than asked for: they leave when the next one comes
            return [
                PastEvent(event, i.timestamp, i.arrival, i.sequence, i.data, instants)
                for i in found.items
                if i.timestamp > self._now - window
            ]
        return [PastEvent(event, item.timestamp, item.arrival, item.sequence, item.data, instants) for item in found.items]

    def kept_for(self, event: str) -> int | None:
        return self._workspace.history.get(event)

    def total(self, event: str) -> int:
        found = self._customer.past.get(event)
        return 0 if found is None else found.total

    def counted(self, event: str, where: str) -> int | None:
        found = self._customer.past.get(event)
        return 0 if found is None else found.totals.get(where)

    def in_audience(self, name: str) -> Answer:
        audience = self._workspace.audiences.get(name)
        if audience is None:
            return name == EVERYONE, None
        if self._answers is None:
            self._answers = {}
        known = self._answers.get(name)
        if known is not None and known[0] == self._customer.revision:
            return known[1]
        found = membership(audience, self._customer, self._workspace, self._now, self)
        self._answers[name] = (self._customer.revision, found)
        return found

    def has_consent(self, channel: str, topic: str | None) -> bool:
        consents = self._customer.consents
        if topic is None or consents.stopped_at(channel, anywhere=self._workspace.policies.stop_scope == "all") is not None:
            return False
        declared = self._workspace.policies.topics.get(topic)
        rule = declared.consent.get(channel, "opt_in") if declared is not None and channel in CHANNELS else "opt_in"
        return passes(state(consents, channel, topic), rule)

    def reachable(self, channel: str, topic: str | None) -> bool:
        if not self.has_consent(channel, topic):
            return False
        chosen: Channel = channel  # type: ignore[assignment]  # lint allows only the three channels
        found = address_of(self._customer, chosen, self._workspace)
        return found is not None and address_hash(self._workspace.name, chosen, found.text) not in self._customer.consents.suppressed

    def engaged(self, channel: str | None, within: int, message: str | None) -> tuple[bool, int | None]:
        seen = [
            sent.seen_at for sent in self._customer.messages.sent
            if sent.seen and sent.seen_at > self._now - within and channel in (None, sent.channel) and message in (None, sent.message)
        ]  # fmt: skip
        return bool(seen), max(seen) + within if seen else None

    def messages_sent(self, within: int | None, selectors: Mapping[str, str]) -> tuple[int, int | None]:
        names = {"class": "message_class", "topic": "topic", "channel": "channel", "journey": "journey", "message": "message"}
        chosen = [
            sent for sent in self._customer.messages.sent
            if not sent.given_back and all(getattr(sent, names[key]) == value for key, value in selectors.items())
        ]  # fmt: skip
        if "channel" not in selectors and any(sent.further for sent in chosen):
            chosen = _once_each(chosen)
        found = [sent.at for sent in chosen if within is None or sent.at > self._now - within]
        return len(found), min(found) + within if found and within is not None else None

    def open_issues(self, kind: str | None) -> list[dict[str, object]]:
        return [as_data(name, key, case) for name, key, case in open_cases(self._customer, kind)]


def _once_each(sent: Sequence[Sent]) -> list[Sent]:
    """A message that went out on several channels counts once, when it first did."""
    first: dict[tuple[str, str, int, str, int], Sent] = {}
    for one in sent:
        first.setdefault((one.journey, one.key, one.number, one.step, one.visit), one)
    return list(first.values())
