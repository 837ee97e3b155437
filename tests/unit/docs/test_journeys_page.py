"""The journey and the test of docs/journeys.md run as they stand; every key of journeys, steps and tests is explained for marketers."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.content.check import check_message
from orchestrator.journey_tests.session import Session
from orchestrator.journey_tests.versions import Versions
from orchestrator.runtime.clock import SystemClock
from orchestrator.workspace.file_names import read_files
from orchestrator.workspace.kinds import KINDS
from orchestrator.workspace.load import load_files
from orchestrator.workspace.shape import ListOf, MapOf, Mapped, Shape
from orchestrator.workspace.steps.kinds import STEPS

ROOT = Path(__file__).parents[3]
PAGES = [(ROOT / "docs" / name).read_text("utf-8") for name in ("journeys.md", "marketers.md")]
EXAMPLES = dict(re.findall(r"```yaml\n# (config/journeys/\S+)\n(.*?)```", PAGES[0], re.DOTALL))
WORDS = {word for page in PAGES for code in re.findall(r"```.*?```|`[^`\n]+`", page, re.DOTALL) for word in re.findall(r"[a-z0-9_]+", code)}


def test_the_examples_run() -> None:
    files = read_files(ROOT / "docs/cookbook") | {name: text.encode() for name, text in EXAMPLES.items()}
    loaded = load_files(files, {}, check_message)
    assert loaded.findings == ()
    assert loaded.workspace is not None
    (file,) = [one for one in loaded.tests if one.journey == "how_is_it"]
    session = Session(loaded.workspace, Versions(loaded.files, {}, check_message, lambda name: files[name]), SystemClock())
    results = list(session.run([file]))
    assert len(results) == 4
    assert [line for result, _seconds in results for line in result.difference] == []


def keys_of(shape: Shape) -> Iterator[str]:
    """Of a mapping and of all inside it, but those that are not in this version."""
    match shape:
        case ListOf():
            yield from keys_of(shape.item)
        case MapOf():
            yield from keys_of(shape.value)
        case Mapped():
            for name, key in shape.keys.items():
                if not key.later:
                    yield name
                    yield from keys_of(key.shape)


@pytest.mark.parametrize("kind", ["journey", "test", *STEPS])
def test_every_key_is_explained(kind: str) -> None:
    shape = STEPS[kind].shape if kind in STEPS else KINDS[kind]
    assert set(keys_of(shape)) - WORDS == set()
