"""The words of a basis: made once for rows that share it, in the order of the rows."""

import pandas as pd

from realestate_assets.domain.scoring.market_basis import APPRECIATION, market_bases


def test_each_row_has_the_words_of_its_own_basis_and_an_unknown_one_has_none():
    rows = pd.DataFrame(
        {
            "market_appreciation_basis": ["county", None, "zip", "outside", "county"],
            "market_appreciation_sales": [1_200.0, None, 120.0, None, 1_200.0],
            "market_appreciation_month": ["2015-03", None, "2015-03", "2014-12", "2015-03"],
        },
        index=[4, 2, 9, 1, 7],
    )
    assert market_bases(rows, APPRECIATION) == [
        "county, 1,200 sales before 2015-03",
        "",
        "ZIP, 120 sales before 2015-03",
        "a rate from outside as of 2014-12",
        "county, 1,200 sales before 2015-03",
    ]


def test_no_rows_have_no_words():
    assert market_bases(pd.DataFrame(columns=list(APPRECIATION)), APPRECIATION) == []
