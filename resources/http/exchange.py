"""One attempt: a request goes out, and what became of it is put into one of a few words."""

import asyncio
import contextlib
import enum
import json
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import httpx
import orjson

from resources.http.api_policy import ApiPolicy
from resources.http.calls import Call, build_request
from resources.http.keys import KeyTransport, mask, mask_body
from resources.http.retry import retry_after_seconds

SENDING = "http11.send_request_headers.started"
# A parse of 1 MB takes about 2 ms; more of it goes to a thread.
THREAD_BYTES = 1_000_000
# Connections kept open between two requests; ended before a server's usual 5 s or 15 s end them unseen.
KEEPALIVE_SECONDS = 4.0


class Outcome(enum.StrEnum):
    """What became of one attempt; the names stand in the ledger."""

    ANSWERED = "ANSWERED"
    REDIRECTED = "REDIRECTED"
    KEY_REFUSED = "KEY_REFUSED"  # 401, 403
    THROTTLED = "THROTTLED"  # 429
    SERVER_ERROR = "SERVER_ERROR"  # 408, 5xx
    TOO_LARGE = "TOO_LARGE"
    TIMED_OUT = "TIMED_OUT"  # after something was sent
    CONNECTION_LOST = "CONNECTION_LOST"  # reset, closed, half a body, a body that is not what its type says
    NOT_CONNECTED = "NOT_CONNECTED"  # nothing was sent
    INTERRUPTED = "INTERRUPTED"  # the run was stopped meanwhile


# The answer may have been made, and billed, without reaching us.
LOST = frozenset({Outcome.TIMED_OUT, Outcome.CONNECTION_LOST, Outcome.INTERRUPTED})
# Answers: they are billed.
BILLED = frozenset({Outcome.ANSWERED, Outcome.TOO_LARGE})
# What speaks against the provider's health.
UNHEALTHY = frozenset({*LOST, Outcome.SERVER_ERROR, Outcome.NOT_CONNECTED})


@dataclass(frozen=True)
class Exchange:
    """An attempt and what came of it. `message` is for people and holds no key."""

    outcome: Outcome
    message: str = ""
    status: int | None = None
    body: bytes = b""
    content_type: str = ""
    location: str = ""
    retry_after: float | None = None
    latency_ms: float = 0.0
    retrieved_at: datetime | None = None
    sent: bool = True


class _BrokenBodyError(Exception):
    """The body is not whole."""


def make_client(policy: ApiPolicy, proxy: str | None) -> httpx.AsyncClient:
    """A client with pooled connections; the key is added below it."""
    limits = httpx.Limits(
        max_connections=policy.concurrency,
        max_keepalive_connections=policy.concurrency,
        keepalive_expiry=KEEPALIVE_SECONDS,
    )
    return httpx.AsyncClient(
        transport=KeyTransport(httpx.AsyncHTTPTransport(limits=limits, proxy=proxy), policy.key),
        headers={"User-Agent": "realestate-os", "Accept-Encoding": "gzip, deflate", **policy.headers},
        timeout=policy.timeout_seconds,
        follow_redirects=False,
    )


async def exchange(client: httpx.AsyncClient, policy: ApiPolicy, call: Call) -> Exchange:
    """Send once and read the whole answer, within the policy's time and size; network errors are outcomes."""
    watch = _Watch()
    request = build_request(client, call)
    request.extensions = {**request.extensions, "trace": watch.trace}
    try:
        async with asyncio.timeout(policy.timeout_seconds):
            found = await _read(client, request, policy)
    except (httpx.TimeoutException, TimeoutError):
        words = f"no answer within {policy.timeout_seconds:g} s"
        found = Exchange(Outcome.TIMED_OUT, words) if watch.sent else _not_connected(words)
    except (httpx.TransportError, httpx.DecodingError, httpx.StreamError, _BrokenBodyError) as error:
        words = mask(str(error), policy.key) or type(error).__name__
        found = Exchange(Outcome.CONNECTION_LOST, words) if watch.sent else _not_connected(words)
    return watch.stamped(found)


def interrupted(sent: bool) -> Exchange:
    """An attempt that was stopped from our side."""
    return Exchange(Outcome.INTERRUPTED, "the run was stopped", sent=sent)


def _not_connected(words: str) -> Exchange:
    return Exchange(Outcome.NOT_CONNECTED, f"no connection: {words}", sent=False)


class _Watch:
    """Knows whether a request began to leave, and how long it took."""

    def __init__(self) -> None:
        self.sent = False
        self._start = time.perf_counter()

    async def trace(self, event: str, _info: dict) -> None:
        self.sent = self.sent or event == SENDING

    def stamped(self, found: Exchange) -> Exchange:
        latency = (time.perf_counter() - self._start) * 1000
        return replace(found, latency_ms=latency, retrieved_at=datetime.now(UTC))


async def _read(client: httpx.AsyncClient, request: httpx.Request, policy: ApiPolicy) -> Exchange:
    response = await client.send(request, stream=True)
    try:
        body = await _body(response, policy.max_response_bytes)
    finally:
        await response.aclose()
    status, content_type = response.status_code, response.headers.get("content-type", "")
    asked = retry_after_seconds(response.headers.get("retry-after"), datetime.now(UTC))
    location = response.headers.get("location", "")
    outcome, message = _outcome(status), f"HTTP {status}"
    if body is None:
        outcome = Outcome.TOO_LARGE if outcome is Outcome.ANSWERED else outcome
        message = f"the answer is larger than {policy.max_response_bytes:,} bytes"
    elif 200 <= status < 300:
        await _check_whole(body, content_type)
    return Exchange(
        outcome,
        message,
        status,
        mask_body(body or b"", policy.key),
        mask(content_type, policy.key),
        location,
        asked,
    )


async def _body(response: httpx.Response, largest: int) -> bytes | None:
    parts, size = [], 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > largest:
            return None
        parts.append(part)
    return b"".join(parts)


def _outcome(status: int) -> Outcome:
    if status in (401, 403):
        return Outcome.KEY_REFUSED
    if status == 429:
        return Outcome.THROTTLED
    if status == 408 or status >= 500:
        return Outcome.SERVER_ERROR
    if 300 <= status < 400:
        return Outcome.REDIRECTED
    return Outcome.ANSWERED


async def _check_whole(body: bytes, content_type: str) -> None:
    """A body that says it is JSON and cannot be read was cut on its way: some servers count what they cut."""
    kind = content_type.partition(";")[0].strip().lower()
    if not body or not (kind == "application/json" or kind.endswith("+json")):
        return
    whole = await asyncio.to_thread(_is_json, body) if len(body) > THREAD_BYTES else _is_json(body)
    if not whole:
        raise _BrokenBodyError("the body is cut off: it says it is JSON and is not")


def _is_json(body: bytes) -> bool:
    with contextlib.suppress(orjson.JSONDecodeError):
        orjson.loads(body)
        return True
    try:
        json.loads(body)  # takes NaN and UTF-16, which some servers send
    except (ValueError, RecursionError):
        return False
    return True
