"""Pace and breaker of an API as one row (`ops.api_states`), on the server's clock: all processes share it.

Who changes the row holds the API's lock of the ledger.
"""

from collections.abc import Sequence

from adbc_driver_postgresql import dbapi

from resources.http.api_policy import ApiPolicy
from resources.http.breaker import BreakerState
from resources.warehouse import connections as postgres

# What leaves evenly arrives a little bunched: calls leave a tenth under the limit, so that no second at the
# API holds more than it allows even where a tenth of a second's calls are held up on their way.
PACE = 0.9

STATE_SQL = """
select failures, extract(epoch from clock_timestamp() - opened_at)::float8 as opened,
       extract(epoch from clock_timestamp() - trial_at)::float8 as trial
from ops.api_states where api = $1 and base_url = $2
"""
# Seconds since are given: a time of this machine's clock would be another one's future.
KEEP_SQL = """
insert into ops.api_states (api, base_url, next_at, failures, opened_at, trial_at)
values ($1, $2, clock_timestamp(), $3::bigint, clock_timestamp() - make_interval(secs => $4::float8),
        clock_timestamp() - make_interval(secs => $5::float8))
on conflict (api, base_url) do update
set failures = excluded.failures, opened_at = excluded.opened_at, trial_at = excluded.trial_at
"""
# As many times, evenly, from the first free one on; seconds until the first.
TAKE_SQL = """
insert into ops.api_states as s (api, base_url, next_at, failures)
values ($1, $2, clock_timestamp() + make_interval(secs => $3::float8), 0)
on conflict (api, base_url) do update
set next_at = greatest(s.next_at, clock_timestamp()) + make_interval(secs => $3::float8)
returning extract(epoch from next_at - clock_timestamp())::float8 - $3::float8 as wait
"""


def spacing(policy: ApiPolicy) -> float:
    """Seconds between two calls."""
    return 1 / (policy.requests_per_second * PACE)


def breaker_state(connection: dbapi.Connection, policy: ApiPolicy) -> BreakerState:
    """The breaker as it is."""
    rows = postgres.query(connection, STATE_SQL, (policy.name, policy.base_url))
    return BreakerState(**rows[0]) if rows else BreakerState()


def keep_breaker(connection: dbapi.Connection, policy: ApiPolicy, state: BreakerState) -> None:
    """Change it."""
    values = (policy.name, policy.base_url, state.failures, state.opened, state.trial)
    postgres.run(connection, KEEP_SQL, values)


def take_turns(connection: dbapi.Connection, policy: ApiPolicy, count: int) -> Sequence[float]:
    """Seconds from now at which each of so many calls may leave; nobody else's leave then."""
    if not count:
        return []
    each = spacing(policy)
    rows = postgres.query(connection, TAKE_SQL, (policy.name, policy.base_url, count * each))
    first = max(rows[0]["wait"], 0.0)
    return [first + number * each for number in range(count)]
