"""Published rents: HUD's before the ZIP's median, brought to bedrooms, without what utilities cost."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from realestate_assets.domain.counties.underwriting import Underwriting
from realestate_assets.domain.rents.published import by_bedrooms, published_rents

TERMS = Underwriting(
    tenant_utilities_usd={0: 50, 1: 80, 2: 100, 3: 130},
    rent_by_bedrooms={0: 0.7, 1: 0.8, 2: 1, 3: 1.3},
    rent_range_share=0.1,
)


def rents(*rows):
    names = ["bedrooms", "bedroom_rent_usd", "zip_median_rent_usd"]
    return published_rents(pd.DataFrame(rows, columns=names, dtype=float), TERMS)


def test_hud_comes_first_and_utilities_come_out():
    found = rents((3, 2400, 1500), (3, None, 1500), (None, None, 1500), (2, None, None))
    assert found["rent_monthly_usd"][:3].tolist() == pytest.approx([2270, 1820, 1400])
    assert found["rent_source"].tolist()[:3] == ["hud", "acs", "acs"]
    assert found["rent_utilities_usd"][:3].tolist() == [130, 130, 100]
    assert found["rent_low_usd"][0] == pytest.approx(2043) and found["rent_high_usd"][0] == pytest.approx(
        2497
    )
    assert found.loc[3].isna().all()


def test_a_rent_that_utilities_use_up_is_none():
    assert rents((2, 100, None), (2, 101, None))["rent_monthly_usd"].isna().tolist() == [True, False]


def test_more_bedrooms_than_the_last_have_the_last_ones_amount():
    found = by_bedrooms(pd.Series([0, 1.5, 3, 12, None]), TERMS.tenant_utilities_usd)
    assert found.tolist() == [50, 80, 130, 130, 100]


@pytest.mark.parametrize("amounts", [{}, {1: 50}, {0: 50, 2: 90}, {0: -1}])
def test_amounts_by_bedrooms_have_no_gap_and_none_below_nothing(amounts):
    with pytest.raises(ValidationError, match="bedrooms"):
        Underwriting(tenant_utilities_usd=amounts)


@given(st.floats(1, 20_000), st.floats(0, 12), st.floats(0, 500))
def test_a_dearer_allowance_never_raises_the_rent(gross, bedrooms, more):
    dearer = TERMS.model_copy(
        update={"tenant_utilities_usd": {k: v + more for k, v in TERMS.tenant_utilities_usd.items()}}
    )
    home = pd.DataFrame(
        {"bedrooms": [bedrooms], "bedroom_rent_usd": [gross], "zip_median_rent_usd": [np.nan]}
    )
    before, after = (
        published_rents(home, terms)["rent_monthly_usd"].fillna(0)[0] for terms in (TERMS, dearer)
    )
    assert after <= before < gross
