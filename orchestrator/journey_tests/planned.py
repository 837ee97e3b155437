"""What `concierge plan` would say when a test applies a journey's next text: who is moved, and what is refused."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from orchestrator.model.customer import Customer
from orchestrator.plan.people import where_people_stand
from orchestrator.plan.refusal import Refusal, refusals
from orchestrator.plan.steps import moved
from orchestrator.workspace.workspace import Workspace


@dataclass(slots=True)
class Planned:
    """Of all that a test applies: `moved` maps a step (or `exit`) to the people who were sent there, `refused` says why nothing was done."""

    moved: Counter[str] = field(default_factory=Counter)
    refused: list[Refusal] = field(default_factory=list)

    def look(self, before: Workspace, after: Workspace, customers: Iterable[Customer]) -> bool:
        """Note what a plan says. False where `apply` would refuse, so that nothing may be taken up."""
        people = where_people_stand(customers)
        changed = [
            (was, after.journeys[name])
            for name, was in before.journeys.items()
            if name in after.journeys and was.version != after.journeys[name].version
        ]
        refused = [one for was, will_be in changed for one in refusals(was, will_be, people)]
        self.refused += refused
        if not refused:
            for was, will_be in changed:
                self.moved += moved(was, will_be, people)
        return not refused

    def differences(self, wanted: object) -> list[str]:
        """From `plan: {moved: {step: n}, refused: [codes]}`; what is refused and was not expected is a difference, too."""
        given = wanted if isinstance(wanted, Mapping) else {}
        found: list[str] = []
        if "moved" in given and given["moved"] != dict(self.moved):
            found.append(f"plan.moved: expected {_show(given['moved'])}, got {_show(self.moved)}")
        codes = sorted(one.code for one in self.refused)
        expected = given.get("refused", [])
        if codes != sorted(map(str, expected if isinstance(expected, list) else [])):
            found.append(f"plan.refused: expected {_show(expected)}, got {_show(codes)}")
            found += [f"  {one.code} {one.what}; fix: {one.fix}" for one in self.refused]
        return found


def _show(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {one}" for key, one in value.items()) or "nobody"
    return ", ".join(map(str, value)) or "nothing" if isinstance(value, list) else str(value)
