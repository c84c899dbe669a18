"""Writes dbt_project/macros/settings.sql from realestate_assets/config: run it after a change there.

With `--check` it writes nothing and fails where the file is not what it would write.
"""

import argparse
import sys

from realestate_assets.dbt.settings import SETTINGS_FILE, settings_macros


def main() -> int:
    """Write the file, or say that it is not up to date."""
    parser = argparse.ArgumentParser(description="dbt's settings macros from the platform's configuration.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the file differs")
    if not parser.parse_args().check:
        SETTINGS_FILE.write_text(settings_macros(), encoding="utf-8")
    elif SETTINGS_FILE.read_text(encoding="utf-8") != settings_macros():
        print(f"{SETTINGS_FILE} is not what the configuration gives: run python tools/dbt_settings.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
