"""Enrichment with the real ZIP tables: King County's sales, Census figures, HUD rents."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pytest

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.enrichment.resolve import Resolved
from realestate_assets.domain.tables import PROPERTIES
from realestate_assets.providers.chain import enrich
from realestate_assets.providers.reference import ReferenceTables
from realestate_assets.providers.registry import providers_of
from resources.lake.store import StoreResource

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
SALES = SHARED / "king_county" / "kc_house_data.csv"

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not SALES.exists(), reason="the real data beside the checkout is absent"),
]


def king_properties(month: str) -> pa.Table:
    """The sales as far as enrichment looks at them, all put into one month."""
    text = pacsv.ConvertOptions(column_types={"id": pa.string(), "zipcode": pa.string(), "date": pa.string()})
    sales = pacsv.read_csv(SALES, convert_options=text)
    count = sales.num_rows
    known = {
        "county": pa.repeat("king-wa", count),
        "month": pa.repeat(month, count),
        "property_id": pc.binary_join_element_wise(sales["id"], sales["date"], "-"),
        "apn": sales["id"],
        "zip": sales["zipcode"],
        "bedrooms": sales["bedrooms"].cast(pa.float64()),
        "is_simulated": pa.repeat(False, count),
    }
    return pa.table({c.name: known.get(c.name, pa.nulls(count, c.arrow_type)) for c in PROPERTIES.columns})


def enriched(month: str) -> Resolved:
    county = load_counties()["king-wa"]
    tables = ReferenceTables(StoreResource(root_url=str(SHARED)))
    return enrich(county, king_properties(month), providers_of(county, tables))


@pytest.fixture(scope="module")
def in_2015() -> Resolved:
    return enriched("2015-05")


def counts(resolved: Resolved, field: str) -> dict:
    facts = resolved.facts.filter(pc.equal(resolved.facts["field"], field))
    grouped = facts.group_by(["provider", "reason_code"]).aggregate([([], "count_all")]).to_pylist()
    return {(row["provider"], row["reason_code"]): row["count_all"] for row in grouped}


def test_census_figures_fill_every_sale_of_king_county(in_2015):
    assert in_2015.enrichments.num_rows == 21_613
    for field in (
        "zip_population",
        "zip_median_income_usd",
        "zip_median_age_years",
    ):
        assert counts(in_2015, field) == {("census_acs", None): 21_613}
    # The homes of the one ZIP whose medians are published as "so much or more".
    for field in ("zip_median_home_value_usd", "zip_median_rent_usd"):
        assert counts(in_2015, field) == {("census_acs", None): 21_563, ("census_acs", "OPEN_ENDED"): 50}
    table = in_2015.enrichments
    assert 60_000 < pc.mean(table["zip_median_income_usd"]).as_py() < 110_000
    assert pc.min(table["zip_population"]).as_py() > 1_000
    assert pc.sum(table["simulated_count"]).as_py() == 0


def test_rents_of_2018_are_counted_as_too_late_in_2015(in_2015):
    assert counts(in_2015, "bedroom_rent_usd") == {("hud_safmr", "VINTAGE_TOO_LATE"): 21_613}
    assert in_2015.enrichments["bedroom_rent_usd"].null_count == 21_613


def test_rents_of_2018_serve_from_october_2018_on():
    later = enriched("2018-10")
    assert counts(later, "bedroom_rent_usd") == {("hud_safmr", None): 21_613}
    rents = later.enrichments["bedroom_rent_usd"]
    assert 500 < pc.min(rents).as_py() < pc.max(rents).as_py() < 6_000


def test_what_nobody_was_asked_for_says_so(in_2015):
    assert counts(in_2015, "flood_zone_code") == {("none", "NO_PROVIDER"): 21_613}
