"""What an attempt means for its request: an answer, a failure in a sentence, or another try.

It also remembers what closes the provider for the session: a refused key, a spent budget, an API that asks to
be left alone.
"""

import logging

from resources.http.api import ApiAnswer, Failure
from resources.http.api_policy import ApiPolicy
from resources.http.calls import Call
from resources.http.exchange import LOST, Exchange, Outcome
from resources.http.keys import key_failure, read_key

_log = logging.getLogger(__name__)


class RetryableError(Exception):
    """An attempt failed in a way that may pass."""

    def __init__(self, found: Exchange) -> None:
        super().__init__(found.message)
        self.found = found


def failed(call: Call, failure: Failure, message: str, status: int | None = None) -> ApiAnswer:
    """A failure in place of an answer."""
    return ApiAnswer(call.request, call.url, status, failure=failure, message=message)


class Interpreter:
    """Reads attempts for one session."""

    def __init__(self, policy: ApiPolicy, provider: str) -> None:
        self._policy = policy
        self._provider = provider
        self._closed: tuple[Failure, str] | None = None

    def closed(self, call: Call) -> ApiAnswer | None:
        """The failure of every further request, once something has closed the provider for this session."""
        closed = self._closed or key_failure(self._policy, self._provider)
        return failed(call, *closed) if closed else None

    def close(self, failure: Failure, message: str) -> None:
        """Nothing more is sent in this session; said once in the log."""
        if self._closed is None:
            _log.warning("%s", message)
        self._closed = (failure, message)

    def note(self, found: Exchange) -> None:
        """Close the provider where an attempt says that no other will do better."""
        if words := self._refusal(found):
            self.close(Failure.KEY_REFUSED, words)
        elif words := self._plea(found):
            self.close(Failure.PROVIDER_CLOSED, words)

    def circuit_open(self, call: Call) -> ApiAnswer:
        """The failure while the circuit breaker is open."""
        words = f"{self._provider} failed too often in a row and is left alone for a while."
        return failed(call, Failure.PROVIDER_CLOSED, words)

    def retries_exhausted(self, call: Call, attempts: int, last: Exchange) -> ApiAnswer:
        """The failure of a request that was tried as often as it may be."""
        words = f"{self._provider} gave no answer in {attempts} tries; last: {last.message}."
        return failed(call, Failure.PROVIDER_FAILED, words, last.status)

    def interpret(self, call: Call, found: Exchange) -> ApiAnswer:
        """The answer of an attempt.

        Raises:
            RetryableError: it may work another time.
        """
        if found.outcome is Outcome.ANSWERED:
            return ApiAnswer(
                request=call.request,
                url=call.url,
                status=found.status,
                body=found.body,
                content_type=found.content_type,
                retrieved_at=found.retrieved_at,
            )
        if found.outcome is Outcome.KEY_REFUSED:
            if words := self._refusal(found):
                return failed(call, Failure.KEY_REFUSED, words, found.status)
            words = f"{self._provider} refused the request: HTTP {found.status}."
            return failed(call, Failure.BAD_ANSWER, words, found.status)
        if found.outcome is Outcome.TOO_LARGE:
            words = f"{self._provider}: {found.message} (max_response_bytes in providers.yaml)."
            return failed(call, Failure.BAD_ANSWER, words, found.status)
        return self._again(call, found)

    def redirected_away(self, call: Call) -> ApiAnswer:
        """A redirect that leaves the API: with a key, that is how some APIs refuse it."""
        key = self._policy.key
        if key is None:
            words = f"{self._provider} redirects {call.request.endpoint} away from the API."
            return failed(call, Failure.BAD_ANSWER, words)
        hint = f"check the key in {key.env}" if read_key(key) else f"it may need a key: set {key.env}"
        words = f"{self._provider} redirects away from the API: {hint}."
        self.close(Failure.KEY_REFUSED, words)
        return failed(call, Failure.KEY_REFUSED, words)

    def redirect_loop(self, call: Call) -> ApiAnswer:
        """Too many redirects."""
        return failed(call, Failure.BAD_ANSWER, f"{self._provider} redirects in a circle.")

    def _refusal(self, found: Exchange) -> str:
        key = self._policy.key
        if key is None or found.outcome is not Outcome.KEY_REFUSED:
            return ""
        known = f"the key in {key.env}" if read_key(key) else f"a request without a key (set {key.env})"
        return f"{self._provider} refused {known}: HTTP {found.status}."

    def _plea(self, found: Exchange) -> str:
        if found.outcome is Outcome.ANSWERED or (found.retry_after or 0) <= self._policy.max_wait_seconds:
            return ""
        return (
            f"{self._provider} answered HTTP {found.status} and asks to be left alone for "
            f"{found.retry_after:,.0f} s, longer than max_wait_seconds in providers.yaml."
        )

    def _again(self, call: Call, found: Exchange) -> ApiAnswer:
        policy = self._policy
        if policy.is_paid and not policy.retry_unsettled and found.outcome in LOST and found.sent:
            words = (
                f"{self._provider}: the answer of this paid call was lost ({found.message}). It may have "
                f"been billed and is not sent again (retry_unsettled of {policy.name} in providers.yaml)."
            )
            return failed(call, Failure.CALL_UNSETTLED, words, found.status)
        if words := self._plea(found):
            return failed(call, Failure.PROVIDER_CLOSED, words, found.status)
        raise RetryableError(found)
