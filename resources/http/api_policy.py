"""How one API is called: address, key, limits, price and budget. Configuration only; no call is made here.

Entries of providers.yaml are of this form; they are read by `domain.provider_policies`.
"""

import re
from decimal import Decimal
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

MICRO = 1_000_000  # money is counted in whole millionths of a dollar: sums are exact
# Header names that the client itself decides; one of these in the configuration is a mistake.
OWN_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection"})


def to_micro_usd(usd: Decimal) -> int:
    """Dollars as whole millionths of a dollar."""
    return int(usd * MICRO)


def _whole_micro(value: Decimal) -> Decimal:
    if value != value.quantize(Decimal(1) / MICRO):
        raise ValueError("amounts have at most six decimals")
    return value


Usd = Annotated[Decimal, Field(ge=0, le=1_000_000), AfterValidator(_whole_micro)]
Calls = Annotated[int, Field(ge=0)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ApiKey(_Strict):
    """Where a key comes from and where it goes; the key itself is never in the configuration.

    It is read from the environment when a request is sent.
    """

    env: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$", description="Environment variable that holds the key.")
    query: str | None = Field(default=None, min_length=1, description="Query parameter that carries it.")
    header: str | None = Field(default=None, pattern=r"^[A-Za-z0-9-]+$", description="Or header.")
    prefix: str = Field(default="", description='Before the key in the header, such as "Bearer ".')
    required: bool = True

    @model_validator(mode="after")
    def _one_place(self) -> "ApiKey":
        if (self.query is None) == (self.header is None):
            raise ValueError("a key goes into a query parameter or into a header: name exactly one")
        if self.prefix and self.query:
            raise ValueError("a prefix belongs to a header")
        return self


class Budget(_Strict):
    """What may be spent in money and calls; a bound that is absent does not bind. Days and months are UTC."""

    usd_per_run: Usd | None = None
    usd_per_day: Usd | None = None
    usd_per_month: Usd | None = None
    calls_per_run: Calls | None = None
    calls_per_day: Calls | None = None
    calls_per_month: Calls | None = None

    def limits(self) -> dict[tuple[str, str], int]:
        """The bounds that are set: (`usd` or `calls`, `run`, `day` or `month`) -> micro-dollars or calls."""
        found = {}
        for period in ("run", "day", "month"):
            usd, calls = getattr(self, f"usd_per_{period}"), getattr(self, f"calls_per_{period}")
            if usd is not None:
                found["usd", period] = to_micro_usd(usd)
            if calls is not None:
                found["calls", period] = calls
        return found

    @property
    def bounds_money(self) -> bool:
        """True where some amount of money is set."""
        return any(unit == "usd" for unit, _ in self.limits())


class Breaker(_Strict):
    """After so many failures in a row nothing is sent for so long; then one call tries again.

    An API that fails three times in ten is worth asking on: 8 such failures come in a row once in 20,000
    calls, 20 practically never.
    """

    failures: int = Field(default=20, ge=1)
    reset_seconds: float = Field(default=60, gt=0)


class ApiPolicy(_Strict):
    """One API: its address, its key, and how it may be called.

    Args:
        name: the entry's name in providers.yaml; limits, budget and cache are shared by all who name it.
        requests_per_second: over all sessions of one process.
        timeout_seconds: for a whole attempt, connecting and reading the last byte included.
        attempts: tries of one request, the first included.
        backoff_seconds: bound of the first random pause; it doubles with each try.
        max_wait_seconds: longest pause between two tries; an API that asks for a longer one (Retry-After)
            is left alone for the rest of the run.
        cache_ttl_days: how long an answer is kept; 0 keeps none.
        cost_per_call_usd: price of an answered call.
        retry_unsettled: send a paid call again whose answer was lost and that may have been billed.
        allow_private_addresses: the base URL may lie in this machine's own network.
    """

    name: str = Field(default="", pattern=r"^([a-z][a-z0-9_]{0,62})?$")
    base_url: str
    key: ApiKey | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    requests_per_second: float = Field(default=5, gt=0, le=10_000)
    concurrency: int = Field(default=4, ge=1, le=256)
    timeout_seconds: float = Field(default=30, gt=0, le=600)
    attempts: int = Field(default=4, ge=1, le=20)
    backoff_seconds: float = Field(default=1, gt=0, le=60)
    max_wait_seconds: float = Field(default=60, gt=0, le=600)
    cache_ttl_days: float = Field(default=30, ge=0, le=3650)
    max_response_bytes: int = Field(default=64_000_000, ge=1)
    cost_per_call_usd: Usd = Decimal(0)
    budget: Budget = Budget()
    retry_unsettled: bool = False
    allow_private_addresses: bool = False
    breaker: Breaker = Breaker()

    @model_validator(mode="after")
    def _address_is_plain(self) -> "ApiPolicy":
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", self.base_url):
            raise ValueError("base_url must be an http or https address")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("base_url takes no user, password, query or fragment: keys go under `key`")
        if parts.scheme == "http" and not self.allow_private_addresses and self.key:
            raise ValueError("a key is not sent over plain http: base_url must be https")
        return self

    @model_validator(mode="after")
    def _headers_are_harmless(self) -> "ApiPolicy":
        names = {name.lower() for name in self.headers}
        if taken := names & OWN_HEADERS:
            raise ValueError(f"headers {sorted(taken)} are the client's own")
        if self.key and self.key.header and self.key.header.lower() in names:
            raise ValueError(f"the header {self.key.header} is the key's")
        if "authorization" in names or "cookie" in names:
            raise ValueError("credentials do not belong into `headers`: name an environment variable in key")
        return self

    @model_validator(mode="after")
    def _paid_is_bounded(self) -> "ApiPolicy":
        if self.is_paid and not self.budget.bounds_money:
            raise ValueError(
                "a paid API needs a budget: set at least one of budget.usd_per_run, _day, _month"
            )
        return self

    @property
    def is_paid(self) -> bool:
        """True where a call costs money."""
        return self.cost_per_call_usd > 0

    @property
    def cost_micro_usd(self) -> int:
        """Price of an answered call in millionths of a dollar."""
        return to_micro_usd(self.cost_per_call_usd)
