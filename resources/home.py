"""Where this installation keeps its local data, for code that may not import the application's settings.

The values are those of `realestate_assets.settings`: environment first, then `.env` of the project.
"""

import os
from pathlib import Path

from dotenv import dotenv_values

PROJECT_ROOT = Path(__file__).resolve().parent.parent


def setting(name: str) -> str:
    """Value of an environment variable, else of the project's `.env`; empty where neither holds it."""
    return os.environ.get(name) or dotenv_values(PROJECT_ROOT / ".env").get(name) or ""


def data_home() -> Path:
    """Folder of all local data: REALESTATE_HOME, by default `data` in the project."""
    return Path(setting("REALESTATE_HOME") or PROJECT_ROOT / "data").expanduser().resolve()


def embedded_postgres_root() -> Path:
    """Folder of the embedded Postgres."""
    return data_home() / "postgres"
