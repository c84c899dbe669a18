"""How many requests a minute: by user, key or address, counted where all copies of the service count.

In Postgres; with REDIS_URL in Redis, which spares the database a write a request. A Redis that is away takes
nothing down and opens nothing: it is counted in Postgres meanwhile, from naught.
"""

import hashlib
import logging
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import redis
import sqlalchemy as sa
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.orm import Session

WINDOW_SECONDS = 60
USER_REQUESTS, ADDRESS_REQUESTS, ADDRESS_LOGINS = 100, 300, 10
# By the plan of the tenant: requests a minute of a key.
KEY_REQUESTS = {"free": 60, "professional": 300, "enterprise": 1000}
# A request waits no longer for Redis, and after a failure it is left alone for so long.
REDIS_SECONDS, REDIS_PAUSE_SECONDS = 0.25, 10.0
REDIS_PREFIX = "realestate:rate"
# In one step: a count that nothing ends would refuse somebody for good.
REDIS_COUNT = """
local found = redis.call('INCR', KEYS[1])
if found == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return found
"""
_log = logging.getLogger(__name__)

# One statement: two requests at the same moment are two.
COUNT_SQL = sa.text(
    """
    insert into work.rate_counts as c (counted, begun_at, count) values (:counted, :begun, 1)
    on conflict (counted) do update set
        begun_at = greatest(c.begun_at, excluded.begun_at),
        count = case when c.begun_at < excluded.begun_at then 1 else c.count + 1 end
    returning count
    """
)


@dataclass(frozen=True)
class Limit:
    """A limit and where one stands: how many are left, and in how many seconds they are anew."""

    name: str
    requests: int
    left: int
    reset_seconds: int

    @property
    def is_over(self) -> bool:
        """Whether this request is one too many."""
        return self.left < 0

    @property
    def headers(self) -> dict[str, str]:
        """As `draft-ietf-httpapi-ratelimit-headers` has them."""
        told = {
            "RateLimit-Policy": f'"{self.name}";q={self.requests};w={WINDOW_SECONDS}',
            "RateLimit": f'"{self.name}";r={max(self.left, 0)};t={self.reset_seconds}',
        }
        return told | ({"Retry-After": str(self.reset_seconds)} if self.is_over else {})


class Counts(Protocol):
    """Where requests are counted."""

    def add(self, counted: bytes, begun: int, within: Session | None = None) -> int:
        """Count one of a window that began then (seconds since 1970); how many they are now.

        Args:
            counted: whose, and of which limit.
            begun: when the window began.
            within: a transaction that is open, for a place in the same database.
        """


class InPostgres:
    """Counts in `work.rate_counts`.

    Args:
        engine: of the service.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def add(self, counted: bytes, begun: int, within: Session | None = None) -> int:
        """Count one; how many they are now."""
        values = {"counted": counted, "begun": datetime.fromtimestamp(begun, UTC)}
        if within is not None:
            return int(within.execute(COUNT_SQL, values).scalar_one())
        with self._engine.begin() as connection:
            return int(connection.execute(COUNT_SQL, values).scalar_one())


class InRedis:
    """Counts in Redis, and elsewhere while it is away.

    Args:
        url: its address.
        otherwise: where it is counted then.
    """

    def __init__(self, url: str, otherwise: Counts) -> None:
        client = redis.Redis.from_url(
            url,
            socket_timeout=REDIS_SECONDS,
            socket_connect_timeout=REDIS_SECONDS,
            # By itself it tries some times over, each with its wait.
            retry=Retry(NoBackoff(), 0),
        )
        self._add = client.register_script(REDIS_COUNT)
        self._client, self._otherwise = client, otherwise
        self._lock, self._away_until, self._is_away = threading.Lock(), 0.0, False

    def add(self, counted: bytes, begun: int, within: Session | None = None) -> int:
        """Count one; how many they are now."""
        if time.monotonic() >= self._away_until:
            key = f"{REDIS_PREFIX}:{begun}:{counted.hex()}"
            try:
                found = int(self._add(keys=[key], args=[2 * WINDOW_SECONDS]))
            except redis.RedisError as error:
                self._note(is_away=True, why=type(error).__name__)
            else:
                self._note(is_away=False)
                return found
        return self._otherwise.add(counted, begun, within)

    def is_there(self) -> bool:
        """Whether it answers now."""
        try:
            return bool(self._client.ping())
        except redis.RedisError:
            return False

    def _note(self, is_away: bool, why: str = "") -> None:
        # Each change once, whatever number of requests see it.
        with self._lock:
            if is_away:
                self._away_until = time.monotonic() + REDIS_PAUSE_SECONDS
            changed, self._is_away = self._is_away != is_away, is_away
        if changed and is_away:
            _log.error("Redis (REDIS_URL) does not answer (%s): requests are counted in Postgres", why)
        elif changed:
            _log.warning("Redis answers again: requests are counted there")


def count(
    counts: Counts,
    name: str,
    whose: str,
    requests: int,
    now: float | None = None,
    within: Session | None = None,
) -> Limit:
    """Count a request.

    Args:
        counts: where.
        name: of the limit.
        whose: user, key or address.
        requests: how many a minute may be.
        now: seconds since 1970, by default the present.
        within: a transaction that is open, which spares one of its own.
    """
    at = time.time() if now is None else now
    begun = int(at // WINDOW_SECONDS) * WINDOW_SECONDS
    found = counts.add(hashlib.sha256(f"{name}|{whose}".encode()).digest(), begun, within)
    return Limit(name, requests, requests - found, max(1, int(begun + WINDOW_SECONDS - at)))
