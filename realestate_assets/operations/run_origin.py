"""Which code location the runs of this process belong to, as the web server and the daemon know it.

A run without it is nobody's: no sensor of the location hears of its failure, the UI's timeline has no row for
it, and it cannot be executed again from there.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

import yaml

from resources.home import PROJECT_ROOT

if TYPE_CHECKING:
    from dagster._core.remote_origin import RemoteJobOrigin

WORKSPACE_FILE = "workspace.yaml"
# The name that Dagster gives to the repository of a `Definitions` object.
REPOSITORY = "__repository__"


@lru_cache(maxsize=1)
def location_name() -> str:
    """The code location's name in workspace.yaml, which the web server and the daemon read too."""
    workspace = yaml.safe_load((PROJECT_ROOT / WORKSPACE_FILE).read_text(encoding="utf-8"))
    (location,) = workspace["load_from"]
    ((_, target),) = location.items()
    return str(target["location_name"])


def job_origin(job_name: str) -> "RemoteJobOrigin":
    """Where a job of this code location is found; compared by names alone, however the location is served."""
    # The service asks for names alone, and starts without Dagster.
    from dagster._core.remote_origin import (
        RegisteredCodeLocationOrigin,
        RemoteJobOrigin,
        RemoteRepositoryOrigin,
    )

    repository = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin(location_name()), REPOSITORY)
    return RemoteJobOrigin(repository, job_name)
