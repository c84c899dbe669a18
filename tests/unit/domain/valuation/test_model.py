import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from realestate_assets.domain.valuation import model as value_model
from realestate_assets.domain.valuation.features import FORBIDDEN_FEATURES
from realestate_assets.domain.valuation.model import MODEL_COLUMNS, ValueModel
from realestate_assets.domain.valuation.train import train, training_sales
from tests.unit.domain.valuation.sold_homes import quick_params, sold_homes

VALUES = ["market_value_p10_usd", "market_value_p50_usd", "market_value_p90_usd"]


@pytest.fixture(scope="module")
def model() -> ValueModel:
    return train(training_sales(sold_homes(), "2015-03", False), "county", quick_params())


@pytest.fixture(scope="module")
def subjects() -> pd.DataFrame:
    return sold_homes(first="2015-03", months=1, seed=8)


def test_the_own_price_and_what_is_made_from_it_change_no_value(model, subjects):
    before = model.predict(subjects)
    changed = subjects.copy()
    for name in FORBIDDEN_FEATURES - {"property_id"}:
        changed[name] = 123.0
    pd.testing.assert_frame_equal(model.predict(changed), before)


def test_the_interval_holds_the_median_and_is_positive(model, subjects):
    values = model.predict(subjects)
    assert (values[VALUES[0]] > 0).all()
    assert (values[VALUES[0]] < values[VALUES[1]]).all()
    assert (values[VALUES[1]] < values[VALUES[2]]).all()


def test_a_row_brings_the_model_back_with_the_same_values(model, subjects):
    row = model.to_row()
    assert tuple(sorted(row)) == tuple(sorted(MODEL_COLUMNS))
    back = ValueModel.from_row({"county": "king-wa", "month": "2015-03", "status": "trained", **row})
    assert back.to_row() == row
    pd.testing.assert_frame_equal(back.predict(subjects), model.predict(subjects))


def test_json_columns_have_sorted_keys(model):
    row = model.to_row()
    for name in [n for n in MODEL_COLUMNS if n.endswith("_json")]:
        assert row[name] == json.dumps(json.loads(row[name]), sort_keys=True)


def test_a_row_without_a_model_is_refused_by_name():
    row = {"county": "king-wa", "month": "2014-05", "status": "INSUFFICIENT_SALES", "model_text": None}
    with pytest.raises(ValueError, match="king-wa 2014-05 has no model: INSUFFICIENT_SALES"):
        ValueModel.from_row(row)


def test_values_stand_under_the_index_of_the_features_each_row_by_itself(model, subjects):
    chosen = subjects.iloc[[5, 2]].set_axis([17, 4])
    values = model.predict(chosen)
    assert values.index.tolist() == [17, 4]
    together = model.predict(subjects).iloc[[5, 2]]
    assert np.array_equal(values.to_numpy(), together.to_numpy())


def test_homes_valued_in_parts_have_the_same_values_to_the_last_digit(model, subjects, monkeypatch):
    at_once = model.predict(subjects)
    monkeypatch.setattr(value_model, "AT_ONCE", 7)
    monkeypatch.setattr(value_model, "THREADS", 3)
    in_parts = model.predict(subjects)
    assert len(subjects) > 3 * 7
    pd.testing.assert_frame_equal(in_parts, at_once, check_exact=True)


def test_the_step_to_the_valued_month_raises_every_value_alike(model, subjects):
    risen = dataclasses.replace(
        model, index=dataclasses.replace(model.index, forward_step=model.index.forward_step + 0.1)
    )
    ratio = risen.predict(subjects)[VALUES] / model.predict(subjects)[VALUES]
    assert np.allclose(ratio, np.exp(0.1))
    assert risen.model_id != model.model_id


def test_no_rows_give_no_values(model, subjects):
    values = model.predict(subjects.iloc[:0])
    assert values.empty
    assert list(values) == [*VALUES, "log_spread"]


def test_a_home_of_which_little_is_known_has_a_value_all_the_same(model, subjects):
    bare = subjects.head(3).copy()
    bare[["lot_area_sqft", "bedrooms", "condition_code", "quality_code", "latitude", "longitude"]] = np.nan
    bare["zip"] = None
    assert model.predict(bare)[VALUES].notna().all(axis=None)


def test_probability_of_a_value_above_the_upper_end_is_one_in_ten(model, subjects):
    values = model.predict(subjects)
    upper = np.log(values[VALUES[2]] / values[VALUES[1]]).to_numpy()
    found = model.probability_above(upper, values["log_spread"].to_numpy())
    assert found == pytest.approx(0.1, abs=1e-6)


def test_the_model_id_tells_another_seed_and_another_setting(model):
    params = quick_params()
    reseeded = params.model_copy(update={"learner": params.learner.model_copy(update={"seed": 8})})
    other = train(training_sales(sold_homes(), "2015-03", False), "county", reseeded)
    assert other.model_id != model.model_id
    assert len(model.model_id) == 16
