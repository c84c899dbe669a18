"""What Dagster does, and what it shall do: assets, runs, backfills, schedules and sensors.

Everything is asked of Dagster anew. A run or backfill is told to whoever sees all of its counties; who starts
one stands in its tags by id, with the request's correlation id.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic_core import to_jsonable_python
from sqlalchemy.orm import Session

from realestate_assets.domain.core.months import add_months
from realestate_assets.extent import all_months, counties
from realestate_assets.operations.accounts.tenants import counties_of
from realestate_assets.operations.pipelines import backfills, catalog, runs, switches
from realestate_assets.operations.pipelines.backfills import Backfill
from realestate_assets.operations.pipelines.catalog import Asset, AssetDetail
from realestate_assets.operations.pipelines.graphql import Dagster, NotFoundError
from realestate_assets.operations.pipelines.runs import Run
from realestate_assets.operations.pipelines.switches import Switch
from realestate_assets.service import etags
from realestate_assets.service.context import current_ids
from realestate_assets.service.dependencies import PartsOf, TenantSession, requires
from realestate_assets.service.paging import DEFAULT_LIMIT, MAX_LIMIT, Listed
from realestate_assets.service.problems import ProblemError, answered_problems, not_found, unfit
from realestate_assets.service.schemas.pipelines import (
    Job,
    Launch,
    LaunchBackfill,
    LaunchedBackfill,
    Retry,
    RunDetail,
    RunStatus,
    Span,
    Turn,
)
from realestate_assets.service.security.principal import Principal
from resources.errors import PermanentError, TransientError
from resources.partition import Partition

router = APIRouter(prefix="/pipelines", tags=["pipelines"])

READ, RUN = requires("pipelines:read"), requires("pipelines:run")
Reader = Annotated[Principal, Depends(READ)]
Runner = Annotated[Principal, Depends(RUN)]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Rows of a page; it may hold fewer.")]
# Ids of Dagster: a run's is a UUID, a backfill's a short word.
Cursor = Annotated[str | None, Query(pattern=r"^[a-z0-9-]{6,40}$", description="Of the page before.")]
BackfillId = Annotated[str, Path(pattern=r"^[a-z0-9]{6,20}$")]
Name = Annotated[str, Path(pattern=r"^[a-zA-Z][a-zA-Z0-9_]*$", max_length=100)]
TENANT_TAG, USER_TAG = runs.TENANT_TAG, "realestate/user"
CORRELATION_TAG, REQUEST_TAG = "realestate/correlation_id", "realestate/request_id"
PRIVATE_TAGS = (TENANT_TAG, USER_TAG, CORRELATION_TAG, REQUEST_TAG)
MAX_DETAIL = 500
MAX_SPAN = 5_000


async def dagster_of(parts: PartsOf) -> Dagster:
    """The web server that answers for the graph."""
    return parts.dagster


DagsterOf = Annotated[Dagster, Depends(dagster_of)]


@contextmanager
def told_of_dagster() -> Iterator[None]:
    """What Dagster does not know, refuses or does not answer, as a problem."""
    try:
        yield
    except NotFoundError:
        raise not_found("No asset, run, schedule or sensor") from None
    except TransientError:
        detail = "Dagster's web server does not answer: whoever runs this starts it with `realestate dev`."
        raise ProblemError(503, "dagster-away", detail, headers={"Retry-After": "5"}) from None
    except PermanentError as error:
        raise ProblemError(409, "dagster-refuses", str(error)[:MAX_DETAIL]) from None


@router.get("/assets", response_model=Listed[Asset], responses=answered_problems(401, 403, 503))
def assets(request: Request, dagster: DagsterOf, _: Reader) -> Response:
    """All assets of the graph: when they were made last, and how many county-months there are of each."""
    with told_of_dagster():
        found = catalog.list_assets(dagster)
    return etags.answer(request, Listed[Asset](items=found, next_cursor=None, total=len(found)))


@router.get(
    "/assets/{name}", response_model=AssetDetail, responses=answered_problems(401, 403, 404, 422, 503)
)
def asset(request: Request, dagster: DagsterOf, session: TenantSession, _: Reader, name: Name) -> Response:
    """One asset: what it is made from, its months by county, and what its checks said last."""
    with told_of_dagster():
        found = catalog.find_asset(dagster, name, frozenset(counties_of(session)))
    return etags.answer(request, to_jsonable_python(found))


@router.get("/runs", response_model=Listed[Run], responses=answered_problems(401, 403, 422, 503))
def list_runs(
    request: Request,
    dagster: DagsterOf,
    session: TenantSession,
    principal: Reader,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
    status: Annotated[list[RunStatus] | None, Query()] = None,
    job: Job | None = None,
) -> Response:
    """Runs, newest first."""
    with told_of_dagster():
        found, following = runs.list_runs(
            dagster,
            frozenset(counties_of(session)),
            list(counties()),
            cursor=cursor,
            limit=limit,
            statuses=status or (),
            job=job,
        )
    items = [shown(each, principal) for each in found]
    return etags.answer(request, Listed[Run](items=items, next_cursor=following, total=None))


@router.post("/runs", status_code=202, responses=answered_problems(401, 403, 409, 422, 503))
def launch(
    dagster: DagsterOf, parts: PartsOf, session: TenantSession, principal: Runner, body: Launch
) -> Listed[Run]:
    """Begin the runs that make some county-months; they wait in Dagster's queue."""
    partitions = _partitions(session, body)
    with told_of_dagster():
        begun = runs.launch(
            dagster,
            body.job,
            partitions,
            list(counties()),
            limit=parts.settings.max_partitions_per_run,
            tags=_tags(principal),
            assets=body.assets,
        )
    items = [shown(each, principal) for each in begun]
    return Listed[Run](items=items, next_cursor=None, total=len(items))


@router.get("/runs/{run_id}", response_model=RunDetail, responses=answered_problems(401, 403, 404, 422, 503))
def run(
    request: Request, dagster: DagsterOf, session: TenantSession, principal: Reader, run_id: uuid.UUID
) -> Response:
    """One run: its steps, and why it failed where it did."""
    with told_of_dagster():
        found, steps = _own(dagster, session, run_id)
        failures = runs.failures(dagster, str(run_id)) if found.status == "FAILURE" else []
    detail = RunDetail(
        run=shown(found, principal),
        steps=steps,
        failures=failures,
    )
    return etags.answer(request, detail)


@router.post(
    "/runs/{run_id}/retry", status_code=202, responses=answered_problems(401, 403, 404, 409, 422, 503)
)
def retry(
    dagster: DagsterOf, session: TenantSession, principal: Runner, run_id: uuid.UUID, body: Retry
) -> Run:
    """Run again what a run did, or what of it failed."""
    with told_of_dagster():
        found, _ = _own(dagster, session, run_id)
        if found.status not in runs.ENDED:
            raise ProblemError(409, "run-under-way", "The run has not ended: cancel it first, or wait.")
        again = runs.retry(dagster, str(run_id), from_failure=body.from_failure, tags=_tags(principal))
    return shown(again, principal)


@router.post(
    "/runs/{run_id}/cancel", status_code=202, responses=answered_problems(401, 403, 404, 409, 422, 503)
)
def cancel(dagster: DagsterOf, session: TenantSession, principal: Runner, run_id: uuid.UUID) -> Run:
    """Ask a run to stop."""
    with told_of_dagster():
        _own(dagster, session, run_id)
        runs.cancel(dagster, str(run_id))
        found, _steps = _own(dagster, session, run_id)
    return shown(found, principal)


@router.get("/backfills", response_model=Listed[Backfill], responses=answered_problems(401, 403, 422, 503))
def list_backfills(
    request: Request,
    dagster: DagsterOf,
    session: TenantSession,
    principal: Reader,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """Backfills, newest first."""
    with told_of_dagster():
        found, following = backfills.list_backfills(
            dagster, frozenset(counties_of(session)), cursor=cursor, limit=limit
        )
    mine = (None, str(principal.tenant_id))
    # Words of another tenant's people, and which tenant that is, are not told.
    items = [each if each.tenant_id in mine else replace(each, title=None, tenant_id=None) for each in found]
    return etags.answer(request, Listed[Backfill](items=items, next_cursor=following, total=None))


@router.post("/backfills", status_code=202, responses=answered_problems(401, 403, 409, 422, 503))
def backfill(
    dagster: DagsterOf, session: TenantSession, principal: Runner, body: LaunchBackfill
) -> LaunchedBackfill:
    """Let Dagster make county-months of some assets, in as many runs as that needs."""
    partitions = _partitions(session, body)
    with told_of_dagster():
        begun = backfills.launch_backfill(
            dagster, body.assets, partitions, title=body.title, tags=_tags(principal)
        )
    return LaunchedBackfill(backfill_id=begun)


@router.post(
    "/backfills/{backfill_id}/cancel", status_code=204, responses=answered_problems(401, 403, 404, 409, 503)
)
def cancel_backfill(dagster: DagsterOf, session: TenantSession, _: Runner, backfill_id: BackfillId) -> None:
    """Ask a backfill and its runs to stop."""
    seen = frozenset(counties_of(session))
    with told_of_dagster():
        if not backfills.has_backfill(dagster, backfill_id, seen):
            raise NotFoundError(backfill_id)
        backfills.cancel_backfill(dagster, backfill_id)


@router.get("/switches", response_model=Listed[Switch], responses=answered_problems(401, 403, 503))
def list_switches(request: Request, dagster: DagsterOf, _: Reader) -> Response:
    """Schedules and sensors: whether they are on, and what they did last."""
    with told_of_dagster():
        found = switches.list_switches(dagster)
    return etags.answer(request, Listed[Switch](items=found, next_cursor=None, total=len(found)))


@router.put("/switches/{kind}/{name}", responses=answered_problems(401, 403, 404, 409, 422, 503))
def turn(
    dagster: DagsterOf, _: Runner, kind: Literal["schedule", "sensor"], name: Name, body: Turn
) -> Switch:
    """Turn a schedule or sensor on or off."""
    with told_of_dagster():
        return switches.turn(dagster, kind, name, body.is_running)


def _own(dagster: Dagster, session: Session, run_id: uuid.UUID) -> tuple[Run, list[runs.Step]]:
    return runs.find_run(dagster, str(run_id), frozenset(counties_of(session)), list(counties()))


def shown(run: Run, principal: Principal) -> Run:
    """A run as it is told: who began it is told to their own tenant alone."""
    if run.tags.get(TENANT_TAG) in (None, str(principal.tenant_id)):
        return run
    return replace(run, tags={key: value for key, value in run.tags.items() if key not in PRIVATE_TAGS})


def _partitions(session: Session, span: Span) -> list[Partition]:
    known = frozenset(counties_of(session))
    if any(county not in known or county not in counties() for county in span.counties):
        raise unfit("body.counties", "One of them is no county that you see.")
    first, last = all_months()[0], all_months()[-1]
    if not first <= span.first_month <= span.last_month <= last:
        raise unfit("body.first_month", f"Expected months in order, from {first} to {last}.")
    months = [span.first_month]
    while months[-1] < span.last_month:
        months.append(add_months(months[-1], 1))
    if len(months) * len(set(span.counties)) > MAX_SPAN:
        raise unfit("body.counties", f"More than {MAX_SPAN} county-months at once.")
    return [Partition(county, month) for county in sorted(set(span.counties)) for month in months]


def _tags(principal: Principal) -> dict[str, str]:
    return {
        TENANT_TAG: str(principal.tenant_id),
        USER_TAG: str(principal.user_id),
        CORRELATION_TAG: current_ids().correlation_id,
        REQUEST_TAG: current_ids().request_id,
    }
