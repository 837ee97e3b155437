"""What lint says of names in `given` and `when`: topics, kinds of issues, steps and arms that there are not would be taken for nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from orchestrator.expressions.problems import nearest
from orchestrator.workspace.reading import Reading
from orchestrator.workspace.step import SendStep, SplitStep, Step, WebhookStep
from orchestrator.workspace.vocabularies import Vocabularies
from orchestrator.workspace.workspace import Workspace
from orchestrator.workspace.yaml_node import Node


def known_given(given: Node | None, words: Vocabularies, reading: Reading) -> None:
    """P002 for topics, T001 for kinds of issues that the workspace does not have."""
    if given is None:
        return
    topics, kinds = words.topics, words.kinds
    for topic in _values(given, "consents", "topic"):
        if topic.text != "*" and topics is not None and topic.text not in topics:
            reading.bad(topic, "P002", f"no topic '{topic.text}'", "topics stand in `policies.yaml`", nearest(topic.text, topics, "topics"))
    for kind in _values(given, "issues", "kind"):
        if kinds is not None and kind.text not in kinds:
            reading.bad(kind, "T001", f"no kind of issue '{kind.text}'", "they stand in `profile.yaml`", nearest(kind.text, kinds, "kinds"))


def known_inside(given: Iterable[Node | None], when: Sequence[Node], names: Sequence[str], workspace: Workspace, reading: Reading) -> None:
    """T001 for steps and arms that the journeys of these names do not have, or whose steps are of another kind. `given`: of the test and of
    its file."""
    journeys = [workspace.journeys[name] for name in names if name in workspace.journeys]
    if len(journeys) < len(names):
        return
    steps = {name: step for journey in journeys for name, step in journey.steps.items()}
    every = {step.node: step for journey in journeys for step in journey.every_step}
    sends = [name for name, step in every.items() if isinstance(step, SendStep)]
    calls = [name for name, step in every.items() if isinstance(step, WebhookStep)]
    for word in ("receipt", "unsubscribe"):
        for step in _inside(when, word, "step"):
            _known(step, sends, "sends", reading)
    for step in _inside(when, "fail", "webhook"):
        _known(step, calls, "webhooks", reading)
    for one in given:
        if one is not None:
            _known_given_steps(one, steps, calls, reading)


def _known_given_steps(given: Node, steps: Mapping[str, Step], calls: Sequence[str], reading: Reading) -> None:
    for key in given.entries["webhooks"].keys.values() if "webhooks" in given.entries else ():
        _known(key, calls, "webhooks", reading)
    for name, arm in given.entries["arms"].entries.items() if "arms" in given.entries else ():
        split = steps.get(name)
        if isinstance(split, SplitStep):
            _known(arm, [one.name for one in split.arms], f"arms of '{name}'", reading)
        else:
            _known(given.entries["arms"].keys[name], [n for n, one in steps.items() if isinstance(one, SplitStep)], "splits", reading)


def _values(given: Node, word: str, key: str) -> Iterator[Node]:
    for one in given.entries[word].items if word in given.entries else ():
        if key in one.entries and one.entries[key].kind == "scalar":
            yield one.entries[key]


def _inside(when: Sequence[Node], word: str, key: str) -> Iterator[Node]:
    for item in when:
        found = item.entries[word].entries.get(key) if word in item.entries else None
        if found is not None and found.kind == "scalar":
            yield found


def _known(node: Node, names: Sequence[str], what: str, reading: Reading) -> None:
    if node.kind == "scalar" and node.text not in names:
        reading.bad(node, "T001", f"no '{node.text}' among the {what}", "it would change nothing", nearest(node.text, names, what))
