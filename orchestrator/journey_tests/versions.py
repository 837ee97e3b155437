"""Other versions of the workspace that a test asks for: other policies or offers, a paused journey, a journey's next text."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from orchestrator.expressions.problems import nearest
from orchestrator.workspace.as_live import as_live
from orchestrator.workspace.content_problem import ContentCheck
from orchestrator.workspace.finding import Findings
from orchestrator.workspace.load import load_files
from orchestrator.workspace.workspace import Workspace
from orchestrator.workspace.yaml_reader import read_yaml

POLICIES, OFFERS = "config/policies.yaml", "config/offers.yaml"
_NONE: dict[str, object] = {"suppression": [{"rule": "open_service_issue", "when": "open_issues()", "enabled": False}]}
"""Without rules and limits: who may be written to is left, as it is the law."""


@dataclass(slots=True)
class Versions:
    """Made from the files; each is read once. `read` gives the bytes of a file of the workspace that lint leaves out."""

    files: Mapping[str, bytes]
    environment: Mapping[str, str]
    check: ContentCheck | None
    read: Callable[[str], bytes]
    providers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Names of each channel's providers, as the settings say."""
    live: bool = False
    """Journeys are played as if they were live, but one whose text a test applies."""
    _made: dict[str, Workspace] = field(default_factory=dict)

    def for_test(self, workspace: Workspace, given: Mapping[str, object]) -> Workspace:
        """With the policies and offers of a test, where it gives some. Raises ValueError."""
        policies = given.get("policies")
        if "offers" in given:
            return self.with_offers(given["offers"], policies)
        return workspace if policies is None else self.with_policies(policies)

    def with_policies(self, policies: object) -> Workspace:
        """Top-level keys replace the workspace's; `none` leaves topics and consent only. Raises ValueError."""
        return self._load({POLICIES: self._policies(policies)}, "given.policies")

    def _policies(self, policies: object) -> bytes:
        node = read_yaml(self.files.get(POLICIES, b""), POLICIES, Findings())
        held = node.data() if node is not None else {}
        base = dict(held) if isinstance(held, dict) else {}
        if policies == "none":
            base = {key: value for key, value in base.items() if key in ("topics", "consent")} | _NONE
        elif isinstance(policies, Mapping):
            base |= policies
        else:
            raise ValueError("given.policies is `none`, or keys of policies.yaml")
        return json.dumps(base).encode()

    def with_offers(self, offers: object, policies: object = None) -> Workspace:
        """`none`, names of those that are there, or others as offers.yaml writes them; beside these policies where a test gives both.
        Raises ValueError."""
        node = read_yaml(self.files.get(OFFERS, b""), OFFERS, Findings())
        held = node.data() if node is not None else {}
        known = {one["offer"]: one for one in held.get("offers", [])} if isinstance(held, dict) else {}
        chosen = [] if offers == "none" else [offers] if isinstance(offers, str | Mapping) else offers
        if not isinstance(chosen, list):
            raise ValueError("given.offers is `none`, or a list of names or of offers")  # noqa: TRY004  (said of a test, not of this call)
        missing = [one for one in chosen if not isinstance(one, Mapping) and one not in known]
        if missing:
            raise ValueError(f"given.offers: no offer {missing[0]!r}; {nearest(str(missing[0]), known, 'offers')}")
        full = [one if isinstance(one, Mapping) else known[one] for one in chosen]
        changed = {OFFERS: json.dumps({"offers": full}).encode()}
        return self._load(changed if policies is None else {**changed, POLICIES: self._policies(policies)}, "given.offers")

    def with_file(self, file: str) -> Workspace:
        """The journey (or message) that stands in config/<file> takes the place of the one of its name. Raises ValueError."""
        try:
            text = self.read(f"config/{file}")
        except OSError as error:
            raise ValueError(f"apply: config/{file}: {error.strerror}") from error
        node = read_yaml(text, file, Findings())
        entries = {} if node is None else node.entries
        folder, word = ("templates/messages/", "message") if "message" in entries else ("config/journeys/", "journey")
        name = entries[word].text if word in entries else ""
        place = next((path for path in self.files if path.startswith(folder) and path.rsplit("/", 1)[-1] == f"{name}.yaml"), None)
        if place is None:
            raise ValueError(f"apply: {file} holds no journey and no message of this workspace")
        return self._load({place: text}, f"apply: {file}")

    def _load(self, changed: Mapping[str, bytes], what: str) -> Workspace:
        key = what + repr(sorted(changed.items()))
        if key not in self._made:
            loaded = load_files({**self.files, **changed}, self.environment, self.check, tests=False)
            if loaded.workspace is None:
                errors = [f"{f.file}:{f.line} {f.code} {f.what}" for f in loaded.findings if f.severity == "error"]
                raise ValueError(f"{what}: {'; '.join(errors[:3])}")
            applied = [path.rsplit("/", 1)[-1].removesuffix(".yaml") for path in changed]
            self._made[key] = as_live(loaded.workspace, but=applied) if self.live else loaded.workspace
        return self._made[key]


def with_status(workspace: Workspace, journey: str, status: Literal["live", "paused"]) -> Workspace:
    """Paused by command, or going on."""
    changed = replace(workspace.journeys[journey], status=status, paused_by="command" if status == "paused" else "file")
    return replace(workspace, journeys={**workspace.journeys, journey: changed})
