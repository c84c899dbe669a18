"""Quotas: used within the transaction that uses them, so that requests at once cannot overrun one.

The database adds and compares in one statement; what is rolled back was not used.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.usage import UsageCount
from realestate_assets.operations.accounts.plans import (
    METRICS,
    PLANS,
    PROPERTIES,
    next_month,
    this_month,
)
from resources.errors import PermanentError

# No row comes back where the quota would be overrun.
TAKE_SQL = sa.text(
    """
    insert into work.usage_counts as u (tenant_id, month, metric, used)
    select :tenant_id, :month, :metric, :more
    where :more <= coalesce(cast(:quota as bigint), :more)
    on conflict (tenant_id, month, metric) do update set used = u.used + excluded.used
    where u.used + excluded.used <= coalesce(cast(:quota as bigint), u.used + excluded.used)
    returning used
    """
)
COUNT_SQL = sa.text(
    """
    insert into work.usage_counts as u (tenant_id, month, metric, used)
    values (cast(nullif(current_setting('app.tenant_id', true), '') as uuid), :month, :metric, 1)
    on conflict (tenant_id, month, metric) do update set used = u.used + excluded.used
    """
)
# Whoever opens something new waits here for others of the tenant who do.
HOLD_SQL = sa.text(
    """
    insert into work.usage_counts as u (tenant_id, month, metric, used)
    values (:tenant_id, :month, :metric, 0)
    on conflict (tenant_id, month, metric) do update set used = u.used
    """
)
NEW_SQL = sa.text(
    """
    select exists (
        select from unnest(cast(:ids as text[])) as wanted(property_id)
        where not exists (
            select from work.opened_properties o
            where o.tenant_id = :tenant_id and o.month = :month and o.property_id = wanted.property_id
        )
    )
    """
)
OPEN_SQL = sa.text(
    """
    with opened as (
        insert into work.opened_properties (tenant_id, month, property_id)
        select :tenant_id, :month, property_id from unnest(cast(:ids as text[])) as property_id
        on conflict do nothing
        returning 1
    )
    select count(*) from opened
    """
)
WORDS = {
    "properties": "opens {quota:,} properties a month",
    "requests": "answers {quota:,} requests a month",
    "messages": "sends {quota:,} messages a month",
}


class QuotaExceededError(PermanentError):
    """The plan does not hold so much."""


@dataclass(frozen=True)
class Standing:
    """A quota and where a tenant stands; `quota` and `left` are None where the plan sets none."""

    metric: str
    used: int
    quota: int | None
    left: int | None
    resets_at: datetime


def take(session: Session, tenant_id: uuid.UUID, plan: str, metric: str, more: int = 1) -> None:
    """Use some of a quota.

    Raises:
        QuotaExceededError: it does not hold so much; nothing of it was used.
    """
    quota, month = PLANS[plan].quotas[metric], this_month()
    asked = {"tenant_id": tenant_id, "month": month, "metric": metric, "more": more}
    if session.execute(TAKE_SQL, asked | {"quota": quota}).one_or_none() is None:
        assert quota is not None
        words = WORDS[metric].format(quota=quota)
        raise QuotaExceededError(f"The plan {plan} {words}; it is anew on {next_month(month):%Y-%m-%d}.")


def count(session: Session, metric: str) -> None:
    """Count one for the transaction's tenant, which is done whatever the plan holds."""
    session.execute(COUNT_SQL, {"month": this_month(), "metric": metric})


def open_properties(session: Session, tenant_id: uuid.UUID, plan: str, ids: Collection[str]) -> int:
    """Count properties that are opened, each once a month; how many were new.

    Raises:
        QuotaExceededError: the plan does not hold so many; none was counted.
    """
    month = this_month()
    asked = {"tenant_id": tenant_id, "month": month, "ids": sorted(set(ids))}
    if not session.execute(NEW_SQL, asked).scalar_one():
        return 0
    session.execute(HOLD_SQL, {"tenant_id": tenant_id, "month": month, "metric": PROPERTIES})
    opened = int(session.execute(OPEN_SQL, asked).scalar_one())
    if opened:
        take(session, tenant_id, plan, PROPERTIES, opened)
    return opened


def standings(session: Session, plan: str, month: str) -> list[Standing]:
    """Where the transaction's tenant stands in a month, by metric."""
    rows = session.scalars(sa.select(UsageCount).where(UsageCount.month == month))
    used = {row.metric: row.used for row in rows}
    return [standing(metric, used.get(metric, 0), plan, month) for metric in METRICS]


def standing(metric: str, used: int, plan: str, month: str) -> Standing:
    """Where one stands with so much used."""
    quota = PLANS[plan].quotas[metric]
    left = None if quota is None else max(quota - used, 0)
    return Standing(metric, used, quota, left, next_month(month))
