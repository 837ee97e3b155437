"""Fixtures everybody uses: the worked example, loaded once; the providers' contracts, where they are."""

import os
from pathlib import Path

import pytest

from orchestrator.content.check import check_message
from orchestrator.workspace.load import load_workspace
from orchestrator.workspace.workspace import Workspace

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def example() -> Workspace:
    """The repository's own workspace."""
    loaded = load_workspace(ROOT, {}, check_message)
    assert loaded.workspace is not None, [f"{f.file}:{f.line} {f.code} {f.what}" for f in loaded.findings]
    return loaded.workspace


@pytest.fixture(scope="session")
def provider_contracts() -> Path:
    """The providers' descriptions and vectors: third-party data that is read where it lies."""
    folder = Path(os.environ.get("PROVIDER_CONTRACTS", ROOT.parent / "shared" / "contracts" / "providers"))
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"no provider contracts in {folder}; set PROVIDER_CONTRACTS")
        pytest.skip(f"no provider contracts in {folder} (PROVIDER_CONTRACTS)")
    return folder
