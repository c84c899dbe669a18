"""Signing in, and who one is."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from realestate_assets.app.base import new_id
from realestate_assets.operations.accounts.people import person
from realestate_assets.operations.accounts.sign_in import check_password
from realestate_assets.service import etags
from realestate_assets.service.dependencies import PartsOf, TenantSession, requires
from realestate_assets.service.problems import ProblemError, answered_problems
from realestate_assets.service.schemas.auth import Login, Me, Tokens
from realestate_assets.service.security import tokens
from realestate_assets.service.security.principal import Principal

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post("/login", responses=answered_problems(401, 422))
def login(body: Login, parts: PartsOf) -> Tokens:
    """Sign in with an address and a password; gives an access token of 30 minutes."""
    found = check_password(parts.transaction, parts.sealer, body.email, body.password, body.tenant)
    if found is None:
        raise ProblemError(401, "wrong-sign-in", "Address, password or tenant are not right.")
    token = tokens.AccessToken(found.user_id, found.tenant_id, new_id())
    return Tokens(access_token=tokens.issue(parts.secret, token), expires_in_seconds=tokens.ACCESS_SECONDS)


@router.get("/me", response_model=Me, responses=answered_problems(401))
def me(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    principal: Annotated[Principal, Depends(requires("me:read"))],
) -> Response:
    """The account that asks, and what it may do."""
    found = person(session, parts.sealer, principal.user_id)
    assert found is not None
    return etags.answer(
        request,
        Me(
            user_id=found.user_id,
            email=found.email,
            name=found.name,
            tenant_id=principal.tenant_id,
            tenant=principal.tenant_slug,
            plan=principal.plan,
            roles=sorted(principal.roles),
            permissions=sorted(principal.permissions),
        ),
    )
