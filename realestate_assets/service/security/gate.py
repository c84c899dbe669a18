"""What stands before every endpoint of the API: who asks, how often they may, and what came before already.

One place for all routers, so that none can forget it. An endpoint finds the principal in the request's state.
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session
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
from realestate_assets.service.security.identify import check_token_of_pages, claimed
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


@dataclass(frozen=True)
class LetIn:
    """Who asks, where they stand with the limit, and why the plan holds no more; None where it does."""

    principal: Principal | None
    limit: Limit
    refused: QuotaExceededError | None = None


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
            let_in = await run_in_threadpool(self._let_in, scope, headers)
            limit, principal = let_in.limit, let_in.principal
            scope.setdefault("state", {})["principal"] = principal
            if limit.is_over:
                detail = f"More than {limit.requests} requests a minute; wait {limit.reset_seconds} s."
                raise ProblemError(429, "too-many-requests", detail)
            check_token_of_pages(self.parts, scope["method"], headers, principal)
            if let_in.refused is not None:
                raise let_in.refused
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

    def _let_in(self, scope: Scope, headers: Headers) -> LetIn:
        counts, address = self.parts.counts, (scope.get("client") or ("unknown",))[0]
        path = scope["path"].removeprefix(self.prefix)
        guessed = None
        if scope["method"] == "POST" and path.startswith(SIGN_IN_PATHS):
            guessed = limits.count(counts, "logins", address, limits.ADDRESS_LOGINS)
        claim = None if guessed and guessed.is_over else claimed(self.parts, headers)
        if claim is not None:
            # Who it is, how often and of how much: one transaction, before the endpoint's own.
            with self.parts.transaction(claim.tenant_id, is_lasting=False) as session:
                principal = claim.find(session)
                if principal is not None:
                    limit = guessed or self._count(session, principal)
                    return LetIn(principal, limit, None if limit.is_over else _use(session, principal))
        return LetIn(None, guessed or limits.count(counts, "address", address, limits.ADDRESS_REQUESTS))

    def _count(self, session: Session, principal: Principal) -> Limit:
        name, whose, requests = "user", principal.user_id, limits.USER_REQUESTS
        if principal.key_id:
            name, whose, requests = "key", principal.key_id, limits.KEY_REQUESTS[principal.plan]
        return limits.count(self.parts.counts, name, str(whose), requests, within=session)


def _use(session: Session, principal: Principal) -> QuotaExceededError | None:
    """Count a request against the plan; the refusal, which does not undo what else was counted."""
    try:
        take(session, principal.tenant_id, principal.plan, REQUESTS)
    except QuotaExceededError as refused:
        return refused
    return None
