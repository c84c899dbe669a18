"""The circuit breaker of one API: after failures in a row nothing is sent for a while.

Its state is a row (`ops.api_states`), which all processes on all machines read and change: a provider that
fails one of them is left alone by all. pybreaker counts the same way, keeps its state in a process or in
Redis, and lets every waiting call through when it half opens; here one call tries for all.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from resources.http.api_policy import Breaker


@dataclass(frozen=True)
class BreakerState:
    """Closed, open, or trying again with one call.

    Args:
        failures: in a row.
        opened: seconds since it opened; None while it is closed.
        trial: seconds since a call was let through to try again; None where none was.
    """

    failures: int = 0
    opened: float | None = None
    trial: float | None = None

    @property
    def is_clean(self) -> bool:
        """True where another answer changes nothing."""
        return self.failures == 0 and self.opened is None

    def held_seconds(self, settings: Breaker) -> float:
        """For how long calls are still held back; 0 where one may be sent.

        An open breaker lets one call try after each period: a trial that never reports back (its call was
        not sent after all) does not keep it open for ever.
        """
        if self.opened is None:
            return 0.0
        since = self.opened if self.trial is None else min(self.opened, self.trial)
        return max(settings.reset_seconds - since, 0.0)

    def after(self, healthy: Iterable[bool], settings: Breaker) -> "BreakerState":
        """The state after some calls, in their order: True for an answer, False for a failure."""
        state = self
        for is_healthy in healthy:
            if is_healthy:
                state = BreakerState()
            else:
                failures = state.failures + 1
                is_open = failures >= settings.failures
                state = BreakerState(failures, 0.0) if is_open else replace(state, failures=failures)
        return state
