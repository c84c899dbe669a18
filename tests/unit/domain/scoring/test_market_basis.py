"""The words of a basis: made once for rows that share it, in the order of the rows."""

import pandas as pd
import pytest

from realestate_assets.domain.scoring.market_basis import APPRECIATION, market_bases, supply_words


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


@pytest.mark.parametrize(
    ("offers", "supply", "words"),
    [
        (28.0, 2.8, "ZIP, 28 on offer, 10.0 sold a month before 2024-06"),
        (0.0, 0.0, "ZIP, 0 on offer before 2024-06"),
        (4.0, None, "ZIP, 4 on offer, too few sales before 2024-06"),
        (None, None, ""),
    ],
)
def test_the_words_of_supply_give_the_pace_that_the_figure_comes_from(offers, supply, words):
    row = {"zip_offer_count": offers, "zip_months_of_supply": supply, "month": "2024-06"}
    assert supply_words(row) == words
