"""Rates of the line adjustments: the slopes of a hedonic whose truth is known, and their bounds."""

import json

import numpy as np
import pandas as pd
import pytest

from realestate_assets.domain.comparables.comparables import comparables
from realestate_assets.domain.valuation.hedonic import Hedonic, fit_hedonic, hedonic_terms
from realestate_assets.domain.valuation.params import RateBounds, load_params
from realestate_assets.domain.valuation.rates import hedonic_rates, stored_rates
from tests.unit.domain.valuation.sold_homes import sold_homes

PARAMS = load_params()
RULES = PARAMS.comparables
FREE = RULES.model_copy(
    update={
        "rate_bounds": RateBounds(
            living_area_share=(0, 1), lot_area=(0, 1), bedroom=(-0.1, 0.2), bathroom=(0, 0.2),
            decade_of_age=(-0.2, 0), quality_grade=(0, 0.3), condition_point=(0, 0.3),
        )
    }
)  # fmt: skip


def hedonic_of(homes: pd.DataFrame) -> Hedonic:
    target = np.log(homes["sale_price_usd"].to_numpy(float))
    return fit_hedonic(hedonic_terms(homes), homes["zip"], target, PARAMS.hedonic)


@pytest.fixture(scope="module")
def hedonic() -> Hedonic:
    """Of homes whose log price rises by 0.6 with the log area, 0.1 a grade and 0.05 a condition point."""
    return hedonic_of(sold_homes(per_month=300, noise=0.02))


def test_the_rates_are_the_slopes_that_made_the_prices(hedonic):
    rates = hedonic_rates(hedonic, FREE)
    assert rates.living_area_share == pytest.approx(0.6, abs=0.02)
    assert rates.quality_grade == pytest.approx(0.1, abs=0.005)
    assert rates.condition_point == pytest.approx(0.05, abs=0.005)
    nothing = (rates.lot_area, rates.bedroom, rates.bathroom, rates.decade_of_age)
    assert nothing == pytest.approx((0, 0, 0, 0), abs=0.005)


def test_a_slope_is_taken_at_the_mean_with_square_and_product():
    # Area: 0.3 + 2 x 0.01 x 7 + 0.02 x 8 = 0.6; grade: 0.05 + 0.02 x 7 = 0.19; age: 10 x -0.003 + 10 x 0.001.
    terms = {
        "log_living_area_sqft": (0.3, 7.0),
        "log_living_area_sqft_squared": (0.01, 50.0),
        "quality_code": (0.05, 8.0),
        "area_by_quality": (0.02, 56.0),
        "effective_age_years": (-0.003, 30.0),
        "year_built": (-0.001, 1970.0),
    }
    scale = 2.0
    worked = Hedonic(
        intercept=12.0,
        terms=tuple(terms),
        means=tuple(mean for _, mean in terms.values()),
        scales=(scale,) * len(terms),
        coefficients=tuple(slope * scale for slope, _ in terms.values()),
        places=(),
        place_effects=(),
    )
    rates = hedonic_rates(worked, FREE)
    assert rates.living_area_share == pytest.approx(0.6)
    assert rates.quality_grade == pytest.approx(0.19)
    assert rates.decade_of_age == pytest.approx(-0.02)
    # What the hedonic does not know keeps the rate of the parameters.
    assert (rates.bathroom, rates.lot_area) == (RULES.rates.bathroom, RULES.rates.lot_area)


def test_a_rate_beyond_its_bounds_is_the_bound():
    homes = sold_homes(per_month=100)
    log_price = 10.0 + 1.5 * np.log(homes["living_area_sqft"]) - 0.04 * homes["bathrooms"]
    rates = hedonic_rates(hedonic_of(homes.assign(sale_price_usd=np.exp(log_price))), RULES)
    assert rates.living_area_share == RULES.rate_bounds.living_area_share[1]
    assert rates.bathroom == 0.0
    assert rates.quality_grade == RULES.rate_bounds.quality_grade[0]


def test_a_stored_model_gives_its_rates_and_a_month_without_one_those_of_the_parameters(hedonic):
    stored = json.dumps({"hedonic": hedonic.to_dict()})
    assert stored_rates(stored, RULES) == hedonic_rates(hedonic, RULES)
    assert stored_rates(None, RULES) == RULES.rates
    assert stored_rates(np.nan, RULES) == RULES.rates


def test_the_lines_follow_the_rates_given():
    subjects = sold_homes(first="2015-03", months=1, per_month=10, seed=8)
    doubled = RULES.rates.model_copy(update={"condition_point": 2 * RULES.rates.condition_point})
    before = comparables(subjects, sold_homes(), "2015-03", PARAMS)
    after = comparables(subjects, sold_homes(), "2015-03", PARAMS, doubled)
    # Which sales are chosen hangs on how much they must be adjusted, so on the rates: pairs of both count.
    both = before.merge(after, on=["property_id", "comp_property_id"], suffixes=("", "_doubled"))
    # The lines of the others are cut to the caps.
    whole = both[(both["adj_gross_pct"] < 20) & (both["adj_gross_pct_doubled"] < 40)]
    assert len(whole) >= 10
    assert (whole["adj_condition_usd"] != 0).any()
    assert np.allclose(whole["adj_condition_usd_doubled"], 2 * whole["adj_condition_usd"])
    assert np.allclose(whole["adj_age_usd_doubled"], whole["adj_age_usd"])


def test_bounds_the_wrong_way_round_or_no_rates_are_refused():
    bounds = RULES.rate_bounds.model_dump()
    for wrong in ({"bedroom": (0.03, 0.0)}, {"decade_of_age": (-0.05, 0.5)}):
        with pytest.raises(ValueError):
            RateBounds(**(bounds | wrong))
