"""Run events for OpenLineage: what each step of a run read and made, with columns, rows and checks.

A step is a job `<job>.<step>` whose parent is the run. Where the assets of a step are made from each other,
as dbt's models are, each is a job of its own below the step, so that the graph stays what it is. Checks are
told as assertions about the dataset that they looked at.
"""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import dagster as dg

from realestate_assets.observability.datasets import known_assets, place_of
from realestate_assets.observability.lineage_sender import PRODUCER, Sender
from realestate_assets.observability.materialized import Materialized, Verdict
from resources.scrub import scrub
from resources.telemetry.config import TelemetrySettings

if TYPE_CHECKING:
    from openlineage.client.event_v2 import InputDataset, OutputDataset

START, COMPLETE, FAIL, ABORT = "START", "COMPLETE", "FAIL", "ABORT"
MAX_MESSAGE = 2000


@lru_cache(maxsize=4)
def _sender(url: str, api_key: str) -> Sender:
    return Sender(url, api_key)


class NoLineage:
    """Tells nobody; what `Lineage` tells."""

    def run_began(self) -> None:
        """A run began."""

    def step_began(self, step: str) -> None:
        """A step began."""

    def step_ended(self, step: str, made: Sequence[Materialized], verdicts: Sequence[Verdict]) -> None:
        """A step did its work."""

    def step_failed(self, step: str, message: str, verdicts: Sequence[Verdict]) -> None:
        """A step failed, or is tried again."""

    def run_ended(self, succeeded: bool, was_canceled: bool, message: str) -> None:
        """The run is over."""

    def flush(self) -> None:
        """Send what waits."""


class Lineage(NoLineage):
    """Tells of one run."""

    def __init__(self, run: dg.DagsterRun, namespace: str, sender: Sender) -> None:
        self._run, self._namespace, self._sender = run, namespace, sender
        self._attempts: dict[str, int] = {}

    def run_began(self) -> None:
        """Tell that the run began."""
        self._send(START, self._run.run_id, self._run.job_name)

    def step_began(self, step: str) -> None:
        """Tell that a step began, with what it will read."""
        self._attempts[step] = self._attempts.get(step, 0) + 1
        own = [known for known in known_assets().values() if known.step == step]
        names = {known.name for known in own}
        parents = sorted({parent for known in own for parent in known.parents} - names)
        self._send(START, self._id(step), self._job(step), self._run_facets(), inputs=_inputs(parents))

    def step_ended(self, step: str, made: Sequence[Materialized], verdicts: Sequence[Verdict]) -> None:
        """Tell what a step read, made and checked."""
        names = {each.asset for each in made}
        parents = {each.asset: _parents(each.asset) for each in made}
        is_chain = any(set(found) & names for found in parents.values())
        if is_chain:
            for each in made:
                self._model(step, each, parents[each.asset])
        inputs = sorted({parent for found in parents.values() for parent in found} - names)
        checked = _inputs([*inputs], verdicts)
        outputs = [] if is_chain else [_output(each) for each in made]
        self._send(COMPLETE, self._id(step), self._job(step), self._run_facets(), checked, outputs)

    def step_failed(self, step: str, message: str, verdicts: Sequence[Verdict]) -> None:
        """Tell that a step failed; one that is tried again is another run of its job."""
        facets = self._run_facets() | _error(message)
        self._send(FAIL, self._id(step), self._job(step), facets, _inputs([], verdicts))

    def run_ended(self, succeeded: bool, was_canceled: bool, message: str) -> None:
        """Tell how the run ended."""
        kind = COMPLETE if succeeded else ABORT if was_canceled else FAIL
        self._send(kind, self._run.run_id, self._run.job_name, _error(message) if message else {})

    def flush(self) -> None:
        """Send what waits, within a few seconds."""
        self._sender.flush()

    def _model(self, step: str, made: Materialized, parents: Sequence[str]) -> None:
        name, run_id = f"{self._job(step)}.{made.asset}", self._id(step, made.asset)
        facets = self._run_facets(self._id(step), self._job(step))
        self._send(START, run_id, name, facets)
        self._send(COMPLETE, run_id, name, facets, _inputs(parents), [_output(made)])

    def _job(self, step: str) -> str:
        return f"{self._run.job_name}.{step}"

    def _id(self, step: str, asset: str = "") -> str:
        """The same for the same attempt of a step: its START and its end are of one run."""
        attempt = self._attempts.get(step, 1)
        return str(uuid.uuid5(uuid.UUID(self._run.run_id), f"{step}/{attempt}/{asset}"))

    def _run_facets(self, run_id: str = "", job: str = "") -> dict[str, Any]:
        from openlineage.client.facet_v2 import parent_run

        return {
            "parent": parent_run.ParentRunFacet(
                run=parent_run.Run(runId=run_id or self._run.run_id),
                job=parent_run.Job(namespace=self._namespace, name=job or self._run.job_name),
                root=parent_run.Root(
                    run=parent_run.RootRun(runId=self._run.run_id),
                    job=parent_run.RootJob(namespace=self._namespace, name=self._run.job_name),
                ),
            )
        }

    def _send(
        self,
        kind: str,
        run_id: str,
        job: str,
        facets: dict[str, Any] | None = None,
        inputs: "Sequence[InputDataset]" = (),
        outputs: "Sequence[OutputDataset]" = (),
    ) -> None:
        from openlineage.client.event_v2 import Job, Run, RunEvent, RunState
        from openlineage.client.facet_v2 import job_type_job, processing_engine_run

        engine = processing_engine_run.ProcessingEngineRunFacet(version=dg.__version__, name="dagster")
        is_run = job == self._run.job_name
        kind_of_job = job_type_job.JobTypeJobFacet(
            processingType="BATCH", integration="DAGSTER", jobType="JOB" if is_run else "STEP"
        )
        event: RunEvent = RunEvent(
            eventType=RunState[kind],
            eventTime=datetime.now(UTC).isoformat(),
            run=Run(run_id, {"processing_engine": engine, **(facets or {})}),
            job=Job(self._namespace, job, {"jobType": kind_of_job}),
            producer=PRODUCER,
            inputs=list(inputs),
            outputs=list(outputs),
        )
        self._sender.put(event)


def of_run(run: dg.DagsterRun, settings: TelemetrySettings) -> NoLineage:
    """What tells the lineage of a run; a null object without OPENLINEAGE_URL."""
    if not settings.openlineage_url:
        return NoLineage()
    from openlineage.client.event_v2 import set_producer

    # What facets say of themselves; they take it when they are made.
    set_producer(PRODUCER)
    key = settings.openlineage_api_key.get_secret_value() if settings.openlineage_api_key else ""
    return Lineage(run, settings.openlineage_namespace, _sender(settings.openlineage_url, key))


def _parents(asset: str) -> tuple[str, ...]:
    known = known_assets().get(asset)
    return known.parents if known else ()


def _error(message: str) -> dict[str, Any]:
    from openlineage.client.facet_v2 import error_message_run

    text = scrub(message)[:MAX_MESSAGE]
    return {
        "errorMessage": error_message_run.ErrorMessageRunFacet(message=text, programmingLanguage="Python")
    }


def _inputs(assets: Sequence[str], verdicts: Sequence[Verdict] = ()) -> "list[InputDataset]":
    """Datasets that were read, and those that were checked with what was found of them."""
    from openlineage.client.event_v2 import InputDataset
    from openlineage.client.facet_v2 import data_quality_assertions_dataset as quality

    found: dict[str, dict[str, Any]] = {asset: {} for asset in assets}
    for asset in sorted({verdict.asset for verdict in verdicts}):
        told: dict[str, Verdict] = {}
        for verdict in verdicts:
            # Of several partitions one that does not hold counts.
            if verdict.asset == asset and (verdict.check not in told or not verdict.passed):
                told[verdict.check] = verdict
        assertions = [
            quality.Assertion(
                assertion=name, success=each.passed, severity="error" if each.severity == "ERROR" else "warn"
            )
            for name, each in told.items()
        ]
        facet = quality.DataQualityAssertionsDatasetFacet(assertions=assertions)
        found.setdefault(asset, {})["dataQualityAssertions"] = facet
    places = {asset: place_of(asset) for asset in found}
    return [
        InputDataset(
            places[asset].namespace, places[asset].name, facets=_schema(asset, []), inputFacets=facets
        )
        for asset, facets in found.items()
    ]


def _output(made: Materialized) -> "OutputDataset":
    from openlineage.client.event_v2 import OutputDataset
    from openlineage.client.facet_v2 import output_statistics_output_dataset as statistics

    place = place_of(made.asset)
    facets: dict[str, Any] = {}
    if made.rows is not None or made.bytes is not None:
        facets["outputStatistics"] = statistics.OutputStatisticsOutputDatasetFacet(
            rowCount=made.rows, size=made.bytes, fileCount=made.files
        )
    return OutputDataset(
        place.namespace, place.name, facets=_schema(made.asset, made.columns), outputFacets=facets
    )


def _schema(asset: str, columns: Sequence[tuple[str, str, str]]) -> dict[str, Any]:
    from openlineage.client.facet_v2 import schema_dataset

    known = known_assets().get(asset)
    wanted = columns or (known.columns if known else ())
    if not wanted:
        return {}
    fields = [
        schema_dataset.SchemaDatasetFacetFields(
            name=name, type=kind or None, description=text or None, ordinal_position=at
        )
        for at, (name, kind, text) in enumerate(wanted, 1)
    ]
    return {"schema": schema_dataset.SchemaDatasetFacet(fields=fields)}
