"""Pages made from code are as the code is; links in the documentation lead somewhere; rooms stay small."""

import importlib
import pkgutil
import re
from pathlib import Path
from statistics import median

import pytest

import orchestrator
import workers
from tests.one_journey import loaded
from tests.reference import PAGES

ROOT = Path(__file__).parents[3]
LIMIT = 450


@pytest.mark.parametrize("name", PAGES)
def test_reference_pages_are_fresh(name: str) -> None:
    assert (ROOT / "docs" / "reference" / name).read_text("utf-8") == PAGES[name](), "run `make docs`"


def test_links_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_rooms_are_small() -> None:
    sizes = {
        str(path): len(path.read_text("utf-8").splitlines())
        for folder in ("orchestrator", "workers")
        for path in (ROOT / folder).rglob("*.py")
        if path.name != "__init__.py"
    }
    assert median(sizes.values()) <= 100
    assert not [(path, size) for path, size in sizes.items() if size > LIMIT]


def test_every_module_imports_without_side_effects(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONCIERGE_DATA", "CONCIERGE_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    names = [
        module.name for package in (orchestrator, workers) for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    ]
    assert len(names) > 150
    for name in names:
        if not name.endswith("__main__"):
            importlib.import_module(name)


def test_the_example_of_a_block_stands_where_blocks_may_stand() -> None:
    (example,) = [
        one for one in re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/marketers.md").read_text("utf-8"), re.DOTALL) if "blocks:" in one
    ]
    whole = f"message: hello\nclass: service\ntopic: news\n{example.replace('customer.router', 'customer.tier')}"
    journey = "journey: try_it\nclass: service\nentry: {event: Ping}\nsteps:\n  - {id: one, send: hello, channels: [email]}\n"
    found = loaded({"try_it": journey}, {"hello": whole}).findings
    assert [(one.code, one.what) for one in found if one.severity == "error"] == []


@pytest.mark.parametrize("status", ["draft", "live", "paused", "draining"])
def test_every_status_of_a_journey_is_described(status: str) -> None:
    assert f"`status: {status}`" in (ROOT / "docs/marketers.md").read_text("utf-8")
