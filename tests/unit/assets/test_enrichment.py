"""The enrichment assets in Dagster: partitions, tables and metadata."""

from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from realestate_assets.app.suppression import Suppression
from realestate_assets.assets import enrichment
from realestate_assets.assets.enrichment import property_enrichment
from realestate_assets.domain.calendar.ranges import range_tags
from realestate_assets.domain.counties.enrichment_rules import FIELD_NAMES
from realestate_assets.domain.tables import ENRICHMENT_FACTS, ENRICHMENTS
from realestate_assets.partitions import BACKFILL, COUNTY_MONTH
from resources.http.client import HttpClientResource
from resources.lake.store import StoreResource
from resources.partition import Partition
from resources.warehouse.resource import WarehouseResource
from tests.unit.providers.enrich_frames import properties

ROWS = properties(
    {"property_id": "real", "month": "2015-01"},
    {"property_id": "sample", "county": "cook-il", "month": "2015-01", "is_simulated": True, "zip": "60614"},
    {"property_id": "later", "month": "2015-02"},
)
KEYS = ["cook-il|2015-01", "king-wa|2015-01", "king-wa|2015-02"]


class Memory(dg.IOManager):
    """Keeps what assets return; a load gives the rows of the partitions asked for."""

    def __init__(self) -> None:
        self.tables: dict[str, pa.Table] = {}

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        self.tables[context.asset_key.path[-1]] = obj

    def load_input(self, context: dg.InputContext) -> pa.Table:
        keys = pc.binary_join_element_wise(ROWS["county"], ROWS["month"], "|")
        return ROWS.filter(pc.is_in(keys, value_set=pa.array(list(context.asset_partition_keys))))


@dg.asset(
    name="properties", partitions_def=COUNTY_MONTH, backfill_policy=BACKFILL, io_manager_key="warehouse_io"
)
def stored_properties() -> None:
    """Stands for the asset upstream; its rows come from Memory."""


@pytest.fixture(autouse=True)
def _nobody_asked_to_be_forgotten(monkeypatch):
    """The list stands in the warehouse, which there is none of here."""
    monkeypatch.setattr(enrichment, "suppressed_owners", lambda _: Suppression(b""))


def materialized(folder: str, **partitions: Any) -> tuple[Memory, dg.ExecuteInProcessResult]:
    memory = Memory()
    result = dg.materialize(
        [stored_properties, property_enrichment],
        selection=dg.AssetSelection.assets("enrichments", "enrichment_facts"),
        resources={
            "warehouse_io": memory,
            "reference": StoreResource(root_url=folder),
            # Nothing is switched on: no session is opened, no database looked for.
            "http": HttpClientResource(
                warehouse=WarehouseResource(url="postgresql://nobody@localhost:1/none")
            ),
        },
        **partitions,
    )
    assert result.success
    return memory, result


@pytest.fixture
def whole(tmp_path) -> tuple[Memory, dg.ExecuteInProcessResult]:
    tags = range_tags((Partition("cook-il", "2015-01"), Partition("king-wa", "2015-02")))
    return materialized(str(tmp_path), tags=tags)


def test_a_run_over_counties_and_months_fills_both_tables(whole):
    tables = whole[0].tables
    assert tables["enrichments"].schema.names == ENRICHMENTS.column_names
    assert tables["enrichment_facts"].schema.names == ENRICHMENT_FACTS.column_names
    found = {row["property_id"]: row for row in tables["enrichments"].to_pylist()}
    assert set(found) == {"real", "sample", "later"}
    assert found["real"]["filled_count"] == 0
    assert found["sample"]["simulated_count"] == found["sample"]["filled_count"] > 0


def test_a_partition_alone_gives_the_rows_it_has_in_a_range(whole, tmp_path):
    for key in KEYS:
        alone = materialized(str(tmp_path), partition_key=key)[0].tables
        county, month = Partition.parse(key)
        for name, table in alone.items():
            together = whole[0].tables[name]
            mask = pc.and_(pc.equal(together["county"], county), pc.equal(together["month"], month))
            assert sorted(map(str, together.filter(mask).to_pylist())) == sorted(map(str, table.to_pylist()))


def test_the_metadata_of_a_partition_counts_filled_fields_and_reasons(whole):
    shown = {}
    for asset in ("enrichments", "enrichment_facts"):
        for event in whole[1].asset_materializations_for_node("property_enrichment"):
            if event.asset_key == dg.AssetKey(asset):
                shown[asset, str(event.partition)] = {k: v.value for k, v in event.metadata.items()}
    assert shown["enrichments", "king-wa|2015-01"]["filled_share"] == 0
    assert shown["enrichments", "cook-il|2015-01"]["filled_share"] > 0.25
    reasons = shown["enrichment_facts", "king-wa|2015-02"]
    assert reasons["reason_REFERENCE_MISSING"] == 6
    assert reasons["reason_NO_PROVIDER"] == len(FIELD_NAMES) - 6
    assert "reason_USED" not in reasons
    assert (reasons["calls"], reasons["cached"], reasons["cost_usd"]) == (0, 0, 0)
