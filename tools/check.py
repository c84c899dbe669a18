"""Every gate but the tests, one line each: `make check` runs all of them, `tools/check.py NAME ...` some.

Two run at a time, none stops another, and a gate that fails shows what it said. What each looks for is set
where its tool looks for it: pyproject.toml, .yamllint.yaml, .secrets.baseline.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
AT_A_TIME = 2
# Replaced by the names of the files that git tracks or would add.
FILES = "FILES"

LOADS = (
    "import dagster; from realestate_assets.definitions import defs; "
    "dagster.Definitions.validate_loadable(defs)"
)

# Of the tests of the documents those that follow links, paths and commands; the rest runs with `make test`.
LINKS = "resolves or is_there or named_exists"

CODE = ("realestate_os.py", "realestate_assets", "resources", "sensors", "tools", "benchmarks")

# The long ones first.
GATES: dict[str, Sequence[str]] = {
    "mypy": ("mypy",),
    "secrets": ("detect-secrets-hook", "--baseline", ".secrets.baseline", FILES),
    "sqlfluff": ("sqlfluff", "lint", "--disable-progress-bar", "dbt_project/models"),
    "docs-links": ("pytest", "-q", "--no-header", "-p", "no:cacheprovider", "-k", LINKS, "tests/unit/docs"),
    "definitions": ("python", "-W", "ignore", "-c", LOADS),
    "dbt-sources": ("python", "-W", "ignore", "tools/dbt_sources.py", "--check"),
    "dbt-settings": ("python", "-W", "ignore", "tools/dbt_settings.py", "--check"),
    "county-schema": ("python", "-W", "ignore", "tools/county_schema.py", "--check"),
    "yamllint": ("yamllint", "--strict", "."),
    "bandit": ("bandit", "-q", "-c", "pyproject.toml", "-r", *CODE),
    "licences": ("python", "tools/licences.py"),
    "lint-imports": ("lint-imports",),
    "ruff": ("ruff", "check", "."),
    "ruff-format": ("ruff", "format", "--check", "."),
}


def run_gate(name: str) -> tuple[bool, float, str]:
    """Whether a gate holds, the seconds it took, and what it said."""
    program, *arguments = GATES[name]
    command = [str(BIN / program), *_with_files(arguments)]
    environment = os.environ | {"NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}
    started = time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return done.returncode == 0, time.monotonic() - started, done.stdout


def _with_files(arguments: Sequence[str]) -> Iterator[str]:
    for argument in arguments:
        if argument != FILES:
            yield argument
            continue
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        yield from (name for name in listed.split("\0") if (ROOT / name).is_file())


def main(wanted: Sequence[str]) -> int:
    """Run the gates and print a line for each; 1 if any fails, 2 for an unknown name."""
    if unknown := set(wanted) - GATES.keys():
        print(f"No gate is called {', '.join(sorted(unknown))}; there are {', '.join(GATES)}.")
        return 2
    names = wanted or list(GATES)
    width = max(map(len, names))
    failed = []
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        runs = {pool.submit(run_gate, name): name for name in names}
        for run in as_completed(runs):
            name, (holds, seconds, said) = runs[run], run.result()
            print(f"{'ok    ' if holds else 'FAILED'}  {name:{width}}  {seconds:6.1f} s", flush=True)
            if not holds:
                failed.append(name)
                print("".join(f"    {line}\n" for line in said.strip().splitlines()), flush=True)
    if failed:
        print(f"{len(failed)} of {len(names)} gates failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
