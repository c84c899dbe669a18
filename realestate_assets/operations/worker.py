"""A worker: a process that takes runs from queues and executes each in a child of its own.

The graph is loaded once, before the first run: a child inherits it and begins within a tenth of a second,
where a process of its own would load for seconds. A child executes one run and ends, so that nothing of a run
(memory, threads, a changed environment) reaches the next.
"""

import importlib
import socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from realestate_assets.operations.dagster_home import prepare_dagster_home
from realestate_assets.operations.services import build_services
from realestate_assets.settings import get_settings
from resources.code_version import INSTALLED, tree_version
from resources.errors import PermanentError
from resources.home import PROJECT_ROOT

if TYPE_CHECKING:
    from types import ModuleType

    import dagster as dg
    from celery import Celery

    from resources.warehouse.resource import WarehouseResource

QUEUES = ("default", "heavy", "providers")
EXTRA = "realestate-os[celery]"
# What most runs import when they come to it, seconds together: once here, for all children.
USED_BY_RUNS = ("boto3", "lightgbm", "matplotlib.figure", "scipy.stats", "weasyprint")


def check_queues(text: str) -> list[str]:
    """The names in `a,b`.

    Raises:
        ValueError: one is no queue.
    """
    chosen = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in chosen if name not in QUEUES]
    if unknown or not chosen:
        raise ValueError(
            f"no queue of that name: {', '.join(unknown) or text!r}; there are {', '.join(QUEUES)}"
        )
    return chosen


def work(
    graph: "dg.Definitions", queues: Sequence[str], concurrency: int, name: str, say: Callable[[str], None]
) -> None:
    """Work until stopped.

    Args:
        graph: the code location, loaded.
        queues: names out of QUEUES.
        concurrency: runs at once.
        name: before the host's.
        say: where to tell what is done.

    Raises:
        PermanentError: no broker is set, what workers have to share is not set, or Celery is not installed.
    """
    # Whoever looks whether workers answer needs none of it.
    from realestate_assets.operations.migrate import bring_up_to_date

    settings = get_settings()
    if settings.dagster_celery_broker is None:
        raise PermanentError(
            "There is no broker to take runs from.",
            field="DAGSTER_CELERY_BROKER",
            remedy="Set it to redis://host:6379/0 (or amqp://…) here and where the daemon runs.",
        )
    prepare_dagster_home(settings)
    # Now, so that no child does it once more.
    for library in USED_BY_RUNS:
        importlib.import_module(library)
    jobs = graph.get_repository_def().job_names
    resources = build_services(settings)
    bring_up_to_date(resources, say)
    own_name = f"{name}@{socket.gethostname()}"
    app = _app(resources["warehouse"], own_name)
    ready = (
        f"{own_name} takes runs of {len(jobs)} jobs from {', '.join(queues)}, {concurrency} at once: ready."
    )
    _when_ready(lambda: say(ready))
    options = {
        "--queues": ",".join(queues),
        "--concurrency": str(concurrency),
        "--hostname": own_name,
        "--max-tasks-per-child": "1",
        "--loglevel": "INFO",
        "-O": "fair",
    }
    arguments = [word for option in options.items() for word in option]
    app.worker_main(["worker", *arguments, "--without-gossip", "--without-mingle"])


def ask_broker(url: str) -> str:
    """The broker answers.

    Raises:
        PermanentError: it does not, or Celery is not installed.
    """
    return _presence().ask_broker(url)


def ask_workers(url: str) -> str:
    """Each queue has a worker; how many.

    Raises:
        PermanentError: one has none, the broker does not answer, or Celery is not installed.
    """
    presence = _presence()
    return presence.attended(presence.workers_by_queue(url))


def _presence() -> "ModuleType":
    try:
        from resources.workers import presence
    except ModuleNotFoundError as error:
        raise _no_celery(error) from error
    return presence


def _no_celery(error: ModuleNotFoundError) -> PermanentError:
    return PermanentError(
        f"Workers need Celery, which is not installed ({error.name}).", remedy=f"pip install '{EXTRA}'"
    )


def _app(warehouse: "WarehouseResource", own_name: str) -> "Celery":
    """Celery's app with the one task: a run."""
    import dagster as dg

    try:
        from dagster._grpc.types import ExecuteRunArgs
        from dagster._serdes import unpack_value
        from dagster_celery.config import TASK_EXECUTE_JOB_NAME

        from resources.workers.execution import execute
        from resources.workers.queues import broker_url, celery_app
        from resources.workers.run_claims import RunClaims
    except ModuleNotFoundError as error:
        raise _no_celery(error) from error
    app = celery_app(broker_url())
    # Once: files that are replaced under a process do not change what it runs.
    code = tree_version(PROJECT_ROOT, INSTALLED)

    @app.task(name=TASK_EXECUTE_JOB_NAME)
    def execute_job(execute_job_args_packed: dict[str, Any]) -> str:
        run_id = unpack_value(execute_job_args_packed, as_type=ExecuteRunArgs).run_id
        with dg.DagsterInstance.get() as instance:
            return execute(instance, RunClaims(warehouse), run_id, own_name, code)

    return app


def _when_ready(tell: Callable[[], None]) -> None:
    from celery.signals import worker_ready

    # Kept by its reference: Celery holds a weak one.
    worker_ready.connect(lambda **_: tell(), weak=False)
