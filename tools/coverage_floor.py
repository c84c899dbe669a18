"""Fail where a module of ours has no line that a test ran: `make test` runs it after the tests.

The floor of the whole (`fail_under` in pyproject.toml) does not move when one small module is forgotten.
"""

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from coverage import Coverage


def untouched(report: Mapping[str, Any]) -> list[str]:
    """The modules with statements of which none ran.

    Args:
        report: coverage's own, as JSON.
    """
    counts = {name: file["summary"] for name, file in report["files"].items()}
    return sorted(n for n, count in counts.items() if count["num_statements"] and not count["covered_lines"])


def main() -> int:
    """Print a line for each such module; 1 if there is one."""
    measured = Coverage()
    measured.load()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "coverage.json"
        # Modules that were never imported stand in the report, not in the data.
        measured.json_report(outfile=str(path))
        found = untouched(json.loads(path.read_text(encoding="utf-8")))
    for name in found:
        print(f"FAILED  {name}: no test runs a line of it; write one, or delete the module")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
