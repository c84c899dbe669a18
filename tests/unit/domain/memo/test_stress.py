"""The stress table of a memo: its first row is the warehouse, the others say what is left."""

import pytest

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.memo.context import build_memo_context
from tests.unit.domain.memo.memo_records import features_row, record, score_row

KING = load_counties(None)["king-wa"]


def table(features: dict | None = None, **score: object) -> dict | None:
    parts = {"score": score_row(**score), "features": features_row(**(features or {}))}
    return build_memo_context(record(**parts), KING, "abcdef012345")["underwriting"]["stress"]


def rows(found: dict) -> dict[str, list[str | None]]:
    return {row["name"]: [cell and cell.value for cell in row["cells"]] for row in found["rows"]}


def test_the_deal_as_assumed_is_what_the_scores_say():
    found = table()
    assert [head.label for head in found["heads"]] == [
        "Net operating income",
        "Debt coverage",
        "Cash on cash",
        "Flip profit",
        "Flip return",
        "Maximum offer",
    ]
    assert rows(found)["As assumed"] == ["$13,356", "0.45", "-9.8%", "$38,964", "7.1%", "$418,000"]


def test_each_case_moves_what_it_is_about_and_the_last_one_all():
    found = rows(table())
    assert list(found)[1:] == [
        "Resale 10% lower",
        "Vacancy +5 points",
        "Repairs 25% dearer",
        "Interest +1 point",
        "All of it together",
    ]
    # 64,000 x 0.92 less; 7,500 more of repairs.
    assert found["Resale 10% lower"][3] == "-$19,916"
    assert found["Repairs 25% dearer"][3] == "$31,464"
    assert found["All of it together"][3] == "-$27,416"
    # 5 % of 28,800, less the manager's 8 % of it.
    assert found["Vacancy +5 points"][0] == found["All of it together"][0] == "$12,031"
    assert found["Interest +1 point"][0] == "$13,356"


def test_columns_without_a_figure_are_left_out():
    nothing = dict.fromkeys(("arv_usd", "arv_low_usd", "arv_high_usd", "flip_profit_usd", "flip_roi_pct"))
    heads = [head.label for head in table(**nothing)["heads"]]
    assert heads == ["Net operating income", "Debt coverage", "Cash on cash"]


@pytest.mark.parametrize("rent", [None, float("nan")])
def test_without_rent_and_resale_there_is_no_table(rent):
    assert table(rent_monthly_usd=rent, arv_usd=None) is None


def said(**score: object) -> list[str]:
    page = build_memo_context(record(score=score_row(**score)), KING, "abcdef012345")
    return [risk.text for risk in page["risks"] if "Under stress" in risk.text]


def test_what_pays_only_as_long_as_nothing_goes_wrong_is_a_risk():
    assert said(dscr=1.3, stressed_dscr=0.914, flip_roi_pct=7.1, stressed_flip_roi_pct=-4.86) == [
        "Under stress the income does not cover the debt service: coverage 0.91.",
        "Under stress the flip loses 4.9% of the cash put in.",
    ]


@pytest.mark.parametrize(
    ("flip", "stressed"), [(7.1, 1.0), (-3.0, -9.0), (7.1, None), (None, None), (None, -9.0)]
)
def test_what_pays_under_stress_or_not_at_all_is_no_risk_of_stress(flip, stressed):
    assert said(dscr=None, flip_roi_pct=flip, stressed_flip_roi_pct=stressed) == []
