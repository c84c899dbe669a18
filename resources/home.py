"""The project's folder, its `.env`, and where this installation keeps its local data: read here alone.

`realestate_assets.settings` validates what is set; Dagster's storage, which may not import the application,
asks here by name.
"""

import os
from pathlib import Path

from dotenv import dotenv_values, load_dotenv

# The checkout; of an installed product the folder in site-packages that holds the same tree.
PROJECT_ROOT = Path(__file__).resolve().parent.parent


def is_checkout() -> bool:
    """Whether the product runs from its repository; a wheel holds no pyproject.toml."""
    return (PROJECT_ROOT / "pyproject.toml").is_file()


def command(name: str) -> str:
    """How a person starts the platform's command of that name here: `make dev`, or `realestate dev`."""
    return f"make {name}" if is_checkout() else f"realestate {name}"


def own_folder() -> Path:
    """Where a person's `.env` and, by default, the data lie: the checkout, else a folder of the user's.

    The one that the XDG base directory specification names, on macOS too: what is usual there has a blank in
    its path, which the embedded Postgres does not take.
    """
    if is_checkout():
        return PROJECT_ROOT
    return Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser() / "realestate-os"


def load_environment() -> None:
    """Put one's own `.env` into the environment; what is set there already stays."""
    load_dotenv(own_folder() / ".env", override=False)


def setting(name: str) -> str:
    """Value of an environment variable, else of one's own `.env`; empty where neither holds it."""
    return os.environ.get(name) or dotenv_values(own_folder() / ".env").get(name) or ""


def data_home() -> Path:
    """Folder of all local data: REALESTATE_HOME, by default `data` in one's own folder."""
    return Path(setting("REALESTATE_HOME") or own_folder() / "data").expanduser().resolve()


def make_folder(path: Path) -> Path:
    """The folder, made where it is missing; the folder of all local data is made closed to others.

    One that is there stays as it is: who opened it to others, such as to let a service land files, meant it.
    """
    if not path.is_dir():
        home = data_home()
        if path.resolve().is_relative_to(home) and not home.is_dir():
            home.parent.mkdir(parents=True, exist_ok=True)
            home.mkdir(mode=0o700, exist_ok=True)
        path.mkdir(parents=True, exist_ok=True)
    return path


def embedded_postgres_root() -> Path:
    """Folder of the embedded Postgres."""
    return data_home() / "postgres"
