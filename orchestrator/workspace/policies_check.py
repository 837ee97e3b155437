"""What lint says of rules together with the messages they hold."""

from collections.abc import Collection, Iterable

from orchestrator.expressions.problems import nearest
from orchestrator.workspace.indexes import sends_of
from orchestrator.workspace.message import DEFAULT_EXPIRES
from orchestrator.workspace.policies import Selectors, SuppressionRule
from orchestrator.workspace.shape import Reading, Shaped
from orchestrator.workspace.workspace import Workspace


def check_selectors(
    given: Iterable[Shaped], journeys: Collection[str], messages: Collection[str], tags: Collection[str] | None, reading: Reading
) -> None:
    """P002: a rule of a journey, message or tag that is not there applies to nothing. `tags` None: not all are known."""
    known = {"journeys": journeys, "messages": messages, "tags": tags}
    for one in given:
        for key, names in known.items():
            for item in one.at(key).items if key in one else ():
                if names is not None and item.text not in names:
                    reading.bad(
                        item, "P002", f"no {key[:-1]} '{item.text}'", "the rule would apply to nothing", nearest(item.text, names, key)
                    )


def rules_of(shaped: Shaped) -> list[Shaped]:
    """Every rule of policies.yaml, and of a journey's `quiet_hours`, that has selectors."""
    lists = (shaped.get("suppression"), shaped.get("quiet_hours"))
    return [one for given in lists if isinstance(given, list) for one in given if isinstance(one, Shaped)]


def check_holds(shaped: Shaped, workspace: Workspace, reading: Reading) -> None:
    """P005: a rule that may hold longer than any message it holds can last; its `max_hold` then never comes to bear."""
    rules = {rule.name: rule for rule in workspace.policies.suppression if rule.then == "hold"}
    given = shaped.get("suppression", [])
    for one in given if isinstance(given, list) else []:
        rule = rules.get(str(one.get("rule")))
        if rule is None or "max_hold" not in one:
            continue
        longest = max(_lives(rule, workspace), default=None)
        if longest is not None and rule.max_hold > longest:
            reading.bad(
                one.at("max_hold"), "P005", f"'{rule.name}' may hold longer than what it holds lasts", "every message it selects expires before that",
                "shorten it, or give the messages a longer `expires`",
            )  # fmt: skip


def _lives(rule: SuppressionRule, workspace: Workspace) -> list[int]:
    """`expires` of every send the rule selects, in milliseconds."""
    found = []
    for journey in workspace.journeys.values():
        for step in sends_of(journey):
            message = workspace.messages.get(step.message)
            if message is None:
                continue
            message_class = step.message_class or message.message_class or journey.message_class
            if _selected(rule.selectors, message_class, message.topic, journey.name, message.name):
                found.append(step.expires or message.expires or DEFAULT_EXPIRES)
    return found


def _selected(selectors: Selectors, message_class: str | None, topic: str | None, journey: str, message: str) -> bool:
    return (
        (selectors.classes is None or message_class in selectors.classes)
        and (selectors.topics is None or topic in selectors.topics)
        and (selectors.journeys is None or journey in selectors.journeys)
        and (selectors.messages is None or message in selectors.messages)
    )
