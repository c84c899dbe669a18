"""A class above fair needs a way that is known to pay."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.scoring.config import Paying, load_scoring_config
from realestate_assets.domain.scoring.paying import limits, pays
from realestate_assets.domain.scoring.reviews import capped

BOUNDS = Paying(min_dscr=1.0, min_flip_roi_pct=0.0)
NOTHING_UNKNOWN = np.array([""], dtype=object)
FIGURE = st.one_of(st.just(np.nan), st.floats(-3, 3))


def measures(dscr: float, roi: float) -> pd.DataFrame:
    return pd.DataFrame({"dscr": [dscr], "flip_roi_pct": [roi]})


@pytest.mark.parametrize(
    ("dscr", "roi", "limit"),
    [
        (1.0, -20.0, None),
        (0.5, 0.0, None),
        (np.nan, 3.0, None),
        (1.2, np.nan, None),
        (0.854, -4.26, "DSCR 0.85, 1.00 wanted; flip -4.3%, 0.0% wanted"),
        (np.nan, -4.0, "rent unknown; flip -4.0%, 0.0% wanted"),
        (np.nan, np.nan, "rent unknown; resale margin unknown"),
    ],
)
def test_one_way_that_is_known_to_pay_is_enough(dscr, roi, limit):
    (found,) = limits(measures(dscr, roi), BOUNDS, NOTHING_UNKNOWN)
    assert found == (limit and f"No way is known in which it pays: {limit}.")


def test_unknown_facts_that_are_wanted_are_named_first():
    unknown = np.array(["living_area_sqft, year_built"], dtype=object)
    assert limits(measures(1.2, 5.0), BOUNDS, unknown) == ["Not known: living area, year built."]
    (both,) = limits(measures(np.nan, -4.0), BOUNDS, unknown)
    assert both.startswith(
        "Not known: living area, year built. No way is known in which it pays: rent unknown"
    )


@given(FIGURE, FIGURE)
def test_hiding_a_figure_never_makes_a_home_pay(dscr, roi):
    known = pays(measures(dscr, roi), BOUNDS)[0]
    for hidden in (measures(np.nan, roi), measures(dscr, np.nan), measures(np.nan, np.nan)):
        assert not pays(hidden, BOUNDS)[0] or known


def test_the_limit_takes_the_classes_above_fair_alone():
    classes = np.array(["excellent", "good", "fair", "poor", None], dtype=object)
    assert capped(classes, np.full(5, True)).tolist() == ["fair", "fair", "fair", "poor", None]


def test_the_settings_ask_for_a_rent_that_carries_the_loan_or_a_gain():
    settings = load_scoring_config().paying
    assert settings.min_dscr >= 1 and settings.min_flip_roi_pct >= 0
