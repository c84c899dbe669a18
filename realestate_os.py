"""The start of the command `realestate`: finds the packages, in a checkout as where it is installed.

A wheel holds the tree as it stands in the repository, whole, in one folder `realestate_os/`; this file is
that folder's `__init__.py` (pyproject.toml). So `resources` and `sensors` are on the path of this command and
of the processes it starts, and not in site-packages, where others of these names may lie.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def use_packages() -> None:
    """Put the folder of the packages first on the path, here and in every Python started from here."""
    sys.path[:] = [str(ROOT), *(entry for entry in sys.path if entry != str(ROOT))]
    others = [
        entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry not in ("", str(ROOT))
    ]
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *others])


def main() -> None:
    """Run the command line."""
    use_packages()
    from realestate_assets.cli.app import app

    app()
