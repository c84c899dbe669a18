"""The score's rules: components, renormalisation, confidence, reasons, classes."""

import json

import numpy as np
import pandas as pd
import pytest

from realestate_assets.domain.scoring.reasons import MAX_REASONS, REASON_CODES, Candidate, reasons_json
from realestate_assets.domain.scoring.score import classify
from realestate_assets.domain.scoring.score_reasons import unpaid_taxes
from realestate_assets.domain.tables import SCORE_COMPONENTS, SCORES
from tests.unit.domain.scoring.scoring_frames import (
    CONFIG,
    KING,
    arv,
    empty_record,
    features,
    offers,
    scored,
    values,
)

BEST = {
    "list_price_usd": 300_000.0,
    "condition_code": 5.0,
    "effective_age_years": 0.0,
    "days_on_market": 400.0,
    "is_absentee_owner": True,
    "is_absentee_out_of_state": True,
    "is_tax_delinquent": True,
    "is_bank_owner": True,
    "tenure_years": 30.0,
    "last_sale_price_usd": 100_000.0,
    "zip_median_rent_usd": 6_000.0,
    "zip_price_per_sqft_trend_pct": 20.0,
    "market_heat_pct": 104.0,
    "market_appreciation_pct": 20.0,
    "tax_annual_usd": 1_000.0,
    "zip": "98004",
}
WORST = {
    "list_price_usd": 2_000_000.0,
    "condition_code": 1.0,
    "effective_age_years": 150.0,
    "days_on_market": 0.0,
    "tenure_years": 0.0,
    "last_sale_price_usd": 900_000.0,
    "zip_median_rent_usd": 500.0,
    "zip_price_per_sqft_trend_pct": -20.0,
    "market_heat_pct": 90.0,
    "market_appreciation_pct": -10.0,
    "is_flood_hazard_area": True,
    "zip": "98125",
}


def reason_list(row: pd.Series, side: str) -> list[dict]:
    return json.loads(row["reasons"])[side]


def codes(row: pd.Series, side: str = "negative") -> list[str]:
    return [reason["code"] for reason in reason_list(row, side)]


def county_with(**market: object):
    return KING.model_copy(update={"market": KING.market.model_copy(update=market)})


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


OWNER = {
    "is_absentee_owner": True,
    "is_absentee_out_of_state": True,
    "tenure_years": 24.2,
    "is_tax_delinquent": True,
    "is_bank_owner": True,
}


def test_what_presses_an_owner_to_sell_is_told_with_its_figures():
    # All else speaks against it, so that nothing else is among the five reasons for.
    subjects = features(1, **(WORST | OWNER | {"tax_delinquent_usd": 3_200.0, "tax_sale_year": 2021}))
    bad = values(subjects, discount_probability=0.0, market_value_p10_usd=1e5, market_value_p90_usd=1e6)
    no_gain = offers(subjects, gain_probability=0.0)
    row = scored(subjects, bad, arv(subjects, comparable_count=0), offer_rows=no_gain).iloc[0]
    texts = {reason["code"]: reason["text"] for reason in reason_list(row, "positive")}
    wanted = {
        "ABSENTEE_OWNER": "The owner does not live at the property",
        "OUT_OF_STATE_OWNER": "Owner lives out of state",
        "LONG_TENURE": "Owned for 24 years (benchmark 10 years)",
        "TAXES_UNPAID": "Taxes of $3,200 unpaid (tax sale 2021)",
    }
    assert wanted.items() <= texts.items(), texts


@pytest.mark.parametrize(
    ("amount", "year", "text"),
    [
        (3_200.0, 2021, "Taxes of $3,200 unpaid (tax sale 2021)"),
        (3_200.0, None, "Taxes of $3,200 unpaid"),
        (None, 2021, "Taxes unpaid (tax sale 2021)"),
        (None, None, "Taxes unpaid"),
    ],
)
def test_unpaid_taxes_are_told_as_far_as_they_are_known(amount, year, text):
    subjects = features(2, tax_delinquent_usd=[amount, None], tax_sale_year=[year, None])
    assert unpaid_taxes(subjects) == [text, "Taxes unpaid"]


def test_an_owner_without_pressure_gives_no_reason_for_it_and_an_unknown_one_says_what_is_missing():
    row = scored(features(1)).iloc[0]
    told = {*codes(row, "positive"), *codes(row)}
    assert not told & {"TAXES_PAID", "NOT_BANK_OWNED", "OWNER_IN_STATE"}
    unknown = features(1, **dict.fromkeys(OWNER))
    assert (
        scored(unknown)["component_motivation"][0]
        == scored(features(1, **dict.fromkeys(OWNER), tax_delinquent_usd=5.0))["component_motivation"][0]
    )
    assert "NO_OWNER_DATA" in codes(scored(unknown).iloc[0])


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


def test_a_reason_of_the_market_says_whose_sales_and_as_of_which_month():
    high = {"market_heat_pct": 103.0, "market_appreciation_pct": 14.0}
    bases = {"market_appreciation_basis": ["zip", "outside", "outside_later"],
             "market_appreciation_month": ["2015-03", "2014-12", "2024-01"]}  # fmt: skip
    rows = scored(features(3, **high, **bases))
    found = [{r["code"]: r["text"] for r in reason_list(row, "positive")} for _, row in rows.iterrows()]
    assert found[0]["HOT_MARKET"].startswith(
        "Homes sold for 103.0% of their ask (county, 60 sales before 2015-03;"
    )
    assert [text["PRICES_RISE"].split("(")[1].split(";")[0] for text in found] == [
        "ZIP, 240 sales before 2015-03",
        "a rate from outside as of 2014-12",
        "a rate from outside as of 2024-01, not before the month",
    ]


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


def test_reasons_have_their_six_keys_known_codes_and_sorted_json():
    for row in (scored(features(1, **BEST)), scored(features(1, **WORST))):
        text = row["reasons"][0]
        found = json.loads(text)
        assert json.dumps(found, sort_keys=True) == text
        assert set(found) == {"positive", "negative"}
        for side, listed in found.items():
            assert len(listed) <= MAX_REASONS
            for reason in listed:
                assert set(reason) == {"code", "text", "value", "benchmark", "weight", "direction"}
                assert reason["direction"] == side
                assert reason["code"] in REASON_CODES


def test_reasons_stand_in_order_of_their_weight_then_code():
    for changes in ({}, BEST, WORST, {"list_price_usd": None}):
        row = scored(features(1, **changes)).iloc[0]
        for side in ("positive", "negative"):
            listed = [(-r["weight"], r["code"]) for r in reason_list(row, side)]
            assert listed == sorted(listed)
            assert len({code for _, code in listed}) == len(listed)


def test_reasons_of_equal_weight_stand_in_order_of_their_code():
    one = np.ones(2)
    tied = [Candidate(code, "negative", "text", one, one) for code in ("C", "A", "B")]
    assert [r["code"] for r in json.loads(reasons_json(tied, 2)[1])["negative"]] == ["A", "B", "C"]


def test_the_points_that_an_unknown_price_leaves_open_come_first():
    subjects = features(1, list_price_usd=None, condition_code=None, days_on_market=None)
    row = scored(subjects, values(subjects, discount_probability=np.nan)).iloc[0]
    first = reason_list(row, "negative")[0]
    # Undervaluation 0.30, yield 0.20 and the offer 0.15 x 0.7 are open: half of 60.5 points either way.
    assert (first["code"], first["weight"]) == ("NO_ASKING_PRICE", 30.25)


def test_the_points_of_a_reason_are_what_the_signal_moves_the_score():
    # From 45 to 90 days the ramp (0.5 to 2 times the target of 45) goes from 1/3 to 1.
    before, after = scored(features(1)).iloc[0], scored(features(1, days_on_market=90.0)).iloc[0]
    keep = 1 - 0.25 * (1 - before["confidence"])
    moved = (after["bird_dog_score"] - before["bird_dog_score"]) / keep
    assert moved == pytest.approx(100 * 0.10 * 0.4 * (1 - 1 / 3), abs=1e-4)
    found = {r["code"]: r for r in reason_list(after, "positive")}["LONG_ON_MARKET"]
    assert found["weight"] == pytest.approx(100 * 0.10 * 0.4 * (1 - 0.5), abs=1e-4)


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


def test_hostile_neighbourhood_names_stay_valid_json():
    odd = KING.neighborhoods[0].model_copy(update={"name": 'A "quoted" {brace} \\ <b>', "zips": ("98125",)})
    row = scored(features(1), county=KING.model_copy(update={"neighborhoods": (odd,)})).iloc[0]
    assert any('A "quoted" {brace}' in r["text"] for r in reason_list(row, "positive"))
