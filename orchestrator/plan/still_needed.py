"""What earlier texts and earlier versions of journeys, by which people go on, need of the rest of the workspace: they are read beside the
new files, and what is wrong with them there that was not wrong until now stands in the way."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from orchestrator.plan.people import People, counted
from orchestrator.plan.pinned import earlier_texts
from orchestrator.plan.refusal import Refusal
from orchestrator.workspace.earlier import Files, files_of, own, packed_in
from orchestrator.workspace.finding import Finding
from orchestrator.workspace.workspace import Workspace

Read = Callable[[Files], Iterable[Finding]]
"""What lint finds in files."""
_JOURNEYS, _MESSAGES = "config/journeys/", "templates/messages/"
_OUTSIDE = frozenset(("J007", "J035", "J037"))
"""Codes about a journey that are about other files; so are all of expressions. The rest of a journey is as good as it was."""


def still_needed(before: tuple[Workspace, Files], after: tuple[Workspace, Files], people: People, read: Read) -> list[Refusal]:
    """J049. `before` with earlier versions among its files."""
    workspace, held = before
    texts = earlier_texts(workspace, after[0], people)
    versions = {
        (name, version): number for (name, version), number in people.versions().items()
        if name in after[0].journeys and after[0].journeys[name].in_flight.runs == "continue" and after[0].journeys[name].version != version
    }  # fmt: skip
    if not texts and not versions:
        return []
    sources = [(workspace.content, {name: one.version for name, one in workspace.journeys.items()}, own(held))]
    sources += [(one.content, one.journeys, files_of(one)) for one in packed_in(held).values()]
    found: list[Refusal] = []
    for content, journeys, files in sources:
        wanted = {message: number for (at, message), number in sorted(texts.items()) if at == content}
        if wanted:
            beside = _Beside(
                own(held), after[1], {name: value for name, value in files.items() if name.startswith((_JOURNEYS, _MESSAGES))}, read
            )
            found += [_text(finding, wanted[name]) for finding, name in beside.worse(_MESSAGES) if name in wanted]
        for (name, version), number in versions.items():
            if journeys.get(name) == version:
                one = {file: value for file, value in files.items() if file.startswith(_JOURNEYS) and _name(file) == name}
                found += [
                    _journey(finding, name, number)
                    for finding, of in _Beside(own(held), after[1], one, read).worse(_JOURNEYS)
                    if of == name and (finding.code.startswith("E") or finding.code in _OUTSIDE)
                ]
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class _Beside:
    """Files of an earlier version in the place of those of the same kind (all messages and journeys) or name (a journey)."""

    before: Files
    after: Files
    earlier: Files
    read: Read

    def worse(self, folder: str) -> list[tuple[Finding, str]]:
        """Errors that they have beside the new files and not beside those in force, with the name of what they are in."""
        found = self._errors(self.after, folder)
        known = {(one.file, one.code, one.what) for one in self._errors(self.before, folder)} if found else frozenset()
        return [(one, _name(one.file)) for one in found if (one.file, one.code, one.what) not in known]

    def _errors(self, files: Files, folder: str) -> list[Finding]:
        mine = {_name(file) for file in self.earlier if file.startswith(_JOURNEYS)}
        whole = any(file.startswith(_MESSAGES) for file in self.earlier)
        rest = {
            file: value for file, value in files.items()
            if not (file.startswith(_JOURNEYS) and (whole or _name(file) in mine)) and not (file.startswith(_MESSAGES) and whole)
        }  # fmt: skip
        return [one for one in self.read({**rest, **self.earlier}) if one.severity == "error" and one.file.startswith(folder)]


def _name(file: str) -> str:
    return file.rsplit("/", 1)[-1].removesuffix(".yaml")


def _text(finding: Finding, people: int) -> Refusal:
    what = f"{counted(people)} may still be sent an earlier text of '{_name(finding.file)}', and beside these files it fails: {finding.code} {finding.what}"
    return Refusal("J049", what, f"keep what it needs until they are through, or in_flight: {{content: latest}}; {finding.why}")


def _journey(finding: Finding, name: str, people: int) -> Refusal:
    what = f"{counted(people)} in an earlier version of {name} go on by it, and beside these files it fails: {finding.code} {finding.what}"
    return Refusal("J049", what, f"keep what it needs until they are through, or in_flight: migrate; {finding.why}")
