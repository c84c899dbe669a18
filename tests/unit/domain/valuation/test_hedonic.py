import json

import numpy as np
import pandas as pd
import pytest

from realestate_assets.domain.valuation.hedonic import Hedonic, fit_hedonic, hedonic_terms
from realestate_assets.domain.valuation.params import load_params
from tests.unit.domain.valuation.sold_homes import ZIP_LEVEL, sold_homes

PARAMS = load_params().hedonic


def _fitted(homes: pd.DataFrame) -> Hedonic:
    target = np.log(homes["sale_price_usd"].to_numpy(float))
    return fit_hedonic(hedonic_terms(homes), homes["zip"], target, PARAMS)


@pytest.fixture(scope="module")
def hedonic() -> Hedonic:
    return _fitted(sold_homes(per_month=200, noise=0.05))


def test_homes_made_by_a_linear_rule_are_valued_to_within_their_noise(hedonic):
    homes = sold_homes(seed=8, noise=0.05)
    error = hedonic.predict(hedonic_terms(homes), homes["zip"]) - np.log(homes["sale_price_usd"])
    assert error.std() == pytest.approx(0.05, rel=0.15)
    assert abs(error.mean()) < 0.01


def test_the_level_of_a_place_is_found_and_an_unknown_one_stands_for_the_mean(hedonic):
    homes = sold_homes(months=1, per_month=len(ZIP_LEVEL)).assign(zip=list(ZIP_LEVEL))
    terms = pd.concat([hedonic_terms(homes.iloc[[0]])] * len(homes), ignore_index=True)
    level = hedonic.predict(terms, homes["zip"])
    assert np.diff(level) == pytest.approx(np.diff(list(ZIP_LEVEL.values())), abs=0.04)
    unknown = hedonic.predict(terms.iloc[:2], pd.Series(["99999", None], dtype=object))
    assert unknown[0] == unknown[1]
    assert level.min() < unknown[0] < level.max()


def test_contributions_add_up_to_the_prediction(hedonic):
    homes = sold_homes(months=1, seed=8)
    terms = hedonic_terms(homes)
    parts = hedonic.contributions(terms, homes["zip"])
    assert hedonic.intercept + parts.sum(axis=1).to_numpy() == pytest.approx(
        hedonic.predict(terms, homes["zip"])
    )
    assert "place" in parts


def test_an_unknown_attribute_counts_as_the_mean(hedonic):
    homes = sold_homes(months=1, per_month=3)
    homes.loc[0, ["bathrooms", "condition_code"]] = np.nan
    parts = hedonic.contributions(hedonic_terms(homes), homes["zip"])
    assert parts.loc[0, ["bathrooms", "bathrooms_squared", "condition_code"]].tolist() == [0.0, 0.0, 0.0]


def test_a_price_far_off_the_mark_hardly_moves_it(hedonic):
    homes = sold_homes(per_month=200, noise=0.05)
    homes.loc[homes.index[:20], "sale_price_usd"] *= 20
    spoilt = _fitted(homes)
    unseen = sold_homes(seed=8)
    moved = [h.predict(hedonic_terms(unseen), unseen["zip"]) for h in (spoilt, hedonic)]
    # Twenty of 2,000 at +3.0 log points would move the mean by 0.03.
    assert abs(np.median(moved[0] - moved[1])) < 0.01


def test_json_brings_it_back_unchanged(hedonic):
    assert Hedonic.from_dict(json.loads(json.dumps(hedonic.to_dict()))) == hedonic


def test_sales_without_any_known_place_have_a_hedonic_all_the_same():
    homes = sold_homes(months=3).assign(zip=None)
    fitted = _fitted(homes)
    assert fitted.places == ()
    assert np.isfinite(fitted.predict(hedonic_terms(homes), homes["zip"])).all()
