"""Two copies of the checkout: as it is, and with a fault for every gate."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from resources.home import PROJECT_ROOT
from tests.documents import Checkout


@dataclass(frozen=True)
class Said:
    """How a command ended, and all that it printed."""

    code: int
    text: str


@dataclass(frozen=True)
class Copy:
    """A copy of the checkout, under version control of its own, where commands may fail."""

    root: Path

    def run(self, *command: str) -> Said:
        """Run a program of the environment in the copy."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "COV_"))}
        done = subprocess.run(
            [str(self.root / ".venv" / "bin" / command[0]), *command[1:]],
            cwd=self.root,
            # Before the editable install, which leads to the checkout itself.
            env={**inherited, "PYTHONPATH": str(self.root)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=600,
        )
        return Said(done.returncode, done.stdout)

    def gate(self, name: str) -> Said:
        """Run one gate of `make check`."""
        return self.run("python", "tools/check.py", name)

    def plant(self, path: str, text: str) -> None:
        """Write a file, or add to the one that is there."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("a", encoding="utf-8") as file:
            file.write(text)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Copy]:
    """Makes copies of the checkout; with what mypy knows already, where it has run before."""

    def made() -> Copy:
        root = Checkout(tmp_path_factory.mktemp("gates")).root
        if (PROJECT_ROOT / ".mypy_cache").is_dir():
            shutil.copytree(PROJECT_ROOT / ".mypy_cache", root / ".mypy_cache")
        for words in (["init", "-q"], ["add", "--all"]):
            subprocess.run(["git", *words], cwd=root, check=True)
        return Copy(root)

    return made
