"""The score's rules: components, renormalisation, confidence, classes."""

import json

import numpy as np
import pandas as pd
import pytest

from realestate_assets.domain.scoring.score import classify
from realestate_assets.domain.tables import SCORE_COMPONENTS, SCORES
from tests.unit.domain.scoring.scoring_frames import (
    BEST,
    CONFIG,
    KING,
    WORST,
    arv,
    codes,
    county_with,
    empty_record,
    features,
    offers,
    reason_list,
    scored,
    values,
)


def test_the_frame_is_the_table():
    frame = scored(features(2))
    assert frame.columns.tolist() == SCORES.column_names
    for column in SCORES.columns:
        if not column.nullable:
            assert frame[column.name].notna().all(), column.name


def test_a_perfect_property_scores_one_hundred():
    subjects = features(1, **BEST)
    sure = values(
        subjects, market_value_p10_usd=500_000.0, market_value_p90_usd=600_000.0, discount_probability=1.0
    )
    after, gain = arv(subjects, arv_usd=900_000.0, comparable_count=8), offers(subjects, gain_probability=0.2)
    assert scored(subjects, sure, after, offer_rows=gain)["bird_dog_score"].tolist() == [100.0]


def test_the_worst_property_scores_zero():
    # Little is known of it, and all that is known is bad.
    unknown = dict.fromkeys(
        [
            *("lot_area_sqft", "year_built", "quality_code", "assessed_value_usd", "zip_median_income_usd"),
            *("bathrooms", "latitude", "days_on_market", "is_absentee_owner", "last_sale_price_usd"),
            *("is_absentee_out_of_state", "is_tax_delinquent", "is_bank_owner"),
        ]
    )
    subjects = features(1, **{**WORST, **unknown, "bedrooms": None})
    unsure = values(
        subjects, market_value_p10_usd=100_000.0, market_value_p90_usd=900_000.0, discount_probability=0.0
    )
    no_gain = offers(subjects, gain_probability=0.0)
    row = scored(subjects, unsure, arv(subjects, comparable_count=0), offer_rows=no_gain).iloc[0]
    assert row["bird_dog_score"] == 0.0
    assert row["score_class"] == "poor"
    assert row["class_limit"].startswith("Not known: bedrooms, year built.")


def test_an_unknown_required_field_misses_the_buying_filter_and_any_other_does_not():
    texts = [
        {r["code"]: r["text"] for r in reason_list(scored(features(1, **{name: None})).iloc[0], "negative")}
        for name in ("bedrooms", "bathrooms")
    ]
    assert texts[0]["OUTSIDE_BUY_BOX"] == "Outside the county's buying filter: bedrooms"
    assert "OUTSIDE_BUY_BOX" not in texts[1]


def test_the_score_is_the_sum_worked_by_hand():
    row = scored(features(1)).iloc[0]
    weights = {name: CONFIG.components[name].weight for name in SCORE_COMPONENTS}
    base = sum(weights[name] * row[f"component_{name}"] for name in SCORE_COMPONENTS)
    assert sum(weights.values()) == pytest.approx(1)
    # Everything is known: confidence is 0.6 x data component + 0.4.
    confidence = 0.6 * row["component_data_confidence"] + 0.4
    assert row["confidence"] == pytest.approx(confidence, abs=1e-6)
    assert row["bird_dog_score"] == pytest.approx(100 * base * (1 - 0.25 * (1 - confidence)), abs=1e-4)


def test_the_points_are_those_of_weights_components_confidence_and_filter():
    row = scored(features(1, bedrooms=1.0)).iloc[0]
    points = json.loads(row["points"])
    for name in SCORE_COMPONENTS:
        worked = 100 * CONFIG.components[name].weight * row[f"component_{name}"]
        assert points.get(name, 0.0) == pytest.approx(worked, abs=1e-4), name
    components = sum(points.get(name, 0.0) for name in SCORE_COMPONENTS)
    assert points["outside_buy_box"] == -5
    assert points["low_confidence"] == pytest.approx(-0.25 * (1 - row["confidence"]) * components, abs=1e-4)
    assert abs(points.get("limit_of_0_to_100", 0.0)) < 1e-5


def test_what_the_lowest_score_cuts_off_stands_among_the_points():
    worst = features(
        1, list_price_usd=5e6, bedrooms=1.0, zip_median_rent_usd=1.0, condition_code=1, days_on_market=0
    )
    row = scored(worst, arv_rows=arv(worst, arv_usd=1.0)).iloc[0]
    points = json.loads(row["points"])
    assert sum(points.values()) == pytest.approx(row["bird_dog_score"], abs=1e-4)


def test_one_component_worked_by_hand():
    row = scored(features(1)).iloc[0]
    # A chance of 2.4 % on 0..4.
    by_hand = 0.024 / 0.04
    assert row["component_undervaluation"] == pytest.approx(by_hand, abs=1e-6)


def test_a_component_of_which_nothing_is_known_counts_as_unfavourable():
    subjects = features(1, zip_median_rent_usd=None)
    row = scored(subjects).iloc[0]
    signals = CONFIG.components["yield"].signals.values()
    assert row["component_yield"] == pytest.approx(sum(s.weight * s.unknown for s in signals))
    base = sum(CONFIG.components[n].weight * row[f"component_{n}"] for n in SCORE_COMPONENTS)
    assert row["bird_dog_score"] == pytest.approx(100 * base * (1 - 0.25 * (1 - row["confidence"])), abs=1e-4)
    assert "NO_RENT_ESTIMATE" in codes(row)


def test_a_missing_component_lowers_the_confidence():
    full, gapped = scored(features(1)).iloc[0], scored(features(1, is_flood_hazard_area=None)).iloc[0]
    assert gapped["confidence"] < full["confidence"]


def test_without_an_asking_price_all_that_hangs_on_it_counts_as_nothing_and_the_reasons_say_so():
    subjects = features(1, list_price_usd=None)
    row = scored(subjects, values(subjects, discount_probability=np.nan)).iloc[0]
    assert row["component_undervaluation"] == row["component_yield"] == 0
    assert row["class_limit"].startswith("Not known: list price.")
    assert 0 <= row["bird_dog_score"] <= 100
    assert codes(row)[0] == "NO_ASKING_PRICE"
    assert reason_list(row, "negative")[0]["text"].startswith("No asking price: 60%")


def test_an_unknown_condition_is_blamed_for_what_it_makes_impossible():
    row = scored(features(1, condition_code=None)).iloc[0]
    blamed = {r["code"]: r for r in reason_list(row, "negative")}["NO_CONDITION"]
    # Cash on cash 0.20 x 0.4, offer 0.15 x 0.7, condition 0.05 x 0.5 of the weight.
    assert blamed["value"] == pytest.approx(0.08 + 0.105 + 0.025, abs=1e-4)
    assert np.isnan(row["repair_estimate_usd"])


@pytest.mark.parametrize("status", ["INSUFFICIENT_SALES", "MISSING_INPUTS"])
def test_a_property_without_a_value_gets_no_score(status):
    subjects = features(1)
    nothing = dict.fromkeys(("market_value_p10_usd", "market_value_p50_usd", "market_value_p90_usd"))
    empty = values(subjects, value_status=status, **nothing, discount_probability=np.nan, model_id=None)
    row = scored(subjects, empty.astype(dict.fromkeys(nothing, "float64"))).iloc[0]
    assert np.isnan(row["bird_dog_score"])
    assert pd.isna(row["score_class"])
    assert np.isnan(row["confidence"])
    assert codes(row) == [status]
    assert row["cap_rate_pct"] > 0, "measures that need no value are still stated"


def test_too_few_known_components_give_no_score():
    subjects = empty_record()
    subjects["living_area_sqft"], subjects["zip"] = 1500.0, "98125"
    county = county_with()
    few = values(subjects, discount_probability=np.nan)
    row = scored(subjects, few, arv(subjects, arv_usd=np.nan, comparable_count=0), county).iloc[0]
    assert row["value_status"] == "valued"
    assert np.isnan(row["bird_dog_score"])
    assert codes(row) == ["TOO_LITTLE_DATA"]


def test_a_target_neighbourhood_raises_the_market_component_and_says_so():
    inside, outside = scored(features(1, zip="98004")).iloc[0], scored(features(1)).iloc[0]
    assert inside["neighborhood"] == "Bellevue"
    assert inside["component_market"] == pytest.approx(min(1.0, 1.25 * outside["component_market"]), abs=1e-5)
    assert inside["bird_dog_score"] > outside["bird_dog_score"]
    assert pd.isna(outside["neighborhood"])
    assert outside["neighborhood_multiplier"] == 1.0
    text = {r["code"]: r["text"] for r in reason_list(inside, "positive")}["NEIGHBORHOOD_MULTIPLIER"]
    assert text == "Bellevue (98004): market component x 1.25"


def test_of_two_neighbourhoods_the_higher_multiplier_counts_and_the_reason_says_so():
    lesser = {"name": "Downtown", "multiplier": 1.1, "zips": ("98004",)}
    extra = KING.neighborhoods[0].model_copy(update=lesser)
    county = KING.model_copy(update={"neighborhoods": (extra, *KING.neighborhoods)})
    row = scored(features(1, zip="98004"), county=county).iloc[0]
    assert row["neighborhood_multiplier"] == 1.25
    text = {r["code"]: r["text"] for r in reason_list(row, "positive")}["NEIGHBORHOOD_MULTIPLIER"]
    assert "the highest of 2" in text


@pytest.mark.parametrize("market", [{"market_heat_pct": 101.5}, {"market_appreciation_pct": 11.0}])
def test_heat_and_appreciation_of_the_months_before_change_the_score(market):
    plain, better = scored(features(1)), scored(features(1, **market))
    assert better["bird_dog_score"][0] > plain["bird_dog_score"][0]


@pytest.mark.parametrize("market", [{"heat": 1.5}, {"appreciation_rate": 0.2}, {"as_of_month": "2024-01"}])
def test_what_a_countys_file_says_of_the_market_is_no_figure_of_the_month(market):
    plain, told = scored(features(1)), scored(features(1), county=county_with(**market))
    assert told["bird_dog_score"][0] == plain["bird_dog_score"][0]


def test_an_unknown_market_counts_as_unfavourable_and_is_named():
    unknown = features(1, market_heat_pct=None, market_heat_basis=None, market_appreciation_pct=None,
                       market_appreciation_basis=None)  # fmt: skip
    row = scored(unknown).iloc[0]
    signals = CONFIG.components["market"].signals
    trend = signals["zip_price_trend_pct"]
    by_hand = 0.3 * signals["market_heat_pct"].unknown + 0.3 * signals["market_appreciation_pct"].unknown
    by_hand += trend.weight * (4 - trend.low) / (trend.high - trend.low)
    assert row["component_market"] == pytest.approx(by_hand, abs=1e-6)
    assert {"NO_MARKET_HEAT", "NO_APPRECIATION"} <= set(codes(row))


def test_outside_the_buying_filter_costs_points_and_is_named():
    # Gross rents that leave 2,000 each, without the allowance for utilities of three bedrooms and of one.
    inside = scored(features(1, bedroom_rent_usd=2_132.0)).iloc[0]
    outside = scored(features(1, bedrooms=1.0, bedroom_rent_usd=2_092.0)).iloc[0]
    assert outside["bird_dog_score"] == pytest.approx(inside["bird_dog_score"] - 5, abs=1e-6)
    found = {r["code"]: r for r in reason_list(outside, "negative")}["OUTSIDE_BUY_BOX"]
    assert found["text"].endswith("bedrooms")
    assert "OUTSIDE_BUY_BOX" not in codes(inside)


def test_a_price_below_the_filter_costs_nothing():
    county = county_with(min_price_usd=450_000)
    just_above = scored(features(1, list_price_usd=450_001.0), county=county).iloc[0]
    just_below = scored(features(1, list_price_usd=449_999.0), county=county).iloc[0]
    assert just_below["bird_dog_score"] >= just_above["bird_dog_score"]


def test_confidence_is_not_a_function_of_the_score():
    subjects = features(6, list_price_usd=[350_000, 400_000, 450_000, 500_000, 550_000, 600_000])
    frame = scored(subjects)
    assert frame["bird_dog_score"].nunique() == 6
    assert frame["confidence"].nunique() == 1
    thin = scored(features(1), arv_rows=arv(features(1), comparable_count=1))
    assert thin["confidence"][0] < frame["confidence"][0]


def test_classes_begin_at_their_thresholds():
    least = CONFIG.classes
    edges = [level for top in (least.excellent, least.good, least.fair) for level in (top, top - 0.000001)]
    score = np.array([100, *edges, 0, np.nan])
    expected = ["excellent", "excellent", "good", "good", "fair", "fair", "poor", "poor", None]
    assert classify(score, CONFIG).tolist() == expected


def test_a_county_without_data_in_a_column_still_scores():
    subjects = features(3)
    for name in ("is_absentee_owner", "is_flood_hazard_area"):
        subjects[name] = pd.Series([None] * 3, dtype=object)
    subjects["days_on_market"] = pd.Series([None] * 3, dtype=object)
    assert scored(subjects)["bird_dog_score"].notna().all()


def test_no_rows_give_no_rows():
    subjects = features(1).iloc[:0]
    assert scored(subjects).columns.tolist() == SCORES.column_names
    assert len(scored(subjects)) == 0
