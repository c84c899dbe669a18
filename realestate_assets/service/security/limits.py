"""How many requests a minute: by user, key or address, counted in Postgres, where all copies count."""

import hashlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

WINDOW_SECONDS = 60
USER_REQUESTS, ADDRESS_REQUESTS, ADDRESS_LOGINS = 100, 300, 10
# By the plan of the tenant: requests a minute of a key.
KEY_REQUESTS = {"free": 60, "professional": 300, "enterprise": 1000}
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


def count(engine: sa.Engine, name: str, whose: str, requests: int, now: float | None = None) -> Limit:
    """Count a request.

    Args:
        engine: of the service.
        name: of the limit.
        whose: user, key or address.
        requests: how many a minute may be.
        now: seconds since 1970, by default the present.
    """
    at = time.time() if now is None else now
    begun = int(at // WINDOW_SECONDS) * WINDOW_SECONDS
    counted = hashlib.sha256(f"{name}|{whose}".encode()).digest()
    with engine.begin() as connection:
        found = connection.execute(
            COUNT_SQL, {"counted": counted, "begun": datetime.fromtimestamp(begun, UTC)}
        ).scalar_one()
    return Limit(name, requests, requests - found, max(1, int(begun + WINDOW_SECONDS - at)))
