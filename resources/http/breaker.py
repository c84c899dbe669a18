"""The circuit breaker of one API: after failures in a row nothing is sent for a while.

pybreaker counts the same way but knows no asyncio, and lets every waiting call through when it half opens;
here one call tries, and the others wait for what it finds.
"""

import time
from collections.abc import Callable

from resources.http.api_policy import Breaker


class CircuitBreaker:
    """Closed, open, or trying again with one call. Used from one event loop only."""

    def __init__(self, settings: Breaker, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._trial_since: float | None = None

    @property
    def is_open(self) -> bool:
        """True while calls are held back."""
        return self._opened_at is not None

    @property
    def rejects_calls(self) -> bool:
        """True where a call would be refused now.

        An open breaker lets one call try after each period: a trial that never reports back (its call was
        not sent after all) does not keep it open for ever.
        """
        if self._opened_at is None:
            return False
        since = self._opened_at if self._trial_since is None else max(self._opened_at, self._trial_since)
        return self._clock() - since < self._settings.reset_seconds

    def allows_call(self) -> bool:
        """True where a call may be sent now; of an open breaker whose time has come it takes the trial."""
        if self.rejects_calls:
            return False
        if self.is_open:
            self._trial_since = self._clock()
        return True

    def succeeded(self) -> None:
        """An answer came."""
        self._failures = 0
        self._opened_at = self._trial_since = None

    def failed(self) -> None:
        """No answer came, or the server failed."""
        self._failures += 1
        if self._failures >= self._settings.failures:
            self._opened_at, self._trial_since = self._clock(), None
