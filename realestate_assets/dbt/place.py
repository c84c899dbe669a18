"""Where the dbt project lies, and where its manifests are kept."""

import os
from pathlib import Path

from realestate_assets.settings import get_settings
from resources.home import PROJECT_ROOT, is_checkout

PROJECT_DIR = PROJECT_ROOT / "dbt_project"


def manifests_folder() -> Path:
    """Where manifests are kept: in a checkout beside the project, else with the data."""
    if is_checkout() and os.access(PROJECT_DIR, os.W_OK):
        return PROJECT_DIR / "target" / "manifests"
    return get_settings().home / "dbt"
