"""What owning costs: insured for rebuilding, taxed as the state's law says, never by the ask alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.core.states import STATE_FIPS
from realestate_assets.domain.counties.county import County, load_counties
from realestate_assets.domain.counties.tax_rules import TaxRules, load_tax_rules, tax_after_sale
from realestate_assets.domain.counties.underwriting import Underwriting
from realestate_assets.domain.scoring import carrying
from realestate_assets.domain.scoring.costs import Home, costs, rental_income


def test_a_policy_insures_the_cost_of_rebuilding_else_the_value():
    found = carrying.insured_value([2_000, np.nan, np.nan], [500_000, 500_000, np.nan], 200.0)
    assert found[:2].tolist() == [400_000, 500_000]
    assert np.isnan(found[2])
    assert carrying.insured_value(2_000, 500_000, None) == 500_000


@pytest.mark.parametrize(
    ("rule", "with_bill", "without"),
    [("kept", 3_000, 5_000), ("value", 5_000, 5_000), ("price", 4_000, 4_000)],
)
def test_the_tax_after_a_sale_is_what_the_law_makes_of_it(rule, with_bill, without):
    # 1 % of a price of 400,000, of a value of 500,000; the seller's bill is 3,000.
    found = carrying.property_tax([3_000, np.nan], 400_000, 500_000, 0.01, rule)
    assert found.tolist() == [with_bill, without] if rule == "kept" else (found == with_bill).all()


def test_without_bill_and_value_the_tax_is_missing_and_not_nothing():
    for rule in ("kept", "value"):
        assert np.isnan(carrying.property_tax(np.nan, 400_000, np.nan, 0.01, rule))


def test_states_that_reset_the_tax_at_a_sale_are_told_from_those_that_do_not():
    assert tax_after_sale("CA") == "price"
    assert {tax_after_sale(state) for state in ("FL", "MI", "TX")} == {"value"}
    assert {tax_after_sale(state) for state in ("WA", "NV", "AZ", "IL")} == {"kept"}
    # A state without a rule keeps the bill.
    assert tax_after_sale("VT") == "kept"


def test_every_rule_names_its_law_and_every_shipped_state_has_one():
    rules = load_tax_rules()
    assert {county.state for county in load_counties(None).values()} <= set(rules) <= set(STATE_FIPS)
    assert all(any(c.isdigit() for c in rule.source) for rule in rules.values())


def test_a_code_that_is_no_state_is_refused():
    with pytest.raises(ValueError, match="XX"):
        TaxRules.model_validate({"XX": {"after_sale": "kept", "source": "1"}})


def test_a_county_follows_its_state_unless_it_says_otherwise():
    orange = load_counties(None)["orange-ca"]
    assert orange.underwriting.after_sale == "price"
    own = orange.model_dump(mode="json", by_alias=True)
    own["underwriting"]["tax_after_sale"] = "kept"
    assert County.model_validate(own).underwriting.after_sale == "kept"
    del own["underwriting"]
    assert County.model_validate(own).underwriting.after_sale == "price"


HOME = Home(
    price_usd=400_000.0,
    value_usd=450_000.0,
    living_area_sqft=2_000.0,
    repairs_usd=30_000.0,
    tax_annual_usd=3_600.0,
    hoa_monthly_usd=100.0,
)


def test_association_and_utilities_are_paid_while_a_flip_is_held_and_while_a_home_is_let():
    terms = Underwriting(rental_utilities_monthly_usd=50.0)
    cost = costs(HOME, terms)
    # Half a year of 3,600 tax, 2,000 insurance, 1,200 fee and 2,400 utilities.
    assert cost.flip_holding_usd == pytest.approx(4_600)
    assert cost.flip_cash_usd == pytest.approx(400_000 * 1.03 + 30_000 + 4_600)
    assert cost.fixed_usd == pytest.approx(3_600 + 2_000 + 1_200 + 600)
    without = costs(Home(**{**vars(HOME), "hoa_monthly_usd": np.nan}), terms)
    assert cost.flip_cash_usd - without.flip_cash_usd == pytest.approx(600)
    assert rental_income(2_000, without, terms) - rental_income(2_000, cost, terms) == pytest.approx(1_200)


@given(st.floats(1, 1e8), st.sampled_from(["kept", "value"]))
def test_no_cost_of_owning_follows_the_ask_where_the_law_does_not_say_so(price, rule):
    terms = Underwriting(tax_after_sale=rule)
    asked, other = (costs(Home(**{**vars(HOME), "price_usd": p}), terms) for p in (400_000.0, price))
    assert asked.fixed_usd == other.fixed_usd
    assert asked.flip_holding_usd == other.flip_holding_usd
