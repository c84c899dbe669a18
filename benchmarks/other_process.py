"""An alternative in the environment of its own (`build/bench`), asked line by line while it stays.

PyTorch, transformers and scikit-learn are no part of the product, so they are none of its environment.
"""

import contextlib
import json
import subprocess  # nosec B404 - starts a module of ours
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "bench"


class NoAlternativeError(RuntimeError):
    """The environment of the alternatives is not there, or its process ended."""


class OtherProcess:
    """A module that answers a line of JSON with a line of JSON."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, **question: Any) -> Any:
        """Its answer.

        Raises:
            NoAlternativeError: it has ended.
        """
        if self._process.stdin is None or self._process.stdout is None:
            raise NoAlternativeError("the process of the alternative has no pipes")
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
        # Libraries print too.
        for line in self._process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        raise NoAlternativeError("the process of the alternative has ended")


@contextlib.contextmanager
def other_process(module: str, *arguments: str) -> Iterator[OtherProcess]:
    """A module of this package, run by the Python of `build/bench` until the block ends.

    Raises:
        NoAlternativeError: that environment is not there.
    """
    python = FOLDER / "bin" / "python"
    if not python.exists():
        raise NoAlternativeError(f"{FOLDER.relative_to(ROOT)} is missing: run `make bench-tools`")
    command = [str(python), "-m", module, *arguments]
    with subprocess.Popen(  # nosec B603
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        try:
            yield OtherProcess(process)
        finally:
            if process.stdin is not None:
                process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def answer_lines(answer: Any) -> None:
    """The other end: a line of JSON in, a line of JSON out, until there are no more."""
    for line in sys.stdin:
        print(json.dumps(answer(**json.loads(line))), flush=True)


def with_alternatives() -> None:
    """Let this process import what `build/bench` has, after all that is the product's own.

    Raises:
        NoAlternativeError: that environment is not there.
    """
    folders = list(FOLDER.glob("lib/*/site-packages"))
    if not folders:
        raise NoAlternativeError(f"{FOLDER.relative_to(ROOT)} is missing: run `make bench-tools`")
    sys.path += [str(each) for each in folders]
