"""One's own keys, for programs."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from realestate_assets.app.keys import ApiKey
from realestate_assets.operations.accounts.keys import add_key, keys_of, revoke
from realestate_assets.service import etags
from realestate_assets.service.dependencies import PartsOf, TenantSession, requires
from realestate_assets.service.fields import Fields, chosen, listed, listed_of
from realestate_assets.service.paging import Order, PageRequest, page, page_request
from realestate_assets.service.problems import ProblemError, answered_problems, not_found, unfit
from realestate_assets.service.schemas.keys import Key, MadeKey, NewKey
from realestate_assets.service.security.principal import Principal

router = APIRouter(prefix="/keys", tags=["keys"])

ORDER = Order({"created_at": ApiKey.created_at, "name": ApiKey.name}, (ApiKey.key_id,))
Own = Annotated[Principal, Depends(requires("keys:write"))]


@router.get("", response_model=listed_of(Key), responses=answered_problems(401, 403, 422))
def list_keys(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    principal: Own,
    asked: Annotated[PageRequest, Depends(page_request("-created_at", "name"))],
    fields: Fields = None,
) -> Response:
    """One's own keys, running and past."""
    names = chosen(Key, fields)
    bound_to = str(principal.user_id)
    rows, cursor, total = page(
        session, keys_of(principal.user_id), ORDER, asked, parts.secret, bound_to=bound_to
    )
    return etags.answer(request, listed([Key.model_validate(row[0]) for row in rows], cursor, total, names))


@router.post("", status_code=201, responses=answered_problems(401, 403, 422))
def make_key(body: NewKey, session: TenantSession, principal: Own) -> MadeKey:
    """Make a key; its text is answered once."""
    if principal.how == "key":
        # Else a key that ends could make one that does not.
        raise ProblemError(403, "not-by-key", "A key makes no keys: sign in.")
    if not set(body.scopes) <= principal.permissions:
        raise unfit("body.scopes", "Not all of them are permissions of yours.")
    made, text = add_key(
        session, principal.tenant_id, principal.user_id, body.name.strip(), body.scopes, body.days
    )
    return MadeKey(**Key.model_validate(made).model_dump(), key=text)


@router.delete("/{key_id}", status_code=204, responses=answered_problems(401, 403, 404, 422))
def revoke_key(key_id: uuid.UUID, session: TenantSession, principal: Own) -> None:
    """Take a key back, at once."""
    if not revoke(session, principal.user_id, key_id):
        raise not_found("No key")
