"""How often a customer was shown each offer lately: counted when the message that carries it is committed, given back when it was not sent
after all. Only customers who were shown one have anything of it."""

from orchestrator.model.planned import Messages, Planned, Sent


def count(messages: Messages, planned: Planned, name: str, now: int, longest: int) -> None:
    """`planned` goes out with the offer of this name. One message counts once, on however many channels and however often it is tried.
    What is older than `longest` (ms), the longest time that any cap looks back, is forgotten."""
    if not is_counted(messages, planned, name):
        kept = {offer: left for offer, shown in messages.offers.items() if (left := [at for at in shown if at > now - longest])}
        messages.offers = {**kept, name: [*kept.get(name, ()), now]}
        planned.offered_at = now
    for other in messages.planned:
        if other.same_visit(planned):
            other.offer, other.offered_at = planned.offer, planned.offered_at


def is_counted(messages: Messages, planned: Planned, name: str) -> bool:
    """It has gone out with this offer before, and that still counts."""
    return planned.offer == name and planned.offered_at in messages.offers.get(name, ())


def give_back(messages: Messages, one: Planned | Sent) -> None:
    """`one` will not show its offer, or did not. It no longer counts, unless the same message is out with it on another channel, or will be."""
    name, at = one.offer, one.offered_at
    others: list[Planned | Sent] = [*messages.planned, *messages.sent] if name and at else []
    if not name or not at or any(other is not one and _shows(other, one) for other in others):
        return
    left = list(messages.offers.get(name, ()))
    if at in left:
        left.remove(at)
        messages.offers = {offer: shown for offer, shown in {**messages.offers, name: left}.items() if shown}


def _shows(other: Planned | Sent, one: Planned | Sent) -> bool:
    """Of the same message, and still to show it or shown."""
    if (other.offer, other.offered_at) != (one.offer, one.offered_at) or _visit(other) != _visit(one):
        return False
    return isinstance(other, Planned) or not other.given_back or other.chain is not None


def _visit(one: Planned | Sent) -> tuple[str, str, int, str, int]:
    if isinstance(one, Planned):
        return (one.facts.journey, one.facts.key, one.facts.number, one.step, one.visit)
    return (one.journey, one.key, one.number, one.step, one.visit)
