"""The own tenant; and all of them, for the admins of the tenant that looks after the installation."""

import uuid
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.orm import Session

from realestate_assets.app.engine import set_tenant
from realestate_assets.app.tenant_functions import TENANTS
from realestate_assets.extent import counties
from realestate_assets.operations.accounts.passwords import hash_of
from realestate_assets.operations.accounts.people import add_user
from realestate_assets.operations.accounts.tenants import (
    SlugTakenError,
    add_tenant,
    change_tenant,
    counties_of,
    own_tenant,
)
from realestate_assets.service import etags
from realestate_assets.service.context import current_ids
from realestate_assets.service.dependencies import PartsOf, TenantSession, requires
from realestate_assets.service.fields import Fields, chosen, listed, listed_of
from realestate_assets.service.paging import Order, PageRequest, page, page_request
from realestate_assets.service.problems import answered_problems, conflict, not_found, of_operation, unfit
from realestate_assets.service.routers.of_property import shown
from realestate_assets.service.schemas.tenants import (
    OWN_TENANT,
    TENANT,
    NewTenant,
    OwnTenant,
    OwnTenantChange,
    TenantChange,
    TenantItem,
)
from realestate_assets.service.security.principal import Principal
from resources.errors import PermanentError

router = APIRouter(tags=["tenants"])

c = TENANTS.c
ORDER = Order({"slug": c.slug, "created_at": c.created_at}, (c.tenant_id,))
Manager = Annotated[Principal, Depends(requires("tenant:manage"))]
Operator = Annotated[Principal, Depends(requires("tenants:manage"))]


@router.get(
    "/tenant",
    name="own",
    response_model=OwnTenant,
    responses=shown(OWN_TENANT, 401, 403),
    dependencies=[Depends(requires("tenant:read"))],
)
def own(request: Request, session: TenantSession) -> Response:
    """One's own tenant, its plan and the counties it sees."""
    return etags.answer(request, _own(session))


@router.patch("/tenant", name="change_own", responses=shown(OWN_TENANT, 401, 403, 422))
def change_own(body: OwnTenantChange, session: TenantSession, principal: Manager) -> OwnTenant:
    """Change the name of one's tenant, or whether people may register by themselves."""
    change_tenant(session, principal.tenant_id, _given(body))
    return _own(session)


@router.get(
    "/tenants",
    name="list",
    response_model=listed_of(TenantItem),
    responses=shown({"items": [TENANT], "next_cursor": None, "total": None}, 401, 403, 422),
)
def list_tenants(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    principal: Operator,
    asked: Annotated[PageRequest, Depends(page_request("slug", "created_at"))],
    fields: Fields = None,
) -> Response:
    """All tenants of the installation."""
    names = chosen(TenantItem, fields)
    rows, cursor, total = page(session, sa.select(TENANTS), ORDER, asked, parts.secret)
    items = [TenantItem.model_validate(row, from_attributes=True) for row in rows]
    return etags.answer(request, listed(items, cursor, total, names))


@router.post("/tenants", name="add", status_code=201, responses=answered_problems(401, 403, 409, 422))
def add(body: NewTenant, parts: PartsOf, session: TenantSession, principal: Operator) -> TenantItem:
    """Make a tenant with the counties it sees and its first admin."""
    _known(body.counties)
    try:
        # The transaction is the new tenant's from here on, and the operator's again at its end.
        tenant_id = add_tenant(
            session, slug=body.slug, name=body.name, counties=body.counties, plan=body.plan,
            made_by=principal.user_id, request_id=current_ids().request_id,
        )  # fmt: skip
        given = body.admin
        add_user(
            session, parts.sealer, tenant_id, email=given.email, name=given.name,
            roles={*given.roles, "admin"}, password_hash=hash_of(given.password),
        )  # fmt: skip
    except SlugTakenError:
        raise conflict("slug-taken", "There is a tenant with this short name.") from None
    except PermanentError as error:
        raise of_operation(error) from None
    _go_to(session, principal, principal.tenant_id)
    return _found(session, tenant_id)


@router.get("/tenants/{tenant_id}", name="get", response_model=TenantItem, responses=shown(TENANT, 404, 422))
def get(request: Request, session: TenantSession, principal: Operator, tenant_id: uuid.UUID) -> Response:
    """A tenant."""
    return etags.answer(request, _found(session, tenant_id))


@router.patch("/tenants/{tenant_id}", name="change", responses=shown(TENANT, 403, 404, 409, 422))
def change(
    body: TenantChange, session: TenantSession, principal: Operator, tenant_id: uuid.UUID
) -> TenantItem:
    """Change plan, state, counties or name; people of a suspended tenant are shut out at once."""
    found, given = _found(session, tenant_id), _given(body)
    if found.is_operator and given.get("state") == "suspended":
        raise conflict("operator", "The tenant that looks after the installation stays active.")
    _known(given.get("counties", []))
    _go_to(session, principal, tenant_id)
    change_tenant(session, tenant_id, given)
    _go_to(session, principal, principal.tenant_id)
    return _found(session, tenant_id)


def _go_to(session: Session, principal: Principal, tenant_id: uuid.UUID) -> None:
    """Have the transaction see and write a tenant's rows; who does so is for that tenant's log."""
    set_tenant(session, tenant_id, principal.user_id, current_ids().request_id)


def _given(body: OwnTenantChange) -> dict[str, Any]:
    """What was sent; a null changes nothing."""
    return body.model_dump(exclude_unset=True, exclude_none=True)


def _known(slugs: list[str]) -> None:
    if set(slugs) - counties().keys():
        raise unfit("body.counties", "Some are no county of the platform.")


def _own(session: Session) -> OwnTenant:
    tenant = own_tenant(session)
    named = {name: getattr(tenant, name) for name in OwnTenant.model_fields if name != "counties"}
    return OwnTenant(**named, counties=counties_of(session))


def _found(session: Session, tenant_id: uuid.UUID) -> TenantItem:
    row = session.execute(sa.select(TENANTS).where(c.tenant_id == tenant_id)).one_or_none()
    if row is None:
        raise not_found("No tenant")
    return TenantItem.model_validate(row, from_attributes=True)
