"""Checkers of deployment files: of this machine, or of the environment of `make check-deploy`."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from resources.home import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "build" / "deploy" / "bin"


def found(name: str, folder: Path = FOLDER) -> str:
    """Path of a program, of the checkers' environment before this machine's; empty where it is in neither."""
    return shutil.which(name, path=os.pathsep.join([str(folder), os.environ.get("PATH", "")])) or ""


def program(name: str, package: str, folder: Path = FOLDER) -> str:
    """Path of a checker; the test is skipped where it is not installed."""
    path = found(name, folder)
    if not path:
        pytest.skip(f"{name} is not installed ({package}, see `make check-deploy`)")
    return path


def python(code: str, text: str = "") -> str:
    """What a few lines print in the environment of the checkers."""
    interpreter = FOLDER / "python"
    if not interpreter.exists():
        pytest.skip("the checkers are not installed; `make check-deploy` brings them")
    done = run([str(interpreter), "-c", code], text)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run(command: list[str], text: str = "", folder: Path = PROJECT_ROOT) -> subprocess.CompletedProcess:
    """A checker's answer."""
    environment = os.environ | {"NO_COLOR": "1"}
    return subprocess.run(
        command, input=text, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
