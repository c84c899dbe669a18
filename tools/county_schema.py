"""Writes realestate_assets/config/county.schema.json from the models: run it after a change of their keys.

With `--check` it writes nothing and says whether the file is what it would write.
"""

import argparse
import json
import sys

from realestate_assets.domain.core.config_file import CONFIG_DIR
from realestate_assets.domain.counties.county_schema import county_schema

SCHEMA_FILE = CONFIG_DIR / "county.schema.json"


def schema_text() -> str:
    """The file as it should be."""
    return json.dumps(county_schema(), indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """Write the file, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    if not parser.parse_args().check:
        SCHEMA_FILE.write_text(schema_text(), "utf-8")
        return 0
    current = SCHEMA_FILE.exists() and SCHEMA_FILE.read_text("utf-8") == schema_text()
    if not current:
        print(f"{SCHEMA_FILE.name} is not what the models say: run tools/county_schema.py")
    return 0 if current else 1


if __name__ == "__main__":
    sys.exit(main())
