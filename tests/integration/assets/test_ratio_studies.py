"""The ratio_studies asset on a real warehouse: rows that fit the table, figures and pictures a partition."""

import dagster as dg
import numpy as np
import pandas as pd
import pytest

from realestate_assets.assets.ratio_studies import ratio_studies
from realestate_assets.domain.sales.validity import VALID
from realestate_assets.domain.tables import RATIO_STUDIES, SCORES
from realestate_assets.partitions import COUNTY_MONTH
from resources.partition import Partition
from resources.warehouse.conform import conform
from tests.unit.assets.frame_io import features_spec, range_tags

pytestmark = pytest.mark.integration

FEATURES = features_spec()
PLAIN = {"text": "x", "json": "[]", "integer": 1, "float": 1.0, "boolean": False}


def stock(warehouse, months: tuple[str, ...], n: int = 60) -> None:
    random = np.random.default_rng(1)
    for spec in (FEATURES, SCORES):
        frames = []
        for month in months:
            price = np.linspace(2e5, 9e5, n)
            value = price * np.exp(random.normal(0, 0.1, n))
            known = {
                c.name: c.allowed[0] if c.allowed else PLAIN.get(c.kind)
                for c in spec.columns
                if not c.nullable
            }
            values = {
                "county": "king-wa",
                "month": month,
                "property_id": [f"{month}-{k:03d}" for k in range(n)],
                "zip": "98103",
                "sale_price_usd": price,
                "sale_validity": [VALID] * (n - 1) + ["NOMINAL_PRICE"],
                "market_value_p10_usd": value * 0.88,
                "market_value_p50_usd": value,
                "market_value_p90_usd": value * 1.12,
            }
            known |= {k: v for k, v in values.items() if k in spec.column_names}
            frames.append(pd.DataFrame({**dict.fromkeys(spec.column_names), **known}, index=range(n)))
        warehouse.ensure_tables([spec])
        rows = pd.concat(frames, ignore_index=True)[spec.column_names]
        warehouse.replace_partitions(spec, rows, [Partition("king-wa", month) for month in months])


def run(warehouse, first: str, last: str):
    upstream = [dg.AssetSpec(n, partitions_def=COUNTY_MONTH) for n in ("scores", "features")]
    return dg.materialize(
        [ratio_studies, *upstream],
        selection=[ratio_studies],
        resources={"warehouse": warehouse, "warehouse_io": dg.InMemoryIOManager()},
        tags=range_tags("king-wa", first, last),
    )


def test_each_month_has_its_groups_and_the_year_grows_with_the_months(warehouse):
    stock(warehouse, ("2015-02", "2015-03"))
    result = run(warehouse, "2015-01", "2015-03")
    rows = conform(result.output_for_node("ratio_studies"), RATIO_STUDIES).to_pandas()
    assert set(rows["month"]) == {"2015-02", "2015-03"}
    whole = rows[rows["group_value"] == "all"].set_index(["grouping", "month"])["n"]
    # A sale that is not valid says nothing.
    assert whole.to_dict() == {
        ("county_month", "2015-02"): 59,
        ("county_year", "2015-02"): 59,
        ("county_month", "2015-03"): 59,
        ("county_year", "2015-03"): 118,
        ("county_year_with_price_outliers", "2015-02"): 59,
        ("county_year_with_price_outliers", "2015-03"): 118,
    }
    said = {
        Partition.parse(m.partition).month: m.metadata
        for m in result.asset_materializations_for_node("ratio_studies")
    }
    assert said["2015-01"]["n"].value == 0 and "pictures" not in said["2015-01"]
    assert 5 < said["2015-03"]["cod"].value < 12
    assert said["2015-03"]["pictures"].value.startswith("![ratio study](data:image/png;base64,")


def test_a_sale_left_out_for_its_price_alone_stands_in_the_year_told_with_such_sales(warehouse):
    stock(warehouse, ("2015-03",))
    warehouse.execute(
        "update marts.features set sale_validity = 'PRICE_FAR_BELOW_ALIKE' where property_id = '2015-03-000'"
    )
    rows = run(warehouse, "2015-03", "2015-03").output_for_node("ratio_studies")
    told = rows[rows["group_value"] == "all"].set_index("grouping")["n"].to_dict()
    assert told == {"county_month": 58, "county_year": 58, "county_year_with_price_outliers": 59}


def test_a_month_studied_again_alone_gives_the_same_rows(warehouse):
    stock(warehouse, ("2015-02", "2015-03"))
    many = run(warehouse, "2015-02", "2015-03").output_for_node("ratio_studies")
    alone = run(warehouse, "2015-03", "2015-03").output_for_node("ratio_studies")
    pd.testing.assert_frame_equal(many[many["month"] == "2015-03"].reset_index(drop=True), alone)
