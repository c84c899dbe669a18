"""Small raw tables for the dbt models: rows as dicts, the rest of each row filled with defaults."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pandas as pd
import pyarrow as pa

from realestate_assets.domain.tables import TABLES
from resources.partition import Partition
from resources.warehouse.resource import WarehouseResource

Row = dict[str, Any]

DEFAULTS: dict[str, Row] = {
    "properties": {
        "county": "king-wa",
        "source": "hand",
        "is_simulated": False,
        "zip": "98101",
        "living_area_sqft": 1000.0,
        "is_list_price_assumed": False,
    },
    "enrichments": {"county": "king-wa", "filled_count": 0, "simulated_count": 0},
    "nearby_sales": {"county": "king-wa"},
    "scores": {
        "county": "king-wa",
        "value_status": "valued",
        "is_asking_price_assumed": False,
        "comparable_count": 0,
        "neighborhood_multiplier": 1.0,
        "reasons": '{"positive": [], "negative": []}',
        "config_version": "c1",
        "model_id": "m1",
        "is_simulated": False,
    },
    "source_files": {
        "county": "king-wa",
        "source": "hand",
        "source_file": "hand.csv",
        "file_sha256": "0",
        "file_rows": 99,
        "is_simulated": False,
    },
    "memos": {
        "county": "king-wa",
        "memo_rank": 1,
        "html_path": "a.html",
        "pdf_sha256": "0",
        "html_sha256": "0",
        "template_version": "t1",
        "is_simulated": False,
    },
}


def day(text: str) -> pd.Timestamp:
    """A date column's value."""
    return pd.Timestamp(text).date()


def sale(property_id: str, sold_on: str, price: float, **fields: Any) -> Row:
    """A property's record of the month in which it was sold."""
    return {
        "property_id": property_id,
        "month": sold_on[:7],
        "observed_date": day(sold_on),
        "listing_status": "sold",
        "sale_date": day(sold_on),
        "sale_price_usd": price,
    } | fields


def listing(property_id: str, seen_on: str, price: float | None, **fields: Any) -> Row:
    """A property's record of a month in which it was for sale."""
    return {
        "property_id": property_id,
        "month": seen_on[:7],
        "observed_date": day(seen_on),
        "listing_status": "active",
        "list_price_usd": price,
    } | fields


def load(warehouse: WarehouseResource, name: str, rows: Iterable[Row], partitions: list[Partition]) -> None:
    """Replace `partitions` of a raw table by `rows`."""
    spec = TABLES[name]
    full = [DEFAULTS.get(name, {}) | row for row in rows]
    warehouse.replace_partitions(spec, pa.Table.from_pylist(full, schema=spec.arrow_schema), partitions)


@contextmanager
def loaded(
    warehouse: WarehouseResource, name: str, rows: Iterable[Row], partitions: list[Partition]
) -> Iterator[None]:
    """`load`, and at the end what stood there before: tests of several files share the market."""
    before = warehouse.read_partitions("raw", name, partitions)
    load(warehouse, name, rows, partitions)
    try:
        yield
    finally:
        warehouse.replace_partitions(TABLES[name], before, partitions)


def snapshot(warehouse: WarehouseResource, table: str) -> pd.DataFrame:
    """All rows of a table dbt made, in the order of its first columns."""
    frame = warehouse.read(f"select * from {table}").to_pandas()
    keys = [c for c in ("county", "month", "property_id", "zip", "metric", "detail", "stage") if c in frame]
    return frame.sort_values(
        [*keys, *(["is_simulated"] if "is_simulated" in frame else [])], ignore_index=True
    )
