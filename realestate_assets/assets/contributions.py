"""Contributions: what moves each home's value away from the county's median, in dollars."""

import time

import dagster as dg
import pandas as pd

from realestate_assets.assets.scoring import partition_rows, promoted_model
from realestate_assets.domain.tables import VALUE_CONTRIBUTIONS
from realestate_assets.domain.valuation.explain import contributions
from realestate_assets.domain.valuation.model import ValueModel
from realestate_assets.partitions import BACKFILL, COUNTY_MONTH, split_keys
from resources.warehouse import WarehouseResource


def explained(scores: pd.DataFrame, features: pd.DataFrame, model: ValueModel) -> pd.DataFrame:
    """Rows of the table for the scores of one partition that this model gave.

    Args:
        scores: of the partition.
        features: of the same properties.
        model: the model in use; values that another one gave are passed over.
    """
    own = scores[scores["market_value_p50_usd"].notna() & (scores["model_id"] == model.model_id)]
    valued = features[features["property_id"].isin(own["property_id"])].sort_values("property_id")
    by_id = own.set_index("property_id").loc[valued["property_id"]]
    rows = contributions(model, valued, by_id["market_value_p50_usd"].to_numpy(float))
    kept = by_id[["county", "month", "model_id", "is_simulated"]]
    return rows.join(kept, on="property_id")[VALUE_CONTRIBUTIONS.column_names]


def _summary(rows: pd.DataFrame) -> dict[str, object]:
    """Homes explained, and what moves values most: mean of the absolute dollars by cause."""
    sizes = rows[rows["kind"] == "feature"].assign(size=lambda f: f["contribution_usd"].abs())
    homes = rows["property_id"].nunique()
    mean = (sizes.groupby("feature")["size"].sum() / max(homes, 1)).sort_values(ascending=False)
    lines = "\n".join(f"- {name}: {usd:,.0f} USD" for name, usd in mean.head(10).items())
    return {"homes": homes, "mean_size_of_the_largest": dg.MetadataValue.md(lines or "none")}


@dg.asset(
    partitions_def=COUNTY_MONTH,
    backfill_policy=BACKFILL,
    io_manager_key="warehouse_io",
    deps=["features"],
    kinds={"python", "postgres"},
    owners=["team:data"],
    description=(
        "**Grain:** twelve rows a valued property: the median it starts from, its ten largest causes, the "
        "rest. **Key:** county, month, property_id, contribution_rank. **Source:** SHAP values of the "
        "promoted model, against the homes of median value among its training sales. **Caveat:** they say "
        "how the model comes to its value, not what a change to the home would earn."
    ),
)
def value_contributions(
    context: dg.AssetExecutionContext,
    warehouse: WarehouseResource,
    promoted_models: pd.DataFrame,
    scores: pd.DataFrame,
) -> pd.DataFrame:
    """Explain the values of each partition."""
    partitions = split_keys(context.partition_keys)
    features = warehouse.read_partitions("marts", "features", partitions).to_pandas(date_as_object=False)
    frames = [pd.DataFrame(columns=VALUE_CONTRIBUTIONS.column_names)]
    for county, month in partitions:
        started = time.monotonic()
        model = promoted_model(promoted_models, county, month)
        if model is None:
            context.log.info(f"{county} {month}: no model")
            continue
        rows = explained(
            partition_rows(scores, county, month), partition_rows(features, county, month), model
        )
        frames.append(rows)
        told = _summary(rows)
        context.add_asset_metadata(told, partition_key=f"{county}|{month}")
        seconds = time.monotonic() - started
        context.log.info(f"{county} {month}: {told['homes']:,} values explained in {seconds:.1f} s")
    filled = [rows for rows in frames if len(rows)]
    return pd.concat(filled, ignore_index=True) if filled else frames[0]
