"""Prices grossly unlike those alike: what is marked and what is not; nothing depends on what comes later."""

import numpy as np
import pandas as pd
import pytest

from realestate_assets.domain.sales.price_outliers import PRICE_FAR_ABOVE_ALIKE, PRICE_FAR_BELOW_ALIKE
from realestate_assets.domain.sales.rules import load_sale_rules
from realestate_assets.domain.sales.validity import RECORD_COLUMNS, VALID, sale_validity

RULES = load_sale_rules()
MONTHS = [str(month) for month in pd.period_range("2014-06", "2015-03", freq="M")]


def county(a_month: int = 80, seed: int = 3, spread: float = 0.12) -> pd.DataFrame:
    """Sales of two places over ten months, by area, place and chance."""
    random = np.random.default_rng(seed)
    frames = []
    for month in MONTHS:
        area = np.exp(random.normal(7.4, 0.3, a_month))
        place = np.where(np.arange(a_month) % 2 == 0, "98103", "98168")
        log_price = 6.0 + 0.9 * np.log(area) + 0.4 * (place == "98103")
        rows = {
            **dict.fromkeys(RECORD_COLUMNS),
            "county": "king-wa",
            "month": month,
            "property_id": [f"{month}-{k:03d}" for k in range(a_month)],
            "is_simulated": False,
            "sale_date": pd.Timestamp(f"{month}-10"),
            "sale_price_usd": np.exp(log_price + random.normal(0, spread, a_month)),
            "living_area_sqft": area,
            "zip": place,
            "property_type": "single_family",
            "bedrooms": 3.0,
            "year_built": 1960,
        }
        frames.append(pd.DataFrame(rows, index=range(a_month)))
    return pd.concat(frames, ignore_index=True)


def changed(sales: pd.DataFrame, property_id: str, **values: object) -> pd.DataFrame:
    sales = sales.copy()
    for name, value in values.items():
        old = sales.loc[sales["property_id"] == property_id, name].iloc[0]
        sales.loc[sales["property_id"] == property_id, name] = value(old) if callable(value) else value
    return sales


def verdict_of(sales: pd.DataFrame) -> pd.Series:
    return sale_validity(sales, RULES).set_index(["month", "property_id"])["sale_validity"]


@pytest.mark.parametrize(
    ("factor", "code"), [(0.3, PRICE_FAR_BELOW_ALIKE), (3.5, PRICE_FAR_ABOVE_ALIKE), (0.75, VALID)]
)
def test_only_a_gross_price_is_marked_and_no_sale_beside_it(factor, code):
    odd = MONTHS[-1] + "-007"
    found = verdict_of(changed(county(), odd, sale_price_usd=lambda price: factor * price))
    assert found[(MONTHS[-1], odd)] == code
    assert (found.drop((MONTHS[-1], odd)) == VALID).all()


def test_a_strange_price_is_no_witness_and_still_a_sale():
    odd = MONTHS[-1] + "-007"
    rows = sale_validity(changed(county(), odd, sale_price_usd=lambda price: 0.3 * price), RULES)
    row = rows.set_index("property_id").loc[odd]
    assert row["sale_faults"] == PRICE_FAR_BELOW_ALIKE
    assert row["is_arms_length"]


def test_a_home_that_is_cheap_for_its_size_alone_is_not_marked():
    # Four times as large: its price per square foot is far below, its price what such a home costs.
    sales = county()
    large = MONTHS[-1] + "-007"
    own = sales.set_index("property_id").loc[large]
    sales = changed(
        sales,
        large,
        living_area_sqft=4 * own["living_area_sqft"],
        sale_price_usd=own["sale_price_usd"] * 4**0.5,
    )
    assert (verdict_of(sales) == VALID).all()


def test_where_homes_are_all_alike_a_bargain_is_no_fault():
    odd = MONTHS[-1] + "-007"
    sales = changed(county(spread=0.01), odd, sale_price_usd=lambda price: 0.7 * price)
    assert (verdict_of(sales) == VALID).all()


def test_later_sales_change_no_verdict():
    odd = MONTHS[-3] + "-007"
    sales = changed(county(), odd, sale_price_usd=lambda price: 0.3 * price)
    early = sales[sales["month"] <= MONTHS[-3]]
    later = verdict_of(sales)
    pd.testing.assert_series_equal(verdict_of(early), later[later.index.get_level_values(0) <= MONTHS[-3]])


def test_a_month_judged_alone_with_its_year_says_the_same():
    sales = changed(county(), MONTHS[-1] + "-007", sale_price_usd=lambda price: 0.3 * price)
    mixed = sales.sample(frac=1.0, random_state=5)
    pd.testing.assert_series_equal(verdict_of(mixed), verdict_of(sales))


def test_what_is_faulty_already_says_nothing_of_what_is_usual():
    # Half of the place's deeds at a tenth of the price, all of them quit-claims.
    sales = county()
    gift = sales["property_id"].str[-1].isin(list("02468"))
    sales.loc[gift, "sale_price_usd"] *= 0.1
    sales.loc[gift, "deed_type"] = "Quit claim deed"
    found = verdict_of(sales)
    assert (found[~gift.to_numpy()] == VALID).all()
    assert (found[gift.to_numpy()] == "NON_ARMS_LENGTH_DEED").all()


def test_few_sales_mark_nothing():
    sales = county(a_month=20)
    sales.loc[sales.index[-1], "sale_price_usd"] *= 0.2
    assert (verdict_of(sales) == VALID).all()


def test_generated_sales_are_judged_by_themselves():
    real = county()
    generated = county(seed=8).assign(is_simulated=True, sale_price_usd=lambda f: 0.2 * f["sale_price_usd"])
    generated["property_id"] = "g" + generated["property_id"]
    found = verdict_of(pd.concat([real, generated], ignore_index=True))
    assert (found == VALID).all()


def test_a_home_without_area_or_place_is_not_judged():
    odd = MONTHS[-1] + "-007"
    sales = changed(county(), odd, sale_price_usd=lambda price: 0.3 * price, living_area_sqft=np.nan)
    assert (verdict_of(sales) == VALID).all()
