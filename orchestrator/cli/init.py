"""`concierge init`: a new workspace with the worked example, or a test file to start from."""

import json
import shutil
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from orchestrator.cli.context import Invocation, Stop
from orchestrator.workspace.kinds import KINDS, kind_of, schema_of
from orchestrator.workspace.step import SendStep

TEST = """journey: {name}
tests:
  - test: somebody enters and gets the first message
    given:
      customer: {{first_name: Ada}}
    when:
      - {{at: 0h, {what}
    then:
      sends:
        - {{at: 0h, step: {step}, channel: {channel}}}
"""
EXAMPLES = {
    "text": "x1",
    "number": "1.5",
    "integer": "3",
    "boolean": "true",
    "date": "2026-01-20",
    "instant": "2026-01-14T09:00:00Z",
    "list": "[]",
    "object": "{}",
}


def example_folder() -> Path | Traversable:
    """The worked example: in the repository it is the repository, in an installed wheel it is package data."""
    repository = Path(__file__).resolve().parents[2]
    if (repository / "config" / "concierge.yaml").is_file() and (repository / "pyproject.toml").is_file():
        return repository
    return resources.files("orchestrator").joinpath("example")


def _copy(source: Path | Traversable, target: Path) -> int:
    number = 0
    target.mkdir(parents=True, exist_ok=True)
    for one in source.iterdir():
        if one.is_dir():
            number += _copy(one, target / one.name)
        elif not one.name.endswith((".py", ".pyc")):
            (target / one.name).write_bytes(one.read_bytes())
            number += 1
    return number


@click.command(short_help="Make a workspace from the worked example.")
@click.argument("what", metavar="DIR | test NAME", nargs=-1, required=True)
@click.pass_obj
def init(call: Invocation, what: tuple[str, ...]) -> None:
    """Make a workspace in DIR from the worked example (a broadband and TV provider), ready to run and to change.

    `concierge init test NAME` writes a test file to start from, beside the journey, or beside the source with a `map`, of that name.
    """
    if what[0] == "test" and len(what) == 2:
        _init_test(call, what[1])
        return
    if len(what) != 1:
        raise Stop("init DIR, or init test NAME")
    if what[0] == "test":
        raise Stop("init test NAME: of which journey or source? (A workspace in a folder called test: init ./test)")
    target = Path(what[0])
    if (target / "config").exists() or (target / "templates").exists():
        raise Stop(f"{target} already holds a workspace; choose another folder")
    source = example_folder()
    number = sum(_copy(source.joinpath(folder), target / folder) for folder in ("config", "templates"))
    (target / ".gitignore").write_text(".concierge/\n", "utf-8")
    _teach_editors(target)
    shutil.rmtree(target / "config" / "__pycache__", ignore_errors=True)
    call.console.print(f"{number} files in {target}. Next:\n  cd {target}\n  concierge up --demo")


def _teach_editors(target: Path) -> None:
    """The schemas into .schemas, and on line 1 of each YAML file where its own is: editors complete keys and mark mistakes."""
    folder = target / ".schemas"
    folder.mkdir()
    for kind in KINDS:
        (folder / f"{kind}.schema.json").write_text(json.dumps(schema_of(kind), indent=1) + "\n", "utf-8")
    for path in (*(target / "config").rglob("*.yaml"), *(target / "templates").rglob("*.yaml")):
        file = path.relative_to(target)
        found = kind_of(file.as_posix())
        if found is not None:
            place = "../" * (len(file.parts) - 1) + f".schemas/{found}.schema.json"
            path.write_text(f"# yaml-language-server: $schema={place}\n{path.read_text('utf-8')}", "utf-8")


def _init_test(call: Invocation, name: str) -> None:
    loaded = call.load()
    beside = next((f for f in loaded.files if f.startswith(("config/journeys/", "config/sources/")) and f.endswith(f"/{name}.yaml")), "")
    path = call.root / f"{beside.removesuffix('.yaml')}.test.yaml"
    if beside and path.exists():
        raise Stop(f"{path} is there already")
    from orchestrator.cli.drafts import draft_journey, draft_mapping_test, drafted

    if beside.startswith("config/sources/"):
        workspace = drafted(loaded)
        source = workspace.sources[name] if workspace is not None else None
        if source is None or not source.rules:
            raise Stop(f"{beside} has no `map`, or the workspace has errors: run `concierge lint`")
        path.write_text(draft_mapping_test(source), "utf-8")
        call.console.print(f"{path.relative_to(call.root)}: fill in the values, then run it with `concierge test -k {name}`")
        return
    found = draft_journey(loaded, name)
    if found is None:
        raise Stop(f"no journey {name}, or it has errors: run `concierge lint`")
    workspace, journey = found
    what = "identify: customer, with: {}}  # what makes them a member: traits, an event; or only time, then `when: []`"
    if journey.entry.events:
        event = journey.entry.events[0]
        required = {key: rule for key, rule in workspace.events.get(event, {}).items() if rule.required}
        given = ", ".join(f"{key}: {EXAMPLES.get(rule.type, 'x')}" for key, rule in required.items())
        what = f"event: {event}, with: {{{given}}}}}"
    first = next((step for step in journey.steps.values() if isinstance(step, SendStep)), None)
    text = TEST.format(
        name=name, what=what, step=first.node if first else "…", channel=first.channels[0] if first else "email",
    )  # fmt: skip
    path.write_text(text, "utf-8")
    call.console.print(f"{path.relative_to(call.root)}: run it with `concierge test -k {name}`")
