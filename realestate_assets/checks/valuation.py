"""Checks of values, scores and memos: order of the interval, ratio study, files behind the manifest."""

import hashlib

import dagster as dg
import pandas as pd

from realestate_assets.checks.declare import quality_check
from realestate_assets.checks.rules import MAX_OFFENDERS
from realestate_assets.checks.scope import partitions_of
from realestate_assets.domain.valuation.ratio_study import interval_coverage, ratio_study
from resources.lake.store import StoreResource
from resources.partition import IN_PARTITIONS, partitions_json
from resources.readable import shown
from resources.warehouse.resource import WarehouseResource

# IAAO Standard on Ratio Studies: median 0.90-1.10, COD 5-15, PRD 0.98-1.03, PRB within 0.05.
IAAO_RANGES = {"median_ratio": (0.90, 1.10), "cod": (5.0, 15.0), "prd": (0.98, 1.03), "prb": (-0.05, 0.05)}
MIN_SALES = 30

SALES_SQL = f"""
select f.sale_price_usd, s.market_value_p10_usd, s.market_value_p50_usd, s.market_value_p90_usd
from raw.scores as s
join marts.features as f using (county, month, property_id)
where {IN_PARTITIONS} and s.market_value_p50_usd is not null and f.sale_validity = 'VALID'
"""

DISORDERED_SQL = f"""
select county, month, property_id from raw.scores
where {IN_PARTITIONS} and (
    not (market_value_p10_usd <= market_value_p50_usd and market_value_p50_usd <= market_value_p90_usd)
    or (value_status = 'valued') <> (market_value_p50_usd is not null)
    or (market_value_p50_usd is null and bird_dog_score is not null)
)
order by county, month, property_id
"""

# A value without a model's reference homes (a model of an earlier version) has no contributions at all.
NOT_ADDING_UP_SQL = f"""
select county, month, property_id, sum(contribution_usd) as contributions_usd, market_value_p50_usd
from raw.value_contributions as c
left join (
    select county, month, property_id, model_id, market_value_p50_usd from raw.scores
) as s using (county, month, property_id, model_id)
where {IN_PARTITIONS}
group by county, month, property_id, market_value_p50_usd
having (abs(sum(contribution_usd) - market_value_p50_usd) < 0.01) is not true
    or count(*) filter (where kind = 'base') <> 1
    or count(*) filter (where kind = 'other') <> 1
order by county, month, property_id
"""


def study(sales: pd.DataFrame) -> dict:
    """Ratio study and interval coverage of valued sales.

    Args:
        sales: sale_price_usd and market_value_p10/p50/p90_usd, one row a sale.
    """
    return {
        **ratio_study(sales["market_value_p50_usd"].to_numpy(), sales["sale_price_usd"].to_numpy()),
        "interval_coverage": interval_coverage(
            sales["market_value_p10_usd"].to_numpy(),
            sales["market_value_p90_usd"].to_numpy(),
            sales["sale_price_usd"].to_numpy(),
        ),
    }


def outside_iaao_ranges(figures: dict) -> dict[str, float]:
    """Figures that lie outside the IAAO ranges; a figure that could not be computed is not outside."""
    return {
        name: figures[name]
        for name, (low, high) in IAAO_RANGES.items()
        if figures.get(name) is not None and not low <= figures[name] <= high
    }


@quality_check(
    asset="scores",
    blocking=True,
    description="P10 <= P50 <= P90; a value exactly where the status says so; no score without a value.",
)
def values_and_scores_are_consistent(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    """Rows whose interval, status and score contradict each other."""
    faults = warehouse.read(DISORDERED_SQL, (partitions_json(partitions_of(context)),)).to_pylist()
    return dg.AssetCheckResult(
        passed=not faults,
        metadata={"rows": len(faults), **shown("examples", faults[:MAX_OFFENDERS])},
    )


@quality_check(
    asset="value_contributions",
    additional_deps=["scores"],
    blocking=True,
    description="Median, causes and rest add up to the P50 of the scores, to the cent.",
)
def contributions_add_up_to_the_value(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    """Homes whose contributions are not those of their value."""
    bound = (partitions_json(partitions_of(context)),)
    faults = warehouse.read(NOT_ADDING_UP_SQL, bound).to_pylist()
    return dg.AssetCheckResult(
        passed=not faults,
        metadata={"homes": len(faults), **shown("examples", faults[:MAX_OFFENDERS])},
    )


@quality_check(asset="scores", description="Values agree with the month's sales within the IAAO ranges.")
def values_agree_with_sales(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    """A ratio study over the valid sales of the run's partitions that have a value."""
    sales = warehouse.read(SALES_SQL, (partitions_json(partitions_of(context)),)).to_pandas()
    if len(sales) < MIN_SALES:
        return dg.AssetCheckResult(passed=True, metadata={"n": len(sales), "needed": MIN_SALES})
    figures = study(sales)
    outside = outside_iaao_ranges(figures)
    return dg.AssetCheckResult(
        passed=not outside,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            **{name: value for name, value in figures.items() if value is not None},
            **shown("outside", outside),
        },
    )


def files_that_differ(lake: StoreResource, manifest: list[dict]) -> list[dict]:
    """Manifest entries whose file is missing in the lake or has another SHA-256."""
    faults = []
    for row in manifest:
        for kind in ("pdf", "html"):
            path = row[f"{kind}_path"]
            if not lake.exists(path):
                faults.append({"path": path, "fault": "missing"})
            elif hashlib.sha256(lake.read_bytes(path)).hexdigest() != row[f"{kind}_sha256"]:
                faults.append({"path": path, "fault": "differs"})
    return faults


@quality_check(
    asset="memos", blocking=True, description="Each memo of the manifest lies in the lake as made."
)
def memo_files_match_the_manifest(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource, lake: StoreResource
) -> dg.AssetCheckResult:
    """Existence and SHA-256 of each file."""
    manifest = warehouse.read(
        "select pdf_path, pdf_sha256, html_path, html_sha256 from raw.memos "
        f"where {IN_PARTITIONS} order by pdf_path",
        (partitions_json(partitions_of(context)),),
    ).to_pylist()
    faults = files_that_differ(lake, manifest)
    return dg.AssetCheckResult(
        passed=not faults,
        metadata={"memos": len(manifest), **shown("faults", faults[:MAX_OFFENDERS])},
    )


def valuation_checks() -> list[dg.AssetChecksDefinition]:
    """The checks of this module."""
    return [
        values_and_scores_are_consistent,
        contributions_add_up_to_the_value,
        values_agree_with_sales,
        memo_files_match_the_manifest,
    ]
