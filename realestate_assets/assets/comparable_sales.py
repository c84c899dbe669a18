"""Comparables: earlier sales of each property, adjusted by the rates of the model in use."""

import dagster as dg
import pandas as pd

from realestate_assets.assets import declare
from realestate_assets.assets.scoring import promoted_model
from realestate_assets.assets.valuation import by_partition, read_history
from realestate_assets.domain.comparables import comparables as comparable_sales
from realestate_assets.domain.tables import COMPARABLES
from realestate_assets.domain.valuation.params import AdjustmentRates, load_params
from realestate_assets.domain.valuation.rates import stored_rates
from resources.partition import Partition
from resources.warehouse.frames import partition_rows
from resources.warehouse.resource import WarehouseResource


@declare.asset(
    declare.table(
        COMPARABLES,
        source="features of the last twelve months' sales of the same type, waterfront, view and lot class, "
        "nearby and alike; adjusted by the promoted model's values of both homes, line by line",
        caveat="a property without coordinates or living area has none; a month without a model has the "
        "rates of params.yaml",
        on_failure="A comparable or subject that is no known property is listed by its check: an earlier "
        "month was made again meanwhile, so materialize features of the county's last twelve months and then "
        "this. A bound of params.yaml that contradicts another is named with its key.",
    ),
    deps=["features"],
)
def comparables(
    context: dg.AssetExecutionContext, warehouse: WarehouseResource, promoted_models: pd.DataFrame
) -> pd.DataFrame:
    """Choose and adjust the comparables of each property."""
    partitions = Partition.parse_all(context.partition_keys)
    records = read_history(
        warehouse,
        "marts.features",
        comparable_sales.MODEL_RECORD_COLUMNS,
        [m for _, m in partitions],
        [c for c, _ in partitions],
    )
    params = load_params()
    rates: dict[Partition, AdjustmentRates] = {}
    for partition in partitions:
        model = partition_rows(promoted_models, partition)
        stored = model["ensemble_json"].iloc[0] if len(model) else None
        rates[partition] = stored_rates(stored, params.comparables)
        metadata = {f"rate_{name}": value for name, value in rates[partition].model_dump().items()}
        metadata["rates_from"] = "the model in use" if isinstance(stored, str) else "params.yaml"
        context.add_asset_metadata(metadata, partition_key=partition.key)

    def of_partition(subjects: pd.DataFrame, own: pd.DataFrame, month: str) -> pd.DataFrame:
        partition = Partition(subjects["county"].iloc[0], month)
        # Read one at a time: a model holds its training sales.
        known = "status" in promoted_models
        model = promoted_model(promoted_models, partition) if known else None
        return comparable_sales.comparables(subjects, own, month, params, rates[partition], model)

    return by_partition(context, records, of_partition, COMPARABLES.column_names)
