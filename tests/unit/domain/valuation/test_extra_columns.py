"""A county's own facts in the value model: used, stored, explained, and no trace of them where none are."""

import json

import numpy as np
import pandas as pd
import pytest

from realestate_assets.domain.valuation.explain import contributions
from realestate_assets.domain.valuation.extra_columns import LEAST_SALES, MOST_CATEGORIES, extras_of
from realestate_assets.domain.valuation.features import FeatureSet
from realestate_assets.domain.valuation.leakage import telling_features
from realestate_assets.domain.valuation.model import ValueModel
from realestate_assets.domain.valuation.model_card import feature_importance
from realestate_assets.domain.valuation.train import fingerprint, train, training_sales
from tests.unit.domain.valuation.sold_homes import quick_params, shuffled, sold_homes

PARAMS = quick_params()
MONTH = "2015-03"
WORTH = {"palace": 0.5, "house": 0.0, "hut": -0.5}


def with_facts(homes: pd.DataFrame, seed: int = 5) -> pd.DataFrame:
    """Homes of three styles, each worth another price, and a number that means nothing."""
    random = np.random.default_rng(seed)
    style = random.choice(list(WORTH), len(homes))
    rooms = random.integers(3, 9, len(homes))
    texts = [json.dumps({"rooms": float(r), "style": s}) for r, s in zip(rooms, style, strict=True)]
    worth = np.exp([WORTH[s] for s in style])
    return homes.assign(extra_features=texts, sale_price_usd=homes["sale_price_usd"] * worth, style=style)


@pytest.fixture(scope="module")
def sales() -> pd.DataFrame:
    return training_sales(with_facts(sold_homes()), MONTH, False)


@pytest.fixture(scope="module")
def model(sales) -> ValueModel:
    return train(sales, "county", PARAMS)


@pytest.fixture(scope="module")
def subjects() -> pd.DataFrame:
    return with_facts(sold_homes(first=MONTH, months=1, per_month=60, seed=9), seed=6)


def error(model: ValueModel, homes: pd.DataFrame) -> float:
    value = model.predict(homes)["market_value_p50_usd"].to_numpy()
    return float(np.median(np.abs(value / homes["sale_price_usd"].to_numpy(float) - 1)))


def test_a_fact_that_is_worth_something_makes_values_better(model, sales, subjects):
    without = train(sales.assign(extra_features=None), "county", PARAMS)
    assert error(model, subjects) < 0.6 * error(without, subjects)


def test_the_model_comes_back_from_its_row_with_the_same_values(model, subjects):
    back = ValueModel.from_row(model.to_row())
    assert back.features == model.features and back.model_id == model.model_id
    pd.testing.assert_frame_equal(back.predict(subjects), model.predict(subjects))


def test_the_order_of_rows_and_keys_changes_nothing(model, sales):
    swapped = shuffled(sales).assign(
        extra_features=lambda f: [
            json.dumps(dict(reversed(json.loads(t).items()))) for t in f["extra_features"]
        ]
    )
    again = train(training_sales(swapped, MONTH, False), "county", PARAMS)
    assert again.features == model.features and again.ensemble.direct_text == model.ensemble.direct_text


def test_categories_unknown_at_training_and_absent_facts_are_missing(model, subjects):
    columns = model.features.names
    texts = ['{"style": "castle"}', None, '{"rooms": 4.0, "style": "hut"}']
    matrix = model.features.matrix(subjects.head(3).assign(extra_features=texts))
    style, rooms = (matrix[:, columns.index(f"extra_{name}")] for name in ("style", "rooms"))
    assert np.isnan(style[:2]).all() and style[2] == 1.0
    assert np.isnan(rooms[:2]).all() and rooms[2] == 4.0


def test_the_causes_of_a_value_name_the_fact_and_add_up(model, subjects):
    value = model.predict(subjects)["market_value_p50_usd"].to_numpy()
    told = contributions(model, subjects, value)
    style = told[told["feature"] == "extra_style"]
    mean = style.groupby("feature_value")["contribution_usd"].mean()
    assert mean["palace"] > 0 > mean["hut"]
    # A style that moves nothing may stand among the rest.
    assert len(style) >= (subjects["style"] != "house").sum()
    total = told.groupby("property_id")["contribution_usd"].sum().reindex(subjects["property_id"])
    assert np.allclose(total, np.round(value, 2), atol=0.011)


def test_the_card_counts_the_fact_among_what_matters(model, sales):
    assert "extra_style" in feature_importance(model, sales).head(3).index


def test_a_model_without_extra_features_is_what_it_was(sales):
    plain = FeatureSet.of_sales(sales.assign(extra_features=None), "county")
    assert plain.to_dict().keys() == {"numeric", "place", "places"}
    bare = sales.drop(columns=["extra_features", "place"])
    assert fingerprint(bare) == fingerprint(sales.assign(extra_features=None, place=sales["zip"]))
    assert fingerprint(sales) != fingerprint(bare)


def test_a_pooled_model_has_none(sales):
    assert FeatureSet.of_sales(sales, "pooled").extra == ()


def test_rare_categories_and_those_beyond_the_bound_are_left_out():
    count = MOST_CATEGORIES + 50
    texts = [json.dumps({"code": f"{k:04d}"}) for k in range(count) for _ in range(LEAST_SALES + (k < 100))]
    texts += [json.dumps({"code": "rare"})] * (LEAST_SALES - 1)
    (column,) = extras_of(pd.DataFrame({"extra_features": texts}))
    assert column.categories is not None
    assert len(column.categories) == MOST_CATEGORIES and "rare" not in column.categories
    assert {f"{k:04d}" for k in range(100)} <= set(column.categories)


def test_a_number_that_follows_the_price_is_named(sales):
    euros = [
        json.dumps({"euros": p * 0.9, "rooms": float(k % 5)}) for k, p in enumerate(sales["sale_price_usd"])
    ]
    assert telling_features(sales.assign(extra_features=euros)) == {"euros": 1.0}
    assert telling_features(sales) == {}


def test_a_number_made_of_the_price_per_square_foot_is_named(sales):
    ratio = -(sales["sale_price_usd"] / sales["living_area_sqft"]).astype(float)
    texts = [json.dumps({"figure": value}) for value in ratio]
    assert telling_features(sales.assign(extra_features=texts)) == {"figure": 1.0}
