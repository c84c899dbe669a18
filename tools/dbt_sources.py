"""Writes dbt_project/models/__sources.yml from the table specs: run it after a change of domain/tables."""

from pathlib import Path

import yaml

from realestate_assets.dbt import PROJECT_DIR, sources_document

HEADER = """\
# What Python writes and dbt reads. Made by tools/dbt_sources.py from realestate_assets/domain/tables,
# and compared with it by a test.
# No source freshness: the tables carry no load time (a row is the same whenever it was made), so dbt has
# nothing to measure. How fresh a partition is stands in Dagster, by freshness policies and checks.
"""


def main() -> None:
    """Write the file."""
    path = Path(PROJECT_DIR) / "models" / "__sources.yml"
    body = yaml.safe_dump(sources_document(), sort_keys=False, allow_unicode=True, width=110)
    path.write_text(HEADER + body, encoding="utf-8")


if __name__ == "__main__":
    main()
