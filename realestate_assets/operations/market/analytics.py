"""What the counties of a tenant come to: what arrived, how good it is, what it cost, markets and scores.

Each is one row a county and month (or ZIP, or provider) as a subquery over views, which show a tenant's own
counties; whoever asks sorts and pages it.
"""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from realestate_assets.operations.market.columns import counties, properties
from realestate_assets.operations.market.counts import data_quality, field_provenance, market_trends

# Steps of the funnel by score: `score_class` begins with them.
SCORES = (50, 65, 80)
ON_OFFER = "on_offer"


@dataclass(frozen=True)
class Chosen:
    """Which county-months: where none is named all counties that the tenant sees, and all months."""

    counties: Collection[str] = ()
    first_month: str | None = None
    last_month: str | None = None

    def of(self, table: sa.TableClause) -> list[sa.ColumnElement[bool]]:
        """Conditions on a view with county and month."""
        c = table.c
        found: list[sa.ColumnElement[bool]] = []
        if self.counties:
            found.append(c.county.in_(sorted(self.counties)))
        if self.first_month:
            found.append(c.month >= self.first_month)
        if self.last_month:
            found.append(c.month <= self.last_month)
        return found


def throughput(chosen: Chosen) -> sa.Subquery:
    """Rows received, and what became of them, by county and month."""
    c = data_quality.c
    return (
        sa.select(
            c.county,
            c.month,
            _metric("received", "received_count"),
            _metric("accepted", "accepted_count"),
            _metric("duplicates", "duplicate_count"),
            _metric("rejected", "rejected_count"),
        )
        .where(*chosen.of(data_quality), c.detail == "all")
        .group_by(c.county, c.month)
        .subquery("throughput")
    )


def quality(chosen: Chosen) -> sa.Subquery:
    """Checks that hold and that do not, and how much is filled and refused, by county and month."""
    c = data_quality.c
    received, rejected = (
        sa.func.sum(c.metric_value).filter(c.metric == name, c.detail == "all")
        for name in ("received", "rejected")
    )
    return (
        sa.select(
            c.county,
            c.month,
            sa.func.count().filter(c.is_passed.is_(True)).label("passed_count"),
            sa.func.count().filter(c.is_passed.is_(False)).label("failed_count"),
            sa.func.avg(c.metric_value).filter(c.metric == "filled_pct").label("filled_pct"),
            (100 * rejected / sa.func.nullif(received, 0)).label("rejected_pct"),
        )
        .where(*chosen.of(data_quality))
        .group_by(c.county, c.month)
        .subquery("quality")
    )


def costs(chosen: Chosen) -> sa.Subquery:
    """What providers were paid for what they gave, by county, month and provider."""
    c = field_provenance.c
    cost, used = sa.func.coalesce(sa.func.sum(c.cost_usd), 0.0), sa.func.sum(c.used_count)
    return (
        sa.select(
            c.county,
            c.month,
            c.provider,
            sa.func.sum(c.fact_count).label("fact_count"),
            used.label("used_count"),
            cost.label("cost_usd"),
            (cost / sa.func.nullif(used, 0)).label("cost_per_used_fact_usd"),
        )
        .where(*chosen.of(field_provenance))
        .group_by(c.county, c.month, c.provider)
        .subquery("costs")
    )


def market(chosen: Chosen, zips: Collection[str] = ()) -> sa.Subquery:
    """Each county's newest month by ZIP (`ALL` is the county), and prices against a year before.

    Args:
        chosen: counties; months are not looked at.
        zips: these alone.
    """
    now, before = market_trends.alias("now"), market_trends.alias("before")
    newest = (
        sa.select(market_trends.c.county, sa.func.max(market_trends.c.month).label("month"))
        .where(*Chosen(chosen.counties).of(market_trends))
        .group_by(market_trends.c.county)
        .subquery("newest")
    )
    a_year_before = sa.func.to_char(
        sa.func.to_date(now.c.month, "YYYY-MM") - sa.text("interval '1 year'"), "YYYY-MM"
    )
    change = 100 * (now.c.median_sale_price_usd / sa.func.nullif(before.c.median_sale_price_usd, 0) - 1)
    per_sqft = 100 * (
        now.c.median_price_per_sqft_usd / sa.func.nullif(before.c.median_price_per_sqft_usd, 0) - 1
    )
    statement = (
        sa.select(
            now.c.county,
            now.c.month,
            now.c.zip,
            now.c.is_simulated,
            now.c.property_count,
            now.c.active_listing_count,
            now.c.sale_count,
            now.c.median_sale_price_usd,
            change.label("median_sale_price_year_change_pct"),
            now.c.median_price_per_sqft_usd,
            per_sqft.label("median_price_per_sqft_year_change_pct"),
            now.c.median_days_on_market,
        )
        .join(newest, sa.and_(newest.c.county == now.c.county, newest.c.month == now.c.month))
        .outerjoin(
            before,
            sa.and_(
                before.c.county == now.c.county,
                before.c.zip == now.c.zip,
                before.c.is_simulated == now.c.is_simulated,
                before.c.month == a_year_before,
            ),
        )
    )
    return (statement.where(now.c.zip.in_(sorted(zips))) if zips else statement).subquery("market")


def funnel(chosen: Chosen) -> sa.Subquery:
    """From all homes of each county's newest month to those with a memo; each step is of the one before."""
    p = properties.c
    on_offer = p.offer_state == ON_OFFER
    valued = sa.and_(on_offer, p.market_value_p50_usd.is_not(None))
    scored = sa.and_(valued, p.bird_dog_score.is_not(None))
    steps = {
        "on_offer_count": on_offer,
        "valued_count": valued,
        "scored_count": scored,
        **{f"score_{least}_count": sa.and_(scored, p.bird_dog_score >= least) for least in SCORES},
        "memo_count": sa.and_(scored, p.memo_rank.is_not(None)),
    }
    newest = sa.select(counties.c.county, counties.c.newest_month).where(counties.c.newest_month.is_not(None))
    if chosen.counties:
        newest = newest.where(counties.c.county.in_(sorted(chosen.counties)))
    months = newest.subquery("newest")
    return (
        sa.select(
            p.county,
            p.month,
            sa.func.count().label("home_count"),
            *(sa.func.count().filter(step).label(name) for name, step in steps.items()),
            sa.func.percentile_cont(0.5).within_group(p.bird_dog_score).label("median_score"),
        )
        .join(months, sa.and_(months.c.county == p.county, months.c.newest_month == p.month))
        .group_by(p.county, p.month)
        .subquery("funnel")
    )


def _metric(name: str, label: str) -> sa.Label[float]:
    c = data_quality.c
    return sa.func.sum(c.metric_value).filter(c.metric == name).label(label)
