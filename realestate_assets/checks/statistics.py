"""Statistical checks: warnings with the offenders in the metadata, never blocking.

Thresholds are module constants with the reason they have their value.
"""

from typing import Any

import dagster as dg
import numpy as np
import pandas as pd

from realestate_assets.checks.declare import quality_check
from realestate_assets.checks.rules import MAX_OFFENDERS
from realestate_assets.checks.scope import partitions_of
from realestate_assets.domain.core.robust import MAD_TO_SD
from realestate_assets.domain.intake.conditions import LEFT_OUT
from realestate_assets.domain.tables import ENRICHMENT_GROUPS
from resources.partition import IN_PARTITIONS, Partition, partitions_json
from resources.readable import blamed, shown
from resources.warehouse.resource import WarehouseResource

# The generated sample carries 4 % dirt; a real file that loses more than a tenth has a wrong map.
MAX_REJECT_SHARE = 0.10
# Robust z-score on log price per sq ft; King County's 21,613 sales have 0.1 % beyond it.
OUTLIER_Z = 5.0
MAX_OUTLIER_SHARE = 0.005
MIN_GROUP_COMPLETENESS = 0.80
# Null by nature on most properties: most zones have no static elevation, most owners owe nothing, and a
# tract comes only with an address that had to be geocoded.
OPTIONAL_FIELDS = {"base_flood_elevation_ft", "tax_delinquent_usd", "tax_sale_year", "census_tract"}
# Below this many rows a column may well be constant by chance.
MIN_ROWS_FOR_VARIANCE = 50
MIN_SCORE_SPREAD = 3.0


def high_reject_shares(counts: pd.DataFrame) -> list[dict]:
    """Sources that lose more than MAX_REJECT_SHARE of their rows.

    Args:
        counts: one row a county, month and source, with `received` and `rejected`.
    """
    share = counts["rejected"] / counts["received"].where(counts["received"] > 0)
    return counts.assign(share=share.round(4))[share > MAX_REJECT_SHARE].to_dict("records")


def price_outliers(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows whose log price per sq ft lies OUTLIER_Z robust deviations off their county's median.

    Args:
        frame: `county`, `price_per_sqft_usd` and any identifying columns.

    Returns:
        The offending rows with `robust_z`, farthest first.
    """
    known = frame[frame["price_per_sqft_usd"] > 0].copy()
    log_price = np.log(known["price_per_sqft_usd"])
    centre = log_price.groupby(known["county"]).transform("median")
    mad = (log_price - centre).abs().groupby(known["county"]).transform("median")
    known["robust_z"] = (log_price - centre) / (MAD_TO_SD * mad.where(mad > 0))
    far = known[known["robust_z"].abs() > OUTLIER_Z]
    return far.reindex(far["robust_z"].abs().sort_values(ascending=False).index)


def constant_columns(frame: pd.DataFrame) -> dict[str, object]:
    """Columns that hold one value in all their known rows, with that value; too few rows say nothing."""
    if len(frame) < MIN_ROWS_FOR_VARIANCE:
        return {}
    known = frame.notna().sum()
    distinct = frame.nunique(dropna=True)
    names = [c for c in frame.columns if known[c] >= MIN_ROWS_FOR_VARIANCE and distinct[c] == 1]
    return {name: frame[name].dropna().iloc[0] for name in names}


def incomplete_groups(frame: pd.DataFrame, asked: set[str] | None = None) -> dict[str, float]:
    """Enrichment groups of which less than MIN_GROUP_COMPLETENESS of the fields is filled.

    Args:
        frame: rows of enrichments; a coordinate that the record itself has counts as filled (`is_located`).
        asked: the groups somebody is asked for; all of them where it is not given.
    """
    filled = frame.notna()
    if "is_located" in frame:
        located = frame["is_located"].to_numpy(bool)
        for name in ("geocoded_latitude", "geocoded_longitude"):
            filled[name] |= located
    shares = {
        group: float(filled[[c.name for c in columns if c.name not in OPTIONAL_FIELDS]].to_numpy().mean())
        for group, columns in ENRICHMENT_GROUPS.items()
        if len(frame) and (asked is None or group in asked)
    }
    return {group: round(share, 4) for group, share in shares.items() if share < MIN_GROUP_COMPLETENESS}


def asked_groups(facts: pd.DataFrame) -> dict[str, set[str]]:
    """Groups that some provider is asked for, by county.

    Args:
        facts: county and field of facts of any provider but `none`.
    """
    group_of = {column.name: group for group, columns in ENRICHMENT_GROUPS.items() for column in columns}
    groups = facts.assign(group=facts["field"].map(group_of)).groupby("county")["group"]
    return {str(county_slug): set(names) for county_slug, names in groups}


def _warn(passed: bool, **metadata: Any) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=passed, severity=dg.AssetCheckSeverity.WARN, metadata=metadata)


def _read(warehouse: WarehouseResource, context: dg.AssetCheckExecutionContext, sql: str) -> pd.DataFrame:
    return warehouse.read(sql, (partitions_json(partitions_of(context)),)).to_pandas()


@quality_check(asset="property_rejects", description="No source loses more than a tenth of its rows.")
def few_rows_are_rejected(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    """Reject share per county, month and source."""
    counts = _read(
        warehouse,
        context,
        f"""
        select f.county, f.month, f.source, f.received, coalesce(r.rejected, 0)::bigint as rejected
        from (select county, month, source, sum(rows_received)::bigint as received
              from raw.source_files where {IN_PARTITIONS} group by county, month, source) as f
        left join (select county, month, source, count(*) as rejected from raw.property_rejects
                   where disposition = 'rejected' and reason_code <> '{LEFT_OUT}'
                   group by county, month, source) as r
            using (county, month, source)
        order by 1, 2, 3
        """,
    )
    offenders = high_reject_shares(counts)
    return _warn(
        not offenders,
        threshold=MAX_REJECT_SHARE,
        **shown("offenders", offenders),
        **blamed(Partition.of(row).key for row in offenders),
    )


@quality_check(asset="features", description="Few prices per sq ft lie far off their county's median.")
def prices_per_sqft_are_plausible(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    """Outliers of price per sq ft by robust z-score."""
    frame = _read(
        warehouse,
        context,
        "select county, month, property_id, price_per_sqft_usd from marts.features "
        f"where {IN_PARTITIONS} order by county, month, property_id",
    )
    far = price_outliers(frame)
    share = len(far) / len(frame) if len(frame) else 0.0
    return _warn(
        share <= MAX_OUTLIER_SHARE,
        share=share,
        threshold=MAX_OUTLIER_SHARE,
        **shown("offenders", far.head(MAX_OFFENDERS).to_dict("records")),
    )


@quality_check(asset="features", description="No feature holds one value for all properties of a county.")
def every_feature_varies(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    """A feature that never varies says nothing and usually comes from a fault upstream."""
    frame = _read(
        warehouse,
        context,
        f"select * from marts.features where {IN_PARTITIONS}",
    )
    # Neither these nor a verdict on a sale describe a home: all alike is no fault.
    keys = [
        "month",
        "property_id",
        "source",
        "is_simulated",
        "state",
        "is_list_price_assumed",
        "sale_validity",
    ]
    offenders = {
        str(county_slug): {name: str(value) for name, value in found.items()}
        for county_slug, rows in frame.groupby("county")
        if (found := constant_columns(rows.drop(columns=["county", *keys])))
    }
    return _warn(not offenders, **shown("offenders", offenders))


@quality_check(
    asset="enrichments",
    additional_deps=["enrichment_facts", "properties"],
    description="At least 80 % of each field group that somebody is asked for is filled.",
)
def enrichment_groups_are_filled(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    """Completeness per field group and county; groups nobody is configured for are only listed."""
    frame = _read(
        warehouse,
        context,
        "select e.*, p.latitude is not null and p.longitude is not null as is_located "
        "from raw.enrichments as e join raw.properties as p using (county, month, property_id) "
        f"where {IN_PARTITIONS}",
    )
    asked = asked_groups(
        _read(
            warehouse,
            context,
            "select distinct county, field from raw.enrichment_facts "
            f"where {IN_PARTITIONS} and provider <> 'none'",
        )
    )
    offenders, unasked = {}, {}
    for county_slug, rows in frame.groupby("county"):
        groups = asked.get(str(county_slug), set())
        unasked[str(county_slug)] = sorted(set(ENRICHMENT_GROUPS) - groups)
        if found := incomplete_groups(rows, groups):
            offenders[str(county_slug)] = found
    return _warn(
        not offenders,
        threshold=MIN_GROUP_COMPLETENESS,
        **shown("offenders", offenders),
        nobody_asked=dg.MetadataValue.json(unasked),
    )


@quality_check(asset="scores", description="Scores tell properties apart.")
def scores_spread_out(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    """A score that is nearly the same for all properties of a county ranks nothing."""
    frame = _read(
        warehouse,
        context,
        f"select county, bird_dog_score from raw.scores where {IN_PARTITIONS} and bird_dog_score is not null",
    )
    spread = frame.groupby("county")["bird_dog_score"].agg(["std", "size"])
    flat = spread[(spread["size"] >= MIN_ROWS_FOR_VARIANCE) & ~(spread["std"] >= MIN_SCORE_SPREAD)]
    return _warn(
        flat.empty,
        threshold=MIN_SCORE_SPREAD,
        **shown("offenders", flat["std"].round(4).to_dict()),
    )


def statistical_checks() -> list[dg.AssetChecksDefinition]:
    """The checks of this module."""
    return [
        few_rows_are_rejected,
        prices_per_sqft_are_plausible,
        every_feature_varies,
        enrichment_groups_are_filled,
        scores_spread_out,
    ]
