"""Files that arrive: a sensor that looks at the landing area and asks for runs over their months."""

from collections.abc import Callable, Collection, Mapping
from typing import Protocol

import dagster as dg

from realestate_assets.landing.states import NO_VERSION, LandedFile
from resources.alerts.alert import INFO, WARNING, Alert
from resources.alerts.resource import AlertsResource
from resources.errors import RealEstateError
from resources.lake.store import StoreResource
from resources.partition import Partition
from resources.telemetry.spans import trace_tags
from resources.telemetry.ticks import observed
from resources.warehouse.resource import WarehouseResource
from sensors.requests import AUTOMATIC, REQUESTED_BY_TAG, Grid, Job, range_request

# Names of a batch's files that a run shows; the ledger has all of them.
SHOWN_FILES = 5
FILES_TAG = "realestate/files"


class ScanResult(Protocol):
    """What a look at the landing area found."""

    batches: dict[int, list[LandedFile]]
    large: list[LandedFile]
    unfit: list[LandedFile]
    counts: dict[str, int]

    @property
    def next_cursor(self) -> str:
        """Where the next look goes on."""


# Scans once: given the landing area, the warehouse and the cursor.
Scan = Callable[[StoreResource, WarehouseResource, str | None], ScanResult]
# Of unfit files, as path and the version that was told, which are so no longer, and how that came.
File = tuple[str, str]
NoLongerUnfit = Callable[[StoreResource, WarehouseResource, Collection[File]], Mapping[File, str]]
PREFIX = "unfit:"


def build_landing_sensor(
    job: Job,
    inspection_job: Job,
    grid: Callable[[], Grid],
    scan: Scan,
    no_longer_unfit: NoLongerUnfit = lambda *_: {},
    owners: tuple[str, ...] = (),
) -> dg.SensorDefinition:
    """A sensor over the landing area, local or S3.

    Args:
        job: makes properties and scores of landed files.
        inspection_job: reads files that are too large for a tick; its one op takes their `paths`.
        grid: the partitions there are.
        scan: scans once.
        no_longer_unfit: which files that people were told of were taken, mended or are gone.
        owners: who answers for what was landed.
    """

    @dg.sensor(
        name="landed_files",
        jobs=[job, inspection_job],
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Reads each landed file once it has settled, asks for runs over the months of its rows, "
        "and moves what cannot be read to _quarantine with the reason. Running: it costs a listing, and does "
        "nothing until a file arrives.",
    )
    @observed("landed_files")
    def landed_files(
        context: dg.SensorEvaluationContext,
        landing: StoreResource,
        warehouse: WarehouseResource,
        alerts: AlertsResource,
    ) -> dg.SensorResult:
        found = scan(landing, warehouse, context.cursor)
        for file in found.unfit:
            context.log.warning(f"{file.path}: {file.state}: {file.reason}")
        _tell(
            context,
            alerts,
            [_alert(file, owners) for file in found.unfit],
            lambda told: no_longer_unfit(landing, warehouse, told),
        )
        requests = [
            *(
                request
                for number, files in found.batches.items()
                for request in _runs(job, number, files, grid())
            ),
            *(_inspection(inspection_job, file) for file in found.large),
        ]
        counted = ", ".join(f"{count:,} {what}" for what, count in found.counts.items())
        return dg.SensorResult(
            run_requests=requests,
            cursor=found.next_cursor,
            skip_reason=None if requests else f"Nothing to make: {counted}.",
        )

    return landed_files


def _alert(file: LandedFile, owners: tuple[str, ...]) -> Alert:
    county_slug, slash, _ = file.path.partition("/")
    return Alert(
        f"{PREFIX}{file.path}:{file.version}",
        f"{file.path} is {file.state}",
        f"{file.reason}\nMended, it is read again from where it was landed first.",
        # A stray is nobody's data, as far as anyone can tell; what belongs to a source is missed by somebody.
        severity=INFO if file.version == NO_VERSION else WARNING,
        owners=owners,
        counties=(county_slug,) if slash else (),
        occurrence=f"{file.version} {file.decided_at or ''}",
        subject={"path": file.path, "version": file.version},
    )


def _tell(
    context: dg.SensorEvaluationContext,
    alerts: AlertsResource,
    unfit: list[Alert],
    no_longer_unfit: Callable[[Collection[File]], Mapping[File, str]],
) -> None:
    if not alerts.is_on:
        return
    try:
        alerts.begin(unfit)
        subjects = [kept.alert.subject for kept in alerts.lasting(PREFIX)]
        told = [(each["path"], each["version"]) for each in subjects if "path" in each]
        over = no_longer_unfit(told) if told else {}
        alerts.end({f"{PREFIX}{path}:{version}": how for (path, version), how in over.items()})
        alerts.deliver()
    except RealEstateError as error:
        # The files are decided about; a channel that is down must not keep the others from being read.
        context.log.error(str(error))


def _runs(job: Job, number: int, files: list[LandedFile], grid: Grid) -> list[dg.RunRequest]:
    """Runs over what a batch of files touches; the batch's number keeps them from running twice."""
    touched = {Partition(file.county_slug, month) for file in files for month in file.affected_months}
    names = [file.path for file in files]
    shown = ", ".join(names[:SHOWN_FILES]) + (
        f" and {len(names) - SHOWN_FILES} more" if len(names) > SHOWN_FILES else ""
    )
    return [
        range_request(found, f"landed:{number}", "landed_files", tags={FILES_TAG: shown}, job_name=job.name)
        for found in grid.ranges(touched)
    ]


def _inspection(job: Job, file: LandedFile) -> dg.RunRequest:
    return dg.RunRequest(
        run_key=f"inspect:{file.path}:{file.version}:{file.attempts}",
        job_name=job.name,
        tags={**AUTOMATIC, REQUESTED_BY_TAG: "landed_files", FILES_TAG: file.path, **trace_tags()},
        run_config={"ops": {"inspect_files": {"config": {"paths": [file.path]}}}},
    )
