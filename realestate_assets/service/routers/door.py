"""Asked by a proxy before it opens the Dagster UI or the dashboards (`forward_auth` of Caddy).

Who may is told in headers which of the two UIs it is; a browser of nobody is sent to the sign-in, and from
there back. Neither counted nor limited: a page of the Dagster UI asks for a hundred things, and each of them
is asked about here.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from realestate_assets.service.dependencies import PartsOf, requires
from realestate_assets.service.problems import answered_problems
from realestate_assets.service.security.identify import identify
from realestate_assets.service.security.principal import Principal

# The second says what the proxy was asked for: a browser goes back there from the sign-in.
PATH, ASKED_FOR = "/auth/forward", "X-Forwarded-Uri"


def recognized(request: Request, parts: PartsOf) -> None:
    """Find who asks by what their browser sent to the proxy."""
    request.state.principal = identify(parts, "GET", request.headers)


router = APIRouter(tags=["auth"], dependencies=[Depends(recognized)])


@router.get(PATH, status_code=204, responses=answered_problems(401, 403))
def forward(principal: Annotated[Principal, Depends(requires("dagster:read"))], response: Response) -> None:
    """Whether somebody may open the Dagster UI: 204, with `Remote-Access: run` or `read` and who it is."""
    response.headers["Remote-User"] = str(principal.user_id)
    response.headers["Remote-Tenant"] = principal.tenant_slug
    response.headers["Remote-Roles"] = ",".join(sorted(principal.roles))
    response.headers["Remote-Access"] = "run" if principal.may("dagster:run") else "read"
