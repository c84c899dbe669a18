"""What the memo says of earlier values of the home's size."""

import pytest

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.memo.context import build_memo_context
from tests.unit.domain.memo.memo_records import record, score_row

KING = load_counties(None)["king-wa"]
KNOWN = {
    "value_band_low_usd": 520_000.0,
    "value_band_high_usd": 610_000.0,
    "value_band_sales": 1_674,
    "value_band_median_ratio": 0.9974,
    "value_band_coverage": 0.802,
}


def told(**score):
    return build_memo_context(record(score=score_row(**score)), KING, "abcdef012345")["band_record"]


def test_ratio_coverage_and_their_sales_stand_in_one_sentence():
    found = told(**KNOWN)
    assert "1,674 earlier sales of the county" in found
    assert "valued at $520,000 to $610,000" in found
    assert "0.997 of the price" in found and "80% of the prices" in found


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        (["low"], "valued below $610,000"),
        (["high"], "valued above $520,000"),
        (["low", "high"], "of any value"),
    ],
)
def test_an_open_band_is_told_as_one(missing, words):
    assert words in told(**KNOWN | {f"value_band_{end}_usd": None for end in missing})


def test_nothing_is_claimed_where_too_few_sales_were_judged():
    assert told() is None
