"""What the memo tells of the likely sale and of a gain: figures with their cases, or why there are none."""

import pytest

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.memo.context import build_memo_context
from realestate_assets.domain.offers.params import load_offer_params
from realestate_assets.domain.scoring.reasons import SIGNALS
from realestate_assets.domain.tables import SCORES
from tests.unit.domain.memo.memo_records import record, score_row

KING = load_counties(None)["king-wa"]


def outlook(**score):
    return build_memo_context(record(score=score_row(**score)), KING, "abcdef012345")["outlook"]


def test_both_are_told_in_words_with_the_number_of_cases():
    likely, gain, warning = outlook()
    assert "sells for $497,000, four in five for $470,000 to $520,000" in likely and "1,778" in likely
    assert "Of 100 homes like this bought at their ask, 3.4 resold within 400 days" in gain
    assert "gained 42% in the median" in gain and "3,841 earlier purchases, of the county" in gain
    assert "is not a gain on the day of purchase" in warning


@pytest.mark.parametrize(
    ("reason", "words"), [("TOO_FEW_GAINS", "too few earlier purchases"), ("NO_ASK", "no asking price")]
)
def test_where_no_chance_is_known_the_memo_says_why(reason, words):
    _, gain, _ = outlook(gain_probability=None, gain_reason=reason)
    assert words in gain


def test_a_price_that_serves_as_ask_claims_no_sale():
    likely, *_ = outlook(likely_sale_p50_usd=None, likely_sale_reason="ASK_IS_PRICE")
    assert likely == "No likely sale value: the asking price is a recorded sale price."


def test_a_prior_is_called_an_assumption():
    assert "an assumption" in outlook(likely_sale_basis="prior", likely_sale_sales=0)[0]


def test_of_a_home_that_was_sold_nothing_is_told():
    assert outlook(offer_state="retrospective") == []


def test_wherever_a_gain_is_told_its_figures_are_those_of_the_settings():
    """The words stand in several rooms, the settings in one: who changes these has to change those."""
    gain = load_offer_params().gain
    told = [
        outlook()[1],
        *(text for _, text in (SIGNALS["gain_probability"].positive, SIGNALS["gain_probability"].negative)),
        next(column.description for column in SCORES.columns if column.name == "gain_probability"),
    ]
    for text in told:
        assert f"{gain.horizon_days} days" in text and f"{gain.gain_ratio:g} times" in text
