"""Contributions: what moves each home's value away from the county's median, in dollars."""

import dagster as dg
import pandas as pd

from realestate_assets.assets import declare
from realestate_assets.assets.scoring import promoted_model
from realestate_assets.domain.tables import VALUE_CONTRIBUTIONS
from realestate_assets.domain.valuation.explain import contributions
from realestate_assets.domain.valuation.model import ValueModel
from resources.documents.worker_processes import WorkerProcesses
from resources.partition import Partition
from resources.warehouse.frames import partition_rows
from resources.warehouse.resource import WarehouseResource

# Partitions from which processes pay: one takes 3 s to start, a county-month about as long to explain.
POOL_FROM = 4


def valued_by(scores: pd.DataFrame, features: pd.DataFrame, model: ValueModel) -> pd.DataFrame:
    """The scores of one partition that this model gave, with the features they rest on in the same order."""
    own = scores[scores["market_value_p50_usd"].notna() & (scores["model_id"] == model.model_id)]
    columns = ["property_id", "county", "month", "model_id", "is_simulated", "market_value_p50_usd"]
    rest = features.columns.difference(columns[1:])
    return own[columns].merge(features[rest], on="property_id", how="inner").sort_values("property_id")


def told_rows(homes: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the table: what was worked out for some homes, with their keys."""
    kept = homes.set_index("property_id")[["county", "month", "model_id", "is_simulated"]]
    return rows.join(kept, on="property_id")[VALUE_CONTRIBUTIONS.column_names]


def _summary(rows: pd.DataFrame) -> dict[str, object]:
    """Homes explained, and what moves values most: mean of the absolute dollars by cause."""
    sizes = rows[rows["kind"] == "feature"].assign(size=lambda f: f["contribution_usd"].abs())
    homes = rows["property_id"].nunique()
    mean = (sizes.groupby("feature")["size"].sum() / max(homes, 1)).sort_values(ascending=False)
    lines = "\n".join(f"- {name}: {usd:,.0f} USD" for name, usd in mean.head(10).items())
    return {"homes": homes, "mean_size_of_the_largest": dg.MetadataValue.md(lines or "none")}


@declare.asset(
    declare.table(
        VALUE_CONTRIBUTIONS,
        source="SHAP values of the promoted model, against the homes of median value among its training "
        "sales",
        caveat="they say how the model comes to its value, not what a change to the home would earn",
        on_failure="Where the sums miss the P50 of the scores, scores were made by another model than "
        "promoted_models holds now: materialize scores of the month, then this. A helper process that was "
        "killed means that memory is short: it is tried again, or run fewer months at a time.",
    ),
    deps=["features"],
)
def value_contributions(
    context: dg.AssetExecutionContext,
    warehouse: WarehouseResource,
    promoted_models: pd.DataFrame,
    scores: pd.DataFrame,
) -> pd.DataFrame:
    """Explain the values of each partition."""
    partitions = Partition.parse_all(context.partition_keys)
    features = warehouse.read_partitions("marts", "features", partitions).to_pandas(date_as_object=False)
    models = {partition: promoted_model(promoted_models, partition) for partition in partitions}
    homes = {
        partition: valued_by(partition_rows(scores, partition), partition_rows(features, partition), model)
        for partition, model in models.items()
        if model is not None
    }
    frames = [pd.DataFrame(columns=VALUE_CONTRIBUTIONS.column_names)]
    with WorkerProcesses(len(homes), POOL_FROM) as workers:
        made = workers.map(
            contributions,
            [models[partition] for partition in homes],
            list(homes.values()),
            [own["market_value_p50_usd"].to_numpy(float) for own in homes.values()],
        )
        for partition, found in zip(homes, made, strict=True):
            rows = told_rows(homes[partition], found)
            frames.append(rows)
            summary = _summary(rows)
            context.add_asset_metadata(summary, partition_key=partition.key)
            context.log.info(f"{partition}: {summary['homes']:,} values explained")
    filled = [rows for rows in frames if len(rows)]
    return pd.concat(filled, ignore_index=True) if filled else frames[0]
