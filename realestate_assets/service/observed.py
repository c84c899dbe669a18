"""Each request observed: its ids given, a line in the log, its time counted, and what is unforeseen told."""

import logging
import re
import time
import uuid
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from realestate_assets.service.context import CORRELATION_ID, REQUEST_ID, RequestIds, current
from resources.telemetry import faults
from resources.telemetry.logs import bound, fields

WORD = re.compile(r"[A-Za-z0-9._-]{8,64}")
_log = logging.getLogger(__name__)

# Method, path of the route, status, seconds.
Count = Callable[[str, str, int, float], None]
# The answer where something unforeseen failed, by the request and its id.
Unforeseen = Callable[[Scope, str], Response]


class Observed:
    """Gives each request its ids, logs and counts it, and answers where something unforeseen failed.

    Args:
        app: what answers.
        count: is told of each answer.
        unforeseen: gives the answer where something unforeseen failed.
    """

    def __init__(self, app: ASGIApp, count: Count, unforeseen: Unforeseen) -> None:
        self.app, self.count, self.unforeseen = app, count, unforeseen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer within the request's ids."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = _word(headers.get(REQUEST_ID)) or uuid.uuid4().hex
        ids = RequestIds(request_id, _word(headers.get(CORRELATION_ID)) or request_id)
        token = current.set(ids)
        try:
            with bound(request_id=ids.request_id, correlation_id=ids.correlation_id):
                await self._answer(scope, receive, send, ids)
        finally:
            current.reset(token)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, ids: RequestIds) -> None:
        status, begun = 0, time.perf_counter()

        async def send_with_ids(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                answered = MutableHeaders(scope=message)
                answered[REQUEST_ID], answered[CORRELATION_ID] = ids.request_id, ids.correlation_id
            await send(message)

        try:
            await self.app(scope, receive, send_with_ids)
        except Exception as error:
            faults.tell(error, request_id=ids.request_id)
            _log.exception("a request failed unexpectedly")
            if status:
                raise
            await self.unforeseen(scope, ids.request_id)(scope, receive, send_with_ids)
        finally:
            seconds = time.perf_counter() - begun
            # Of the route, not of the request: a path may hold an id, and each would be a series of its own.
            path = getattr(scope.get("route"), "path", "")
            self.count(scope["method"], path, status, seconds)
            told = fields(method=scope["method"], path=path, status=status, seconds=round(seconds, 4))
            _log.info("request", extra=told)


def _word(given: str | None) -> str:
    return given if given and WORD.fullmatch(given) else ""
