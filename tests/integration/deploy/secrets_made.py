"""Secrets by deploy/make-secrets.sh, in a folder of a test's own."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.integration.deploy import tools
from tests.integration.deploy.compose_file import DEPLOY

# A stand-in for Caddy's own hashing where there is no Caddy: no log-in works with it.
NO_HASH = "echo"


def make_secrets(folder: Path) -> Path:
    """The folder of new secrets."""
    for name in ("make-secrets.sh", "compose.yaml", "env.example"):
        shutil.copy(DEPLOY / name, folder)
    run_script(folder, check=True)
    return folder / "secrets"


def run_script(folder: Path, check: bool = False) -> subprocess.CompletedProcess:
    """The script, run in a copy of its folder."""
    environment = {"CADDY": tools.found("caddy") or NO_HASH, **os.environ}
    return subprocess.run(
        ["sh", str(folder / "make-secrets.sh")], env=environment, capture_output=True, text=True, check=check
    )
