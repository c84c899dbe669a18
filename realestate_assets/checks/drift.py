"""Drift checks: warnings where a month's homes or errors are not those of the model that values it."""

import json
from collections.abc import Iterator

import dagster as dg
import pandas as pd

from realestate_assets.checks.declare import quality_check
from realestate_assets.checks.scope import partitions_of
from realestate_assets.domain.core.months import add_months
from realestate_assets.domain.sales.validity import VALID
from realestate_assets.domain.valuation.drift import error_drift, feature_drift
from realestate_assets.domain.valuation.features import NUMERIC_FEATURES
from realestate_assets.domain.valuation.history import HISTORY_MONTHS
from realestate_assets.domain.valuation.promotion_policy import load_policy
from resources.partition import PARTITION_ROWS, Partition, in_partitions, partitions_json
from resources.readable import blamed, shown
from resources.warehouse.resource import WarehouseResource

FEATURES_SQL = f"""
select county, month, is_simulated, sale_validity, {", ".join(NUMERIC_FEATURES)}
from marts.features
where county in (select p.county from {PARTITION_ROWS}) and month between $2 and $3
"""
# Of the model that is in use: its figures as candidate in the month it was trained for.
ERRORS_SQL = f"""
select r.county, r.month, r.n, r.median_ratio, r.cod, used.candidate_metrics
from raw.ratio_studies as r
join raw.model_promotions as p using (county, month)
join raw.model_promotions as used
    on used.county = p.county and used.month = p.used_month and used.candidate_id = p.used_id
where {in_partitions("r")}
  and r.grouping = 'county_month'
order by r.county, r.month
"""


def drifted_features(frame: pd.DataFrame, partitions: list[Partition]) -> Iterator[tuple[str, dict]]:
    """Partition and PSI by feature of each partition in which some feature is worth a look.

    Args:
        frame: county, month, is_simulated, sale_validity and features of the months and those before.
        partitions: the partitions asked for.
    """
    rules = load_policy().drift
    for partition in partitions:
        county_slug, month = partition
        own = frame[frame["county"] == county_slug]
        now = own[own["month"] == month]
        earlier = (own["month"] < month) & (own["month"] >= add_months(month, -HISTORY_MONTHS))
        same_kind = own["is_simulated"].astype(bool) == (
            bool(len(now)) and bool(now["is_simulated"].astype(bool).all())
        )
        then = own[earlier & same_kind & (own["sale_validity"] == VALID)]
        if found := feature_drift(then, now, NUMERIC_FEATURES, rules):
            yield partition.key, found


@quality_check(
    asset="promoted_models",
    additional_deps=["features"],
    description="The month's homes look like those whose sales the models learned from (PSI by feature).",
)
def features_have_not_drifted(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    """Features with a population stability index above the thresholds of promotion.yaml."""
    partitions, rules = partitions_of(context), load_policy().drift
    months = [month for _, month in partitions]
    bound = (partitions_json(partitions), add_months(min(months), -HISTORY_MONTHS), max(months))
    watched = dict(drifted_features(warehouse.read(FEATURES_SQL, bound).to_pandas(), partitions))
    shifted = {
        key: names
        for key, found in watched.items()
        if (names := {n: v for n, v in found.items() if v >= rules.psi_shift})
    }
    return dg.AssetCheckResult(
        passed=not shifted,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            **shown("shifted", shifted),
            **blamed(shifted),
            "worth_a_look": dg.MetadataValue.json(watched),
            "thresholds": dg.MetadataValue.json({"watch": rules.psi_watch, "shift": rules.psi_shift}),
        },
    )


@quality_check(
    asset="ratio_studies",
    additional_deps=["model_promotions"],
    description="Errors of the month's sales are those the model in use had out of fold.",
)
def errors_have_not_drifted(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    """Median ratio and COD of each month against the out-of-fold figures of the model that valued it."""
    rules = load_policy().drift
    rows = warehouse.read(ERRORS_SQL, (partitions_json(partitions_of(context)),)).to_pylist()
    drifted = {}
    for row in rows:
        expected = json.loads(row["candidate_metrics"]).get("own") or {}
        if found := error_drift(expected, row, rules):
            drifted[Partition.of(row).key] = found
    return dg.AssetCheckResult(
        passed=not drifted,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "studied": len(rows),
            **shown("drifted", drifted),
            **blamed(drifted),
        },
    )


def drift_checks() -> list[dg.AssetChecksDefinition]:
    """The checks of this module."""
    return [features_have_not_drifted, errors_have_not_drifted]
