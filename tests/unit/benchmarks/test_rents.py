"""The benchmark of rents: what stands beside the model, and what is held out together."""

import numpy as np
import pandas as pd

from benchmarks.rents import medians, strict_groups


def test_a_town_without_rents_of_those_bedrooms_has_the_markets_median():
    columns = ["market", "town", "bedrooms", "rent_monthly_usd"]
    known = pd.DataFrame([["a", "x", 1, 900], ["a", "x", 1, 1100], ["a", "y", 2, 2000]], columns=columns)
    asked = pd.DataFrame([["a", "x", 1], ["a", "x", 2], ["a", "z", 5]], columns=columns[:3])
    assert medians(known, asked).tolist() == [1000, 2000, 1100]


def test_plans_of_one_building_are_held_out_together():
    ads = pd.DataFrame(
        {
            "market": "a",
            "town": ["x", "x", "x", "y"],
            "bedrooms": 1,
            "living_area_sqft": [700, 700, None, 700],
        }
    )
    assert strict_groups(ads, np.array([0, 1, 1, 2])).tolist() == [0, 0, 0, 2]
