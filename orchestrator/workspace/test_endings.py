"""What lint says of the `ends` a test expects: ways in which no run of the journey can end."""

from typing import get_args

from orchestrator.expressions.problems import nearest
from orchestrator.workspace.journey import Ending, Journey
from orchestrator.workspace.shape import Reading
from orchestrator.workspace.step import DigestStep, ExitStep, WebhookStep
from orchestrator.workspace.yaml_node import Node


def possible_ends(then: Node, journey: Journey, reading: Reading) -> None:
    """T001 for a `how` there is not; T005 for one this journey has not, and for a label nobody gives."""
    includes = then.entries.get("includes")
    for found in (then.entries, includes.entries if includes is not None else {}):
        for one in found["ends"].items if "ends" in found else ():
            owner = one.entries.get("journey")
            if owner is None or owner.text == journey.name:
                _end(one, journey, reading)


def _end(one: Node, journey: Journey, reading: Reading) -> None:
    how, label = one.entries.get("how"), one.entries.get("label")
    endings = get_args(Ending)
    if how is not None and how.text not in endings:
        reading.bad(how, "T001", f"no run ends by '{how.text}'", "how runs end is a closed list", nearest(how.text, endings, "ways"))
    elif how is not None and (missing := _missing(how.text, journey)) is not None:
        reading.bad(how, "T005", f"no run of {journey.name} ends by {how.text}", f"the journey has no {missing}", "remove the line")
    labels = [step.label for step in journey.steps.values() if isinstance(step, ExitStep) and step.label]
    labels += [rule.reason for rule in journey.exit_on if rule.reason]
    if label is not None and not label.empty and label.text not in labels:
        reading.bad(
            label, "T005", f"no run of {journey.name} ends with '{label.text}'", "labels stand in `exit` and in `exit_on`", nearest(label.text, labels, "labels")
        )  # fmt: skip


def _missing(how: str, journey: Journey) -> str | None:
    match how:
        case "goal" if journey.goal is None or not journey.goal.exit:
            return "goal that ends its runs"
        case "exit_on" if not journey.exit_on:
            return "exit_on"
        case "restarted" if journey.entry.reentry.on_repeat != "restart":
            return "`on_repeat: restart`"
        case "digested" if not any(isinstance(step, DigestStep) for step in journey.steps.values()):
            return "digest"
        case "webhook_failed" if not any(isinstance(step, WebhookStep) for step in journey.steps.values()):
            return "webhook"
        case _:
            return None
