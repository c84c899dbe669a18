"""The project's folder, its `.env`, and where this installation keeps its local data: read here alone.

`realestate_assets.settings` validates what is set; Dagster's storage, which may not import the application,
asks here by name.
"""

import os
from pathlib import Path

from dotenv import dotenv_values, load_dotenv

from resources.secret_files import SUFFIX, named_files, secret_of

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
    """Put one's own `.env` and the secrets that lie in files into the environment.

    What is set there already stays, be it by itself or by a file (`NAME_FILE`).

    Raises:
        PermanentError: a secret is given both ways, or its file cannot be read.
    """
    _take_secrets()
    known = {name for name, value in os.environ.items() if value}
    load_dotenv(own_folder() / ".env", override=False)
    for name in named_files(os.environ).keys() & known:
        # The environment's own goes before a file that `.env` names.
        del os.environ[name + SUFFIX]
    _take_secrets()


def _take_secrets() -> None:
    secrets = {name: secret_of(name, os.environ) for name in named_files(os.environ)}
    for name, value in secrets.items():
        os.environ[name] = value
        del os.environ[name + SUFFIX]


def setting(name: str) -> str:
    """Value of an environment variable, else of one's own `.env`; empty where neither holds it.

    Raises:
        PermanentError: as `load_environment`.
    """
    return secret_of(name, os.environ) or secret_of(name, dotenv_values(own_folder() / ".env"))


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
