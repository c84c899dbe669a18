"""The executor of all jobs: Dagster's own in this process, with a listener to what it does.

The command line, and the processes that the UI and the daemon start, all execute runs by it: one place for
all of them, whatever `dagster.yaml` a DAGSTER_HOME of one's own holds.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.execution.context.system import PlanOrchestrationContext
from dagster._core.executor.in_process import InProcessExecutor

from realestate_assets.observability.listener import RunListener
from resources.telemetry.start import start_quietly

if TYPE_CHECKING:
    from dagster._core.execution.plan.plan import ExecutionPlan

# Dagster's own lines of a run, for a person; in a stream of JSON they would be none.
QUIET = {"console": {"config": {"log_level": "CRITICAL"}}}


class ObservedExecutor(InProcessExecutor):
    """All steps one after the other in this process."""

    def execute(
        self, plan_context: PlanOrchestrationContext, execution_plan: "ExecutionPlan"
    ) -> Iterator[dg.DagsterEvent]:
        """Execute the plan; see Dagster's."""
        settings = start_quietly()
        if settings is not None:
            run = plan_context.dagster_run
            listener = RunListener(run, settings)
            listener.begin()
            plan_context.instance.add_event_listener(run.run_id, listener)
            if settings.log_format == "json" and not run.run_config.get("loggers"):
                plan_context = _quiet(plan_context)
        yield from super().execute(plan_context, execution_plan)


def _quiet(context: PlanOrchestrationContext) -> PlanOrchestrationContext:
    """The same context, whose run writes no lines of Dagster's own to the console."""
    run = context.dagster_run
    config: Mapping[str, object] = {**run.run_config, "loggers": QUIET}
    data = context.plan_data._replace(dagster_run=run._replace(run_config=config))
    return PlanOrchestrationContext(
        data, context.log, context.executor, context.output_capture, context.resume_from_failure
    )


def _create(context: dg.InitExecutorContext) -> ObservedExecutor:
    make = dg.in_process_executor.executor_creation_fn
    assert make is not None
    plain = make(context)
    assert isinstance(plain, InProcessExecutor)
    return ObservedExecutor(plain.retries, plain.step_dependency_config)


# Configured as Dagster's own is.
observed_executor = dg.ExecutorDefinition(
    name=dg.in_process_executor.name,
    config_schema=dg.in_process_executor.config_schema.as_field(),
    executor_creation_fn=_create,
    description="All steps one after the other in the process of the run, which is observed.",
)
