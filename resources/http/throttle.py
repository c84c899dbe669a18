"""The way out to one API, shared by all sessions of this process: pace, slots and circuit breaker."""

import asyncio
import os
import threading

from aiolimiter import AsyncLimiter

from resources.http.api_policy import ApiPolicy
from resources.http.breaker import CircuitBreaker

# What leaves evenly arrives a little bunched: calls leave a tenth under the limit, so that no second at the
# API holds more than it allows even where a tenth of a second's calls are held up on their way.
PACE = 0.9

_guard = threading.Lock()
_throttles: dict[tuple, "Throttle"] = {}


class Throttle:
    """Pace, slots and breaker of one API.

    The pace is kept twice. Reservations keep it, so that few are open when a process dies; and sending keeps
    it, because a reservation takes a different time each time, and calls would leave in bunches.
    """

    def __init__(self, policy: ApiPolicy) -> None:
        spacing = 1 / (policy.requests_per_second * PACE)
        self.reserving = AsyncLimiter(1, spacing)
        self.sending = AsyncLimiter(1, spacing)
        self.slots = asyncio.Semaphore(policy.concurrency)
        self.breaker = CircuitBreaker(policy.breaker)


def throttle_of(policy: ApiPolicy) -> Throttle:
    """The throttle of this process for an API under these limits."""
    breaker = policy.breaker
    limits = (policy.requests_per_second, policy.concurrency, breaker.failures, breaker.reset_seconds)
    key = (os.getpid(), policy.name, policy.base_url, *limits)
    with _guard:
        if key not in _throttles:
            _throttles[key] = Throttle(policy)
        return _throttles[key]
