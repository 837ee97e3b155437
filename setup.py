"""The wheel carries the worked example: config/ and templates/ become package data of `orchestrator`."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent


class BuildWithExample(build_py):
    """Copies the repository's own workspace beside the code that `concierge init` copies it from."""

    def run(self) -> None:
        super().run()
        if getattr(self, "editable_mode", False):
            return
        target = Path(self.build_lib) / "orchestrator" / "example"
        for folder in ("config", "templates"):
            shutil.copytree(ROOT / folder, target / folder, dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithExample})
