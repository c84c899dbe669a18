"""Writes dbt_project/macros/settings.sql from realestate_assets/config: run it after a change there."""

from realestate_assets.dbt.settings import SETTINGS_FILE, settings_macros


def main() -> None:
    """Write the file."""
    SETTINGS_FILE.write_text(settings_macros(), encoding="utf-8")


if __name__ == "__main__":
    main()
