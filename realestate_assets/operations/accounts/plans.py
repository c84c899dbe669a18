"""Plans: how much of each thing a tenant may use in a month."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

PROPERTIES, REQUESTS, MESSAGES = METRICS = ("properties", "requests", "messages")


@dataclass(frozen=True)
class Plan:
    """Quotas of a plan, by metric; None is as much as one likes."""

    name: str
    quotas: Mapping[str, int | None]


def _plan(name: str, properties: int | None, requests: int | None, messages: int | None) -> Plan:
    given = dict(zip(METRICS, (properties, requests, messages), strict=True))
    return Plan(name, MappingProxyType(given))


PLANS = {
    plan.name: plan
    for plan in (
        _plan("free", 100, 10_000, 500),
        _plan("professional", 1_000, 200_000, 20_000),
        _plan("enterprise", None, None, None),
    )
}


def this_month(now: datetime | None = None) -> str:
    """The running month as YYYY-MM, in UTC."""
    return f"{now or datetime.now(UTC):%Y-%m}"


def next_month(month: str) -> datetime:
    """When a month's quotas are anew: the first moment of the next one, UTC."""
    year, number = map(int, month.split("-"))
    return datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
