"""The way out to one API, shared by all sessions of this process: pace, slots, and whether it is held."""

import asyncio
import os
import threading
import time

from aiolimiter import AsyncLimiter

from resources.http.api_policy import ApiPolicy
from resources.http.api_state import spacing

_guard = threading.Lock()
_throttles: dict[tuple, "Throttle"] = {}


class Throttle:
    """Pace and slots of one API in this process, under the turns that all processes take from one row.

    The pace is kept here too. Reservations keep it, so that few are open when a process dies; and sending
    keeps it, because a reservation takes a different time each time, and calls would leave in bunches.
    """

    def __init__(self, policy: ApiPolicy) -> None:
        self.reserving = AsyncLimiter(1, spacing(policy))
        self.sending = AsyncLimiter(1, spacing(policy))
        self.slots = asyncio.Semaphore(policy.concurrency)
        self._held_until = 0.0

    def hold(self, seconds: float) -> None:
        """Remember for how long the breaker holds calls back, so that each need not ask."""
        self._held_until = time.monotonic() + seconds

    @property
    def is_held(self) -> bool:
        """True while calls are known to be held back."""
        return time.monotonic() < self._held_until


def throttle_of(policy: ApiPolicy) -> Throttle:
    """The throttle of this process for an API under these limits."""
    limits = (policy.requests_per_second, policy.concurrency)
    key = (os.getpid(), policy.name, policy.base_url, *limits)
    with _guard:
        if key not in _throttles:
            _throttles[key] = Throttle(policy)
        return _throttles[key]
