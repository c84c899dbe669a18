"""Bear, base and bull: base is the warehouse, the ends are its ranges, nothing is invented."""

import pytest

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.memo.context import build_memo_context
from tests.unit.domain.memo.memo_records import record, score_row

KING = load_counties(None)["king-wa"]


def rows(**score: object) -> dict[str, list[str | None]]:
    page = build_memo_context(record(score=score_row(**score)), KING, "abcdef012345")
    found = page["underwriting"]["scenarios"]
    assert found["names"] == ["Bear", "Base", "Bull"]
    return {row["head"].label: [cell and cell.value for cell in row["cells"]] for row in found["rows"]}


def test_base_equals_the_measures_of_the_scores():
    found = rows()
    assert found["Net operating income"][1] == "$13,356"
    assert found["Cap rate"][1] == "2.7%"
    assert found["Cash on cash"][1] == "-9.8%"
    assert found["Debt service coverage"][1] == "0.45"
    assert found["Flip profit"][1] == "$38,964"
    assert found["Return on cash of the flip"][1] == "7.1%"


def test_the_ends_are_those_of_the_warehouse():
    found = rows()
    assert found["Market value"] == ["$512,300", "$601,250", "$705,800"]
    assert found["Rent a month"] == ["$2,160", "$2,400", "$2,640"]
    assert found["After-repair value"] == ["$590,000", "$640,000", "$690,000"]
    assert found["Value less asking price"] == ["$12,300", "$101,250", "$205,800"]


def amount(text: str) -> float:
    return float(text.replace("$", "").replace(",", "").replace("%", ""))


@pytest.mark.parametrize("label", ["Cash flow a year", "Cap rate", "Cash on cash", "Flip profit"])
def test_bear_is_below_base_and_base_below_bull(label):
    bear, base, bull = (amount(text) for text in rows()[label])
    assert bear < base < bull


def test_a_dollar_of_rent_is_worth_what_the_shares_of_it_leave():
    found = rows()
    terms = KING.underwriting
    kept = (1 - terms.vacancy_rate) * (1 - terms.management_rate) - terms.maintenance_rate
    kept -= terms.reserve_rate + terms.turnover_rent_months / terms.tenancy_years / 12
    gain = amount(found["Cash flow a year"][2]) - amount(found["Cash flow a year"][1])
    assert gain == pytest.approx(240 * 12 * kept, abs=1)


def test_rows_without_a_figure_are_left_out():
    found = rows(rent_monthly_usd=None, rent_low_usd=None, rent_high_usd=None, noi_usd=None)
    assert "Rent a month" not in found
    assert "Cash flow a year" not in found
    assert "Flip profit" in found
