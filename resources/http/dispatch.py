"""The way of one attempt: past breaker, pace and ledger, out to the API, and back into the ledger."""

import asyncio
import logging
from dataclasses import dataclass, replace

import httpx

from resources.http.addresses import proxy_of
from resources.http.api import ApiAnswer, Failure
from resources.http.api_policy import MICRO, ApiPolicy
from resources.http.calls import Call
from resources.http.exchange import UNHEALTHY, Exchange, exchange, interrupted, make_client
from resources.http.interpretation import Interpreter, failed
from resources.http.ledger import Ledger, Reservation
from resources.http.loop import Batcher
from resources.http.rows import Attempt, SettledAttempt, cost_of
from resources.http.throttle import throttle_of
from resources.telemetry import spans
from resources.telemetry.logs import bound

# How often it is looked whether the other run that asks the same has its answer.
BUSY_SECONDS = 0.25
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Totals:
    """What a session did: calls sent, answers from the cache, requests without an answer, money spent."""

    calls: int = 0
    cached: int = 0
    failed: int = 0
    cost_micro_usd: int = 0

    @property
    def cost_usd(self) -> float:
        """Dollars spent."""
        return self.cost_micro_usd / MICRO


@dataclass
class Progress:
    """One request on its way: tries so far and what they cost."""

    call: Call
    attempt: int = 0
    cost_micro_usd: int = 0


class Dispatcher:
    """Sends attempts for one session. Everything but the constructor runs on the loop of `http_loop`."""

    def __init__(self, policy: ApiPolicy, ledger: Ledger, interpreter: Interpreter) -> None:
        self.totals = Totals()
        self._policy = policy
        self._interpreter = interpreter
        self._throttle = throttle_of(policy)
        self._reserve: Batcher[Attempt, Reservation] = Batcher(ledger.reserve)
        self._settle: Batcher[SettledAttempt, float] = Batcher(ledger.settle)
        self._client: httpx.AsyncClient | None = None

    async def close(self) -> None:
        """End the connections, once all that was received is written down."""
        await self._settle.drain()
        if self._client is not None:
            await self._client.aclose()

    def count(self, **more: int) -> None:
        """Add to the totals."""
        changes = {name: getattr(self.totals, name) + count for name, count in more.items()}
        self.totals = replace(self.totals, **changes)

    async def exchange(self, call: Call, progress: Progress) -> Exchange | ApiAnswer:
        """One attempt under all limits; an `ApiAnswer` where nothing had to be, or could be, sent."""
        asked = Attempt(call, progress.attempt)
        while True:
            async with self._throttle.slots:
                if stopped := self._stopped(call):
                    return stopped
                await self._throttle.reserving.acquire()
                # Others may have closed the provider while this one kept the pace.
                if stopped := self._stopped(call):
                    return stopped
                verdict = await self._reserved(asked)
                if verdict.held_seconds:
                    self._throttle.hold(verdict.held_seconds)
                    return self._interpreter.circuit_open(call)
                if verdict.reserved:
                    found = await self._sent(asked, verdict.wait_seconds)
                    # Before the slot is free: the next call must know that the provider is closed.
                    self._note(found, progress)
                    # And a run that is killed leaves no more calls open than it has slots.
                    await self._settled(asked, found)
                    return found
            if verdict.answer is not None:
                self.count(cached=1)
                return verdict.answer
            if verdict.failure is not None:
                return self._refused(call, verdict.failure, verdict.message)
            await asyncio.sleep(BUSY_SECONDS)

    async def _sent(self, asked: Attempt, wait_seconds: float) -> Exchange:
        sent = False
        try:
            await asyncio.sleep(wait_seconds)
            await self._throttle.sending.acquire()
            sent = True
            return await self._observed(asked)
        except BaseException:
            await self._settled(asked, interrupted(sent))
            raise

    async def _observed(self, asked: Attempt) -> Exchange:
        """The exchange, seen from outside; address and parameters stay here: they may name a home."""
        request, policy = asked.call.request, self._policy
        told: dict[str, str | int | float | bool | None] = {
            "http.request.method": request.method,
            "server.address": httpx.URL(policy.base_url).host,
            "realestate.api": policy.name,
            "realestate.endpoint": request.endpoint,
            "realestate.attempt": asked.attempt,
        }
        with (
            bound(api=policy.name, request=asked.call.request_key[:16]),
            spans.span(f"{request.method} {policy.name}", spans.CLIENT, told) as span,
        ):
            found = await exchange(self._opened(), policy, asked.call)
            cost = cost_of(policy, found)
            span.set({"http.response.status_code": found.status, "realestate.outcome": found.outcome.value,
                      "realestate.cost_micro_usd": cost})  # fmt: skip
            if found.outcome in UNHEALTHY:
                span.fail(found.message)
            _log.debug(
                *("%s %s: %s in %.0f ms", request.method, request.endpoint, found.outcome, found.latency_ms)
            )
        return found

    async def _reserved(self, asked: Attempt) -> Reservation:
        reserving = asyncio.ensure_future(self._reserve(asked))
        try:
            return await asyncio.shield(reserving)
        except asyncio.CancelledError:
            # A row left open would count as a call that may have been billed.
            if (await reserving).reserved:
                await self._settled(asked, interrupted(sent=False))
            raise

    async def _settled(self, asked: Attempt, found: Exchange) -> None:
        """Shielded: what was answered, and may be paid for, is written down even when the run is stopped."""
        self._throttle.hold(await asyncio.shield(self._settle(SettledAttempt(asked, found))))

    def _note(self, found: Exchange, progress: Progress) -> None:
        cost = cost_of(self._policy, found)
        progress.cost_micro_usd += cost
        self.count(calls=found.sent, cost_micro_usd=cost)
        self._interpreter.note(found)

    def _refused(self, call: Call, failure: Failure, message: str) -> ApiAnswer:
        if failure is Failure.BUDGET_SPENT:
            self._interpreter.close(failure, message)
        return failed(call, failure, message)

    def _stopped(self, call: Call) -> ApiAnswer | None:
        is_held = self._throttle.is_held
        return self._interpreter.closed(call) or (self._interpreter.circuit_open(call) if is_held else None)

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            proxy = proxy_of(self._policy.base_url, self._policy.allow_private_addresses)
            self._client = make_client(self._policy, proxy)
        return self._client
