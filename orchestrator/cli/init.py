"""`concierge init`: a new workspace with the worked example, or a test file to start from."""

import json
import shlex
import shutil
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from orchestrator.cli.context import Invocation, Stop
from orchestrator.cli.draft_journey_test import draft_journey_test
from orchestrator.cli.drafts import draft_mapping_test, drafted
from orchestrator.cli.files_out import write_file
from orchestrator.content.check import check_message
from orchestrator.expressions.problems import nearest
from orchestrator.journey_tests.versions import Versions
from orchestrator.workspace.kinds import KINDS, kind_of, schema_of


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
    call.console.print(f"{number} files in {target}. Next:\n  cd {shlex.quote(str(target))}\n  concierge up --demo")


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
    if beside.startswith("config/sources/"):
        workspace = drafted(loaded)
        source = workspace.sources[name] if workspace is not None else None
        if source is None or not source.rules:
            raise Stop(f"{beside} has no `map`, or the workspace has errors: run `concierge lint`")
        write_file(path, draft_mapping_test(source))
        call.console.print(f"{path.relative_to(call.root)}: fill in the values, then run it with `concierge test -k {name}`")
        return
    workspace = drafted(loaded)
    journey = workspace.journeys.get(name) if workspace is not None else None
    if workspace is None or journey is None:
        known = workspace.journeys if workspace is not None else ()
        raise Stop(f"no journey {name}; {nearest(name, known, 'there are')}" if known else "the workspace has errors: run `concierge lint`")
    versions = Versions(loaded.files, call.environment, check_message, lambda file: (call.root / file).read_bytes())
    write_file(path, draft_journey_test(workspace, journey, versions))
    call.console.print(f"{path.relative_to(call.root)}: what happens now, for you to judge; run it with `concierge test -k {name}`")
