"""What stands before every endpoint of the API: who asks, how often they may, and what came before already.

One place for all routers, so that none can forget it. An endpoint finds the principal in the request's state.
"""

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from realestate_assets.operations.accounts.plans import REQUESTS
from realestate_assets.operations.accounts.quotas import QuotaExceededError, take
from realestate_assets.service import problems
from realestate_assets.service.context import current_ids
from realestate_assets.service.idempotency import Idempotency
from realestate_assets.service.parts import Parts
from realestate_assets.service.problems import ProblemError
from realestate_assets.service.security import limits
from realestate_assets.service.security.identify import identify
from realestate_assets.service.security.limits import Limit
from realestate_assets.service.security.principal import Principal

# Guesses at passwords and links, and mail to addresses of others: few a minute.
SIGN_IN_PATHS = (
    "/auth/login",
    "/auth/session",
    "/auth/refresh",
    "/auth/register",
    "/auth/invitation",
    "/auth/password",
)


class Gate:
    """Identifies, limits and replays the requests of the API.

    Args:
        app: what answers.
        parts: of the service.
        prefix: of the API's paths; all others pass.
    """

    def __init__(self, app: ASGIApp, parts: Parts, prefix: str) -> None:
        self.app, self.parts, self.prefix = app, parts, prefix
        self.idempotency = Idempotency(parts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http" or not scope["path"].startswith(f"{self.prefix}/"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        limit: Limit | None = None

        async def send_with_limit(message: Message) -> None:
            if message["type"] == "http.response.start" and limit is not None:
                MutableHeaders(scope=message).update(limit.headers)
            await send(message)

        try:
            principal, counted = await run_in_threadpool(self._let_in, scope, headers)
            limit = counted
            scope.setdefault("state", {})["principal"] = principal
            if counted.is_over:
                detail = f"More than {counted.requests} requests a minute; wait {counted.reset_seconds} s."
                raise ProblemError(429, "too-many-requests", detail)
            if principal is not None:
                await run_in_threadpool(self._use, principal)
            await self.idempotency.run(self.app, scope, receive, send_with_limit, principal, headers)
        except problems.AWAY:
            answer = problems.away(scope["path"], current_ids().request_id)
            await answer(scope, receive, send_with_limit)
        except QuotaExceededError as error:
            told = ProblemError(403, problems.QUOTA, str(error.args[0]))
            answer = problems.of_error(told, scope["path"], current_ids().request_id)
            await answer(scope, receive, send_with_limit)
        except ProblemError as error:
            answer = problems.of_error(error, scope["path"], current_ids().request_id)
            await answer(scope, receive, send_with_limit)

    def _use(self, principal: Principal) -> None:
        """Count a request against the plan."""
        with self.parts.transaction(principal.tenant_id, principal.user_id) as session:
            take(session, principal.tenant_id, principal.plan, REQUESTS)

    def _let_in(self, scope: Scope, headers: Headers) -> tuple[Principal | None, Limit]:
        counts, address = self.parts.counts, (scope.get("client") or ("unknown",))[0]
        path = scope["path"].removeprefix(self.prefix)
        if scope["method"] == "POST" and path.startswith(SIGN_IN_PATHS):
            limit = limits.count(counts, "logins", address, limits.ADDRESS_LOGINS)
            return (None if limit.is_over else identify(self.parts, scope["method"], headers)), limit
        principal = identify(self.parts, scope["method"], headers)
        if principal is None:
            return None, limits.count(counts, "address", address, limits.ADDRESS_REQUESTS)
        if principal.key_id:
            requests = limits.KEY_REQUESTS[principal.plan]
            return principal, limits.count(counts, "key", str(principal.key_id), requests)
        return principal, limits.count(counts, "user", str(principal.user_id), limits.USER_REQUESTS)
