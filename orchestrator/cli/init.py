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
from orchestrator.cli.files_out import make_folder, write_file
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
    make_folder(target)
    source = example_folder()
    number = sum(_copy(source.joinpath(folder), target / folder) for folder in ("config", "templates"))
    _keep_out_of_git(target / ".gitignore")
    _teach_editors(target)
    shutil.rmtree(target / "config" / "__pycache__", ignore_errors=True)
    if call.as_json:
        call.print_json({"folder": str(target), "files": number})
    call.console.print(f"{number} files in {target}. Next:\n  cd {shlex.quote(str(target))}\n  concierge up --demo")


def _keep_out_of_git(ignored: Path) -> None:
    """The data folder; what stands there already stays."""
    there = ignored.read_text("utf-8") if ignored.exists() else ""
    if ".concierge/" not in there.split():
        ignored.write_text(f"{there.rstrip()}\n.concierge/\n".lstrip(), "utf-8")


def _teach_editors(target: Path) -> None:
    """The schemas into .schemas, and on line 1 of each YAML file where its own is: editors complete keys and mark mistakes."""
    folder = target / ".schemas"
    folder.mkdir(exist_ok=True)
    for kind in KINDS:
        (folder / f"{kind}.schema.json").write_text(json.dumps(schema_of(kind), indent=1) + "\n", "utf-8")
    for path in (*(target / "config").rglob("*.yaml"), *(target / "templates").rglob("*.yaml")):
        path.write_text(_line_1(path.relative_to(target)) + path.read_text("utf-8"), "utf-8")


def _line_1(file: Path) -> str:
    """Where the schema of this file of the workspace is, for editors; empty for one of no kind."""
    kind = kind_of(file.as_posix())
    return "" if kind is None else f"# yaml-language-server: $schema={'../' * (len(file.parts) - 1)}.schemas/{kind}.schema.json\n"


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
        _write_test(call, path, draft_mapping_test(source))
        call.console.print(f"{path.relative_to(call.root)}: fill in the values, then run it with `concierge test -k {name}`")
        return
    workspace = drafted(loaded)
    journey = workspace.journeys.get(name) if workspace is not None else None
    if workspace is None or journey is None:
        known = workspace.journeys if workspace is not None else ()
        raise Stop(f"no journey {name}; {nearest(name, known, 'there are')}" if known else "the workspace has errors: run `concierge lint`")
    versions = Versions(loaded.files, call.environment, check_message, lambda file: (call.root / file).read_bytes())
    _write_test(call, path, draft_journey_test(workspace, journey, versions))
    call.console.print(f"{path.relative_to(call.root)}: what happens now, for you to judge; run it with `concierge test -k {name}`")


def _write_test(call: Invocation, path: Path, content: str) -> None:
    file = path.relative_to(call.root)
    write_file(path, (_line_1(file) if (call.root / ".schemas").is_dir() else "") + content)
    if call.as_json:
        call.print_json({"file": file.as_posix()})
