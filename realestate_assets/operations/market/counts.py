"""Counts over properties: facets of a list, and what the counties, their data and their markets are like."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.operations.market.columns import counties, properties, view, view_of
from realestate_assets.operations.market.details import rows
from realestate_assets.operations.market.filters import LISTS, PropertyFilter, conditions, months_shown
from realestate_assets.operations.market.pages import count_properties

MAX_FACET_VALUES = 50
FACETS = tuple(LISTS)
COUNTED_RANGES = (
    "asking_price_usd",
    "market_value_p50_usd",
    "living_area_sqft",
    "year_built",
    "bird_dog_score",
)
data_quality = view("data_quality", ("county", "month", "metric", "detail", "metric_value", "is_passed"))
market_trends = view(
    "market_trends",
    (
        "county", "month", "zip", "is_simulated", "property_count", "active_listing_count", "sale_count",
        "median_sale_price_usd", "median_price_per_sqft_usd", "median_price_per_sqft_change_pct",
        "median_days_on_market",
    ),
)  # fmt: skip
rejects = view_of("property_rejects")
promotions = view_of("model_promotions")
ratio_studies = view_of("ratio_studies")
field_provenance = view(
    "field_provenance",
    (
        "county", "month", "field", "provider", "fact_count", "answered_count", "used_count",
        "agreement_pct", "mean_confidence", "oldest_vintage_date", "newest_vintage_date", "simulated_count",
        "cost_usd",
    ),
)  # fmt: skip


def facets(session: Session, chosen: PropertyFilter) -> dict[str, Any]:
    """Values of each list filter with their counts, and the ends of the ranges, among what fulfils the rest.

    A facet counts what there would be with another value of its own filter: that filter is left out.
    """
    c = properties.c
    found: dict[str, list[dict[str, Any]]] = {}
    partitions = months_shown(session, chosen)
    if not partitions:
        return {"total": 0, "facets": {name: [] for name in FACETS}, "ranges": {}}
    for name in FACETS:
        others = chosen.model_copy(update={name: []})
        there = months_shown(session, others) if name == "county" else partitions
        column, count = c[LISTS[name]], sa.func.count().label("count")
        query = (
            sa.select(column.label("value"), count)
            .where(*conditions(others, there), column.is_not(None))
            .group_by(column)
            .order_by(count.desc(), column)
            .limit(MAX_FACET_VALUES)
        )
        found[name] = [dict(row) for row in session.execute(query).mappings()]
    wanted = conditions(chosen, partitions)
    ends = [end(c[name]) for name in COUNTED_RANGES for end in (sa.func.min, sa.func.max)]
    values = list(session.execute(sa.select(*ends).where(*wanted)).one())
    ranges = {
        name: {"least": values[2 * place], "most": values[2 * place + 1]}
        for place, name in enumerate(COUNTED_RANGES)
    }
    return {"total": count_properties(session, wanted), "facets": found, "ranges": ranges}


def list_counties(session: Session) -> list[dict[str, Any]]:
    """The tenant's counties with their months and how many properties the newest has."""
    found = rows(session, sa.select(counties).order_by(counties.c.county))
    newest = [(row["county"], row["newest_month"]) for row in found if row["newest_month"]]
    c = properties.c
    query = (
        sa.select(
            c.county,
            sa.func.count().label("property_count"),
            sa.func.count(c.bird_dog_score).label("scored_count"),
            sa.func.max(c.observed_date).label("newest_observed_date"),
            sa.func.bool_or(c.is_simulated).label("has_simulated"),
        )
        .where(sa.tuple_(c.county, c.month).in_(newest))
        .group_by(c.county)
    )
    counted = {row["county"]: row for row in rows(session, query)} if newest else {}
    nothing = {"property_count": 0, "scored_count": 0, "newest_observed_date": None, "has_simulated": None}
    return [{**row, **nothing, **counted.get(row["county"], {})} for row in found]


def newest_month(session: Session, county: str) -> str | None:
    """The newest month of a county that is scored; None where the tenant does not see it or there is none."""
    query = sa.select(counties.c.newest_month).where(counties.c.county == county)
    return session.execute(query).scalar_one_or_none()


def quality_of(session: Session, county: str, month: str) -> list[dict[str, Any]]:
    """Measures of a county's month with their verdicts."""
    c = data_quality.c
    query = sa.select(data_quality).where(c.county == county, c.month == month)
    return rows(session, query.order_by(c.metric, c.detail))


def rejects_of(county: str, month: str) -> sa.Select[Any]:
    """Refused rows of a county's month.

    The record itself is not shown: what was refused was never looked through for what names a person.
    """
    return sa.select(rejects).where(rejects.c.county == county, rejects.c.month == month)


def reject_key() -> list[sa.ColumnElement[Any]]:
    """What tells the refused rows of a month apart."""
    return [rejects.c[name] for name in ("source", "source_file", "source_row")]


def trends_of(session: Session, county: str, zips: list[str], months: int) -> list[dict[str, Any]]:
    """Figures of a county's market by month, newest first; `ALL` is the whole county."""
    c = market_trends.c
    newest = newest_month(session, county)
    if newest is None:
        return []
    year, number = int(newest[:4]), int(newest[5:])
    first = year * 12 + number - months
    earliest = f"{first // 12:04d}-{first % 12 + 1:02d}"
    wanted = zips or ["ALL"]
    query = sa.select(market_trends).where(c.county == county, c.month >= earliest, c.zip.in_(wanted))
    return rows(session, query.order_by(c.month.desc(), c.zip, c.is_simulated))


def providers_of(session: Session, county: str, month: str) -> list[dict[str, Any]]:
    """What each provider gave for each field in a county's month."""
    c = field_provenance.c
    query = sa.select(field_provenance).where(c.county == county, c.month == month)
    return rows(session, query.order_by(c.field, c.provider))


def models_of(session: Session, county: str) -> list[dict[str, Any]]:
    """Which model values each month of a county and why, the newest first."""
    query = sa.select(promotions).where(promotions.c.county == county)
    return rows(session, query.order_by(promotions.c.month.desc()))


def studies_of(session: Session, county: str, month: str) -> list[dict[str, Any]]:
    """How near the values of a county's month came to its sales, by group."""
    c = ratio_studies.c
    query = sa.select(ratio_studies).where(c.county == county, c.month == month)
    return rows(session, query.order_by(c.grouping, c.group_value))
