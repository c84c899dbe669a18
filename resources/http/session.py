"""A session with one API: many requests in, an answer or a failure for each out.

What is kept is taken from the warehouse; the rest passes breaker, pace and ledger, is sent, and tried again
where that may help. The rules of money are in `http_rows`, those of a single attempt in `http_exchange`.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt

from resources.http.addresses import check_address, redirect_target
from resources.http.api import ApiAnswer, ApiRequest
from resources.http.api_policy import MICRO, ApiPolicy
from resources.http.calls import Call, make_call
from resources.http.dispatch import Dispatcher, Progress, Totals
from resources.http.exchange import Outcome
from resources.http.interpretation import Interpreter, RetryableError
from resources.http.keys import mask, without_key
from resources.http.ledger import Ledger
from resources.http.loop import run_on_loop
from resources.http.retry import pause_seconds
from resources.telemetry.logs import bound

MAX_REDIRECTS = 3
# Requests in hand a slot: those that wait for their next try leave the slots to others.
HANDS_PER_SLOT = 4

_log = logging.getLogger(__name__)


class ApiSession:
    """The `ApiClient` that providers are given. Made by `HttpClientResource.session`."""

    def __init__(self, ledger: Ledger, policy: ApiPolicy, provider: str) -> None:
        self.provider = provider
        self.base_url = policy.base_url
        self._policy = policy
        self._ledger = ledger
        self._address_is_checked = False
        self._interpreter = Interpreter(policy, provider)
        self._dispatcher = Dispatcher(policy, ledger, self._interpreter)

    @property
    def totals(self) -> Totals:
        """What the session did so far."""
        return self._dispatcher.totals

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
        self._dispatcher.count(cached=len(answers))
        missing = [call for key, call in reversed(distinct.items()) if key not in answers]
        if missing:
            with bound(provider=self.provider):
                answers |= run_on_loop(self._send(missing))
        return _in_order(calls, answers)

    def close(self) -> None:
        """End the connections; see `Dispatcher.close`."""
        try:
            run_on_loop(self._dispatcher.close())
        finally:
            self._ledger.close()
        done = self.totals
        _log.info(
            "%s: %d calls, %d answers from the cache, %d without an answer, $%.2f",
            *(self.provider, done.calls, done.cached, done.failed, done.cost_usd),
        )

    async def _send(self, calls: list[Call]) -> dict[str, ApiAnswer]:
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
        progress = Progress(call)
        try:
            async for attempt in self._retrying():
                with attempt:
                    progress.attempt = attempt.retry_state.attempt_number
                    answer = await self._attempt(progress)
        except RetryableError as error:
            answer = self._interpreter.retries_exhausted(call, progress.attempt, error.found)
        self._dispatcher.count(failed=not answer.ok)
        return replace(answer, cost_usd=progress.cost_micro_usd / MICRO)

    def _retrying(self) -> AsyncRetrying:
        policy = self._policy

        def wait(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = error.found.retry_after if isinstance(error, RetryableError) else None
            return pause_seconds(state.attempt_number, asked, policy.backoff_seconds, policy.max_wait_seconds)

        return AsyncRetrying(
            stop=stop_after_attempt(policy.attempts),
            wait=wait,
            retry=retry_if_exception_type(RetryableError),
            sleep=asyncio.sleep,
            reraise=True,
        )

    async def _attempt(self, progress: Progress) -> ApiAnswer:
        target = progress.call
        for _ in range(MAX_REDIRECTS + 1):
            found = await self._dispatcher.exchange(target, progress)
            if isinstance(found, ApiAnswer):
                return found
            if found.outcome is not Outcome.REDIRECTED:
                # A page for people at the end of a redirect is a refusal in other words.
                led_to_page = target is not progress.call and found.content_type.startswith("text/html")
                return (
                    self._interpreter.redirected_away(target)
                    if led_to_page
                    else self._interpreter.interpret(target, found)
                )
            url = redirect_target(target.url, found.location)
            url = url and without_key(url, self._policy.key)
            # An address that still repeats the key would take it into cache and ledger.
            if url is None or mask(url, self._policy.key) != url:
                return self._interpreter.redirected_away(target)
            target = target.at(url)
        return self._interpreter.redirect_loop(progress.call)


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
