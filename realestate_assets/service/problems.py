"""Errors as RFC 9457 problem details: one form for all, which repeats nothing of what was sent.

`ProblemError` is raised by routers and dependencies; what the platform's own errors, validation and Starlette
raise is turned into the same form here.
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from realestate_assets.operations.accounts.quotas import QuotaExceededError
from realestate_assets.service.context import current_ids
from resources.errors import RealEstateError, TransientError

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:realestate-os:problem:"
AWAY_SECONDS = 5
# Postgres: a view that there is not. None was made before the first run, or a build has just dropped it.
NOT_MADE = "42P01"
QUOTA = "quota-exceeded"
AWAY = (TransientError, OperationalError, PoolTimeoutError)


class FieldError(BaseModel):
    """What is wrong with one field of a request."""

    field: str = Field(description="Where it stands, as `body.email` or `query.limit`.")
    message: str = Field(description="What is wrong with it; never the value itself.")


class Problem(BaseModel):
    """An error, as RFC 9457 has it."""

    type: str = Field(description="What kind of problem it is; the same for all of its kind.")
    title: str
    status: int
    detail: str = ""
    instance: str = Field(description="Path that was asked for.")
    request_id: str = Field(description="Under which the log tells more.")
    errors: list[FieldError] = Field(default_factory=list, description="Of a request that does not fit.")


class ProblemError(Exception):
    """Ends a request with a problem.

    Args:
        status: HTTP status.
        kind: name of its kind, a word or several with hyphens.
        detail: what happened and what to do, for who asked.
        errors: fields with what is wrong with them.
        headers: of the answer.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str = "",
        *,
        errors: Iterable[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or kind)
        self.status, self.kind, self.detail = status, kind, detail
        self.errors = [FieldError(field=field, message=message) for field, message in errors]
        self.headers = dict(headers or {})


def not_found(what: str = "Nothing") -> ProblemError:
    """404: there is none, or the tenant does not see it; which of both is not told."""
    return ProblemError(404, "not-found", f"{what} is there under this address.")


def conflict(kind: str, detail: str) -> ProblemError:
    """409: it does not go with what is there."""
    return ProblemError(409, kind, detail)


def unfit(field: str, message: str) -> ProblemError:
    """422: one field is not what it can be."""
    return ProblemError(
        422, "unfit-request", "The request does not fit what is expected.", errors=[(field, message)]
    )


def answer(
    status: int, kind: str, detail: str, path: str, request_id: str, errors: list[FieldError] | None = None
) -> JSONResponse:
    """A problem as a response."""
    problem = Problem(
        type=TYPE_PREFIX + kind,
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=path,
        request_id=request_id,
        errors=errors or [],
    )
    return JSONResponse(problem.model_dump(), status_code=status, media_type=MEDIA_TYPE)


def unexpected(path: str, request_id: str) -> JSONResponse:
    """500: it tells nothing but where the log tells more."""
    return answer(500, "unexpected", "Something failed that should not have.", path, request_id)


def answered_problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses` of an endpoint for the OpenAPI document."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def away(path: str, request_id: str) -> JSONResponse:
    """503: the database, or what else is needed, does not answer."""
    detail = "A part of the platform does not answer just now; try again."
    response = answer(503, "unavailable", detail, path, request_id)
    response.headers["Retry-After"] = str(AWAY_SECONDS)
    return response


def of_error(error: ProblemError, path: str, request_id: str) -> JSONResponse:
    """The answer to a `ProblemError`."""
    response = answer(error.status, error.kind, error.detail, path, request_id, error.errors)
    response.headers.update(error.headers)
    return response


def install(app: FastAPI) -> None:
    """Answer every error of an application as a problem."""

    def told(
        request: Request,
        status: int,
        kind: str,
        detail: str = "",
        errors: list[FieldError] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> JSONResponse:
        path = request.url.path
        response = answer(status, kind, detail, path, current_ids().request_id, errors)
        response.headers.update(headers or {})
        return response

    @app.exception_handler(ProblemError)
    async def problem(request: Request, error: ProblemError) -> JSONResponse:
        return of_error(error, request.url.path, current_ids().request_id)

    @app.exception_handler(RequestValidationError)
    async def unfit_request(request: Request, error: RequestValidationError) -> JSONResponse:
        errors = [
            FieldError(field=".".join(str(part) for part in each["loc"]), message=_message(each))
            for each in error.errors()
        ]
        return told(request, 422, "unfit-request", "The request does not fit what is expected.", errors)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> JSONResponse:
        kind = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-").replace("'", "")
        return told(request, error.status_code, kind, "", headers=error.headers)

    async def is_away(request: Request, error: Exception) -> JSONResponse:
        return away(request.url.path, current_ids().request_id)

    @app.exception_handler(QuotaExceededError)
    async def used_up(request: Request, error: QuotaExceededError) -> JSONResponse:
        return told(request, 403, QUOTA, str(error.args[0]))

    for kind in AWAY:
        app.add_exception_handler(kind, is_away)

    @app.exception_handler(ProgrammingError)
    async def not_made(request: Request, error: ProgrammingError) -> JSONResponse:
        if getattr(error.orig, "pgcode", None) != NOT_MADE:
            raise error
        made = await run_in_threadpool(request.app.state.parts.make_views)
        detail = (
            "The market's tables have just been made anew; try again."
            if made
            else "No market data are there yet: they come with the first run."
        )
        return told(request, 503, "market-not-made", detail, headers={"Retry-After": str(AWAY_SECONDS)})


def _message(error: Mapping[str, Any]) -> str:
    # Pydantic's own words quote no value but in these kinds.
    if error["type"] in ("enum", "literal_error"):
        return f"Expected {error.get('ctx', {}).get('expected', 'another value')}."
    if error["type"].startswith(("json_invalid", "value_error", "assertion_error")):
        return str(error.get("ctx", {}).get("error", "It is not what it can be."))
    return str(error["msg"])


def of_operation(error: RealEstateError) -> ProblemError:
    """A refusal of an operation as 422 of its field, where it names one that was sent."""
    field = getattr(error, "field", None)
    if not field:
        raise error
    message = str(error.args[0]) if error.args else "It is not what it can be."
    return unfit(f"body.{field}", message)
