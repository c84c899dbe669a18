"""The contributions asset: scored homes of a real warehouse explained by the model that valued them."""

import dagster as dg
import pandas as pd
import pytest

from realestate_assets.assets.contributions import value_contributions
from realestate_assets.domain.tables import VALUE_CONTRIBUTIONS
from realestate_assets.domain.valuation.model import ValueModel
from realestate_assets.domain.valuation.train import train, training_sales
from realestate_assets.partitions import COUNTY_MONTH
from resources.partition import Partition
from resources.warehouse.conform import conform
from tests.unit.assets.frame_io import FrameIO, features_spec, range_tags
from tests.unit.domain.valuation.sold_homes import quick_params, sold_homes

pytestmark = pytest.mark.integration

FEATURES = features_spec()
MONTHS = ("2015-03", "2015-04")


@pytest.fixture(scope="module")
def model() -> ValueModel:
    return train(training_sales(sold_homes(), MONTHS[0], False), "county", quick_params())


@pytest.fixture
def homes(warehouse) -> pd.DataFrame:
    frame = sold_homes(first=MONTHS[0], months=2, per_month=15, seed=8)
    blank = dict.fromkeys(FEATURES.column_names)
    known = {name: frame[name] for name in frame.dropna(axis=1, how="all") if name in blank}
    required = {"source": "s", "is_list_price_assumed": True}
    rows = pd.DataFrame({**blank, **required, **known}, index=frame.index)[FEATURES.column_names]
    warehouse.ensure_tables([FEATURES])
    warehouse.replace_partitions(FEATURES, rows, [Partition("king-wa", month) for month in MONTHS])
    return frame


def scores_of(homes: pd.DataFrame, model: ValueModel) -> pd.DataFrame:
    value = model.predict(homes)["market_value_p50_usd"]
    key = homes[["county", "month", "property_id", "is_simulated"]]
    return key.assign(market_value_p50_usd=value, model_id=model.model_id)


def run(warehouse, models: list[dict], scores: pd.DataFrame) -> pd.DataFrame:
    upstream = [
        dg.AssetSpec(n, partitions_def=COUNTY_MONTH).with_io_manager_key("frames")
        for n in ("features", "promoted_models", "scores")
    ]
    result = dg.materialize(
        [value_contributions, *upstream],
        selection=[value_contributions],
        resources={
            "frames": FrameIO({"promoted_models": pd.DataFrame(models), "scores": scores}),
            "warehouse_io": dg.InMemoryIOManager(),
            "warehouse": warehouse,
        },
        tags=range_tags("king-wa", *MONTHS),
    )
    rows = result.output_for_node("value_contributions")
    return conform(rows, VALUE_CONTRIBUTIONS).to_pandas()


def used(model: ValueModel, month: str) -> dict:
    return {"county": "king-wa", "month": month, "status": "trained", **model.to_row()}


def test_every_value_is_explained_and_its_contributions_add_up(warehouse, homes, model):
    scores = scores_of(homes, model)
    scores.loc[3, ["market_value_p50_usd", "model_id"]] = None
    rows = run(warehouse, [used(model, month) for month in MONTHS], scores)
    total = rows.groupby("property_id")["contribution_usd"].sum()
    value = scores.dropna().set_index("property_id")["market_value_p50_usd"]
    assert len(value) == 29
    assert ((total - value).abs() < 0.01).all() and set(total.index) == set(value.index)
    assert set(rows["model_id"]) == {model.model_id}
    assert set(rows["month"]) == set(MONTHS)


def test_a_month_without_a_model_and_values_of_another_model_are_passed_over(warehouse, homes, model):
    scores = scores_of(homes, model)
    scores.loc[scores["property_id"] == homes["property_id"].iloc[0], "model_id"] = "another"
    missing = dict.fromkeys(model.to_row())
    models = [used(model, MONTHS[0]), {"county": "king-wa", "month": MONTHS[1], "status": "none", **missing}]
    rows = run(warehouse, models, scores)
    assert set(rows["month"]) == {MONTHS[0]}
    assert rows["property_id"].nunique() == 14
