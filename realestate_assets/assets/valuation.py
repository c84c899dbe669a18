"""Valuation assets: figures of nearby sales, a value model a month.

History is read from the warehouse, once a run: what is committed there is what may be used.
"""

import json
import time
from collections.abc import Callable, Sequence

import dagster as dg
import pandas as pd
import pyarrow as pa

from realestate_assets.assets import declare
from realestate_assets.assets.model_reuse import TRAINED_WITH, StandingModels
from realestate_assets.domain.core.months import add_months
from realestate_assets.domain.tables import NEARBY_SALES
from realestate_assets.domain.valuation import nearby
from realestate_assets.domain.valuation.features import TRAINING_COLUMNS
from realestate_assets.domain.valuation.history import HISTORY_MONTHS
from realestate_assets.domain.valuation.model import INSUFFICIENT_SALES, MODEL_COLUMNS, TRAINED
from realestate_assets.domain.valuation.params import ValuationParams, load_params
from realestate_assets.domain.valuation.train import train, training_sales
from resources.lake.store import StoreResource
from resources.partition import Partition
from resources.warehouse.resource import WarehouseResource

# Each record with the verdict on the sale it reports; without one the sale is not used.
JUDGED_PROPERTIES = (
    "raw.properties left join (select county, month, property_id, sale_validity from raw.sale_validity) "
    "as judged using (county, month, property_id)"
)
MODEL_SCHEMA = pa.schema(
    [("county", pa.string()), ("month", pa.string()), ("status", pa.string())]
    + [(name, pa.int64() if name == "sales_used" else pa.string()) for name in MODEL_COLUMNS]
    + [(TRAINED_WITH, pa.string())]
)


def read_history(
    warehouse: WarehouseResource,
    table: str,
    columns: Sequence[str],
    months: Sequence[str],
    counties: Sequence[str] | None,
) -> pd.DataFrame:
    """Rows of a table from HISTORY_MONTHS before the first of `months` to the last, in one query.

    Args:
        warehouse: the warehouse.
        table: schema-qualified name or join, a constant of the asset modules.
        columns: columns to read, constants of the domain.
        months: the months that are valued.
        counties: these only; None for all.
    """
    where, bound = "", [add_months(min(months), -HISTORY_MONTHS), max(months)]
    if counties is not None:
        where = " and county in (select jsonb_array_elements_text($3::jsonb))"
        bound.append(json.dumps(sorted(set(counties))))
    sql = f"select {', '.join(columns)} from {table} where month between $1 and $2{where}"  # noqa: S608
    return warehouse.read(sql, tuple(bound)).to_pandas(date_as_object=False)


def by_partition(
    context: dg.AssetExecutionContext,
    records: pd.DataFrame,
    compute: Callable[[pd.DataFrame, pd.DataFrame, str], pd.DataFrame],
    empty: Sequence[str],
) -> pd.DataFrame:
    """Apply `compute(subjects, records of the county, month)` to each partition of the run."""
    frames = []
    for partition in Partition.parse_all(context.partition_keys):
        county, month = partition
        started = time.monotonic()
        own = records[records["county"] == county]
        subjects = own[own["month"] == month].sort_values("property_id").reset_index(drop=True)
        rows = compute(subjects, own, month) if len(subjects) else None
        if rows is not None and len(rows):
            frames.append(rows)
        seconds = time.monotonic() - started
        context.log.info(f"{partition}: {len(subjects):,} properties in {seconds:.1f} s")
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(empty))


@declare.asset(
    declare.table(
        NEARBY_SALES,
        source="the nearest earlier valid sales of the county, weighted by distance, size, grade and age",
        caveat="sales before the month only, and never the property's own",
        on_failure="Properties without their row, which has_one_row_per_property lists, were made again "
        "after sale_validity: materialize that of the month and then this. A count of 0 is no failure: no "
        "valid sale is known before the month. Radii that do not grow are named in params.yaml.",
    ),
    deps=["properties", "sale_validity"],
)
def nearby_sales(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> pd.DataFrame:
    """Figures of the nearest earlier sales."""
    partitions = Partition.parse_all(context.partition_keys)
    records = read_history(
        warehouse,
        JUDGED_PROPERTIES,
        nearby.RECORD_COLUMNS,
        [m for _, m in partitions],
        [c for c, _ in partitions],
    )
    params = load_params().nearby
    return by_partition(
        context,
        records,
        lambda subjects, own, month: nearby.nearby_sales(subjects, own, month, params),
        NEARBY_SALES.column_names,
    )


@declare.asset(
    declare.parquet(
        "valuation_models",
        grain="One model a county and month, as text with its parameters, metrics, feature list and training "
        "range.",
        key=("county", "month"),
        source="features of sales before the month",
        caveat="with too few sales in the county it is trained on those of all counties (`pooled`), which "
        "are then read from the warehouse as they stand; too few there: no model, INSUFFICIENT_SALES",
        on_failure="INSUFFICIENT_SALES is a result, not a failure: run earlier months of this or another "
        "county first, or lower min_county_sales or min_pooled_sales in valuation/params.yaml. A missing "
        "marts.features is made by the transform group of the same months.",
        schema=MODEL_SCHEMA,
        kinds=("lightgbm",),
    ),
    deps=["features"],
)
def valuation_models(
    context: dg.AssetExecutionContext, warehouse: WarehouseResource, lake: StoreResource
) -> pa.Table:
    """Train the model of each partition, but where the one that stands is of the same sales, made so."""
    partitions = Partition.parse_all(context.partition_keys)
    months = [month for _, month in partitions]
    records = read_history(warehouse, "marts.features", TRAINING_COLUMNS, months, [c for c, _ in partitions])
    params = load_params()
    pooled = PooledModels(warehouse, months, params)
    standing = StandingModels(lake, params, context.log.warning)
    rows = []
    for county, month in partitions:
        started = time.monotonic()
        own = records[records["county"] == county]
        subjects = own.loc[own["month"] == month, "is_simulated"].astype(bool)
        simulated = bool(len(subjects)) and bool(subjects.all())
        sales = training_sales(own, month, simulated)
        enough = len(sales) >= params.training.min_county_sales
        kind, source = ("county", sales) if enough else ("pooled", pooled.sales(month, simulated))
        found = standing.row(Partition(county, month), kind, source) if source is not None else None
        row = found
        if row is None and source is not None:
            row = train(sales, kind, params).to_row() if enough else pooled.row(month, simulated)
        status = TRAINED if row else INSUFFICIENT_SALES
        own_row = {"county": county, "month": month, "status": status, TRAINED_WITH: standing.trained_with}
        rows.append((row or {}) | own_row)
        _report(context, rows[-1], len(sales), time.monotonic() - started, is_reused=found is not None)
    return pa.Table.from_pylist(rows, schema=MODEL_SCHEMA)


class PooledModels:
    """Models over all counties, one a month and kind, made when a county first needs one."""

    def __init__(self, warehouse: WarehouseResource, months: Sequence[str], params: ValuationParams) -> None:
        self._warehouse, self._months, self._params = warehouse, months, params
        self._records: pd.DataFrame | None = None
        self._sales: dict[tuple[str, bool], pd.DataFrame | None] = {}
        self._rows: dict[tuple[str, bool], dict] = {}

    def sales(self, month: str, simulated: bool) -> pd.DataFrame | None:
        """What it learns from, or None where all counties together have too few sales."""
        if (month, simulated) not in self._sales:
            if self._records is None:
                self._records = read_history(
                    self._warehouse, "marts.features", TRAINING_COLUMNS, self._months, None
                )
            found = training_sales(self._records, month, simulated)
            enough = len(found) >= self._params.training.min_pooled_sales
            self._sales[month, simulated] = found if enough else None
        return self._sales[month, simulated]

    def row(self, month: str, simulated: bool) -> dict | None:
        """The model's row, or None where all counties together have too few sales."""
        sales = self.sales(month, simulated)
        if sales is None:
            return None
        if (month, simulated) not in self._rows:
            self._rows[month, simulated] = train(sales, "pooled", self._params).to_row()
        return self._rows[month, simulated]


def _report(
    context: dg.AssetExecutionContext, row: dict, county_sales: int, seconds: float, *, is_reused: bool
) -> None:
    partition = Partition.of(row)
    metadata: dict[str, object] = {"status": row["status"], "county_sales": county_sales}
    if row["status"] == TRAINED:
        metadata |= {"made": int(not is_reused), "reused": int(is_reused)}
        metadata |= {"model_id": row["model_id"], "kind": row["kind"], "sales_used": row["sales_used"]}
        metrics = {k: v for k, v in json.loads(row["metrics_json"]).items() if v is not None}
        metadata |= {f"out_of_fold_{key}": value for key, value in metrics.items()}
    context.add_asset_metadata(metadata, partition_key=partition.key)
    said = "stands already, from the same" if is_reused else row["status"]
    context.log.info(f"{partition}: {said}, {county_sales:,} earlier sales, {seconds:.1f} s")
