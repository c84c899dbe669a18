"""Values of the promoted model put on a month's homes: who gets one, who does not, and why."""

import numpy as np
import pandas as pd
import pytest

from realestate_assets.domain.scoring.values import value_rows
from tests.unit.domain.scoring.scoring_frames import arv, empty_record, features, scored


class FixedModel:
    model_id, kind = "m1", "county"

    def predict(self, rows: pd.DataFrame) -> pd.DataFrame:
        assert rows["living_area_sqft"].notna().all()
        value = rows["living_area_sqft"] * 300
        return pd.DataFrame(
            {
                "market_value_p10_usd": value * 0.8,
                "market_value_p50_usd": value,
                "market_value_p90_usd": value * 1.2,
                "log_spread": 0.1,
            },
            index=rows.index,
        )

    def probability_above(self, log_ratio: np.ndarray, log_spread: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(log_ratio / log_spread))


def test_an_empty_record_gets_no_score():
    subjects = empty_record()
    found = value_rows(subjects, FixedModel())
    assert found["value_status"].tolist() == ["MISSING_INPUTS"]
    row = scored(subjects, found, arv(subjects).iloc[:0]).iloc[0]
    assert np.isnan(row["bird_dog_score"])
    assert row["comparable_count"] == 0


def test_values_go_to_the_rows_they_belong_to():
    subjects = features(3, living_area_sqft=[2000, None, 1000], list_price_usd=[600_000, 1, None])
    found = value_rows(subjects, FixedModel())
    assert found["value_status"].tolist() == ["valued", "MISSING_INPUTS", "valued"]
    assert found["market_value_p50_usd"].tolist()[::2] == [600_000, 300_000]
    assert np.isnan(found["market_value_p50_usd"][1])
    # The price of the first equals its value; the third has none.
    assert found["discount_probability"][0] == pytest.approx(0.5)
    assert np.isnan(found["discount_probability"][2])


def test_a_location_by_zip_alone_is_enough_for_a_value():
    subjects = features(2, latitude=None, zip=["98125", None])
    assert value_rows(subjects, FixedModel())["value_status"].tolist() == ["valued", "MISSING_INPUTS"]


def test_without_a_model_nothing_is_valued():
    found = value_rows(features(2), None)
    assert found["value_status"].tolist() == ["INSUFFICIENT_SALES"] * 2
    assert found["model_id"].isna().all()
