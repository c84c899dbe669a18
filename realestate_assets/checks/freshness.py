"""Freshness checks: one a county, about what it delivers. A policy knows no partition, these do.

They warn and never block: old data are still data. The job `check_freshness` runs them each hour.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime

import dagster as dg

from realestate_assets.checks.declare import OWNER
from realestate_assets.domain.calendar.staleness import Delivered, Staleness, staleness_of
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.tables import PROPERTIES
from realestate_assets.extent import counties
from realestate_assets.settings import get_settings
from resources.readable import IS_OF_TODAY
from resources.retries import retried
from resources.warehouse.resource import WarehouseResource

ASSET = "properties"
# Dates after the running day are promises of a source, not observations.
DELIVERED_SQL = """
select county, max(month) as newest_month, max(observed_date)::text as newest_observation
from raw.properties
where not is_simulated and observed_date <= $1::date
  and county in (select jsonb_array_elements_text($2::jsonb))
group by county
"""


def check_name(county: str) -> str:
    """`king-wa` -> `is_fresh_king_wa`."""
    return f"is_fresh_{county.replace('-', '_')}"


SPECS = [
    dg.AssetCheckSpec(
        name=check_name(slug),
        asset=ASSET,
        description=f"The newest real record of {slug} is not older than freshness.max_age_days of its YAML.",
        metadata={"county": slug, "owner": OWNER, "severity": dg.AssetCheckSeverity.WARN.value},
    )
    for slug in counties()
]
FRESHNESS_CHECKS = tuple(spec.key for spec in SPECS)


def delivered_by(warehouse: WarehouseResource, slugs: list[str], today: date) -> dict[str, Delivered]:
    """Newest month and observation of each county that has real records."""
    warehouse.ensure_tables([PROPERTIES])
    rows = warehouse.read(DELIVERED_SQL, (today.isoformat(), json.dumps(slugs))).to_pylist()
    return {
        row["county"]: Delivered(row["newest_month"], date.fromisoformat(row["newest_observation"]))
        for row in rows
    }


def is_fetched(county: County) -> bool:
    """True where an API is asked for the county's records."""
    return any(get_settings().asks_api(source.api, source.enabled) for source in county.api_sources)


def result_of(county: County, delivered: Delivered, verdict: Staleness) -> dg.AssetCheckResult:
    """The verdict as Dagster keeps it."""
    metadata: dict[str, str | int | bool] = {
        "county": county.slug,
        "reason": verdict.reason,
        "is_asked": verdict.is_asked,
        IS_OF_TODAY: True,
    }
    metadata |= {
        name: value
        for name, value in {
            "newest_month": delivered.newest_month,
            "newest_observation": str(delivered.newest_observation or "") or None,
            "age_days": verdict.age_days,
            "max_age_days": county.freshness.max_age_days,
        }.items()
        if value is not None
    }
    return dg.AssetCheckResult(
        check_name=check_name(county.slug),
        asset_key=ASSET,
        passed=verdict.is_fresh,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=metadata,
    )


@dg.multi_asset_check(specs=SPECS, can_subset=True, name="counties_deliver")
@retried
def counties_deliver(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
) -> Iterator[dg.AssetCheckResult]:
    """Judge each county that was asked for; one query for all."""
    now = datetime.now(UTC)
    chosen = {
        slug: county
        for slug, county in counties().items()
        if dg.AssetCheckKey(dg.AssetKey(ASSET), check_name(slug)) in context.selected_asset_check_keys
    }
    delivered = delivered_by(warehouse, list(chosen), now.date())
    for slug, county in chosen.items():
        own = delivered.get(slug, Delivered())
        verdict = staleness_of(county, own, is_fetched(county), now)
        if not verdict.is_fresh:
            context.log.warning(verdict.reason)
        yield result_of(county, own, verdict)


def freshness_checks() -> list[dg.AssetChecksDefinition]:
    """The checks of this module."""
    return [counties_deliver]
