"""What speaks for and against a home: reasons with their figures, weights and order."""

import json

import numpy as np
import pytest

from realestate_assets.domain.scoring.reasons import MAX_REASONS, REASON_CODES, Candidate, reasons_json
from realestate_assets.domain.scoring.score_reasons import unpaid_taxes
from tests.unit.domain.scoring.scoring_frames import (
    BEST,
    KING,
    WORST,
    arv,
    codes,
    features,
    offers,
    reason_list,
    scored,
    values,
)

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


def test_hostile_neighbourhood_names_stay_valid_json():
    odd = KING.neighborhoods[0].model_copy(update={"name": 'A "quoted" {brace} \\ <b>', "zips": ("98125",)})
    row = scored(features(1), county=KING.model_copy(update={"neighborhoods": (odd,)})).iloc[0]
    assert any('A "quoted" {brace}' in r["text"] for r in reason_list(row, "positive"))
