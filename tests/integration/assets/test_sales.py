"""The verdicts on sales as an asset: read with the months before, written by partition."""

import dagster as dg
import pandas as pd
import pytest

from realestate_assets.assets.sales import sale_validity
from realestate_assets.domain.tables import PROPERTIES, SALE_VALIDITY
from realestate_assets.partitions import COUNTY_MONTH
from resources.partition import Partition
from resources.warehouse.conform import conform
from tests.unit.assets.frame_io import range_tags

pytestmark = pytest.mark.integration


def sale(
    property_id: str, sold: str, price: float = 300_000.0, county: str = "king-wa", **fields: object
) -> dict:
    plain = {
        **dict.fromkeys(PROPERTIES.column_names),
        "county": county,
        "month": sold[:7],
        "property_id": property_id,
        "source": "s",
        "is_simulated": False,
        "is_list_price_assumed": False,
        "observed_date": pd.Timestamp(sold).date(),
        "sale_date": pd.Timestamp(sold).date(),
        "sale_price_usd": price,
    }
    return plain | fields


SALES = [
    sale("flip", "2014-06-10"),
    sale("flip", "2015-03-05", 400_000.0),
    sale("deed", "2015-03-06", deed_type="Quit claim"),
    sale("plain", "2015-03-07"),
    sale("plain", "2015-03-07", county="cook-il"),
    sale("flip", "2015-04-09", 500_000.0),
]


@pytest.fixture
def stocked(warehouse):
    warehouse.ensure_tables([PROPERTIES])
    partitions = sorted({Partition.of(row) for row in SALES})
    warehouse.replace_partitions(PROPERTIES, pd.DataFrame(SALES), partitions)
    return warehouse


def materialized(warehouse, first: str, last: str):
    upstream = dg.AssetSpec("properties", partitions_def=COUNTY_MONTH)
    return dg.materialize(
        [sale_validity, upstream],
        selection=[sale_validity],
        resources={"warehouse": warehouse, "warehouse_io": dg.InMemoryIOManager()},
        tags=range_tags("king-wa", first, last),
    )


def verdicts(result) -> dict[str, str]:
    rows = result.output_for_node("sale_validity")
    conform(rows, SALE_VALIDITY)
    return dict(zip(rows["month"] + " " + rows["property_id"], rows["sale_validity"], strict=True))


def test_a_run_of_one_month_knows_the_sales_of_earlier_ones_and_writes_its_own_alone(stocked):
    assert verdicts(materialized(stocked, "2015-03", "2015-03")) == {
        "2015-03 deed": "NON_ARMS_LENGTH_DEED",
        "2015-03 flip": "RESOLD_WITHIN_365_DAYS",
        "2015-03 plain": "VALID",
    }


def test_a_run_of_many_months_gives_what_runs_of_one_give(stocked):
    many = verdicts(materialized(stocked, "2014-06", "2015-04"))
    single = [verdicts(materialized(stocked, month, month)) for month in ("2014-06", "2015-03", "2015-04")]
    assert many == {key: verdict for found in single for key, verdict in found.items()}


def test_a_partition_says_how_many_sales_each_reason_takes(stocked):
    result = materialized(stocked, "2015-03", "2015-03")
    (event,) = result.asset_materializations_for_node("sale_validity")
    counts = {name: value.value for name, value in event.metadata.items() if name.isupper() or "_3" in name}
    assert counts == {"NON_ARMS_LENGTH_DEED": 1, "RESOLD_WITHIN_365_DAYS": 1, "VALID": 1}


def test_a_month_without_sales_gives_no_rows_and_still_the_table(stocked):
    rows = materialized(stocked, "2014-01", "2014-01").output_for_node("sale_validity")
    assert conform(rows, SALE_VALIDITY).num_rows == 0
