"""Writes dbt_project/models/sources from the table specs: run it after a change of domain/tables.

With `--check` it writes nothing and names the files that are not what it would write.
"""

import argparse
import sys

import yaml

from realestate_assets.dbt.sources import SOURCES_DIR, sources_documents

HEADER = """\
# What Python writes and dbt reads. Made by tools/dbt_sources.py from the table specs, and compared with them
# by a test. No source freshness: the tables carry no load time (a row is the same whenever it was made), so
# dbt has nothing to measure. How fresh a partition is stands in Dagster, by freshness policies and checks.
"""


def source_files() -> dict[str, str]:
    """File name -> its text."""
    return {
        name: HEADER + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
        for name, document in sources_documents().items()
    }


def main() -> int:
    """Write the files, or say which are not up to date."""
    parser = argparse.ArgumentParser(description="dbt's sources from the table specs.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file differs")
    check = parser.parse_args().check
    wanted = source_files()
    SOURCES_DIR.mkdir(exist_ok=True)
    found = {path.name: path.read_text(encoding="utf-8") for path in SOURCES_DIR.iterdir()}
    stale = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    if check:
        for name in stale:
            print(f"{SOURCES_DIR / name} is not what the table specs give: run python tools/dbt_sources.py")
        return 1 if stale else 0
    for name in stale:
        if name in wanted:
            (SOURCES_DIR / name).write_text(wanted[name], encoding="utf-8")
        else:
            (SOURCES_DIR / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
