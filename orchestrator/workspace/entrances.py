"""What brings people in without an event of theirs. When that changes, everybody has to be looked at: also those who wait for nothing."""

import hashlib

from orchestrator.workspace.workspace import Workspace


def entrances(workspace: Workspace) -> str:
    """Equal as long as nobody's next entry by time can have changed; empty where nobody enters but by events. Two programs may name
    the same differently, which costs one more look at everybody and nothing else."""
    journeys = [
        (name, journey.status, journey.entry.audience, journey.entry.change, journey.entry.existing, journey.entry.schedule, journey.active)
        for name, journey in sorted(workspace.journeys.items())
        if not journey.entry.events and journey.status != "draft"
    ]
    if not journeys:
        return ""
    by_audience = any(audience is not None for _name, _status, audience, *_rest in journeys)
    audiences = [(name, one.when.text) for name, one in sorted(workspace.audiences.items())] if by_audience else []
    traits = _values(workspace) if by_audience else []
    return hashlib.sha256(repr((str(workspace.timezone), journeys, audiences, traits)).encode()).hexdigest()[:16]


def _values(workspace: Workspace) -> list[tuple[object, ...]]:
    """What gives a customer's names their values, whatever an audience reads of them."""
    profile = workspace.profile
    traits = [(name, one.type, one.of, one.default) for name, one in sorted(profile.traits.items())]
    computed = [(name, one.kind, one.within) for name, one in sorted(profile.computed.items())]
    return [(workspace.country, workspace.locale), *traits, *computed]
