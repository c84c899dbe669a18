"""Promotion: each month's candidate against the model in use; which one values the month is written down."""

import json
import time
from collections.abc import Sequence

import dagster as dg
import pandas as pd
import pyarrow as pa

from realestate_assets.assets import declare
from realestate_assets.assets.champion_trial import ChampionTrial
from realestate_assets.assets.model_archive import ModelArchive
from realestate_assets.assets.model_reuse import TRAINED_WITH
from realestate_assets.assets.valuation import MODEL_SCHEMA, read_history
from realestate_assets.domain.core.months import add_months
from realestate_assets.domain.tables import MODEL_PROMOTIONS
from realestate_assets.domain.valuation.features import TRAINING_COLUMNS
from realestate_assets.domain.valuation.model import INSUFFICIENT_SALES, TRAINED, model_path
from realestate_assets.domain.valuation.promotion_policy import load_policy
from resources.errors import PermanentError
from resources.lake.store import StoreResource
from resources.partition import Partition
from resources.warehouse.resource import WarehouseResource

# The model's row without its out-of-fold values, which scoring has no use for.
USED_COLUMNS = [name for name in MODEL_SCHEMA.names if name not in ("out_of_fold_json", TRAINED_WITH)]
USED_SCHEMA = pa.schema(
    [MODEL_SCHEMA.field(name) for name in USED_COLUMNS]
    + [pa.field(name, pa.string()) for name in ("model_month", "candidate_id", "decision", "value_bands")]
)
DECISIONS_SQL = (
    "select county, month, candidate_id, champion_id, champion_month, used_id, used_month, is_simulated "
    "from raw.model_promotions where month between $1 and $2 "
    "and county in (select jsonb_array_elements_text($3::jsonb))"
)


@declare.asset(
    declare.parquet(
        "promoted_models",
        grain="The one model that values a county's month.",
        key=("county", "month"),
        source="valuation_models: the month's candidate where it holds against the ranges of promotion.yaml "
        "and the model in use, else the earlier one (`model_month`)",
        caveat="every candidate stays in the lake under models/",
        on_failure="Two warnings stop nothing: a candidate that was refused (the reasons stand in "
        "model_promotions; the month keeps the earlier model) and homes unlike those learned from (their "
        "features are named; train the month anew once sales like them are in). A value outside its range in "
        "promotion.yaml is named with its key.",
        schema=USED_SCHEMA,
        kinds=("lightgbm",),
    ),
    declare.table(
        MODEL_PROMOTIONS,
        source="the candidate and the model in use before, judged on the same sales: which one is used, why, "
        "and the figures of both",
        caveat="a month run again replaces its decision; a later month decided earlier is not decided anew",
        on_failure="It is made in one step with promoted_models and mended with it. NO_MODEL is a decision, "
        "not a failure: there was no candidate and none in use, see valuation_models. Run months in their "
        "order: a month is judged against what was decided for the months before.",
    ),
    deps=["features"],
)
def model_promotion(
    context: dg.AssetExecutionContext,
    warehouse: WarehouseResource,
    lake: StoreResource,
    valuation_models: pa.Table,
) -> tuple[pa.Table, pd.DataFrame]:
    """Decide the run's months in order, county by county."""
    partitions = Partition.parse_all(context.partition_keys)
    trial = ChampionTrial(
        ModelArchive(lake),
        _records(warehouse, valuation_models, partitions),
        _decided(warehouse, partitions),
        load_policy(),
    )
    candidates = {Partition.of(row): row for row in valuation_models.to_pylist()}
    used, decisions = [], []
    # Sorted by county and month: a later month's champion is what was decided for the earlier ones.
    for partition in partitions:
        started = time.monotonic()
        missing = {**partition.columns, "status": INSUFFICIENT_SALES}
        row = trial.decide(candidates.get(partition, missing))
        decisions.append(row)
        used.append(_used(trial.archive, row))
        _report(context, lake, row)
        context.log.info(f"{partition}: {row['decision']} in {time.monotonic() - started:.1f} s")
    table = pd.DataFrame(decisions, columns=MODEL_PROMOTIONS.column_names)
    return pa.Table.from_pylist(used, schema=USED_SCHEMA), table


def _records(warehouse: WarehouseResource, models: pa.Table, partitions: Sequence[Partition]) -> pd.DataFrame:
    """Features with prices of the run's counties; of all counties where a model was trained on all."""
    pooled = "pooled" in set(models["kind"].to_pylist())
    counties = None if pooled else [county for county, _ in partitions]
    return read_history(warehouse, "marts.features", TRAINING_COLUMNS, [m for _, m in partitions], counties)


def _decided(warehouse: WarehouseResource, partitions: Sequence[Partition]) -> list[dict]:
    warehouse.ensure_tables([MODEL_PROMOTIONS])
    months = [month for _, month in partitions]
    counties = json.dumps(sorted({county for county, _ in partitions}))
    oldest = add_months(min(months), -load_policy().champion.max_age_months)
    return warehouse.read(DECISIONS_SQL, (oldest, max(months), counties)).to_pylist()


def _used(archive: ModelArchive, row: dict) -> dict:
    """The row of promoted_models."""
    key = {name: row[name] for name in ("county", "month", "candidate_id", "decision", "value_bands")}
    if row["used_id"] is None:
        return {**key, "status": INSUFFICIENT_SALES}
    model = archive.row(row["county"], row["used_id"])
    if model is None:
        raise PermanentError(
            f"The file of model {row['used_id']} is gone from the lake.",
            county=row["county"], field="models",
            remedy="Restore it from the backup, or materialize valuation_models and model_promotions again.",
        )  # fmt: skip
    return {**model, **key, "status": TRAINED, "model_month": row["used_month"]}


def _report(context: dg.AssetExecutionContext, lake: StoreResource, row: dict) -> None:
    metadata = {
        "decision": row["decision"],
        "why": dg.MetadataValue.md("\n".join(f"- {reason}" for reason in json.loads(row["reasons"]))),
        "promoted": row["promoted"],
        "judged_sales": row["judged_sales"],
        "compared_sales": row["compared_sales"],
    }
    metadata |= {
        n: row[n] for n in ("candidate_id", "champion_id", "used_id", "used_month") if row[n] is not None
    }
    for name in ("candidate_metrics", "champion_metrics"):
        metadata[name] = dg.MetadataValue.json(json.loads(row[name]))
    if row["used_id"] is not None:
        metadata["model_file"] = lake.uri(model_path(row["county"], row["used_id"]))
    for asset in ("promoted_models", "model_promotions"):
        context.add_asset_metadata(metadata, asset_key=asset, partition_key=Partition.of(row).key)
