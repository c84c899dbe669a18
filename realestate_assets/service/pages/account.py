"""One's own account: its password, what one may do, and keys for programs."""

from fastapi import Depends
from fastapi.responses import Response

from realestate_assets.app.keys import ApiKey
from realestate_assets.operations.accounts.keys import MAX_DAYS, keys_of
from realestate_assets.operations.accounts.passwords import MAX_CHARACTERS, MIN_CHARACTERS
from realestate_assets.operations.accounts.people import person
from realestate_assets.service.dependencies import TenantSession, requires
from realestate_assets.service.pages.frame import FrameOf, page_router

router = page_router()


@router.get("/account", dependencies=[Depends(requires("me:read"))])
def account(framed: FrameOf, session: TenantSession) -> Response:
    """The page."""
    keys = session.scalars(keys_of(framed.principal.user_id).order_by(ApiKey.created_at.desc())).all()
    reader = person(session, framed.parts.sealer, framed.principal.user_id)
    return framed.show(
        "account",
        "Your account",
        keys=keys,
        email=reader.email if reader else "",
        may_make_keys=framed.principal.may("keys:write"),
        permissions=sorted(framed.principal.permissions),
        max_days=MAX_DAYS,
        lengths=(MIN_CHARACTERS, MAX_CHARACTERS),
    )
