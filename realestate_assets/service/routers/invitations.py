"""How people come into a tenant: invited by who manages it, or by themselves where it allows that."""

import uuid
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends

from realestate_assets.app.sign_in import tenant_named
from realestate_assets.operations.accounts import joining, people
from realestate_assets.operations.accounts.links import LinkOverError
from realestate_assets.service.dependencies import PartsOf, TenantSession, requires
from realestate_assets.service.problems import (
    ProblemError,
    answered_problems,
    conflict,
    not_found,
    of_operation,
)
from realestate_assets.service.routers.passwords import link_over
from realestate_assets.service.routers.users import found_user
from realestate_assets.service.schemas.invitations import Acceptance, Invitation, Registration
from realestate_assets.service.schemas.passwords import Accepted
from realestate_assets.service.schemas.users import UserItem
from realestate_assets.service.security.principal import Principal
from resources.errors import PermanentError

router = APIRouter(tags=["invitations"])

Manager = Annotated[Principal, Depends(requires("users:manage"))]


@router.post("/invitations", name="invite", status_code=201, responses=answered_problems(401, 403, 409, 422))
def invite(body: Invitation, parts: PartsOf, session: TenantSession, principal: Manager) -> UserItem:
    """Invite somebody by mail: the link holds once, for seven days, and leads to name and password."""
    try:
        name = body.name or people.checked_address(body.email).partition("@")[0]
        user_id = joining.invite(
            session, parts.mailer, principal.tenant_id, email=body.email, name=name, roles=body.roles
        )
    except people.EmailTakenError:
        raise conflict("email-taken", "The tenant has an account with this address.") from None
    except PermanentError as error:
        raise of_operation(error) from None
    return found_user(parts, session, user_id)


@router.post(
    "/invitations/{user_id}",
    name="invite_again",
    status_code=202,
    responses=answered_problems(401, 403, 404, 409, 422),
)
def invite_again(user_id: uuid.UUID, parts: PartsOf, session: TenantSession, principal: Manager) -> Accepted:
    """Send an invitation once more; the link before it counts no more."""
    if people.person(session, parts.sealer, user_id) is None:
        raise not_found("No account")
    try:
        joining.invite_again(session, parts.mailer, user_id)
    except joining.NotInvitedError:
        raise conflict("not-invited", "This account is not waiting for its person.") from None
    return Accepted()


@router.post("/auth/invitation", name="accept", status_code=204, responses=answered_problems(410, 422, 429))
def accept(body: Acceptance, parts: PartsOf) -> None:
    """Take an invitation up, or confirm a registration, with a name and a password."""
    try:
        joining.accept(parts.transaction, parts.sealer, body.token, name=body.name, password=body.password)
    except LinkOverError as error:
        raise link_over(error) from None
    except PermanentError as error:
        raise of_operation(error) from None


@router.post("/auth/register", name="register", status_code=202, responses=answered_problems(403, 422, 429))
def register(body: Registration, parts: PartsOf, afterwards: BackgroundTasks) -> Accepted:
    """Register with a tenant that allows it: a link is sent to the address, and makes the account active.

    The answer is the same whether or not the address has an account; the role is `viewer`.
    """
    with parts.transaction(None) as session:
        found = tenant_named(session, body.tenant)
    if found is None or not found[1]:
        raise ProblemError(
            403, "no-registration", "There is no tenant of this name that people may register with."
        )
    try:
        people.checked_address(body.email)
    except PermanentError as error:
        raise of_operation(error) from None
    # After the answer: how long it takes would tell.
    afterwards.add_task(
        joining.register, parts.transaction, parts.mailer, found[0], email=body.email, name=body.name
    )
    return Accepted()
