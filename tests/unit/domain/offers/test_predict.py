"""Both measures of a month's homes, and why one has none."""

import json

import numpy as np
import pandas as pd
import pytest

from realestate_assets.domain.offers.asks import asked_sales
from realestate_assets.domain.offers.cases import purchases
from realestate_assets.domain.offers.model import OfferModel, learn_offers
from realestate_assets.domain.offers.params import load_offer_params
from realestate_assets.domain.offers.predict import offer_rows
from realestate_assets.domain.tables import OFFER_COLUMNS
from resources.errors import PermanentError
from tests.unit.domain.offers.offered_homes import blind, sold
from tests.unit.domain.offers.test_gain import with_gains

PARAMS = load_offer_params()


@pytest.fixture(scope="module")
def model():
    sales, records = with_gains()
    asked = asked_sales(records, blind(sales), "2015-01", 24, 730)
    return learn_offers(asked, purchases(records, blind(sales), "2016-06", PARAMS.gain), "king-wa", PARAMS)


def rows(model, **changes):
    plain = {
        "property_id": "a", "list_price_usd": 300_000.0, "is_list_price_assumed": False,
        "property_type": "condo", "days_on_market": None,
    }  # fmt: skip
    value = {"property_id": "a", "market_value_p10_usd": 340e3, "market_value_p50_usd": 400e3,
             "market_value_p90_usd": 460e3}  # fmt: skip
    value |= {name: changes.pop(name) for name in list(changes) if name in value}
    return offer_rows(pd.DataFrame([plain | changes]), pd.DataFrame([value]), model).iloc[0]


def test_a_home_with_value_and_ask_has_both(model):
    found = rows(model)
    assert found["likely_sale_p10_usd"] < found["likely_sale_p50_usd"] < found["likely_sale_p90_usd"]
    assert 0 < found["gain_probability"] < 1 and found["gain_cases"] == 3_000
    assert found["likely_sale_reason"] is None and found["gain_reason"] is None
    assert (found["likely_sale_basis"], found["gain_basis"]) == ("county", "county")


def test_a_price_that_serves_as_ask_claims_nothing_of_the_sale(model):
    found = rows(model, is_list_price_assumed=True)
    assert found["likely_sale_reason"] == "ASK_IS_PRICE" and np.isnan(found["likely_sale_p50_usd"])
    assert np.isnan(found["sale_above_ask_probability"])
    assert found["gain_probability"] > 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"list_price_usd": None}, "NO_ASK"), ({"market_value_p50_usd": None}, "NO_VALUE")],
)
def test_without_ask_or_value_there_is_neither(model, changes, reason):
    found = rows(model, **changes)
    assert found["likely_sale_reason"] == found["gain_reason"] == reason
    assert found[["likely_sale_p50_usd", "gain_probability"]].isna().all()


def test_without_a_model_nothing_is_told():
    found = rows(None)
    assert found["gain_reason"] == "NOT_LEARNED" and list(found.index) == ["property_id", *OFFER_COLUMNS]


def test_a_model_is_the_same_after_it_was_stored(model):
    row = model.to_row()
    again = OfferModel.from_row(row)
    assert again.gain == model.gain and again.params == model.params
    assert rows(again)["likely_sale_p50_usd"] == pytest.approx(rows(model)["likely_sale_p50_usd"], rel=1e-4)


def test_a_model_of_another_version_is_named_with_what_to_run(model):
    row = model.to_row()
    likely = json.loads(row["likely_json"])
    del likely["level_trust"]
    with pytest.raises(PermanentError, match=rf"{row['offer_model_id']}.*level_trust.*offer_models,scores"):
        OfferModel.from_row(row | {"likely_json": json.dumps(likely)})


@pytest.mark.parametrize("ask", [250_000.0, 300_000.0, 400_000.0])
def test_a_stored_model_tells_the_chances_that_the_learned_one_tells(model, ask):
    """Its terms are told apart by their place, and what is stored has its keys in another order."""
    assert any(model.gain.coefficients), "only a model that learned something can be mixed up"
    again = OfferModel.from_row(model.to_row())
    now, then = rows(model, list_price_usd=ask), rows(again, list_price_usd=ask)
    assert then["gain_probability"] == now["gain_probability"] > 0


def test_a_lower_ask_is_a_better_chance_after_storing_too(model):
    again = OfferModel.from_row(model.to_row())
    low, high = (rows(again, list_price_usd=ask)["gain_probability"] for ask in (250_000.0, 400_000.0))
    assert low > high


def test_with_nothing_known_the_prior_speaks_and_no_chance_is_told():
    none = sold(5)
    asked = asked_sales(none, blind(none), "2014-01", 24, 730)
    model = learn_offers(asked, purchases(none, blind(none), "2014-01", PARAMS.gain), "king-wa", PARAMS)
    found = rows(model)
    assert found["likely_sale_basis"] == "prior" and found["gain_reason"] == "TOO_FEW_GAINS"
