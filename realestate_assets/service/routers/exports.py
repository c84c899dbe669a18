"""Downloads of a list: the filters of the list, every row of it, as CSV or lines of JSON, streamed."""

from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Any, Literal

import orjson
import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from realestate_assets.domain.board.csv import BYTE_ORDER_MARK, cell
from realestate_assets.operations.market.columns import DISTANCE, KEY, LIST_FIELDS
from realestate_assets.operations.market.filters import PropertyFilter
from realestate_assets.operations.market.pages import EXPORT_LIMIT, PropertyList, exported, property_list
from realestate_assets.service import fields
from realestate_assets.service.dependencies import PartsOf, requires
from realestate_assets.service.parts import Parts
from realestate_assets.service.problems import answered_problems
from realestate_assets.service.routers.of_property import Filtered, count_opened
from realestate_assets.service.routers.properties import FieldsAsked
from realestate_assets.service.schemas.properties import HOME, Property
from realestate_assets.service.security.principal import Principal

MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
EXAMPLES = {
    "text/csv": {"example": "county,month,property_id\r\n"},
    "application/x-ndjson": {"example": orjson.dumps(HOME).decode()},
}
router = APIRouter(prefix="/exports", tags=["exports"])


@router.get(
    "/properties",
    response_class=Response,
    responses={200: {"content": EXAMPLES}, **answered_problems(401, 403, 422)},
)
def properties(
    parts: PartsOf,
    principal: Annotated[Principal, Depends(requires("exports:run"))],
    chosen: Annotated[PropertyFilter, Depends(Filtered("format", "fields"))],
    form: Annotated[Literal["csv", "jsonl"], Query(alias="format")] = "csv",
    fields_: FieldsAsked = None,
) -> StreamingResponse:
    """All properties that fulfil the filters, up to 100,000, by county, month and id.

    The columns are those of the list, or the fields asked for.
    """
    names = fields.chosen(Property, fields_)
    wanted = [name for name in Property.model_fields if name in (names or LIST_FIELDS) and name != DISTANCE]
    _count(parts, principal, chosen)
    rows = _rows(parts, principal, chosen, wanted)
    # Begun here: what cannot be asked is a problem, and not the end of a download half done.
    rows = chain([first], rows) if (first := next(rows, None)) else rows
    columns = list(dict.fromkeys((*KEY, *wanted)))
    lines = _csv(rows, columns) if form == "csv" else _json(rows)
    return StreamingResponse(
        lines,
        media_type=MEDIA_TYPES[form],
        headers={
            "Content-Disposition": f'attachment; filename="properties.{form}"',
            "X-Row-Limit": str(EXPORT_LIMIT),
        },
    )


def _count(parts: Parts, principal: Principal, chosen: PropertyFilter) -> None:
    """Count what is to be sent against the plan: before it, lest others of the tenant wait for its end."""
    with parts.transaction(principal.tenant_id, principal.user_id) as session:
        found = property_list(session, chosen, KEY)
        sent = found.statement.order_by(*found.key).limit(EXPORT_LIMIT).subquery()
        ids = session.scalars(sa.select(sent.c.property_id).distinct())
        count_opened(session, principal, ids.all())


def _rows(
    parts: Parts, principal: Principal, chosen: PropertyFilter, wanted: list[str]
) -> Iterator[dict[str, Any]]:
    """Rows of one transaction that stays open while they are sent."""
    with parts.transaction(principal.tenant_id, principal.user_id) as session:
        found: PropertyList = property_list(session, chosen, wanted)
        yield from exported(session, found)


def _csv(rows: Iterator[dict[str, Any]], columns: list[str]) -> Iterator[str]:
    yield BYTE_ORDER_MARK + ",".join(columns) + "\r\n"
    for row in rows:
        yield ",".join(cell(row[name]) for name in columns) + "\r\n"


def _json(rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    for row in rows:
        yield orjson.dumps(row) + b"\n"
