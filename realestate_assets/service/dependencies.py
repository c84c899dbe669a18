"""What endpoints ask for: who asks and may, a transaction of their tenant, and the parts of the service."""

from collections.abc import Iterator
from typing import Annotated, cast

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session

from realestate_assets.service.parts import Parts
from realestate_assets.service.problems import ProblemError
from realestate_assets.service.security.permissions import PERMISSIONS
from realestate_assets.service.security.principal import Principal

# What waits for nothing is `async`: else each is a task of the pool of threads, a request has five of them.
BEARER = HTTPBearer(auto_error=False, description="An access token, or an API key.")


async def parts_of(request: Request) -> Parts:
    """The parts of the service that answers."""
    return cast(Parts, request.app.state.parts)


PartsOf = Annotated[Parts, Depends(parts_of)]


async def signed_in(
    request: Request, bearer: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)]
) -> Principal:
    """Who asks, as `security/gate.py` found out; the header stands here for the API's document.

    Raises:
        ProblemError: 401, nobody is known by what was sent.
    """
    principal = getattr(request.state, "principal", None)
    if not isinstance(principal, Principal):
        raise ProblemError(
            401,
            "not-signed-in",
            "Sign in, or send a token or key that is valid.",
            headers={"WWW-Authenticate": 'Bearer realm="realestate-os"'},
        )
    return principal


SignedIn = Annotated[Principal, Depends(signed_in)]


class Requires:
    """A dependency that lets in who has a permission, and gives the principal.

    Args:
        permission: a name of `security/permissions.py`.

    Raises:
        ValueError: there is no such permission.
    """

    def __init__(self, permission: str) -> None:
        if permission not in PERMISSIONS:
            raise ValueError(f"{permission} is no permission")
        self.permission = permission

    async def __call__(self, principal: SignedIn) -> Principal:
        """The principal.

        Raises:
            ProblemError: 403, it may not.
        """
        if not principal.may(self.permission):
            raise ProblemError(403, "not-allowed", f"This needs the permission {self.permission}.")
        return principal


def requires(permission: str) -> Requires:
    """As in `principal: Annotated[Principal, Depends(requires("properties:read"))]`."""
    return Requires(permission)


def tenant_transaction(parts: PartsOf, principal: SignedIn) -> Iterator[Session]:
    """One transaction of who asks: committed before the answer is sent, rolled back on an error."""
    with parts.transaction(principal.tenant_id, principal.user_id) as session:
        yield session


# Its end comes before the answer is sent: who reads "made" can rely on it.
TenantSession = Annotated[Session, Depends(tenant_transaction, scope="function")]
