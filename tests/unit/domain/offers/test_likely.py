"""The likely sale value: learned where sales tell, near the prior where they do not, rising with the ask."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realestate_assets.domain.offers.asks import asked_sales
from realestate_assets.domain.offers.likely import LikelyModel, fit_likely
from realestate_assets.domain.offers.params import load_offer_params
from tests.unit.domain.offers.offered_homes import blind, homes, sold

PARAMS = load_offer_params().likely
NONE = asked_sales(sold(5), blind(sold(5)), "2014-01", 24, 730)


def asked(sales):
    return asked_sales(sales, blind(sales), "2015-01", 24, 730)


@pytest.fixture(scope="module")
def learned():
    return fit_likely(asked(sold(5_000, noise=0.04)), "king-wa", PARAMS)


def test_four_in_five_new_sales_lie_inside_and_the_middle_is_the_middle(learned):
    new = sold(4_000, seed=9, noise=0.04)
    found = learned.predict(
        homes(
            new["list_price_usd"], 1.0, value_usd=new["value_usd"].to_numpy(), log_width=np.log(1.15 / 0.85)
        )
    )
    price = new["sale_price_usd"].to_numpy()
    inside = (found["likely_sale_p10_usd"] <= price) & (price <= found["likely_sale_p90_usd"])
    assert 0.76 <= inside.mean() <= 0.86
    assert abs(np.median(price / found["likely_sale_p50_usd"]) - 1) < 0.01
    above = new["sale_price_usd"] > new["list_price_usd"]
    assert abs(found["sale_above_ask_probability"].mean() - above.mean()) < 0.03


def test_a_selected_home_is_judged_by_what_such_homes_sold_for(learned):
    """Asked 25 % below its value, a home of this market still sells for about its ask."""
    found = learned.predict(homes(300_000.0)).iloc[0]
    assert 0.95 < found["likely_sale_p50_usd"] / 300_000 < 1.05


def test_with_no_sale_the_prior_is_used_and_told():
    model = fit_likely(NONE, "king-wa", PARAMS)
    assert (model.basis, model.sales, model.pooled_sales) == ("prior", 0, 0)
    found = model.predict(homes(400_000.0)).iloc[0]
    ends = [found[f"likely_sale_{end}_usd"] / 400_000 for end in ("p10", "p50", "p90")]
    prior = [
        np.exp(PARAMS.forward_factor * row[2])
        for row in (PARAMS.prior.p10, PARAMS.prior.p50, PARAMS.prior.p90)
    ]
    assert np.allclose(ends, prior, atol=2e-3)


def test_a_county_of_few_sales_leans_on_the_others():
    few, many = sold(20, county="king-wa"), sold(800, seed=3, county="clark-nv")
    many["sale_price_usd"] *= 0.9
    model = fit_likely(asked(pd.concat([few, many])), "king-wa", PARAMS)
    assert model.basis == "pooled"
    own = fit_likely(asked(few), "king-wa", PARAMS)
    assert own.basis == "county"
    ask = homes(400_000.0)
    pooled, alone = (m.predict(ask)["likely_sale_p50_usd"].iloc[0] for m in (model, own))
    assert 0.88 * 400_000 < pooled < alone


def test_a_type_and_long_waiting_have_a_distribution_of_their_own():
    plain, condos = sold(900), sold(900, seed=4).assign(property_type="condo")
    condos["property_id"] = "c" + condos["property_id"]
    condos["sale_price_usd"] *= 0.93
    slow = sold(900, seed=5)
    slow["property_id"] = "s" + slow["property_id"]
    slow["sale_price_usd"] *= 0.95
    slow["list_date"] = slow["sale_date"] - pd.Timedelta(days=200)
    model = fit_likely(asked(pd.concat([plain, condos, slow])), "king-wa", PARAMS)

    def middle(**known):
        return model.predict(homes(400_000.0, **known))["likely_sale_p50_usd"].iloc[0]

    assert middle(property_type="condo") < middle()
    assert middle(market_days=190.0) < middle(market_days=5.0)


def test_sales_to_come_change_nothing():
    sales = sold(300)
    later = sold(300, seed=8).assign(month="2015-03", sale_date=pd.Timestamp("2015-03-05"))
    later["property_id"] = "later" + later["property_id"]
    both = pd.concat([sales, later], ignore_index=True)
    model = fit_likely(asked_sales(both, blind(both), "2015-01", 24, 730), "king-wa", PARAMS)
    assert model.to_dict() == fit_likely(asked(sales), "king-wa", PARAMS).to_dict()


def test_the_order_of_the_rows_does_not_matter():
    sales = sold(300)
    shuffled = sales.sample(frac=1.0, random_state=2)
    assert (
        fit_likely(asked(shuffled), "king-wa", PARAMS).to_dict()
        == fit_likely(asked(sales), "king-wa", PARAMS).to_dict()
    )


def test_it_is_the_same_after_it_was_stored(learned):
    again = LikelyModel.from_dict(json.loads(json.dumps(learned.to_dict())))
    asks = homes(np.linspace(200_000, 800_000, 50))
    pd.testing.assert_frame_equal(again.predict(asks), learned.predict(asks), rtol=1e-4)


@settings(max_examples=60, deadline=None)
@given(
    ask=st.floats(20_000, 5_000_000),
    more=st.floats(1.0, 3.0),
    value=st.floats(20_000, 5_000_000),
    width=st.floats(0.0, 2.0),
)
def test_ends_stand_in_order_and_a_higher_ask_is_no_better_a_chance_to_sell_above_it(
    learned, ask, more, value, width
):
    found = learned.predict(homes([ask, ask * more], value, log_width=width))
    p10, p50, p90 = (found[f"likely_sale_{end}_usd"].to_numpy() for end in ("p10", "p50", "p90"))
    assert (p10 <= p50).all() and (p50 <= p90).all() and np.isfinite(p90).all()
    low, high = found["sale_above_ask_probability"]
    assert high <= low + 1e-12


def test_a_month_whose_asks_all_lie_further_below_their_values_holds_no_more_bargains(learned):
    """Where the market moved past the values, an ordinary home sells for its ask as before."""
    asks = homes(np.linspace(300_000, 500_000, 400))
    usual = asks.assign(value_usd=asks["ask_usd"] * np.exp(learned.median_log_discount))
    moved = usual.assign(value_usd=usual["value_usd"] * 1.06)
    told, later = (learned.predict(each) for each in (usual, moved))
    assert np.allclose(told["likely_sale_p50_usd"], later["likely_sale_p50_usd"], rtol=2e-3)
    assert np.allclose(
        told["sale_above_ask_probability"], later["sale_above_ask_probability"], rtol=0, atol=0.01
    )
    alone = learned.predict(moved.iloc[:1])["sale_above_ask_probability"].iloc[0]
    assert alone >= later["sale_above_ask_probability"].iloc[0]


@settings(max_examples=60, deadline=None)
@given(more=st.floats(1.0, 2.0), others=st.integers(0, 30), place=st.integers(0, 30))
def test_a_higher_ask_is_no_better_a_chance_whatever_the_others_of_the_month_ask(
    learned, more, others, place
):
    asks = np.linspace(250_000, 600_000, others + 1)
    raised, own = asks.copy(), place % len(asks)
    raised[own] *= more
    before, after = (learned.predict(homes(each, 400_000.0)).iloc[own] for each in (asks, raised))
    assert after["sale_above_ask_probability"] <= before["sale_above_ask_probability"] + 1e-12


def test_the_share_above_the_ask_is_a_mean_of_a_kind_and_of_all_rather_than_the_larger():
    """Few condos, none of which sold above its ask, lean on houses of which half did."""
    houses, condos = sold(600, noise=0.04), sold(20, seed=4).assign(property_type="condo")
    condos["property_id"] = "c" + condos["property_id"]
    condos["sale_price_usd"] = condos["list_price_usd"] * 0.97
    model = fit_likely(asked(pd.concat([houses, condos])), "king-wa", PARAMS)
    house, condo = (
        model.above_ask(homes(400_000.0, 400_000.0, property_type=kind))[0]
        for kind in ("single_family", "condo")
    )
    assert 0 < condo < house


def test_fifths_by_ask_below_value_say_what_was_told_and_what_came(learned):
    fifths = learned.reliability
    assert [row["sales"] for row in fifths] == [1_000] * 5
    for row in fifths:
        assert abs(row["chance"] - row["above"]) < 0.05
        assert 0.76 <= row["inside"] <= 0.9
        assert abs(row["ratio"] - 1) < 0.01
    assert fit_likely(asked(sold(20)), "king-wa", PARAMS).reliability == ()
