"""What the page of a board is given to compute a reader's own figures from."""

import json

from realestate_assets.domain.board.whatif import INPUTS, TERMS, script_terms, what_if
from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.counties.underwriting import Underwriting
from tests.unit.domain.board.board_rows import deal

COUNTIES = load_counties(None)


def test_inputs_stand_in_cents_and_what_is_not_known_is_null():
    found = what_if(
        [deal(1, rent_monthly_usd=1_234.567, tax_annual_usd=float("nan")), deal(2)], Underwriting()
    )
    assert set(found["inputs"]) == set(INPUTS)
    assert found["inputs"]["rent_monthly_usd"] == [1_234.57, 1_500]
    assert found["inputs"]["tax_annual_usd"] == [None, None]
    assert "NaN" not in json.dumps(found)


def test_the_page_knows_every_assumption_its_formulas_read():
    terms = script_terms(COUNTIES["orange-ca"].underwriting)
    assert set(terms) == TERMS | {"tax_after_sale"}
    assert terms["tax_after_sale"] == "price"
    # Ranges, years held and refinancing are not of the panel; repairs come as an amount.
    others = set(Underwriting.model_fields) - set(terms)
    assert others == {
        "repair_usd_per_sqft",
        "rent_range_share",
        "tenant_utilities_usd",
        "rent_by_bedrooms",
        "hold_years",
        "noi_growth_rate",
        "appreciation_rates",
        "refinance_ltv",
        "refinance_cost_share",
        "stress",
    }


def test_the_cases_come_with_their_names_the_deal_itself_first_and_all_last():
    cases = what_if([], COUNTIES["king-wa"].underwriting)["cases"]
    assert [case["code"] for case in cases] == ["base", "price", "vacancy", "repairs", "rate", "all"]
    assert cases[0]["vacancy_points"] == 0 and cases[-1]["vacancy_points"] == 0.05
    assert cases[1]["name"] == "Resale 10% lower"
