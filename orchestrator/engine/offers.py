"""The offer in a message that is about to be committed: chosen once, judged on the channel it goes out on, rendered into the text. Whatever
stands in its way, the message goes as it would have gone."""

from dataclasses import dataclass

from orchestrator.content.offer import Carried
from orchestrator.content.render import Rendered, Unrendered
from orchestrator.contracts.message import CarriedOffer
from orchestrator.contracts.reason import Reason
from orchestrator.contracts.topics import Channel
from orchestrator.engine.turn import Turn
from orchestrator.model.shown_offers import is_counted
from orchestrator.policies.offer import Place, as_marketing, choose, fits, is_for, judge_offer, locales_of, under_its_cap
from orchestrator.policies.question import Question
from orchestrator.policies.suppression import rules_for
from orchestrator.policies.verdict import Refusal
from orchestrator.profiles.consent_state import state
from orchestrator.workspace.message import Slot
from orchestrator.workspace.offer import Offer
from orchestrator.workspace.step import SendStep


@dataclass(frozen=True, slots=True)
class WithOffer:
    """A message's text with an offer in it, and what senders have to know of that."""

    rendered: Rendered
    carried: CarriedOffer


def slot_of(question: Question, step: SendStep) -> Slot:
    """The step's, else the message's."""
    return step.offer or question.message.offer


def add_offer(
    turn: Turn, question: Question, slot: Slot, channel: Channel, plain: Rendered, names: dict[str, object]
) -> WithOffer | Refusal:
    """The message with its offer, or why it goes without one. `plain` is the message as it is, `names` what its texts may read."""
    if not turn.workspace.offers:
        return Refusal("offer", Reason.NO_ELIGIBLE_OFFER)
    templated = channel == "whatsapp" and not question.window_open
    if templated:
        return Refusal("offer", Reason.NO_ELIGIBLE_OFFER, values={"why": "an approved template has no place for it"})
    offer = _chosen(turn, question, plain.locale)
    if offer is None:
        return Refusal("offer", Reason.NO_ELIGIBLE_OFFER)
    asked = as_marketing(question, offer, state(turn.customer.consents, channel, offer.topic), channel)
    refused = judge_offer(asked, channel)
    if refused is not None:
        return _about(refused, offer)
    content = next(offer.content[locale] for locale in locales_of(plain.locale) if locale in offer.content)
    rendered = turn.around.renderer.render(
        question.message, channel, turn.frame, names, window_open=question.window_open, message_class=question.message_class,
        carried=Carried(offer, content, slot),
    )  # fmt: skip
    if isinstance(rendered, Unrendered):
        return _about(Refusal("offer", rendered.reason, values={"detail": rendered.detail, "place": rendered.place}), offer)
    rules = rules_for(asked.message, question.journey, "marketing", channel, turn.frame)
    return WithOffer(rendered, CarriedOffer(name=offer.name, topic=offer.topic, rules=rules, without=plain.content))


def _about(refusal: Refusal, offer: Offer) -> Refusal:
    return Refusal(
        "offer", refusal.reason, rule=refusal.rule, rule_version=refusal.rule_version, values={"offer": offer.name, **refusal.values}, case=refusal.case
    )  # fmt: skip


def _chosen(turn: Turn, question: Question, locale: str) -> Offer | None:
    """The same one on every channel and at every further try; it goes no more where it has ceased to fit."""
    planned, messages = question.planned, turn.customer.messages
    place = Place(question.message.name, locales_of(locale), turn.now, messages.offers)
    if planned.offer is None:
        found = choose(turn.workspace.offers.values(), place, lambda one: is_for(one, turn.frame, question.names))
        planned.offer = "" if found is None else found.name
        for other in messages.planned:
            if other.same_visit(planned):
                other.offer = planned.offer
        return found
    before = turn.workspace.offers.get(planned.offer)
    if before is None or not fits(before, place) or not is_for(before, turn.frame, question.names):
        return None
    return before if is_counted(messages, planned, before.name) or under_its_cap(before, place) else None
