"""What happened: as a list, and as a stream that goes on where it was broken off."""

import json
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from realestate_assets.app import event_functions
from realestate_assets.operations.events import feed
from realestate_assets.service import etags
from realestate_assets.service.dependencies import PartsOf, TenantSession, requires
from realestate_assets.service.paging import DEFAULT_LIMIT, MAX_LIMIT, Listed
from realestate_assets.service.parts import Parts
from realestate_assets.service.problems import answered_problems
from realestate_assets.service.schemas.events import Event, EventType
from realestate_assets.service.security.principal import Principal
from resources.partition import COUNTY_SLUG

router = APIRouter(prefix="/events", tags=["events"])

Reader = Annotated[Principal, Depends(requires("events:read"))]
# A stream ends by then: whoever reads on signs in anew, and what they may do is looked at anew.
STREAM_SECONDS = 300.0
# Between two signs of life, which proxies want.
BEAT_SECONDS = 15.0
RETRY_MILLISECONDS = 2_000
PIECE = 200
MAX_POSITION = 2**63 - 1


async def chosen(
    event_type: Annotated[list[EventType] | None, Query(description="Of these kinds alone.")] = None,
    county: Annotated[
        list[Annotated[str, Query(pattern=rf"^{COUNTY_SLUG}$", max_length=60)]] | None, Query(max_length=50)
    ] = None,
    property_id: Annotated[str | None, Query(pattern=r"^[0-9a-f-]{36}$")] = None,
) -> feed.Chosen:
    """Which events are asked for."""
    return feed.Chosen(event_type or (), county or (), property_id)


ChosenEvents = Annotated[feed.Chosen, Depends(chosen)]


@router.get("", name="list", response_model=Listed[Event], responses=answered_problems(401, 403, 422))
def list_events(
    request: Request,
    session: TenantSession,
    _: Reader,
    which: ChosenEvents,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
    cursor: Annotated[int | None, Query(ge=1, le=MAX_POSITION, description="Of the page before.")] = None,
) -> Response:
    """Events of the counties that you see, newest first."""
    found = feed.events_before(session, cursor, which, limit)
    items = [Event.model_validate(each) for each in found]
    following = str(found[-1].position) if len(found) == limit else None
    return etags.answer(request, Listed[Event](items=items, next_cursor=following, total=None))


@router.get(
    "/stream",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}, **answered_problems(401, 403, 422)},
)
async def stream(
    request: Request,
    parts: PartsOf,
    principal: Reader,
    which: ChosenEvents,
    last_event_id: Annotated[
        int | None, Header(ge=0, le=MAX_POSITION, description="Goes on after it; from now on without.")
    ] = None,
) -> StreamingResponse:
    """Events as they come, as server-sent events; `id` is the position to go on after."""
    position = last_event_id
    if position is None:
        position = await run_in_threadpool(_latest, parts)
    told = _follow(request, parts, principal, which, position)
    return StreamingResponse(
        told,
        media_type="text/event-stream",
        # Whatever stands between passes each event on as it comes.
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _follow(
    request: Request, parts: Parts, principal: Principal, which: feed.Chosen, position: int
) -> AsyncIterator[str]:
    bell = request.app.state.bell
    yield f"retry: {RETRY_MILLISECONDS}\nid: {position}\n\n"
    until = time.monotonic() + STREAM_SECONDS
    while time.monotonic() < until:
        found = await run_in_threadpool(_next, parts, principal, which, position)
        for event in found:
            yield _message(event)
        if found:
            position = found[-1].position
        else:
            yield ": here\n\n"
        if len(found) < PIECE:
            await bell.wait(min(BEAT_SECONDS, max(until - time.monotonic(), 0.0)))


def _latest(parts: Parts) -> int:
    with parts.transaction(None) as session:
        return event_functions.latest(session)


def _next(parts: Parts, principal: Principal, which: feed.Chosen, position: int) -> list[feed.Event]:
    with parts.transaction(principal.tenant_id, principal.user_id) as session:
        return feed.events_after(session, position, which, PIECE)


def _message(event: feed.Event) -> str:
    told: dict[str, Any] = asdict(event) | {"event_time": event.event_time.isoformat()}
    return f"id: {event.position}\nevent: {event.event_type}\ndata: {json.dumps(told)}\n\n"
