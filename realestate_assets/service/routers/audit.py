"""The audit log: who wrote what, and who read what is personal; and which role may do what."""

import uuid
from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime

from realestate_assets.app.audit import AuditEntry
from realestate_assets.operations.market.filters import PRINTABLE
from realestate_assets.service import etags
from realestate_assets.service.dependencies import PartsOf, TenantSession, requires
from realestate_assets.service.fields import Fields, chosen, listed, listed_of
from realestate_assets.service.paging import Order, PageRequest, page, page_request
from realestate_assets.service.routers.of_property import shown
from realestate_assets.service.schemas.audit import ENTRY, Entry, Role
from realestate_assets.service.security.permissions import ROLES

router = APIRouter(tags=["audit"])

ORDER = Order({"entry_id": AuditEntry.entry_id}, (AuditEntry.entry_id,))
Word = Annotated[str | None, Query(max_length=100, pattern=PRINTABLE)]
Instant = Annotated[AwareDatetime | None, Query(description="ISO 8601 with its zone.")]


@router.get(
    "/audit",
    name="list",
    response_model=listed_of(Entry),
    responses=shown({"items": [ENTRY], "next_cursor": None, "total": None}, 401, 403, 422),
    dependencies=[Depends(requires("audit:read"))],
)
def entries(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    asked: Annotated[PageRequest, Depends(page_request("-entry_id"))],
    user_id: uuid.UUID | None = None,
    action: Literal["insert", "update", "delete", "read"] | None = None,
    object_kind: Word = None,
    object_id: Word = None,
    since: Instant = None,
    until: Instant = None,
    fields: Fields = None,
) -> Response:
    """Entries of the tenant's log, the newest first."""
    names = chosen(Entry, fields)
    wanted = {"user_id": user_id, "action": action, "object_kind": object_kind, "object_id": object_id}
    held = {name: value for name, value in wanted.items() if value is not None}
    statement = sa.select(AuditEntry).filter_by(**held)
    if since is not None:
        statement = statement.where(AuditEntry.at >= since)
    if until is not None:
        statement = statement.where(AuditEntry.at < until)
    bound_to = "|".join(f"{name}={value}" for name, value in {**held, "since": since, "until": until}.items())
    rows, cursor, total = page(session, statement, ORDER, asked, parts.secret, bound_to)
    items = [Entry.model_validate(row[0]) for row in rows]
    return etags.answer(request, listed(items, cursor, total, names))


@router.get(
    "/roles",
    name="roles",
    response_model=list[Role],
    responses=shown([{"role": "viewer", "permissions": ["properties:read"]}], 401, 403),
    dependencies=[Depends(requires("tenant:read"))],
)
def roles() -> list[Role]:
    """Each role and its permissions."""
    return [Role(role=role, permissions=sorted(held)) for role, held in ROLES.items()]
