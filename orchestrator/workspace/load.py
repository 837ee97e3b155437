"""Reading a whole workspace: every file, every problem at once, and the definitions in force if there is no error."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from orchestrator.workspace.audiences_file import read_audiences, read_names
from orchestrator.workspace.concierge_file import read_concierge, refuse_variables, substitute
from orchestrator.workspace.content_findings import ContentFindings
from orchestrator.workspace.content_problem import ContentCheck
from orchestrator.workspace.earlier import BEFORE, Packed, files_of, own, packed_in, with_earlier
from orchestrator.workspace.editions import EDITIONS, decode_editions
from orchestrator.workspace.file_names import check_names, read_files
from orchestrator.workspace.finding import Finding, Findings
from orchestrator.workspace.indexes import (
    asked_by,
    audience_index,
    deduped_of,
    event_indexes,
    needs_of,
    reads_context,
    schedule_index,
    sends_of,
)
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.journey_file import read_journey
from orchestrator.workspace.message import Message
from orchestrator.workspace.message_file import read_message
from orchestrator.workspace.offers_file import never_shown, read_offers
from orchestrator.workspace.policies_check import check_holds, check_selectors, rules_of
from orchestrator.workspace.policies_file import read_policies, read_topics
from orchestrator.workspace.profile_file import read_profile, read_traits
from orchestrator.workspace.reading import Part, Unread
from orchestrator.workspace.shape import Reading, Shaped
from orchestrator.workspace.source_file import Events, check_topics, put_variables, read_mapping, read_source
from orchestrator.workspace.source_test_file import read_source_tests
from orchestrator.workspace.source_test_shapes import SourceTestFile
from orchestrator.workspace.test_file import TestFile, read_tests
from orchestrator.workspace.test_places import test_files
from orchestrator.workspace.vocabularies import Vocabularies
from orchestrator.workspace.workspace import Workspace
from orchestrator.workspace.yaml_node import Node
from orchestrator.workspace.yaml_reader import read_yaml

_PARTS: Mapping[str, frozenset[Part]] = {
    "config/profile.yaml": frozenset(("traits", "computed", "issues")), "config/policies.yaml": frozenset(("topics",)),
    "config/audiences.yaml": frozenset(("audiences",)), "config/offers.yaml": frozenset(("offers",)),
}  # fmt: skip
"""What is not known while a file cannot be read at all."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """`workspace` is None when there are errors. `canonical` is the JSON whose SHA-256 is the version."""

    workspace: Workspace | None
    findings: tuple[Finding, ...]
    files: Mapping[str, bytes]
    canonical: bytes
    tests: tuple[TestFile, ...]
    source_tests: tuple[SourceTestFile, ...] = ()


def load_workspace(root: Path, environment: Mapping[str, str], check: ContentCheck | None = None) -> Loaded:
    """Read the workspace at `root`. Raises nothing for any content of its files."""
    return load_files(read_files(root), environment, check)


def load_files(
    files: Mapping[str, bytes], environment: Mapping[str, str], check: ContentCheck | None = None, *, tests: bool = True
) -> Loaded:
    """As `load_workspace`, from memory. Without `tests` the tests are not read: a version that is in force was tested before."""
    loaded = _Loader(own(files), environment, check, tests=tests).load()
    packed = packed_in(files)
    if not (packed or BEFORE in files or EDITIONS in files) or loaded.workspace is None:
        return loaded
    editions = decode_editions(files.get(EDITIONS))
    workspace = replace(loaded.workspace, content_before=files.get(BEFORE, b"").decode(), editions=editions)
    return replace(loaded, workspace=_with_packed(workspace, packed, environment))


def load_in_force(files: Mapping[str, bytes], environment: Mapping[str, str]) -> Loaded:
    """A version that was applied: texts and tests were checked then, and are not asked again, so that a program whose lint has become
    stricter goes on with it. What it cannot compile is refused all the same."""
    return load_files(files, environment, tests=False)


def _with_packed(workspace: Workspace, packed: Mapping[str, Packed], environment: Mapping[str, str]) -> Workspace:
    """With the earlier versions that stand beside the files; one that this program cannot read any more is left out, and its people go on
    in the version in force."""
    earlier: dict[tuple[str, str], Journey] = {}
    others: list[Workspace] = []
    contents: dict[str, Mapping[str, Message]] = {}
    for one in packed.values():
        other = _Loader(files_of(one), environment, None, tests=False).load().workspace
        if other is not None:
            others.append(other)
            if one.content:
                contents[one.content] = other.messages
            earlier |= {(name, of): other.journeys[name] for name, of in one.journeys.items() if name in other.journeys}
    return replace(with_earlier(workspace, earlier, others, pinned=bool(contents)), earlier_messages=contents)


def _instants(events: Events) -> dict[str, frozenset[str]]:
    """Events that have some."""
    found = {event: frozenset(name for name, one in declared.items() if one.type == "instant") for event, declared in events.items()}
    return {event: names for event, names in found.items() if names}


def _together(messages: Mapping[str, Message]) -> str:
    """The version of all of them."""
    return hashlib.sha256("\n".join(f"{name} {messages[name].version}" for name in sorted(messages)).encode()).hexdigest()[:16]


class _Loader:
    def __init__(self, files: Mapping[str, bytes], environment: Mapping[str, str], check: ContentCheck | None, *, tests: bool) -> None:
        self._with_tests = tests
        self._tests: list[TestFile] = []
        self._source_tests: list[SourceTestFile] = []
        self._files = files
        self._environment = environment
        self._check = check
        self._findings = Findings()
        self._unread = Unread()
        self._nodes: dict[str, Node] = {}
        self._wanted: list[str] = []

    def load(self) -> Loaded:
        self._wanted = check_names(self._files, self._findings)
        for name in self._wanted:
            if name.endswith(".yaml"):
                node = read_yaml(self._files[name], name, self._findings)
                if node is not None:
                    self._nodes[name] = node
        workspace = self._workspace()
        canonical = json.dumps(
            {name: self._nodes[name].data() if name in self._nodes else self._files[name].decode("utf-8", "replace") for name in sorted(self._files)},
            sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str,
        ).encode("utf-8", "surrogatepass")  # fmt: skip
        if workspace is not None:
            workspace = replace(workspace, version=hashlib.sha256(canonical).hexdigest())
        findings = tuple(sorted(set(self._findings.all), key=lambda one: (one.file.endswith(".test.yaml"), one)))
        return Loaded(
            None if self._findings.errors else workspace, findings, self._files, canonical, tuple(self._tests), tuple(self._source_tests)
        )

    def _reading(self, file: str) -> Reading:
        return Reading(file, self._findings, self._unread)

    def _of(self, folder: str) -> list[tuple[str, str, Node]]:
        """(name, file, tree) of a folder's definitions."""
        return [
            (file.rsplit("/", 1)[1].removesuffix(".yaml"), file, node) for file, node in sorted(self._nodes.items())
            if file.startswith(folder) and not file.endswith(".test.yaml")
        ]  # fmt: skip

    def _written(self, folder: str) -> list[str]:
        """Names of a folder's definitions, also of those that cannot be read."""
        return [
            file.rsplit("/", 1)[1].removesuffix(".yaml")
            for file in self._wanted
            if file.startswith(folder) and file.endswith(".yaml") and not file.endswith(".test.yaml")
        ]

    def _texts(self, folder: str) -> dict[str, str]:
        return {file.removeprefix(folder): self._files[file].decode() for file in self._wanted if file.startswith(folder)}

    def _workspace(self) -> Workspace | None:
        node = self._nodes.get("config/concierge.yaml")
        if node is None:
            if "config/concierge.yaml" not in self._files:
                self._findings.note(
                    "Y012",
                    "config/concierge.yaml",
                    (1, 1),
                    "no config/concierge.yaml",
                    "it makes a folder a workspace",
                    "run `concierge init`",
                )
            return None
        substitute(node, self._environment, self._reading("config/concierge.yaml"))
        for file, other in self._nodes.items():
            if file.startswith("config/sources/") and not file.endswith(".test.yaml"):
                put_variables(other, self._environment, self._reading(file))
            elif file != "config/concierge.yaml":
                refuse_variables(other, self._reading(file))
        base = read_concierge(node, self._reading("config/concierge.yaml"))
        if base is None:
            return None
        for file, parts in _PARTS.items():
            if file in self._files and file not in self._nodes:
                self._unread.parts |= parts
        events, feeds = self._events()
        empty = Node("map", 1, 1)
        profile_reading, policies_reading = self._reading("config/profile.yaml"), self._reading("config/policies.yaml")
        first, profile_shape = read_traits(self._nodes.get("config/profile.yaml", empty), profile_reading)
        topics, policies_shape = read_topics(self._nodes.get("config/policies.yaml", empty), policies_reading)
        audiences_reading = self._reading("config/audiences.yaml")
        named = read_names(self._nodes.get("config/audiences.yaml"), audiences_reading)
        words = Vocabularies(
            first, topics, events, named, strict=base.rules.strict, unread=self._unread,
            messages=self._written("templates/messages/"), journeys=self._written("config/journeys/"),
        )  # fmt: skip
        audiences = read_audiences(named, words, audiences_reading)
        profile = read_profile(first, profile_shape, words, frozenset(topics), profile_reading)
        policies = read_policies(topics, policies_shape, words, policies_reading)
        mapped = [(read_mapping(shaped, name, events, profile.traits, words, reading), shaped, reading) for name, shaped, reading in feeds]
        check_topics(mapped)
        sources = {source.name: source for source, _shaped, _reading in mapped}
        layouts, snippets = self._texts("templates/layouts/"), self._texts("templates/snippets/")
        workspace = replace(
            base, events=events, instants=_instants(events), sources=sources, profile=profile, policies=policies, audiences=audiences, layouts=layouts, snippets=snippets
        )  # fmt: skip
        messages: dict[str, Message] = {}
        self._unread.messages.update(self._written("templates/messages/"))
        for name, file, tree in self._of("templates/messages/"):
            before = self._findings.count
            message = read_message(tree, name, workspace, self._reading(file))
            if message is not None:
                messages[name] = message
            if self._findings.count == before:
                self._unread.messages.remove(name)
        workspace = replace(workspace, messages=messages, content=_together(messages))
        offers = read_offers(self._nodes.get("config/offers.yaml"), workspace, words, self._reading("config/offers.yaml"))
        workspace = replace(workspace, offers=offers)
        journeys: dict[str, Journey] = {}
        for name, file, tree in self._of("config/journeys/"):
            journey = read_journey(tree, name, workspace, words, self._reading(file))
            if journey is not None:
                journeys[name] = journey
        entries, listeners = event_indexes(journeys)
        asked = asked_by(needs_of(journeys, workspace), workspace.profile.keep_events)
        workspace = replace(
            workspace, journeys=journeys, entries=entries, listeners=listeners, audience_entries=audience_index(journeys),
            history=asked.history, counted=asked.counted, deduped=deduped_of(journeys), keeps_context=reads_context(self._files),
            schedules=schedule_index(journeys),
        )  # fmt: skip
        whole = len(journeys) == len(self._written("config/journeys/"))
        check_selectors(
            rules_of(policies_shape), self._written("config/journeys/"), self._written("templates/messages/"),
            {tag for journey in journeys.values() for tag in journey.tags} if whole else None, self._reading("config/policies.yaml"),
        )  # fmt: skip
        check_holds(policies_shape, workspace, self._reading("config/policies.yaml"))
        if self._check is not None:
            noted = ContentFindings(self._files, self._nodes, self._findings, self._unread)
            for message in messages.values():
                for problem in self._check(message, workspace, words):
                    noted.note(message, problem)
        sent = {step.message for journey in journeys.values() for step in sends_of(journey)}
        for name, message in messages.items():
            if name not in sent and whole:
                self._findings.note("M022", message.file, (1, 1), f"'{name}' is never sent", "no journey names it", "remove it, or send it")
        for place, what in never_shown(workspace, self._nodes.get("config/offers.yaml")) if whole and not self._unread.messages else ():
            self._findings.note(
                "M022", "config/offers.yaml", place.place, what, "no message that may carry it has a slot", "offer: after_body in a message"
            )
        if self._with_tests:
            self._read_tests(workspace, words)
        return workspace

    def _events(self) -> tuple[Events, list[tuple[str, Shaped, Reading]]]:
        """What all sources declare, and the sources as far as they can be read without knowing it."""
        events: Events = {}
        feeds: list[tuple[str, Shaped, Reading]] = []
        written = self._written("config/sources/")
        if len(written) > len(self._of("config/sources/")):
            self._unread.parts.add("events")
        self._unread.sources.update(written)
        for name, file, tree in self._of("config/sources/"):
            reading = self._reading(file)
            before = self._findings.count
            declared, shaped = read_source(tree, name, reading)
            events.update(declared)
            if self._findings.count == before:
                self._unread.sources.remove(name)
            feeds.append((name, shaped, reading))
        return events, feeds

    def _read_tests(self, workspace: Workspace, words: Vocabularies) -> None:
        """Every journey and every mapping has a test file beside it, by its name; every test file one of these."""
        mapped = [name for name, source in workspace.sources.items() if source.rules]
        journeys = self._written("config/journeys/")
        self._unread.journeys |= set(journeys) - workspace.journeys.keys()
        self._tests = [
            read_tests(node, name, workspace, self._reading(file), words)
            for name, file, node in test_files("config/journeys/", "journey", journeys, journeys, self._nodes, self._files, self._findings)
        ]
        self._source_tests = [
            read_source_tests(node, name, workspace, self._reading(file))
            for name, file, node in test_files(
                "config/sources/", "mapping", mapped, self._written("config/sources/"), self._nodes, self._files, self._findings
            )
        ]
