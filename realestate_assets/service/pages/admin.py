"""Administration: people and roles, the tenant and its plan, the log of what was written and read."""

import uuid
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Depends, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from realestate_assets.app.audit import AuditEntry, note_read
from realestate_assets.app.teams import Team
from realestate_assets.app.tenant_functions import TENANTS
from realestate_assets.app.tenants import Tenant
from realestate_assets.extent import counties
from realestate_assets.operations.accounts import identities, people
from realestate_assets.operations.accounts.passwords import MAX_CHARACTERS, MIN_CHARACTERS
from realestate_assets.operations.accounts.plans import (
    MESSAGES,
    PLANS,
    PROPERTIES,
    REQUESTS,
    this_month,
)
from realestate_assets.operations.accounts.provider import name_of
from realestate_assets.operations.accounts.quotas import standings
from realestate_assets.operations.accounts.teams import team_rows
from realestate_assets.operations.accounts.tenants import counties_of
from realestate_assets.service.dependencies import TenantSession, requires
from realestate_assets.service.pages.frame import FrameOf, page_router
from realestate_assets.service.security.limits import KEY_REQUESTS, USER_REQUESTS
from realestate_assets.service.security.permissions import ROLES

router = page_router()

QUOTA_NAMES = {
    PROPERTIES: "Properties opened this month",
    REQUESTS: "Requests of the API this month",
    MESSAGES: "Messages this month",
}
ENTRIES = 50
# Longer texts of an entry are cut: the API has them whole.
SHOWN_CHARACTERS = 80


def entries(session: Session, before: int | None) -> list[AuditEntry]:
    """Entries of the log, newest first, one more than a page."""
    asked = sa.select(AuditEntry).order_by(AuditEntry.entry_id.desc()).limit(ENTRIES + 1)
    if before is not None:
        asked = asked.where(AuditEntry.entry_id < before)
    return list(session.scalars(asked))


def changes(entry: AuditEntry) -> list[tuple[str, str, str]]:
    """Field, before and after of an entry, in the order of the fields."""
    before, after = entry.before or {}, entry.after or {}
    names = [
        name for name in sorted({*before, *after}) if name != "tenant_id" and not name.endswith("_sealed")
    ]
    return [(name, _short(before.get(name)), _short(after.get(name))) for name in names]


def _short(value: Any) -> str:
    if value is None:
        return ""
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"


@router.get("/admin", dependencies=[Depends(requires("users:read"))])
def accounts(framed: FrameOf, session: TenantSession) -> Response:
    """People and roles; the reading of them is written down."""
    found = people.people(session, framed.parts.sealer)
    note_read(session, "users", [each.user_id for each in found])
    allows_registration = session.scalars(sa.select(Tenant.allows_registration)).one()
    slug = framed.principal.tenant_slug
    return framed.show(
        "admin_people",
        "People",
        people=sorted(found, key=lambda each: each.email),
        tied=identities.tied(session),
        provider=name_of(framed.parts.settings) or "the provider",
        roles=sorted(ROLES),
        may_manage=framed.principal.may("users:manage"),
        lengths=(MIN_CHARACTERS, MAX_CHARACTERS),
        register_url=framed.parts.mailer.url("/register", tenant=slug) if allows_registration else None,
    )


@router.get("/admin/tenant", dependencies=[Depends(requires("users:read"))])
def tenant(framed: FrameOf, session: TenantSession) -> Response:
    """The tenant: its plan, its limits, the counties it sees."""
    known = counties()
    seen = [(slug, known.get(slug)) for slug in counties_of(session)]
    return framed.show(
        "admin_tenant",
        "Tenant",
        counties=[f"{county.name}, {county.state}" if county else slug for slug, county in seen],
        names=QUOTA_NAMES,
        quotas=standings(session, framed.principal.plan, this_month()),
        key_requests=KEY_REQUESTS[framed.principal.plan],
        user_requests=USER_REQUESTS,
    )


@router.get("/admin/teams", dependencies=[Depends(requires("teams:manage"))])
def teams(framed: FrameOf, session: TenantSession) -> Response:
    """Teams and who is in them."""
    found = people.people(session, framed.parts.sealer)
    note_read(session, "users", [each.user_id for each in found])
    named = sorted((each.name or each.email, each.user_id) for each in found)
    return framed.show(
        "admin_teams",
        "Teams",
        teams=session.execute(team_rows().order_by(Team.name)).all(),
        names={user_id: name for name, user_id in named},
    )


@router.get("/admin/tenants", dependencies=[Depends(requires("tenants:manage"))])
def tenants(framed: FrameOf, session: TenantSession) -> Response:
    """All tenants, for whoever looks after the installation."""
    rows = session.execute(sa.select(TENANTS).order_by(TENANTS.c.slug)).all()
    return framed.show("admin_tenants", "All tenants", tenants=rows, plans=list(PLANS))


@router.get("/admin/audit", dependencies=[Depends(requires("audit:read"))])
def audit(
    framed: FrameOf, session: TenantSession, before: Annotated[int | None, Query(ge=1, le=2**62)] = None
) -> Response:
    """The log, newest first."""
    found = entries(session, before)
    named = {each.user_id: each.name or each.email for each in people.people(session, framed.parts.sealer)}
    note_read(session, "users", list(named))
    page = found[:ENTRIES]
    return framed.show(
        "admin_audit",
        "Log",
        entries=[(each, _who(named, each.user_id), changes(each)) for each in page],
        next_before=page[-1].entry_id if len(found) > ENTRIES else None,
    )


def _who(named: dict[uuid.UUID, str], user_id: uuid.UUID | None) -> str:
    if user_id is None:
        return "the platform"
    return named.get(user_id, "an account that is gone")
