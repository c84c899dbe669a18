"""People of one's tenant: who they are and what they may do. Each read of them is written down."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.orm import Session

from realestate_assets.app.audit import note_read
from realestate_assets.app.people import User
from realestate_assets.operations.accounts import identities, people
from realestate_assets.operations.accounts.passwords import hash_of
from realestate_assets.service import etags
from realestate_assets.service.dependencies import PartsOf, TenantSession, requires
from realestate_assets.service.fields import Fields, chosen, listed, listed_of
from realestate_assets.service.paging import Order, PageRequest, page, page_request
from realestate_assets.service.parts import Parts
from realestate_assets.service.problems import answered_problems, conflict, not_found, of_operation
from realestate_assets.service.schemas.users import IdentityItem, IdentityList, NewUser, UserChange, UserItem
from realestate_assets.service.security.principal import Principal
from resources.errors import PermanentError

router = APIRouter(prefix="/users", tags=["users"])

# Not by name: it is encrypted.
ORDER = Order({"created_at": User.created_at}, (User.user_id,))
Reader = Annotated[Principal, Depends(requires("users:read"))]
Manager = Annotated[Principal, Depends(requires("users:manage"))]
KIND = "users"


@router.get("", response_model=listed_of(UserItem), responses=answered_problems(401, 403, 422))
def list_users(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    principal: Reader,
    asked: Annotated[PageRequest, Depends(page_request("created_at"))],
    fields: Fields = None,
) -> Response:
    """Accounts of the tenant."""
    names = chosen(UserItem, fields)
    rows, cursor, total = page(session, people.person_rows(), ORDER, asked, parts.secret)
    found = [UserItem.model_validate(people.in_clear(parts.sealer, row)) for row in rows]
    note_read(session, KIND, [each.user_id for each in found])
    return etags.answer(request, listed(found, cursor, total, names))


@router.get("/{user_id}", response_model=UserItem, responses=answered_problems(401, 403, 404, 422))
def get_user(
    request: Request, user_id: uuid.UUID, parts: PartsOf, session: TenantSession, principal: Reader
) -> Response:
    """One account of the tenant."""
    return etags.answer(request, found_user(parts, session, user_id))


@router.post("", status_code=201, responses=answered_problems(401, 403, 409, 422))
def add_user(body: NewUser, parts: PartsOf, session: TenantSession, principal: Manager) -> UserItem:
    """Make an account."""
    try:
        user_id = people.add_user(
            session, parts.sealer, principal.tenant_id, email=body.email, name=body.name, roles=body.roles,
            password_hash=hash_of(body.password),
        )  # fmt: skip
    except people.EmailTakenError:
        raise conflict("email-taken", "The tenant has an account with this address.") from None
    except PermanentError as error:
        raise of_operation(error) from None
    return found_user(parts, session, user_id)


@router.patch("/{user_id}", responses=answered_problems(401, 403, 404, 409, 422))
def change_user(
    user_id: uuid.UUID, body: UserChange, parts: PartsOf, session: TenantSession, principal: Manager
) -> UserItem:
    """Change roles or state; who is disabled is signed out at once. A tenant keeps one admin."""
    found_user(parts, session, user_id)
    try:
        people.change_user(session, user_id, roles=body.roles, state=body.state)
    except people.LastAdminError:
        raise conflict("last-admin", "A tenant keeps one admin at least.") from None
    return found_user(parts, session, user_id)


@router.delete("/{user_id}", status_code=204, responses=answered_problems(401, 403, 404, 409, 422))
def delete_user(user_id: uuid.UUID, parts: PartsOf, session: TenantSession, principal: Manager) -> None:
    """Delete an account: it is signed out and seen no more; what it wrote stays."""
    found_user(parts, session, user_id)
    try:
        people.change_user(session, user_id, state="deleted")
    except people.LastAdminError:
        raise conflict("last-admin", "A tenant keeps one admin at least.") from None


@router.get(
    "/{user_id}/identities", response_model=IdentityList, responses=answered_problems(401, 403, 404, 422)
)
def list_identities(
    request: Request, user_id: uuid.UUID, parts: PartsOf, session: TenantSession, principal: Reader
) -> Response:
    """Which providers of sign-in know an account's person, and since when."""
    found_user(parts, session, user_id)
    found = [IdentityItem.model_validate(each) for each in identities.identities_of(session, user_id)]
    return etags.answer(request, IdentityList(items=found))


@router.delete("/{user_id}/identities", status_code=204, responses=answered_problems(401, 403, 404, 422))
def untie(user_id: uuid.UUID, parts: PartsOf, session: TenantSession, principal: Manager) -> None:
    """Untie an account from its person at every provider, and sign it out.

    The next one there whose address is shown to be the account's is tied to it.
    """
    found_user(parts, session, user_id)
    identities.untie(session, user_id)


def found_user(parts: Parts, session: Session, user_id: uuid.UUID) -> UserItem:
    """An account of the tenant; the reading of it is written down.

    Raises:
        ProblemError: 404, there is none.
    """
    found = people.person(session, parts.sealer, user_id)
    if found is None:
        raise not_found("No account")
    note_read(session, KIND, [user_id])
    return UserItem.model_validate(found)
