"""Commands in this process, on a small workspace."""

from collections.abc import Mapping
from pathlib import Path

from click.testing import CliRunner, Result

from orchestrator.cli.main import main
from tests.one_journey import files

JOURNEY = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
steps:
  - {id: think, delay: 2h}
  - {id: remind, send: hello, channels: [email]}
"""
TEST = """journey: try_it
tests:
  - test: a reminder two hours later
    given: {customer: {first_name: Ada}}
    when: [{at: 0h, event: Basket Changed, with: {basket: b1}}]
    then: {sends: [{at: 2h, step: remind, channel: email}]}
  - test: nobody comes in
    when: [{at: 0h, event: Ping}]
    then: {}
"""


def write(root: Path, content: Mapping[str, bytes]) -> None:
    for name, value in content.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(value)


def small(root: Path, journey: str = JOURNEY, messages: Mapping[str, str] | None = None, test: str = TEST) -> Path:
    """The folder of a workspace with one journey and its tests."""
    write(root, {**files({"try_it": journey}, messages), "config/journeys/try_it.test.yaml": test.encode()})
    return root


def run(root: Path, *arguments: str, given: str | None = None, width: int = 160) -> Result:
    """A command in the workspace at `root`; whatever it raises but a way to end is raised."""
    done = CliRunner().invoke(main, ["--workspace", str(root), *arguments], input=given, env={"COLUMNS": str(width)})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done
