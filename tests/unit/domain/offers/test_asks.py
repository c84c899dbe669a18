"""The ask that a sale came from: what was offered before, else what the sale's own row tells."""

import pandas as pd

from realestate_assets.domain.offers.asks import BlindValues, asked_sales, with_asks
from realestate_assets.domain.valuation.time_index import TimeIndex
from tests.unit.domain.offers.offered_homes import blind, sold

MONTH = "2015-01"


def one(**changes):
    row = {
        "county": "c", "month": "2014-06", "property_id": "a", "sale_date": pd.Timestamp("2014-06-20"),
        "sale_price_usd": 300_000.0, "list_price_usd": None, "is_list_price_assumed": False,
        "list_date": pd.NaT,
    }  # fmt: skip
    return {**row, **changes}


def offer(**changes):
    plain = {"month": "2014-04", "sale_date": pd.NaT, "sale_price_usd": None, "list_price_usd": 310_000.0}
    return one(**{**plain, "list_date": pd.Timestamp("2014-04-05"), **changes})


def ask_of(*rows):
    records = pd.DataFrame(list(rows)).astype({"list_price_usd": float, "list_date": "datetime64[ns]"})
    found = with_asks(records[records["sale_price_usd"].notna()], records, 730)
    return found["ask_usd"].tolist(), found["asked_on"].dt.strftime("%Y-%m-%d").tolist()


def test_the_offer_of_an_earlier_month_is_the_ask():
    assert ask_of(one(), offer()) == ([310_000.0], ["2014-04-05"])


def test_of_two_offers_the_later_one_counts_and_its_price_cut_with_it():
    assert ask_of(one(), offer(), offer(month="2014-05", list_price_usd=305_000.0))[0] == [305_000.0]


def test_without_an_offer_the_sale_tells_its_ask():
    own = one(list_price_usd=320_000.0, list_date=pd.Timestamp("2014-05-01"))
    assert ask_of(own) == ([320_000.0], ["2014-05-01"])


def test_a_recorded_price_that_serves_as_ask_is_none():
    asks, _ = ask_of(one(list_price_usd=300_000.0, is_list_price_assumed=True))
    assert pd.isna(asks).all()


def test_an_offer_of_before_the_sale_before_is_another_ones():
    before = one(month="2014-05", sale_date=pd.Timestamp("2014-05-10"), sale_price_usd=250_000.0)
    asks, _ = ask_of(before, one(), offer())
    assert asks[0] == 310_000.0 and pd.isna(asks[1])


def test_an_offer_of_the_month_of_the_sale_or_later_is_not_looked_at():
    asks, _ = ask_of(one(), offer(month="2014-06", list_date=pd.Timestamp("2014-06-02")))
    assert pd.isna(asks).all()


def test_what_is_sold_or_offered_from_the_month_on_changes_nothing():
    sales = sold(60)
    known = asked_sales(sales, blind(sales), MONTH, 24, 730)
    later = sales.assign(
        month="2015-02", sale_date=pd.Timestamp("2015-02-03"), list_price_usd=1.0, sale_price_usd=9e6
    )
    both = asked_sales(pd.concat([later, sales]), blind(sales), MONTH, 24, 730)
    pd.testing.assert_frame_equal(known, both)
    assert len(known) == 60


def test_a_value_is_brought_to_the_day_of_the_ask():
    sales = sold(1).assign(
        sale_date=pd.Timestamp("2014-06-20"), month="2014-06", list_date=pd.Timestamp("2014-04-01")
    )
    index = TimeIndex(("2014-04", "2014-05", "2014-06"), (-0.2, -0.1, 0.0), 0.0, 100)
    found = asked_sales(sales, BlindValues(blind(sales).values, (index,)), MONTH, 24, 730)
    assert abs(found["value_usd"].iloc[0] / sales["value_usd"].iloc[0] - 0.8187) < 1e-3
    assert found["market_days"].iloc[0] == 80
