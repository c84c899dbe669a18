"""Dagster's launcher of runs as Celery tasks, with what it lacks: whose worker is lost, and a clean stop."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster._core.launcher import CheckRunHealthResult, LaunchRunContext, WorkerStatus
from dagster._grpc.types import ExecuteRunArgs
from dagster._serdes import ConfigurableClassData, pack_value
from dagster_celery.config import TASK_EXECUTE_JOB_NAME
from dagster_celery.launcher import CeleryRunLauncher
from dagster_celery.tags import DAGSTER_CELERY_TASK_ID_TAG

from resources.errors import PermanentError
from resources.home import setting
from resources.warehouse.resource import WarehouseResource
from resources.workers.queues import BROKER_VARIABLE, DEFAULT_QUEUE, QUEUE_TAG, broker_url, celery_app
from resources.workers.run_claims import RunClaims

# Nine beats missed.
LOST_SECONDS = 45.0


class WorkerRunLauncher(CeleryRunLauncher):
    """Runs to the queues of DAGSTER_CELERY_BROKER.

    Dagster's own asks Celery's result store what became of a task, which says STARTED for ever where the
    worker was lost; here the beats of the run's own process tell (`ops.run_claims`).
    """

    def __init__(self, inst_data: ConfigurableClassData | None = None) -> None:
        url = broker_url()
        if not url:
            raise PermanentError(
                f"dagster.yaml asks for workers, and {BROKER_VARIABLE} is not set.",
                field=BROKER_VARIABLE,
                remedy="Set it where this process is started, as for the workers.",
            )
        super().__init__(default_queue=DEFAULT_QUEUE, broker=url, backend=None, inst_data=inst_data)
        self.celery = celery_app(url)
        self._claims = RunClaims(WarehouseResource(url=setting("DATABASE_URL")))

    @classmethod
    def config_type(cls) -> dict:
        """No options: the environment says where."""
        return {}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData, config_value: Mapping[str, Any]
    ) -> "WorkerRunLauncher":
        """As Dagster makes it."""
        return cls(inst_data=inst_data)

    def launch_run(self, context: LaunchRunContext) -> None:
        """Put a run into its queue.

        The task is called by its name: Dagster's own defines it anew for each run, of which Celery warns.
        """
        run = context.dagster_run
        assert run.job_code_origin is not None
        arguments = ExecuteRunArgs(
            job_origin=run.job_code_origin,
            run_id=run.run_id,
            instance_ref=self._instance.get_ref(),
            set_exit_code_on_failure=True,
        )
        packed = {"execute_job_args_packed": pack_value(arguments)}
        task = self.celery.signature(TASK_EXECUTE_JOB_NAME, kwargs=packed, immutable=True)
        self._launch_celery_task_run(run=run, task_signature=task, routing_key=TASK_EXECUTE_JOB_NAME)

    @property
    def supports_resume_run(self) -> bool:
        """A lost run is begun anew, from the step that did not end, under another id."""
        return False

    def terminate(self, run_id: str) -> bool:
        """Stop a run: one that waits in its queue at once, one that is executed as by Ctrl-C."""
        run = self._instance.get_run_by_id(run_id)
        if run is None or run.is_finished or DAGSTER_CELERY_TASK_ID_TAG not in run.tags:
            return False
        self._instance.report_run_canceling(run)
        self.celery.control.revoke(run.tags[DAGSTER_CELERY_TASK_ID_TAG], terminate=True, signal="SIGINT")
        if self._claims.of(run_id) is None:
            self._instance.report_run_canceled(run, "Canceled before a worker had taken it.")
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Whether the process of a run was heard of lately."""
        if DAGSTER_CELERY_TASK_ID_TAG not in run.tags:
            # Of the command line: it looks after its own.
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        claim = self._claims.of(run.run_id)
        if claim is None or claim.silent < LOST_SECONDS:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(
            WorkerStatus.FAILED, f"Nothing was heard of its worker {claim.worker} for {claim.silent:.0f} s."
        )

    def get_run_worker_debug_info(
        self, run: dg.DagsterRun, include_container_logs: bool | None = True
    ) -> str | None:
        """Who has the run, for the message of one that is given up."""
        claim = self._claims.of(run.run_id)
        queue = run.tags.get(QUEUE_TAG, DEFAULT_QUEUE)
        if claim is None:
            return (
                f"No worker has taken it from the queue {queue!r}: is one started there "
                f"(`realestate worker --queues {queue}`), and are they fewer than MAX_CONCURRENT_RUNS?"
            )
        return f"It was worked on by {claim.worker}, last heard of {claim.silent:.0f} s ago."
