"""The real files: King County sales and HomeHarvest listings, read, mapped and accounted for."""

import json
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from realestate_assets.domain.counties.county import load_counties, read_county
from realestate_assets.domain.intake.canonical import canonicalise
from realestate_assets.domain.intake.file_bytes import Place
from realestate_assets.domain.intake.reading import read_rows
from realestate_assets.domain.intake.source_match import match_source, peek_columns
from realestate_assets.domain.tables import PROPERTIES, PROPERTY_REJECTS
from resources.warehouse.conform import conform

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
KING = DATA / "king_county" / "kc_house_data.csv"
LISTINGS = tuple((DATA / "listings" / f"HomeHarvest_{n}asheville_2025_redacted.csv") for n in ("", "radius_"))

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not KING.exists(), reason=f"no real data at {DATA}"),
]

# A layout of its own, as a user would write it for a county that does not ship.
BUNCOMBE = """
slug: buncombe-nc
name: Buncombe County
state: NC
fips: "37021"
timezone: America/New_York
bounds: {south: 35.35, north: 35.85, west: -82.95, east: -82.15}
market: {provenance: test, median_price_usd: 480000, appreciation_rate: 0.05,
         target_days_on_market: 45, min_price_usd: 1, max_price_usd: 10000000}
sources:
  - kind: file
    name: homeharvest
    columns:
      source_id: property_id
      url: property_url
      street: {from: [street, full_street_line], required: true}
      unit: unit
      city: city
      state: state
      zip: {from: zip_code, required: true}
      latitude: latitude
      longitude: longitude
      property_type:
        from: style
        codes: {SINGLE_FAMILY: single_family, CONDO: condo, CONDOS: condo, TOWNHOMES: townhouse,
                MULTI_FAMILY: multi_family, MOBILE: manufactured, LAND: land}
      listing_status: {from: status, codes: {SOLD: sold, FOR_SALE: active, PENDING: pending}}
      observed_date: {from: last_sold_date, required: true}
      sale_date: last_sold_date
      sale_price_usd: sold_price
      list_price_usd: list_price
      list_date: list_date
      bedrooms: beds
      bathrooms: {sum: {full_baths: 1, half_baths: 0.5}}
      living_area_sqft: sqft
      lot_area_sqft: lot_sqft
      year_built: year_built
      stories: stories
      garage_spaces: parking_garage
      hoa_monthly_usd: hoa_fee
      days_on_market: days_on_mls
      assessed_value_usd: assessed_value
      tax_annual_usd: tax
      description: text
"""


def process(county, source, paths):
    tables = []
    for path in paths:
        place = Place(county.slug, source.name, path.name)
        tables.append(
            read_rows(path.open("rb"), source, place, ("2014-01", "2025-12"), county.timezone).table
        )
    raw = pa.concat_tables(tables)
    return raw, canonicalise(raw, county)


def matched(county, path):
    with path.open("rb") as stream:
        peeked = peek_columns(stream, path.name, county.file_sources)
    return match_source(county, county.file_sources, path.name, peeked)


@pytest.fixture(scope="module")
def king():
    county = load_counties()["king-wa"]
    return process(county, matched(county, KING), [KING])


@pytest.fixture(scope="module")
def buncombe(tmp_path_factory):
    path = tmp_path_factory.mktemp("counties") / "buncombe-nc.yaml"
    path.write_text(BUNCOMBE)
    county = read_county(path)
    return process(county, matched(county, LISTINGS[0]), LISTINGS)


def test_every_king_county_sale_is_received_and_accounted_for(king):
    raw, result = king
    assert raw.num_rows == 21_613
    assert raw["_row"].to_pylist() == list(range(1, 21_614))
    assert result.properties.num_rows + result.rejects.num_rows == 21_613
    received = Counter(raw["month"].to_pylist())
    kept = Counter(result.properties["month"].to_pylist()) + Counter(result.rejects["month"].to_pylist())
    assert received == kept and len(received) == 13
    assert received["2015-03"] == 1_875


def test_the_house_with_33_bedrooms_is_the_one_refused(king):
    rejects = king[1].rejects.to_pylist()
    assert [(r["reason_code"], r["disposition"], r["field"]) for r in rejects] == [
        ("BEDROOMS_OUT_OF_RANGE", "rejected", "bedrooms")
    ]
    record = json.loads(rejects[0]["raw_record"])
    assert (record["id"], record["bedrooms"]) == ("2402100895", "33")


def test_parcel_numbers_keep_ten_characters_and_their_leading_zeros(king):
    apn = king[1].properties["apn"]
    assert apn.null_count == 0 and set(pc.unique(pc.utf8_length(apn)).to_pylist()) == {10}
    assert pc.sum(pc.starts_with(apn, "0")).as_py() == 2_059
    assert pc.sum(pc.starts_with(king[0]["id"], "0")).as_py() == 2_059


def test_accepted_king_county_rows_are_typed_and_fit_the_warehouse(king):
    properties = conform(king[1].properties, PROPERTIES)
    conform(king[1].rejects, PROPERTY_REJECTS)
    assert pc.sum(properties["sale_price_usd"]).as_py() == pytest.approx(11_672_925_008 - 640_000, rel=1e-9)
    assert pc.sum(pc.equal(properties["bedrooms"], 0)).as_py() == 13
    assert properties["year_renovated"].null_count == 20_699 - 1
    assert pc.all(properties["is_list_price_assumed"]).as_py()
    assert not pc.any(properties["is_simulated"]).as_py()
    assert (
        pc.equal(properties["list_price_usd"], properties["sale_price_usd"]).to_pylist().count(True) == 21_612
    )


def test_a_parcel_sold_in_two_months_keeps_its_id(king):
    properties = king[1].properties
    pairs = set(zip(properties["apn"].to_pylist(), properties["property_id"].to_pylist(), strict=True))
    assert len(pairs) == len({apn for apn, _ in pairs}) == len({identity for _, identity in pairs})
    assert len(pairs) == 21_612 - 177


def test_every_homeharvest_listing_is_accounted_for(buncombe):
    raw, result = buncombe
    assert Counter(raw["_file"].to_pylist()) == {LISTINGS[0].name: 86, LISTINGS[1].name: 106}
    assert result.properties.num_rows + result.rejects.num_rows == 192
    reasons = Counter(result.rejects["reason_code"].to_pylist())
    # The map above does not know OTHER; the built-in layout does.
    assert reasons == {"DUPLICATE_ADDRESS": 2, "CODE_UNKNOWN": 1}
    assert "'OTHER'" in str(result.rejects["reason"].to_pylist())
    conform(result.properties, PROPERTIES)
    conform(result.rejects, PROPERTY_REJECTS)


def test_homeharvest_listings_are_mapped_with_units_codes_and_sums(buncombe):
    raw, result = buncombe
    by_id = {row["source_id"]: row for row in result.properties.to_pylist()}
    home = by_id["9719917703"]
    assert (home["street"], home["unit"]) == ("157 COLLIN PL", "UNIT 18")
    assert (home["city"], home["state"], home["zip"]) == ("ASHEVILLE", "NC", "28804")
    assert (home["bedrooms"], home["bathrooms"], home["living_area_sqft"]) == (3.0, 2.5, 1474.0)
    assert (home["list_price_usd"], home["sale_price_usd"]) == (543750.0, 543750.0)
    assert home["property_type"] == "townhouse" and home["is_list_price_assumed"] is False
    assert (home["month"], str(home["sale_date"]), str(home["list_date"])) == (
        "2025-02",
        "2025-02-28",
        "2024-06-27",
    )
    assert home["description"].startswith("Welcome to the newest") and home["year_built"] == 2025
    land = [row for row in by_id.values() if row["property_type"] == "land"]
    assert land and any(row["living_area_sqft"] is None and row["sale_price_usd"] for row in land)
    assert pc.unique(raw["county_received"]).to_pylist() == ["Buncombe"]


def test_a_house_and_its_land_listed_apart_become_one_property(buncombe):
    rejects = [r for r in buncombe[1].rejects.to_pylist() if r["disposition"] == "duplicate"]
    duplicates = {json.loads(r["raw_record"])["street"]: r for r in rejects}
    assert set(duplicates) == {"5 Patti Ln", "38 Fenner Ave"}
    kept = set(buncombe[1].properties["property_id"].to_pylist())
    assert all(r["duplicate_of"] in kept for r in duplicates.values())
