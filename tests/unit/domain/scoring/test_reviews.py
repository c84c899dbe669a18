"""What bars a home from praise until a person has looked, and what a clearance does."""

import datetime
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.sales.validity import FACTS_AFTER_SALE
from realestate_assets.domain.scoring.clearances import (
    ARV_OUTSIDE_VALUE_RANGE,
    DISCOUNT_BEYOND_SALES,
    FEW_CLOSE_COMPARABLES,
    REVIEW_CODES,
    Clearance,
    Clearances,
)
from tests.examples import examples
from tests.unit.domain.scoring.scoring_frames import CONFIG, arv, features, offers, scored, values

# A home that scores well: asked 38 % below its value, let at 2 % of the price a month.
BARGAIN = {
    "list_price_usd": 340_000.0,
    "zip_median_rent_usd": 6_000.0,
    "days_on_market": 200.0,
    "tenure_years": 25.0,
    "zip_price_per_sqft_trend_pct": 15.0,
}
IMPOSSIBLE = {"sale_validity": FACTS_AFTER_SALE, "listing_status": "sold"}
LIKELY = {"discount_probability": 0.99}
# The chance of a gain that goes with them.
HOPEFUL = 0.06


def hopeful(subjects: pd.DataFrame) -> pd.DataFrame:
    return offers(subjects, gain_probability=HOPEFUL)


def bargain(rows: int = 1, **changes: object) -> pd.DataFrame:
    return features(rows, **(BARGAIN | changes))


def told(row: pd.Series) -> list[dict]:
    return json.loads(row["review_reasons"])


def codes(row: pd.Series) -> list[str]:
    return [reason["code"] for reason in told(row)]


def cleared(*reasons: str, property_id: str = "p000") -> Clearances:
    day = datetime.date(2015, 4, 1)
    return Clearances(
        clearances=tuple(
            Clearance(property_id=property_id, reason=reason, by="R. Lee", when=day, why="Seen on site")
            for reason in reasons
        )
    )


def test_a_sound_bargain_is_praised_and_has_no_reason():
    subjects = bargain()
    row = scored(subjects, values(subjects, **LIKELY), offer_rows=hopeful(subjects)).iloc[0]
    assert row["score_class"] in ("good", "excellent")
    assert (row["review_reasons"], row["needs_review"]) == ("[]", False)


@pytest.mark.parametrize(
    ("changes", "value_changes", "arv_changes", "code", "words"),
    [
        (IMPOSSIBLE, {}, {}, FACTS_AFTER_SALE, "after its sale"),
        ({"list_price_usd": 320_000.0}, {}, {}, DISCOUNT_BEYOND_SALES, "41.8% below value: more than 40%"),
        ({}, {}, {"close_comparable_count": 2}, FEW_CLOSE_COMPARABLES, "2 comparable sales within"),
        ({}, {}, {"close_comparable_count": 1}, FEW_CLOSE_COMPARABLES, "1 comparable sale within"),
        ({}, {}, {"close_comparable_count": np.nan}, FEW_CLOSE_COMPARABLES, "No comparable sale within"),
        ({}, {}, {"arv_usd": 650_000.0}, ARV_OUTSIDE_VALUE_RANGE, "$650,000 lies outside"),
        ({}, {}, {"arv_usd": 470_000.0}, ARV_OUTSIDE_VALUE_RANGE, "$480,000 to $640,000"),
    ],
)  # fmt: skip
def test_each_reason_is_said_with_its_figures_and_bars_the_classes_above_fair(
    changes, value_changes, arv_changes, code, words
):
    subjects = bargain(**changes)
    row = scored(
        subjects,
        values(subjects, **LIKELY, **value_changes),
        arv(subjects, **arv_changes),
        offer_rows=hopeful(subjects),
    ).iloc[0]
    assert codes(row) == [code]
    assert words in told(row)[0]["text"]
    assert told(row)[0]["cleared"] is None
    assert row["bird_dog_score"] >= CONFIG.classes.good
    assert (row["score_class"], row["needs_review"]) == ("fair", True)


def test_at_the_bounds_there_is_no_reason():
    subjects = bargain(list_price_usd=330_000.0)
    at = {"close_comparable_count": CONFIG.review.min_close_comparables, "arv_usd": 640_000.0}
    assert codes(scored(subjects, values(subjects), arv(subjects, **at)).iloc[0]) == []


def test_a_home_on_offer_may_have_been_rebuilt_since_its_sale():
    for status in ("active", "pending"):
        subjects = bargain(sale_validity=FACTS_AFTER_SALE, listing_status=status)
        assert codes(scored(subjects).iloc[0]) == []
    for status in ("sold", "off_market", None):
        subjects = bargain(sale_validity=FACTS_AFTER_SALE, listing_status=status)
        assert codes(scored(subjects).iloc[0]) == [FACTS_AFTER_SALE]


def test_a_poor_home_stays_poor_under_review():
    subjects = features(1, list_price_usd=2_000_000.0, zip_median_rent_usd=500.0)
    no_gain = offers(subjects, gain_probability=0.0)
    row = scored(subjects, values(subjects), arv(subjects, arv_usd=1.0), offer_rows=no_gain).iloc[0]
    assert (row["score_class"], row["needs_review"]) == ("poor", True)


def test_without_a_score_only_impossible_facts_are_told():
    subjects = bargain(2, sale_validity=[None, FACTS_AFTER_SALE], listing_status="sold")
    nothing = dict.fromkeys(["market_value_p10_usd", "market_value_p50_usd", "market_value_p90_usd"], np.nan)
    unvalued = values(subjects, value_status="INSUFFICIENT_SALES", **nothing)
    rows = scored(subjects, unvalued, arv(subjects, close_comparable_count=0))
    assert [codes(row) for _, row in rows.iterrows()] == [[], [FACTS_AFTER_SALE]]


def test_a_cleared_reason_is_kept_with_who_when_and_why_and_bars_nothing():
    subjects = bargain()
    row = scored(
        subjects, values(subjects, **LIKELY), arv(subjects, arv_usd=650_000.0),
        clearances=cleared(ARV_OUTSIDE_VALUE_RANGE), offer_rows=hopeful(subjects),
    ).iloc[0]  # fmt: skip
    assert told(row)[0]["cleared"] == {"by": "R. Lee", "when": "2015-04-01", "why": "Seen on site"}
    assert row["score_class"] in ("good", "excellent")
    assert not row["needs_review"]


def test_a_clearance_is_of_one_property_and_one_reason():
    subjects = bargain(2)
    wide = arv(subjects, arv_usd=650_000.0, close_comparable_count=0)
    rows = scored(
        subjects,
        values(subjects, **LIKELY),
        wide,
        clearances=cleared(ARV_OUTSIDE_VALUE_RANGE),
        offer_rows=hopeful(subjects),
    )
    assert rows["needs_review"].tolist() == [True, True]
    both = cleared(ARV_OUTSIDE_VALUE_RANGE, FEW_CLOSE_COMPARABLES)
    rows = scored(subjects, values(subjects, **LIKELY), wide, clearances=both, offer_rows=hopeful(subjects))
    assert rows["needs_review"].tolist() == [False, True]


@examples(60)
@given(
    price=st.floats(1_000, 2e6),
    after_repair=st.none() | st.floats(1_000, 2e6),
    close=st.integers(0, 8),
    verdict=st.sampled_from([None, "VALID", FACTS_AFTER_SALE]),
    done=st.sets(st.sampled_from(REVIEW_CODES)),
)
def test_no_home_with_an_open_reason_is_above_fair_and_the_score_is_never_touched(
    price, after_repair, close, verdict, done
):
    subjects = bargain(list_price_usd=price, sale_validity=verdict, listing_status="sold")
    inputs = (
        subjects,
        values(subjects, **LIKELY),
        arv(subjects, arv_usd=after_repair, close_comparable_count=close),
    )
    row = scored(*inputs, clearances=cleared(*done)).iloc[0]
    is_open = any(reason["cleared"] is None for reason in told(row))
    assert row["needs_review"] == is_open == bool(set(codes(row)) - done)
    assert not (is_open and row["score_class"] in ("good", "excellent"))
    assert (
        row["bird_dog_score"] == scored(*inputs, clearances=cleared(*REVIEW_CODES)).iloc[0]["bird_dog_score"]
    )
