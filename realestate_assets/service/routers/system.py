"""The platform itself: its health, what waits, what lies where, what failed; for those who run it.

Figures of the whole installation name no tenant. Failed runs are told to whoever sees all of their counties.
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic_core import to_jsonable_python

from realestate_assets.extent import counties
from realestate_assets.operations import storage as stored
from realestate_assets.operations.accounts.tenants import counties_of
from realestate_assets.operations.events.undelivered import undelivered
from realestate_assets.operations.pipelines import queues, runs
from realestate_assets.operations.storage import Stored
from realestate_assets.service import etags, looks
from realestate_assets.service.dependencies import PartsOf, TenantSession, requires
from realestate_assets.service.paging import Listed
from realestate_assets.service.routers.of_property import shown
from realestate_assets.service.routers.pipelines import Cursor, DagsterOf, told_of_dagster
from realestate_assets.service.routers.pipelines import shown as shown_run
from realestate_assets.service.schemas.system import Deliveries, FailedRun, Health, Queues, StorageSummary
from realestate_assets.service.security.principal import Principal

router = APIRouter(tags=["system"])
Reader = Annotated[Principal, Depends(requires("system:read"))]
Keeper = Annotated[Principal, Depends(requires("storage:read"))]
MAX_FAILED = 25
MOMENT = "2026-01-05T08:00:00Z"
LAKE = {
    "area": "lake", "kind": "memos", "county": None, "count": 120, "size_bytes": 48_300_112,
    "newest_at": MOMENT,
}  # fmt: skip
FAILED: dict[str, Any] = {
    "run": {
        "run_id": "0b9d7f3c-50c4-4a62-9d31-0a5a5e8a4f11", "job": "nightly", "status": "FAILURE",
        "first": "king-wa|2015-05", "last": "king-wa|2015-05", "assets": [], "created_at": MOMENT,
        "started_at": MOMENT, "ended_at": MOMENT, "parent_run_id": None, "backfill_id": None, "tags": {},
    },
    "failures": [{"step": "scores", "message": "The file has no column price.", "causes": []}],
}  # fmt: skip


@router.get(
    "/system/health",
    response_model=Health,
    responses=shown(
        {"status": "well", "checks": [{"name": "database", "ok": True, "detail": "", "seconds": 0.002}]},
        401,
        403,
    ),
)
def health(request: Request, parts: PartsOf, _: Reader) -> Response:
    """Database, tables, lake, disk, Dagster with its daemons, limits: what is well and what is not."""
    checks = looks.look(looks.ALL, parts)
    return etags.answer(
        request, Health(status="well" if all(each.ok for each in checks) else "ill", checks=checks)
    )


@router.get(
    "/system/queues",
    response_model=Queues,
    responses=shown(
        {
            "runs": [
                {"name": "default", "waiting_count": 3, "running_count": 2, "oldest_waiting_at": MOMENT}
            ],
            "is_cut": False,
            "daemons": [{"name": "SCHEDULER", "is_healthy": True, "beat_at": MOMENT}],
            "webhooks": {"waiting_count": 0, "dead_count": 0, "oldest_waiting_at": None},
        },
        401,
        403,
        503,
    ),
)
def list_queues(request: Request, session: TenantSession, dagster: DagsterOf, _: Reader) -> Response:
    """Runs that wait and run by queue, Dagster's daemons, and what your webhooks have not taken."""
    with told_of_dagster():
        found, is_cut = queues.list_queues(dagster)
        daemons = queues.list_daemons(dagster)
    waiting = Deliveries(**undelivered(session)._asdict())
    return etags.answer(request, Queues(runs=found, is_cut=is_cut, daemons=daemons, webhooks=waiting))


@router.get(
    "/system/storage",
    response_model=StorageSummary,
    responses=shown(
        {
            "measured_at": MOMENT, "free_bytes": 52_000_000_000, "kept_free_bytes": 2_000_000_000,
            "areas": [LAKE | {"kind": "lake"}],
        },
        401, 403, 503,
    ),
)  # fmt: skip
def storage(request: Request, parts: PartsOf, _: Reader) -> Response:
    """How much lies in each area, and how much room is left."""
    found = parts.storage.measured()
    summary = StorageSummary(
        measured_at=found.at,
        free_bytes=found.free_bytes,
        kept_free_bytes=int(parts.settings.min_free_gb * 1e9),
        areas=stored.by_area(found.stored),
    )
    return etags.answer(request, summary)


@router.get(
    "/system/errors",
    response_model=Listed[FailedRun],
    responses=shown({"items": [FAILED], "next_cursor": None, "total": None}, 401, 403, 422, 503),
)
def errors(
    request: Request,
    session: TenantSession,
    dagster: DagsterOf,
    principal: Reader,
    limit: Annotated[int, Query(ge=1, le=MAX_FAILED, description="Runs of a page; it may hold fewer.")] = 10,
    cursor: Cursor = None,
) -> Response:
    """Runs that failed, newest first, each with the step and its error."""
    with told_of_dagster():
        found, following = runs.list_runs(
            dagster,
            frozenset(counties_of(session)),
            list(counties()),
            cursor=cursor,
            limit=limit,
            statuses=["FAILURE"],
        )
        items = [
            FailedRun(run=shown_run(each, principal), failures=runs.failures(dagster, each.run_id))
            for each in found
        ]
    return etags.answer(request, Listed[FailedRun](items=items, next_cursor=following, total=None))


@router.get(
    "/storage",
    response_model=Listed[Stored],
    responses=shown({"items": [LAKE], "next_cursor": None, "total": 1}, 401, 403, 422, 503),
)
def what_lies_where(
    request: Request,
    parts: PartsOf,
    _: Keeper,
    by: Annotated[
        Literal["kind", "county"], Query(description="One entry an area and kind, or an area and county.")
    ] = "kind",
) -> Response:
    """Files and tables with their sizes, the largest first, by kind or by county."""
    found = parts.storage.measured().stored
    items = stored.by_kind(found) if by == "kind" else stored.by_county(found)
    return etags.answer(
        request, {"items": to_jsonable_python(items), "next_cursor": None, "total": len(items)}
    )
