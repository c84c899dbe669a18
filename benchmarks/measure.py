"""One row of the table of speed, measured in this process: what it found as JSON, on the last line.

.venv/bin/python -m benchmarks.measure addresses [--turns 5]
"""

import argparse
import importlib
import json
import traceback
from collections.abc import Sequence

from benchmarks.row import TURNS, Row

LONGEST_REASON = 300


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name")
    parser.add_argument("--turns", type=int, default=TURNS)
    options = parser.parse_args(arguments)
    try:
        rows = importlib.import_module(f"benchmarks.rows.{options.name}").measure(options.turns)
    except Exception as error:
        traceback.print_exc()
        reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
        rows = [Row(options.name, options.name, failure=reason[:LONGEST_REASON])]
    print(json.dumps([row.to_dict() for row in rows]))


if __name__ == "__main__":
    main()
