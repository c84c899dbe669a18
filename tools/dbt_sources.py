"""Writes dbt_project/models/sources from the table specs: run it after a change of domain/tables."""

import yaml

from realestate_assets.dbt.sources import SOURCES_DIR, sources_documents

HEADER = """\
# What Python writes and dbt reads. Made by tools/dbt_sources.py from the table specs, and compared with them
# by a test. No source freshness: the tables carry no load time (a row is the same whenever it was made), so
# dbt has nothing to measure. How fresh a partition is stands in Dagster, by freshness policies and checks.
"""


def main() -> None:
    """Write the files."""
    SOURCES_DIR.mkdir(exist_ok=True)
    for name, document in sources_documents().items():
        body = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
        (SOURCES_DIR / name).write_text(HEADER + body, encoding="utf-8")


if __name__ == "__main__":
    main()
