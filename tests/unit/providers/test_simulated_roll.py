"""The made-up roll: it agrees with the generated record, and its owners are as mixed as real ones."""

from datetime import date

import pytest

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.counties.enrichment_config import Enrichment
from realestate_assets.domain.tables import ENRICHMENT_GROUPS
from realestate_assets.providers.chain import enrich
from realestate_assets.providers.simulated import SimulatedProvider
from tests.unit.providers.enrich_frames import properties

COOK = load_counties()["cook-il"]
HOME = {"county": "cook-il", "is_simulated": True, "street": "12 ELM ST", "city": "CHICAGO", "zip": "60625"}
MANY = 3_000


def rolls(*rows: dict) -> list[dict]:
    county = COOK.model_copy(
        update={"enrichment": Enrichment(chains=dict.fromkeys(ENRICHMENT_GROUPS, ("simulated",)))}
    )
    table = properties(*({**HOME, **row} for row in rows))
    return enrich(county, table, [SimulatedProvider(county)]).enrichments.to_pylist()


@pytest.fixture(scope="module")
def many() -> list[dict]:
    return rolls(*({"property_id": f"id-{i}"} for i in range(MANY)))


def test_the_roll_says_what_the_record_says():
    told = {
        "assessed_value_usd": 31_000.0,
        "tax_annual_usd": 6_000.0,
        "last_sale_price_usd": 250_000.0,
        "last_sale_date": date(2009, 4, 3),
        "owner_mailing_address": "PO Box 7, Evanston, IL 60201",
        "owner_occupied": False,
    }
    (roll,) = rolls(told)
    assert {name: roll[name] for name in told} == told
    # Cook County assesses at a tenth of the market.
    assert roll["roll_market_value_usd"] == 310_000
    assert (roll["owner_mailing_state"], roll["owner_since_date"]) == ("IL", date(2009, 4, 3))


def test_most_rolls_measured_the_home_as_the_listing_did():
    found = rolls(*({"property_id": f"id-{i}", "living_area_sqft": 1500.0} for i in range(MANY)))
    areas = [row["roll_living_area_sqft"] for row in found]
    assert 0.83 < areas.count(1500.0) / MANY < 0.90
    assert all(1400 < area < 1600 for area in areas)


def test_every_sale_and_every_tenure_lies_before_the_month(many):
    assert all(row["last_sale_date"] < date(2015, 5, 1) for row in many)
    assert all(row["owner_since_date"] == row["last_sale_date"] for row in many)
    late = rolls({"last_sale_date": date(2015, 5, 2), "last_sale_price_usd": 1.0})[0]
    assert late["last_sale_date"] < date(2015, 5, 1) and late["last_sale_price_usd"] > 1.0


def test_owners_are_persons_trusts_companies_and_banks(many):
    names = [row["owner_name"] for row in many]
    shares = {word: sum(word in name for name in names) / MANY for word in ("LLC", "TRUST", "BANK", "OWNER")}
    assert 0.05 < shares["LLC"] < 0.10
    assert 0.06 < shares["TRUST"] < 0.12
    assert 0.005 < shares["BANK"] < 0.03
    assert not any("{}" in name for name in names)


def test_a_quarter_of_the_owners_live_elsewhere_some_in_another_state(many):
    occupied = sum(row["owner_occupied"] for row in many) / MANY
    away = sum(row["owner_mailing_state"] != "IL" for row in many) / MANY
    assert 0.70 < occupied < 0.80
    assert 0.06 < away < 0.14
    assert all(row["owner_mailing_address"].startswith("12 ELM ST") == row["owner_occupied"] for row in many)


def test_few_owe_taxes_and_those_owe_an_amount_of_an_earlier_year(many):
    owing = [row for row in many if row["is_tax_delinquent"]]
    assert 0.02 < len(owing) / MANY < 0.08
    assert all(row["tax_delinquent_usd"] > 0 and 2010 < row["tax_sale_year"] < 2015 for row in owing)
    assert all(
        row["tax_delinquent_usd"] is row["tax_sale_year"] is None
        for row in many
        if not row["is_tax_delinquent"]
    )


def test_a_record_that_leaves_open_who_lives_there_stays_open():
    (roll,) = rolls({"owner_mailing_address": "PO Box 7, Evanston, IL 60201"})
    assert roll["owner_occupied"] is None


def test_values_follow_the_size_of_the_home():
    (small,), (large,) = rolls({"living_area_sqft": 900.0}), rolls({"living_area_sqft": 3_600.0})
    assert large["roll_market_value_usd"] > 2 * small["roll_market_value_usd"]
