"""Secrets by deploy/make-secrets.sh, in a folder of a test's own."""

import shutil
import subprocess
from pathlib import Path

from tests.integration.deploy.compose_file import DEPLOY


def make_secrets(folder: Path) -> Path:
    """The folder of new secrets."""
    for name in ("make-secrets.sh", "env.example"):
        shutil.copy(DEPLOY / name, folder)
    run_script(folder, check=True)
    return folder / "secrets"


def run_script(folder: Path, check: bool = False) -> subprocess.CompletedProcess:
    """The script, run in a copy of its folder."""
    command = ["sh", str(folder / "make-secrets.sh")]
    return subprocess.run(command, capture_output=True, text=True, check=check)
