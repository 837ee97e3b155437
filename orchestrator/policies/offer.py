"""Which offer a message carries, and whether it may on this channel: an offer is judged as a marketing message of its own topic."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from orchestrator.contracts.topics import Channel
from orchestrator.frame import Frame
from orchestrator.policies.lines import address_suppressed, consent, do_not_contact, erased
from orchestrator.policies.question import Question
from orchestrator.policies.suppression import rules_line
from orchestrator.policies.verdict import Refusal
from orchestrator.workspace.offer import Offer

LINES = (erased, do_not_contact, address_suppressed, consent, rules_line)
"""1 to 5 of the decision. The rest is about when and how often a message goes: that of the message that carries it decides."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an offer would stand. `locales`: that of the message's text, then its shorter forms; `shown`: offer to the instants at which
    this customer was shown it, by messages that were not given back."""

    message: str
    locales: tuple[str, ...]
    now: int
    shown: Mapping[str, Collection[int]]


def locales_of(locale: str) -> tuple[str, ...]:
    """`fr-CA`, `fr`: a text in another language does not go into a message."""
    parts = locale.split("-")
    return tuple("-".join(parts[:count]) for count in range(len(parts), 0, -1))


def fits(offer: Offer, place: Place) -> bool:
    """By its time, its messages and its locales."""
    return (
        offer.valid.holds(place.now)
        and (offer.only is None or place.message in offer.only)
        and any(locale in offer.content for locale in place.locales)
    )


def under_its_cap(offer: Offer, place: Place) -> bool:
    """Fewer than `most` in (now - per, now]: something exactly `per` ago no longer counts."""
    return sum(at > place.now - offer.per for at in place.shown.get(offer.name, ())) < offer.most


def is_for(offer: Offer, frame: Frame, names: Mapping[str, object]) -> bool:
    """Its `when`, which reads the customer and the message (of `names`) and nothing of the run."""
    return offer.when is None or offer.when.true(frame.scope({"message": names.get("message")}))


def choose(offers: Iterable[Offer], place: Place, asked: Callable[[Offer], bool]) -> Offer | None:
    """The first that fits, of offers in their order; `asked` answers its `when` (`is_for`), and comes last."""
    return next((one for one in offers if fits(one, place) and under_its_cap(one, place) and asked(one)), None)


def as_marketing(question: Question, offer: Offer, state: str, channel: Channel) -> Question:
    """The question of the message, asked of what it carries. `state`: of the consent to the offer's topic on the channel."""
    about = question.names.get("message")
    known = {**about, "class": "marketing", "topic": offer.topic} if isinstance(about, Mapping) else {}
    return replace(
        question, message=replace(question.message, topic=offer.topic), message_class="marketing", consent={channel: state},
        names={**question.names, "message": known},
    )  # fmt: skip


def judge_offer(question: Question, channel: Channel) -> Refusal | None:
    """The answer of the first line that refuses it; `question` is one of `as_marketing`. What a rule would hold does not go either: the
    message waits for nobody."""
    return next((refusal for line in LINES if (refusal := line(question, channel)) is not None), None)
