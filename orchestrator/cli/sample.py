"""A message rendered for a sample: somebody, and an entry event that has what its source declares."""

from dataclasses import dataclass, replace

from orchestrator.content.offer import Carried
from orchestrator.content.render import Rendered, Renderer, Unrendered
from orchestrator.contracts.topics import Channel
from orchestrator.engine.customer_frame import frame_for
from orchestrator.engine.turn import Surroundings
from orchestrator.frame import Frame
from orchestrator.journey_tests.world import NoLinks
from orchestrator.journeys.membership import membership_entry
from orchestrator.journeys.names import run_names
from orchestrator.journeys.occurrence import Coming, coming, occurrence_entry
from orchestrator.model.customer import Customer
from orchestrator.model.run import EventSnapshot, Run
from orchestrator.policies.offer import Place, choose, is_for, locales_of
from orchestrator.policies.pace import Pace
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.message import Message, Slot
from orchestrator.workspace.offer import Offer
from orchestrator.workspace.step import SendStep
from orchestrator.workspace.workspace import Workspace

SAMPLES = {
    "text": "Sample", "number": 19.9, "integer": 3, "boolean": True, "date": "2026-03-02", "instant": "2026-03-02T10:00:00Z", "list": [], "object": {},
    "email": "ada@example.com", "phone": "+447911000000", "country": "GB", "locale": "en", "timezone": "Europe/London", "choice": "sample",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sampled:
    """`name` is the channel, and for WhatsApp whether its window is open. `offer` is the one it carries; None where it has no place for
    one, empty where none fits."""

    name: str
    variant: str | None
    outcome: Rendered | Unrendered
    offer: str | None = None


class Sample:
    """One person and one event for all channels of a message. A run of theirs that is under way lends its own event."""

    def __init__(self, workspace: Workspace, message: Message, customer: Customer, properties: dict[str, object], now: int) -> None:
        self.workspace = workspace
        self._message = message
        self._journey = next(
            (
                j
                for j in workspace.journeys.values()
                if any(isinstance(s, SendStep) and s.message == message.name for s in j.steps.values())
            ),
            None,
        )
        self._now = now
        self.customer = customer
        self._properties = properties

    def render(self, channel: Channel) -> list[Sampled]:
        """Every variant; WhatsApp inside and outside its window."""
        found: list[Sampled] = []
        for variant in self._message.variants or (None,):
            message = self._message if variant is None else replace(self._message, content=variant.content, variants=())
            for open_ in (True, False) if channel == "whatsapp" and message.whatsapp.content_sid else (True,):
                name = channel if open_ else "whatsapp, outside the window"
                found.append(self._render(message, channel, name, open_=open_, variant=None if variant is None else variant.name))
        return found

    def _render(self, message: Message, channel: Channel, name: str, *, open_: bool, variant: str | None) -> Sampled:
        renderer = Renderer(self.workspace, NoLinks())
        frame = frame_for(self.customer, Surroundings(self.workspace, renderer, 0, 1, self._now, Pace()), self._now)
        journey = self._journey
        names: dict[str, object] = run_names(self._run(journey, frame), journey, frame) if journey is not None else {}
        message_class = message.message_class or (journey.message_class if journey else None) or "service"
        names["message"] = {
            "name": message.name, "class": message_class, "topic": message.topic, "journey": journey.name if journey else "", "step": "preview",
            **({} if variant is None else {"variant": variant}),
        }  # fmt: skip
        plain = renderer.render(message, channel, frame, names, window_open=open_, message_class=message_class)
        slot = self._slot()
        if slot == "none" or isinstance(plain, Unrendered) or not open_:
            return Sampled(name, variant, plain)
        offer = self._offer(plain.locale, frame, names)
        if offer is None:
            return Sampled(name, variant, plain, "")
        content = next(offer.content[one] for one in locales_of(plain.locale) if one in offer.content)
        carried = Carried(offer, content, slot)
        outcome = renderer.render(message, channel, frame, names, window_open=open_, message_class=message_class, carried=carried)
        return Sampled(name, variant, outcome, offer.name)

    def _slot(self) -> Slot:
        """The message's; where it has none, that of a step that sends it."""
        sends = [one for one in (self._journey.steps.values() if self._journey else ()) if isinstance(one, SendStep)]
        chosen = [one.offer for one in sends if one.message == self._message.name and one.offer]
        return self._message.offer if self._message.offer != "none" or not chosen else chosen[0]

    def _offer(self, locale: str, frame: Frame, names: dict[str, object]) -> Offer | None:
        """What would be chosen for this person, whether or not they have agreed to its topic."""
        place = Place(self._message.name, locales_of(locale), self._now, self.customer.messages.offers)
        return choose(self.workspace.offers.values(), place, lambda one: is_for(one, frame, names))

    def _run(self, journey: Journey, frame: Frame) -> Run:
        now = self._now
        real = next((run for run in self.customer.runs if run.journey == journey.name), None)
        if real is not None and not self._properties:
            return real
        if journey.entry.schedule is not None:
            occurrence = coming(journey, frame, now, "") or Coming("", now)
            entry = occurrence_entry(occurrence, now, 0)
            return Run(journey=journey.name, key=occurrence.name, number=1, version="", started_at=now, sequence=0, entry=entry)
        if journey.entry.audience is not None:
            entry = membership_entry(journey.entry, now, now, 0)
            return Run(journey=journey.name, key="", number=1, version="", started_at=now, sequence=0, entry=entry)
        entry = EventSnapshot(
            name=journey.entry.events[0],
            type="track",
            timestamp=now,
            arrival=now,
            sequence=0,
            properties={**self._made_up(journey), **self._properties},
        )
        return Run(journey=journey.name, key="", number=1, version="", started_at=now, sequence=0, entry=entry)

    def _made_up(self, journey: Journey) -> dict[str, object]:
        """Values of the declared types, so that nothing is missing."""
        declared = self.workspace.events.get(journey.entry.events[0], {})
        return {name: _word(name) if rule.type == "text" else SAMPLES[rule.type] for name, rule in declared.items()}


def _word(name: str) -> str:
    """A text of the length that such a text has: an id is short and without blanks."""
    return "A1042" if name == "id" or name.endswith("_id") else name.replace("_", " ").title()
