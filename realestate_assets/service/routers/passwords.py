"""One's own password: changed, or set anew by a link that comes by mail."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends

from realestate_assets.operations.accounts import own_password
from realestate_assets.operations.accounts.links import LinkOverError, State
from realestate_assets.service.dependencies import PartsOf, requires
from realestate_assets.service.problems import ProblemError, answered_problems, of_operation
from realestate_assets.service.schemas.passwords import Accepted, Forgotten, PasswordChange, Reset
from realestate_assets.service.security.principal import Principal
from resources.errors import PermanentError

router = APIRouter(prefix="/auth/password", tags=["auth"])

Own = Annotated[Principal, Depends(requires("me:write"))]
# What is to be done about it stands on the pages; programs are told as much as they can use.
OVER: dict[State, str] = {
    "used": "This link was used already, or a newer one was sent.",
    "expired": "The time of this link is over.",
    "unknown": "This is no link of ours; it may not have been copied whole.",
}


def link_over(error: LinkOverError) -> ProblemError:
    """410: why a link opens nothing."""
    return ProblemError(410, "link-over", OVER[error.state])


@router.post("", name="change_password", status_code=204, responses=answered_problems(401, 403, 422, 429))
def change(body: PasswordChange, parts: PartsOf, principal: Own) -> None:
    """Change one's own password; one's other sign-ins end. A wrong one counts as a failed sign-in."""
    if principal.how == "key":
        raise ProblemError(403, "not-by-key", "A key changes no password.")
    try:
        done = own_password.change(
            parts.transaction, parts.mailer, tenant_id=principal.tenant_id, user_id=principal.user_id,
            sign_in_id=principal.sign_in_id, current=body.current_password, password=body.password,
        )  # fmt: skip
    except PermanentError as error:
        raise of_operation(error) from None
    if done == "wrong":
        detail = "This is not your password, or the account waits after five failures."
        raise ProblemError(403, "wrong-password", detail)


@router.post("/forgot", name="forgot_password", status_code=202, responses=answered_problems(422, 429))
def forgot(body: Forgotten, parts: PartsOf, afterwards: BackgroundTasks) -> Accepted:
    """Have a link of an hour sent to an address; the answer is the same whether or not it has an account."""
    # After the answer: how long it takes would tell.
    afterwards.add_task(own_password.send_links, parts.transaction, parts.mailer, body.email, body.tenant)
    return Accepted()


@router.post("/reset", name="reset_password", status_code=204, responses=answered_problems(410, 422, 429))
def reset(body: Reset, parts: PartsOf) -> None:
    """Set a password by the link in a mail; all sign-ins of the account end."""
    try:
        own_password.reset(parts.transaction, parts.mailer, body.token, body.password)
    except LinkOverError as error:
        raise link_over(error) from None
    except PermanentError as error:
        raise of_operation(error) from None
