"""How journeys send a message: what lint must know of them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from orchestrator.content.locale_chain import localised
from orchestrator.contracts.topics import Channel, MessageClass
from orchestrator.expressions.vocabulary import Vocabulary
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.message import Message
from orchestrator.workspace.offer import Offer
from orchestrator.workspace.step import SendStep
from orchestrator.workspace.vocabularies import Vocabularies
from orchestrator.workspace.workspace import Workspace

ANY_ENTRY = ("entry",)
"""Among the required paths: nothing is known of the entry."""
ANY_CUSTOMER = ("customer",)
"""Among the required paths: not all traits are known."""


@dataclass(frozen=True, slots=True)
class Uses:
    """`channels` are those some step names; `classes` those the message is sent with; `vocabulary` holds what every sender has."""

    channels: frozenset[Channel]
    classes: frozenset[MessageClass]
    vocabulary: Vocabulary
    whatsapp_only: str = ""
    """A journey that sends it on WhatsApp and nothing else."""
    offers: tuple[Offer, ...] = ()
    """Those that it may carry."""


def uses_of(message: Message, workspace: Workspace, words: Vocabularies) -> Uses:
    """Of all journeys that send it; where none does (or theirs are broken) `entry` may hold anything and nothing is missing."""
    events: list[str] = []
    steps: set[str] = set()
    variables: set[str] = set()
    channels: set[Channel] = set()
    classes = {message.message_class}
    whatsapp_only = ""
    slots = set[str]()
    for journey in journeys_of(message, workspace):
        sends = [one for one in _sends(journey) if one.message == message.name]
        events += journey.entry.speaks_of
        steps |= set(journey.steps)
        variables |= {name for one in sends for name in one.variables}
        channels |= {channel for one in sends for channel in one.channels}
        whatsapp_only = whatsapp_only or (journey.name if any(one.channels == ("whatsapp",) for one in sends) else "")
        slots |= {one.offer or message.offer for one in sends}
        classes |= {one.message_class or message.message_class or journey.message_class for one in sends}
    if events:
        vocabulary = words.content(tuple(events), steps, variables)
    else:
        vocabulary = words.content((), steps, variables).with_names(entry=None, steps=None, vars=None)
        vocabulary = replace(vocabulary, required=vocabulary.required | {ANY_ENTRY})
    vocabulary = replace(vocabulary, required=vocabulary.required | _brand_paths(workspace))
    carries = bool((slots or {message.offer}) - {"none"})
    offers = tuple(one for one in workspace.offers.values() if carries and (one.only is None or message.name in one.only))
    return Uses(frozenset(channels), frozenset(one for one in classes if one is not None), vocabulary, whatsapp_only, offers)


def journeys_of(message: Message, workspace: Workspace) -> list[Journey]:
    """Those that send it."""
    return [journey for journey in workspace.journeys.values() if any(one.message == message.name for one in _sends(journey))]


def _brand_paths(workspace: Workspace) -> frozenset[tuple[str, ...]]:
    """What every locale has of the brand."""
    values, default = workspace.brand.values, workspace.locale
    known = frozenset((*workspace.locales, default))
    found = [frozenset(_paths(("brand",), localised(values, locale, default, known))) for locale in known]
    return frozenset.intersection(*found)


def _paths(path: tuple[str, ...], value: object) -> Iterator[tuple[str, ...]]:
    if value is None:
        return
    yield path
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _paths((*path, str(name)), item)


def _sends(journey: Journey) -> Iterable[SendStep]:
    return (step for step in journey.every_step if isinstance(step, SendStep))
