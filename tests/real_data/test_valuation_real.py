"""The valuation on real sales: accuracy without look-ahead on King County, the IAAO's worked tables."""

import time
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.king_county import king_features, king_records
from realestate_assets.domain.comparables.arv import reconcile_arv
from realestate_assets.domain.comparables.comparables import comparables
from realestate_assets.domain.sales.price_outliers import PRICE_OUTLIERS
from realestate_assets.domain.valuation.params import load_params
from realestate_assets.domain.valuation.ratio_study import interval_coverage, ratio_study
from realestate_assets.domain.valuation.train import train, training_sales

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
SALES = SHARED / "king_county" / "kc_house_data.csv"
CENSUS = SHARED / "census_acs" / "us_zip_demographics_2010_2013.parquet"
TABLES = SHARED / "ratio_study"
JUDGED = ("2015-03", "2015-04", "2015-05")
# Sales that do not train the model of each judged month.
LEFT_OUT = {"2015-03": 111, "2015-04": 153, "2015-05": 197}

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not SALES.exists(), reason="the real data beside the checkout is absent"),
]


@pytest.fixture(scope="module")
def king() -> pd.DataFrame:
    """Rows as marts.features holds them."""
    return king_features(king_records(SALES, CENSUS))


@pytest.fixture(scope="module")
def valued(king) -> pd.DataFrame:
    """The judged months' sales with values made from earlier sales only."""
    frames = []
    for month in JUDGED:
        model = train(training_sales(king, month, False), "county", load_params())
        own = king[king["month"] == month]
        frames.append(own.join(model.predict(own)))
    return pd.concat(frames, ignore_index=True)


def test_of_21612_sales_those_of_another_thing_or_of_a_gross_price_are_left_out_and_nothing_else(king):
    counts = king["sale_validity"].value_counts().to_dict()
    # One of the 21,613 rows has 33 bedrooms and is refused; the file has no deeds, parties or documents, and
    # its lowest price is 75,000 USD. It spans 13 months, so that every second sale in it is within a year.
    assert counts == {
        "VALID": 21_398,
        "RESOLD_WITHIN_365_DAYS": 177,
        "PRICE_FAR_BELOW_ALIKE": 23,
        "FACTS_AFTER_SALE": 12,
        "PRICE_FAR_ABOVE_ALIKE": 2,
    }
    trained = {month: len(training_sales(king, month, False)) for month in JUDGED}
    before = {month: int((king["month"] < month).sum()) for month in JUDGED}
    assert {month: before[month] - trained[month] for month in JUDGED} == LEFT_OUT


def test_values_of_spring_2015_are_accurate_without_look_ahead(valued):
    found = ratio_study(valued["market_value_p50_usd"], valued["sale_price_usd"])
    assert found["n"] == 4752
    # The linear hedonic has 13.0 and 9.1 % there, plain LightGBM 12.2 and 8.4 %: see benchmarks/.
    # Measured 11.29 with the platform's own ids of the parcels, which order rows and folds; 0.03 is noise.
    assert found["cod"] <= 11.3
    assert found["mdape_pct"] <= 7.9
    assert 0.98 <= found["prd"] <= 1.03
    assert abs(found["prb"]) <= 0.05
    assert 0.98 <= found["median_ratio"] <= 1.02
    assert found["log_r2"] >= 0.900


def test_values_of_every_size_are_right_in_the_median_over_the_valid_sales(valued):
    # With the sales that only their price speaks against: leaving them out would flatter.
    valid = valued[valued["sale_validity"].isin(("VALID", *PRICE_OUTLIERS))]
    found = ratio_study(valid["market_value_p50_usd"], valid["sale_price_usd"])
    assert found["n"] == 4654
    assert found["cod"] <= 11.2
    assert found["mdape_pct"] <= 7.45
    ratio = valid["market_value_p50_usd"] / valid["sale_price_usd"]
    tenths = ratio.groupby(pd.qcut(valid["market_value_p50_usd"], 10, labels=False)).median()
    assert tenths.between(0.97, 1.03).all()


def test_four_in_five_prices_lie_in_the_interval_in_every_decile_of_price_and_of_value(valued):
    columns = [valued[f"market_value_p{level}_usd"] for level in (10, 90)]
    assert 0.78 <= interval_coverage(*columns, valued["sale_price_usd"]) <= 0.82
    for name in ("sale_price_usd", "market_value_p50_usd"):
        decile = pd.qcut(valued[name], 10, labels=False)
        inside = valued["sale_price_usd"].between(*columns).groupby(decile).mean()
        assert inside.between(0.70, 0.90).all(), name


def test_comparables_of_all_sales_take_seconds_and_agree_with_prices(king):
    started = time.perf_counter()
    rows = {month: comparables(own, king, month, load_params()) for month, own in king.groupby("month")}
    # 21,613 properties are given a minute; this takes about two seconds.
    assert time.perf_counter() - started < 60
    arv = pd.concat(
        [reconcile_arv(rows[month]).assign(month=month) for month in JUDGED], ignore_index=True
    ).merge(king, on=["month", "property_id"])
    assert len(arv) == 4752
    # Homes already in good condition need no repair: their ARV is a value.
    good = arv[arv["condition_code"] >= 4]
    found = ratio_study(good["arv_usd"], good["sale_price_usd"])
    assert 0.95 <= found["median_ratio"] <= 1.05
    assert found["cod"] <= 14


# Known answers of the published tables, in their printed precision.
@pytest.mark.parametrize(
    ("table", "cod", "prd", "prb"),
    [
        ("table_1_1", 29.8, 0.98, 0.232),
        ("table_1_4", 14.5, 0.98, 0.135),
        ("table_d_1", 7.5, 1.027, -0.120),
        ("table_d_2", 7.8, 1.056, -0.011),
    ],
)
def test_the_iaaos_worked_tables_come_out(table, cod, prd, prb):
    pairs = pd.read_csv(TABLES / f"iaao_{table}.csv")
    found = ratio_study(pairs["estimate"], pairs["sale_price"])
    assert found["cod"] == pytest.approx(cod, rel=0.01)
    assert found["prd"] == pytest.approx(prd, rel=0.01)
    # Printed with three decimals: half of the last one is 4 % of the smallest figure.
    assert found["prb"] == pytest.approx(prb, rel=0.01, abs=0.0005)
