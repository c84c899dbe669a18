"""A session with one API: many requests in, an answer or a failure for each out.

What is kept is taken from the warehouse; the rest passes breaker, pace and ledger, is sent, and tried again
where that may help. The rules of money are in `http_rows`, those of a single attempt in `http_exchange`.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt

from resources.api import ApiAnswer, ApiRequest, Failure
from resources.api_policy import MICRO, ApiPolicy
from resources.http_addresses import check_address, proxy_of, redirect_target
from resources.http_calls import Call, make_call
from resources.http_exchange import UNHEALTHY, Exchange, Outcome, exchange, interrupted, make_client
from resources.http_gate import gate_of
from resources.http_judge import Judge, TryAgainError, failed
from resources.http_keys import mask, without_key
from resources.http_ledger import Ledger, Verdict
from resources.http_loop import Batcher, run_on_loop
from resources.http_retry import pause_seconds
from resources.http_rows import Asked, Settled, cost_of

MAX_REDIRECTS = 3
# Requests in hand a slot: those that wait for their next try leave the slots to others.
HANDS_PER_SLOT = 4
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
class _Progress:
    """One request on its way: tries so far and what they cost."""

    call: Call
    attempt: int = 0
    cost_micro_usd: int = 0


class ApiSession:
    """The `ApiClient` that providers are given. Made by `HttpClientResource.session`."""

    def __init__(self, ledger: Ledger, policy: ApiPolicy, provider: str) -> None:
        self.provider = provider
        self.base_url = policy.base_url
        self.totals = Totals()
        self._policy = policy
        self._ledger = ledger
        self._gate = gate_of(policy)
        self._reserve: Batcher[Asked, Verdict] = Batcher(ledger.reserve)
        self._settle: Batcher[Settled, None] = Batcher(ledger.settle)
        self._client: httpx.AsyncClient | None = None
        self._address_is_checked = False
        self._judge = Judge(policy, provider)

    def send_all(self, requests: Sequence[ApiRequest]) -> list[ApiAnswer]:
        """Answers in the order of the requests; see `api.ApiClient`.

        Equal requests are sent once, and only the first of them carries the cost.

        Raises:
            PermanentError: the configured address is refused, or a request is malformed.
            TransientError: the warehouse with the ledger went away; nothing is sent without it.
        """
        calls = [make_call(self._policy, request) for request in requests]
        if not calls:
            return []
        if not self._address_is_checked:
            allowed = self._policy.allow_private_addresses
            self._address_is_checked = check_address(self.base_url, self.provider, allowed)
        distinct = {call.request_key: call for call in reversed(calls)}
        answers = self._ledger.look_up(list(distinct.values()))
        self._count(cached=len(answers))
        missing = [call for key, call in reversed(distinct.items()) if key not in answers]
        if missing:
            answers |= run_on_loop(self._send(missing))
        return _in_order(calls, answers)

    def close(self) -> None:
        """End the connections, once all that was received is written down."""
        if self._client is not None:
            run_on_loop(self._settle.drain())
            run_on_loop(self._client.aclose())
        self._ledger.close()
        done = self.totals
        _log.info(
            "%s: %d calls, %d answers from the cache, %d without an answer, $%.2f",
            *(self.provider, done.calls, done.cached, done.failed, done.cost_usd),
        )

    async def _send(self, calls: list[Call]) -> dict[str, ApiAnswer]:
        if self._client is None:
            proxy = proxy_of(self.base_url, self._policy.allow_private_addresses)
            self._client = make_client(self._policy, proxy)
        answers: dict[str, ApiAnswer] = {}
        waiting = iter(calls)

        async def hand() -> None:
            for call in waiting:
                answers[call.request_key] = await self._answer(call)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(len(calls), self._policy.concurrency * HANDS_PER_SLOT)):
                    group.create_task(hand())
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        return answers

    async def _answer(self, call: Call) -> ApiAnswer:
        progress = _Progress(call)
        try:
            async for attempt in self._retrying():
                with attempt:
                    progress.attempt = attempt.retry_state.attempt_number
                    answer = await self._attempt(progress)
        except TryAgainError as error:
            answer = self._judge.gave_up(call, progress.attempt, error.found)
        self._count(failed=not answer.ok)
        return replace(answer, cost_usd=progress.cost_micro_usd / MICRO)

    def _retrying(self) -> AsyncRetrying:
        policy = self._policy

        def wait(state: RetryCallState) -> float:
            asked = state.outcome.exception().found.retry_after
            return pause_seconds(state.attempt_number, asked, policy.backoff_seconds, policy.max_wait_seconds)

        return AsyncRetrying(
            stop=stop_after_attempt(policy.attempts),
            wait=wait,
            retry=retry_if_exception_type(TryAgainError),
            sleep=asyncio.sleep,
            reraise=True,
        )

    async def _attempt(self, progress: _Progress) -> ApiAnswer:
        target = progress.call
        for _ in range(MAX_REDIRECTS + 1):
            found = await self._exchange(target, progress)
            if isinstance(found, ApiAnswer):
                return found
            if found.outcome is not Outcome.REDIRECTED:
                # A page for people at the end of a redirect is a refusal in other words.
                led_to_page = target is not progress.call and found.content_type.startswith("text/html")
                return self._judge.sent_away(target) if led_to_page else self._judge.judge(target, found)
            url = redirect_target(target.url, found.location)
            url = url and without_key(url, self._policy.key)
            # An address that still repeats the key would take it into cache and ledger.
            if url is None or mask(url, self._policy.key) != url:
                return self._judge.sent_away(target)
            target = target.at(url)
        return self._judge.circle(progress.call)

    async def _exchange(self, call: Call, progress: _Progress) -> Exchange | ApiAnswer:
        asked = Asked(call, progress.attempt)
        while True:
            async with self._gate.slots:
                if stopped := self._stopped(call):
                    return stopped
                await self._gate.reserving.acquire()
                # Others may have closed the provider while this one kept the pace.
                if stopped := self._stopped(call):
                    return stopped
                if not self._gate.breaker.lets_through():
                    return self._judge.held_back(call)
                verdict = await self._reserved(asked)
                if verdict.reserved:
                    found = await self._sent(asked)
                    # Before the slot is free: the next call must know that the provider is closed.
                    self._note(found, progress)
                    break
            if not verdict.busy:
                return self._denied(call, verdict)
            await asyncio.sleep(BUSY_SECONDS)
        await self._settled(asked, found)
        return found

    async def _sent(self, asked: Asked) -> Exchange:
        sent = False
        try:
            await self._gate.sending.acquire()
            sent = True
            return await exchange(self._client, self._policy, asked.call)
        except BaseException:
            await self._settled(asked, interrupted(sent))
            raise

    async def _reserved(self, asked: Asked) -> Verdict:
        reserving = asyncio.ensure_future(self._reserve(asked))
        try:
            return await asyncio.shield(reserving)
        except asyncio.CancelledError:
            # A row left open would count as a call that may have been billed.
            if (await reserving).reserved:
                await self._settled(asked, interrupted(sent=False))
            raise

    async def _settled(self, asked: Asked, found: Exchange) -> None:
        """Shielded: what was answered, and may be paid for, is written down even when the run is stopped."""
        await asyncio.shield(self._settle(Settled(asked, found)))

    def _note(self, found: Exchange, progress: _Progress) -> None:
        cost = cost_of(self._policy, found)
        progress.cost_micro_usd += cost
        self._count(calls=found.sent, cost_micro_usd=cost)
        self._judge.note(found)
        if found.outcome in UNHEALTHY:
            self._gate.breaker.failed()
        elif found.outcome is Outcome.ANSWERED:
            self._gate.breaker.succeeded()

    def _denied(self, call: Call, verdict: Verdict) -> ApiAnswer:
        if verdict.answer is not None:
            self._count(cached=1)
            return verdict.answer
        if verdict.failure is Failure.BUDGET_SPENT:
            self._judge.close(verdict.failure, verdict.message)
        return failed(call, verdict.failure, verdict.message)

    def _stopped(self, call: Call) -> ApiAnswer | None:
        held = self._gate.breaker.holds_back
        return self._judge.closed(call) or (self._judge.held_back(call) if held else None)

    def _count(self, **more: int) -> None:
        changes = {name: getattr(self.totals, name) + count for name, count in more.items()}
        self.totals = replace(self.totals, **changes)


def _in_order(calls: list[Call], answers: dict[str, ApiAnswer]) -> list[ApiAnswer]:
    """An answer a call; of equal calls the first carries the cost."""
    result, seen = [], set()
    for call in calls:
        answer = answers[call.request_key]
        if call.request_key in seen:
            answer = replace(answer, cost_usd=0.0)
        result.append(replace(answer, request=call.request))
        seen.add(call.request_key)
    return result
