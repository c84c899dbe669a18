"""Which APIs can be called now: reachable, key present, budget left. Nothing is asked, no key sent."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
from adbc_driver_postgresql import dbapi

from resources.errors import PermanentError
from resources.http import budget as http_budget
from resources.http.addresses import check_address, proxy_of
from resources.http.api_policy import ApiPolicy
from resources.http.budget import PERIOD_WORDS, dollars
from resources.http.keys import key_failure, read_key
from resources.ops_tables import PROVIDER_TABLES
from resources.warehouse import connections as postgres
from resources.warehouse.warehouse import Warehouse

# A run that has not begun: its own budget is untouched.
NO_RUN = ""


@dataclass(frozen=True)
class ProviderStatus:
    """One API. The texts are for people and hold no key.

    Args:
        api: entry of providers.yaml.
        reachable: some HTTP answer came from its address.
        reached: the answer, or why there is none.
        key_ok: a key that is needed is there.
        key: which variable holds the key, and whether it is set.
        budget_ok: at least one more call may be made.
        budget: what is left of each bound.
        remedy: what to do where something is not well; else empty.
        latency_ms: how long the answer took, in milliseconds; None without one.
    """

    api: str
    reachable: bool
    reached: str
    key_ok: bool
    key: str
    budget_ok: bool
    budget: str
    remedy: str
    latency_ms: float | None = None

    @property
    def ok(self) -> bool:
        """True where a run could call it now."""
        return self.reachable and self.key_ok and self.budget_ok


def provider_status(
    warehouse: Warehouse, policies: Mapping[str, ApiPolicy], timeout_seconds: float = 5.0
) -> list[ProviderStatus]:
    """The state of each API, in the order given; the addresses are tried at once.

    The probe is a HEAD request for the base address without a key: no data, no charge, no row in the ledger.
    """
    named = [p if p.name else p.model_copy(update={"name": name}) for name, p in policies.items()]
    if not named:
        return []
    warehouse.ensure_tables(PROVIDER_TABLES)
    with warehouse.connect() as connection:
        budgets = [_budget(connection, policy) for policy in named]
    with ThreadPoolExecutor(max_workers=min(len(named), 8)) as pool:
        probes = list(pool.map(lambda policy: _probe(policy, timeout_seconds), named))
    return [_status(*found) for found in zip(named, probes, budgets, strict=True)]


def spent_of(
    warehouse: Warehouse, policies: Mapping[str, ApiPolicy]
) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Limit and what is spent of it, by API, unit (`usd` or `calls`) and period (`day` or `month`).

    Dollars are millionths. Bounds of a run are left out: they are of one run each.
    """
    found: dict[tuple[str, str, str], tuple[int, int]] = {}
    warehouse.ensure_tables(PROVIDER_TABLES)
    with warehouse.connect() as connection:
        for name, policy in policies.items():
            sql = http_budget.spent_sql(policy)
            if sql is None:
                continue
            spent = postgres.query(connection, sql, (name, NO_RUN))[0]
            for (unit, period), limit in policy.budget.limits().items():
                if period != "run":
                    found[name, unit, period] = (limit, spent[f"{unit}_{period}"])
    return found


def _status(
    policy: ApiPolicy, probe: tuple[bool, str, float | None], budget: tuple[bool, str]
) -> ProviderStatus:
    failure = key_failure(policy, policy.name)
    remedies = [
        "" if probe[0] else "Check the network, the proxy settings and base_url in providers.yaml.",
        failure[1] if failure else "",
        "" if budget[0] else "Wait for the next period, or raise the budget in your own providers.yaml.",
    ]
    return ProviderStatus(
        api=policy.name,
        reachable=probe[0],
        reached=probe[1],
        key_ok=failure is None,
        key=_key_words(policy),
        budget_ok=budget[0],
        budget=budget[1],
        remedy=" ".join(filter(None, remedies)),
        latency_ms=probe[2],
    )


def _key_words(policy: ApiPolicy) -> str:
    key = policy.key
    if key is None:
        return "none needed"
    state = "set" if read_key(key) else "not set"
    return f"{key.env} is {state}" + ("" if key.required else " (optional)")


def _probe(policy: ApiPolicy, timeout_seconds: float) -> tuple[bool, str, float | None]:
    private = policy.allow_private_addresses
    try:
        check_address(policy.base_url, policy.name, private)
        with httpx.Client(
            proxy=proxy_of(policy.base_url, private), trust_env=False, timeout=timeout_seconds
        ) as client:
            answer = client.head(policy.base_url)
    except PermanentError as error:
        return False, str(error), None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return False, f"no connection: {error or type(error).__name__}", None
    latency_ms = answer.elapsed.total_seconds() * 1000
    return True, f"HTTP {answer.status_code} in {latency_ms:.0f} ms", latency_ms


def _budget(connection: dbapi.Connection, policy: ApiPolicy) -> tuple[bool, str]:
    sql = http_budget.spent_sql(policy)
    if sql is None:
        return True, "no bound"
    spent = postgres.query(connection, sql, (policy.name, NO_RUN))[0]
    parts = []
    for (unit, period), limit in policy.budget.limits().items():
        left = max(limit - spent[f"{unit}_{period}"], 0)
        words = f"{dollars(left)} of {dollars(limit)}" if unit == "usd" else f"{left:,} of {limit:,} calls"
        parts.append(f"{words} {PERIOD_WORDS[period]}")
    room = http_budget.room(policy, policy.name, spent)
    return room.calls != 0, "; ".join(parts)
