"""The equity_studies asset on a real warehouse and lake: rows that fit the table, and the workbook."""

from io import BytesIO

import dagster as dg
import pytest
from openpyxl import load_workbook

from realestate_assets.assets.equity_studies import equity_studies, workbook_path
from realestate_assets.domain.tables import EQUITY_STUDIES
from realestate_assets.partitions import COUNTY_MONTH
from resources.partition import Partition
from resources.warehouse.conform import conform
from tests.integration.assets.test_ratio_studies import stock
from tests.unit.assets.frame_io import range_tags

pytestmark = pytest.mark.integration
MARCH = Partition("king-wa", "2015-03")


def run(warehouse, lake, first: str, last: str):
    upstream = [dg.AssetSpec(n, partitions_def=COUNTY_MONTH) for n in ("scores", "features")]
    return dg.materialize(
        [equity_studies, *upstream],
        selection=[equity_studies],
        resources={"warehouse": warehouse, "lake": lake, "warehouse_io": dg.InMemoryIOManager()},
        tags=range_tags("king-wa", first, last),
    )


def test_each_column_is_studied_over_the_year_and_the_workbook_lies_where_the_page_says(warehouse, lake):
    stock(warehouse, ("2015-02", "2015-03"))
    warehouse.execute("update marts.features set assessed_value_usd = 0.1 * sale_price_usd")
    result = run(warehouse, lake, "2015-01", "2015-03")
    rows = conform(result.output_for_node("equity_studies"), EQUITY_STUDIES).to_pandas()
    found = rows[rows["trimming"] == "all"].set_index(["month", "value_column"])
    assert found.loc[("2015-02", "market_value_p50_usd"), "n"] == 59
    assert found.loc[("2015-03", "market_value_p50_usd"), "n"] == 118
    assessed = found.loc[("2015-03", "assessed_value_usd")]
    # Values that are a tenth of every price are even, and know the prices.
    assert assessed["median_ratio"] == pytest.approx(0.1)
    assert bool(assessed["is_chasing_suspect"])
    said = {
        Partition.parse(m.partition): m.metadata
        for m in result.asset_materializations_for_node("equity_studies")
    }
    assert said[MARCH]["workbook"].value == lake.uri(workbook_path(MARCH))
    assert said[Partition("king-wa", "2015-01")]["studies"].value == 0
    book = load_workbook(BytesIO(lake.read_bytes(workbook_path(MARCH))))
    assert "Clusters" in book.sheetnames
    again = lake.read_bytes(workbook_path(MARCH))
    run(warehouse, lake, "2015-03", "2015-03")
    assert lake.read_bytes(workbook_path(MARCH)) == again
