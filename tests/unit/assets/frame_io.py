"""Inputs of assets under test: prepared frames by asset key, and marts.features as dbt documents it."""

from pathlib import Path

import dagster as dg
import pandas as pd
import yaml

from realestate_assets.domain.calendar import ranges
from resources.partition import Partition
from resources.warehouse.table_spec import Column, TableSpec

FEATURES_YML = Path(__file__).resolve().parents[3] / "dbt_project" / "models" / "marts" / "features.yml"
KINDS = {
    "text": "text",
    "boolean": "boolean",
    "bigint": "integer",
    "integer": "integer",
    "double precision": "float",
    "date": "date",
}


class FrameIO(dg.InMemoryIOManager):
    """Hands over prepared frames, cut to the partitions asked for; keeps what is returned."""

    def __init__(self, frames: dict[str, pd.DataFrame]) -> None:
        super().__init__()
        self.frames = frames

    def load_input(self, context: dg.InputContext) -> pd.DataFrame:
        frame = self.frames[context.asset_key.path[-1]]
        wanted = set(Partition.parse_all(context.asset_partition_keys))
        own = [pair in wanted for pair in zip(frame["county"], frame["month"], strict=True)]
        # An empty list would choose columns.
        return frame[pd.Series(own, index=frame.index, dtype=bool)]


def features_spec() -> TableSpec:
    """The table of the dbt model, from its documented columns."""
    model = yaml.safe_load(FEATURES_YML.read_text())["models"][0]
    key = ("county", "month", "property_id")
    columns = {c["name"]: KINDS[c["data_type"]] for c in model["columns"]}
    ordered = [*key, *(name for name in columns if name not in key)]
    return TableSpec(
        "marts", "features", "features", key, tuple(Column(n, columns[n], n, n not in key) for n in ordered)
    )


def range_tags(county: str, first: str, last: str) -> dict[str, str]:
    """Run tags of a run over a range of months."""
    return ranges.range_tags((Partition(county, first), Partition(county, last)))
