"""The valuation assets on a real warehouse: nearby sales, a model a month, comparables."""

import tempfile

import dagster as dg
import pandas as pd
import pytest

from realestate_assets.assets import comparable_sales, valuation
from realestate_assets.domain.tables import COMPARABLES, NEARBY_SALES, PROPERTIES, SALE_VALIDITY
from realestate_assets.domain.valuation.model import ValueModel
from realestate_assets.partitions import COUNTY_MONTH
from resources.lake.store import StoreResource
from resources.partition import Partition
from resources.warehouse.conform import conform
from resources.warehouse.table_spec import TableSpec
from tests.unit.assets.frame_io import FrameIO, features_spec, range_tags
from tests.unit.domain.valuation.sold_homes import quick_params, sold_homes

pytestmark = pytest.mark.integration

FEATURES = features_spec()
KING, HARRIS, COOK = "king-wa", "harris-tx", "cook-il"


@pytest.fixture(autouse=True)
def _few_trees(monkeypatch):
    monkeypatch.setattr(valuation, "load_params", quick_params)
    monkeypatch.setattr(comparable_sales, "load_params", quick_params)


@pytest.fixture(scope="module")
def homes() -> pd.DataFrame:
    """King has enough sales for a model of its own from 2014-10 on, Harris never, Cook is simulated."""
    return pd.concat(
        [
            sold_homes(months=11, per_month=60),
            sold_homes(months=11, per_month=8, seed=2, county=HARRIS),
            sold_homes(months=11, per_month=5, seed=3, county=COOK, is_simulated=True),
        ],
        ignore_index=True,
    )


def load(warehouse, homes: pd.DataFrame) -> None:
    """The homes as properties, judged sales and features, all partitions replaced."""
    partitions = [Partition(*pair) for pair in homes[["county", "month"]].drop_duplicates().to_numpy()]
    for spec in (PROPERTIES, SALE_VALIDITY, FEATURES):
        warehouse.ensure_tables([spec])
        warehouse.replace_partitions(spec, _rows(homes, spec), partitions)


def _rows(homes: pd.DataFrame, spec: TableSpec) -> pd.DataFrame:
    blank = dict.fromkeys(spec.column_names)
    known = {name: homes[name] for name in homes.dropna(axis=1, how="all") if name in blank}
    required = {"source": "s", "observed_date": homes["sale_date"], "is_list_price_assumed": True}
    required |= {"is_arms_length": True}
    return pd.DataFrame({**blank, **required, **known}, index=homes.index)[spec.column_names]


def invalid(homes: pd.DataFrame, code: str = "NON_ARMS_LENGTH_DEED") -> pd.DataFrame:
    """The same sales, every second one not valid and at a price that would spoil every figure."""
    bad = homes.index % 2 == 0
    return homes.assign(
        sale_validity=homes["sale_validity"].mask(bad, code),
        sale_price_usd=homes["sale_price_usd"].mask(bad, 9e7),
    )


@pytest.fixture
def stocked(warehouse, homes):
    load(warehouse, homes)
    return warehouse


NOTHING_STANDS = StoreResource(root_url=tempfile.mkdtemp())
NO_MODELS = pd.DataFrame(columns=["county", "month", "ensemble_json"])


def run(
    asset: dg.AssetsDefinition,
    warehouse,
    county: str,
    first: str,
    last: str,
    models: pd.DataFrame = NO_MODELS,
):
    upstream = [
        dg.AssetSpec(n, partitions_def=COUNTY_MONTH) for n in ("properties", "sale_validity", "features")
    ]
    used = dg.AssetSpec("promoted_models", partitions_def=COUNTY_MONTH).with_io_manager_key("frames")
    result = dg.materialize(
        [asset, used, *upstream],
        selection=[asset],
        resources={
            "warehouse": warehouse,
            "frames": FrameIO({"promoted_models": models}),
            "warehouse_io": dg.InMemoryIOManager(),
            "lake_io": dg.InMemoryIOManager(),
            "lake": NOTHING_STANDS,
        },
        tags=range_tags(county, first, last),
    )
    return result.output_for_node(asset.key.path[-1])


def models(warehouse, county: str, first: str, last: str) -> pd.DataFrame:
    return run(valuation.valuation_models, warehouse, county, first, last).to_pandas().set_index("month")


def test_nearby_sales_fit_the_table_for_every_property_of_the_run(stocked, homes):
    rows = run(valuation.nearby_sales, stocked, KING, "2014-05", "2014-07")
    assert conform(rows, NEARBY_SALES).num_rows == 180
    counts = rows.groupby("month")["nearby_sale_count"].max()
    assert counts.to_dict() == {"2014-05": 0, "2014-06": 20, "2014-07": 20}


def test_comparables_fit_the_table_and_are_earlier(stocked):
    rows = run(comparable_sales.comparables, stocked, KING, "2014-12", "2015-01")
    assert conform(rows, COMPARABLES).num_rows == len(rows)
    counts = rows.groupby(["month", "property_id"]).size()
    assert len(counts) == 2 * 60
    assert counts.between(3, 8).all()
    assert (rows["comp_sale_date"] < pd.to_datetime(rows["month"] + "-01")).all()


def test_the_lines_are_adjusted_by_the_model_in_use(stocked):
    used = models(stocked, KING, "2015-01", "2015-01").reset_index()
    asset = comparable_sales.comparables
    plain = run(asset, stocked, KING, "2014-12", "2015-01")
    rows = run(asset, stocked, KING, "2014-12", "2015-01", used)
    january = rows[rows["month"] == "2015-01"]
    assert (january["adj_location_usd"] != 0).any()
    assert (january["adj_capped_usd"] == 0).all()
    # December has no model: the rates of the parameters, which know no place.
    december = rows["month"] == "2014-12"
    kept = plain[plain["month"] == "2014-12"]
    pd.testing.assert_frame_equal(rows[december].reset_index(drop=True), kept.reset_index(drop=True))
    assert (kept["adj_location_usd"] == 0).all()


def test_months_without_history_have_no_comparables_and_still_a_frame(stocked):
    rows = run(comparable_sales.comparables, stocked, KING, "2014-05", "2014-05")
    assert conform(rows, COMPARABLES).num_rows == 0
    rows = run(valuation.nearby_sales, stocked, KING, "2016-05", "2016-05")
    assert conform(rows, NEARBY_SALES).num_rows == 0


def test_a_county_has_a_model_of_its_own_from_250_sales_on_and_none_while_all_counties_have_too_few(stocked):
    rows = models(stocked, KING, "2014-05", "2014-10")
    # By September 240 sales of its own and 272 with those of Harris; 300 are needed to pool.
    assert rows["status"].tolist() == ["INSUFFICIENT_SALES"] * 5 + ["trained"]
    assert rows.loc["2014-10", ["kind", "sales_used"]].tolist() == ["county", 300]
    assert rows.loc["2014-05", ["model_id", "model_text", "kind"]].isna().all()


def test_the_pooled_model_is_one_for_all_counties_that_need_it(stocked):
    rows = models(stocked, HARRIS, "2014-12", "2015-03")
    assert set(rows["kind"]) == {"pooled"}
    assert rows.loc["2015-03", "sales_used"] == 10 * 68
    values = ValueModel.from_row(rows.reset_index().iloc[-1].to_dict())
    assert values.features.places == (HARRIS, KING)


def test_simulated_homes_are_not_valued_by_what_observed_ones_sold_for(stocked):
    rows = models(stocked, COOK, "2015-03", "2015-03")
    assert rows["status"].tolist() == ["INSUFFICIENT_SALES"]


def test_a_sale_that_is_not_valid_informs_no_figure_no_comparable_and_no_model(warehouse, homes):
    marked = invalid(homes)
    load(warehouse, marked)
    spoilt = set(marked.loc[marked["sale_validity"] != "VALID", "property_id"])
    nearby = run(valuation.nearby_sales, warehouse, KING, "2015-03", "2015-03")
    assert (nearby["nearby_sale_count"] > 0).all()
    assert nearby["nearby_price_per_sqft_usd"].max() < 2_000
    found = run(comparable_sales.comparables, warehouse, KING, "2015-03", "2015-03")
    assert len(found) > 0 and not spoilt & set(found["comp_property_id"])
    rows = models(warehouse, KING, "2015-03", "2015-03")
    assert rows["sales_used"].tolist() == [10 * 30]


def test_a_sale_nobody_has_judged_is_not_used(warehouse, homes):
    load(warehouse, homes[homes["county"] == KING])
    warehouse.execute("delete from raw.sale_validity")
    nearby = run(valuation.nearby_sales, warehouse, KING, "2015-03", "2015-03")
    assert (nearby["nearby_sale_count"] == 0).all()


@pytest.mark.parametrize("name", ["nearby_sales", "comparables"])
def test_a_run_of_one_month_gives_what_a_run_of_many_gives(stocked, name):
    asset = comparable_sales.comparables if name == "comparables" else valuation.nearby_sales
    many = run(asset, stocked, KING, "2014-10", "2015-03")
    one = run(asset, stocked, KING, "2015-02", "2015-02")
    assert len(one)
    pd.testing.assert_frame_equal(many[many["month"] == "2015-02"].reset_index(drop=True), one)


@pytest.mark.parametrize("county", [KING, HARRIS])
def test_a_model_does_not_depend_on_the_other_months_of_its_run(stocked, county):
    many = models(stocked, county, "2015-01", "2015-03")
    one = models(stocked, county, "2015-02", "2015-02")
    pd.testing.assert_frame_equal(many.loc[["2015-02"]], one)


def test_changing_the_future_changes_nothing_of_an_earlier_month(stocked, homes):
    month = "2014-11"
    before = {
        a: run(a, stocked, KING, month, month) for a in (valuation.nearby_sales, comparable_sales.comparables)
    }
    model = models(stocked, KING, month, month)
    later = homes["month"] >= month
    changed = homes.assign(sale_price_usd=homes["sale_price_usd"].where(~later, 7_777_777.0))
    load(stocked, pd.concat([changed, sold_homes(first="2014-12", months=3, seed=9)], ignore_index=True))
    for asset, rows in before.items():
        pd.testing.assert_frame_equal(run(asset, stocked, KING, month, month), rows)
    pd.testing.assert_frame_equal(models(stocked, KING, month, month), model)


def test_every_partition_says_what_became_of_it(stocked):
    upstream = dg.AssetSpec("features", partitions_def=COUNTY_MONTH)
    result = dg.materialize(
        [valuation.valuation_models, upstream],
        selection=[valuation.valuation_models],
        resources={"warehouse": stocked, "lake": NOTHING_STANDS, "lake_io": dg.InMemoryIOManager()},
        tags=range_tags(KING, "2014-09", "2014-10"),
    )
    said = {m.partition: m.metadata for m in result.asset_materializations_for_node("valuation_models")}
    october = said[f"{KING}|2014-10"]
    assert october["status"].value == "trained"
    assert october["county_sales"].value == 300
    assert 0 < october["out_of_fold_cod"].value < 20
    assert len(said) == 2
