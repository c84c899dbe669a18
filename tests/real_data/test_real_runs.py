"""The main job on real files, as a user runs it: King County sales, and a second layout by YAML alone."""

import shutil
from pathlib import Path

import pytest

from resources.warehouse.resource import WarehouseResource
from tests.integration.command_line import environment, run

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
KING = DATA / "king_county" / "kc_house_data.csv"
LISTINGS = DATA / "listings"

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.integration,
    pytest.mark.end_to_end,
]

BUNCOMBE = """
slug: buncombe-nc
name: Buncombe County
state: NC
fips: "37021"
timezone: America/New_York
bounds: {south: 35.38, north: 35.84, west: -82.92, east: -82.16}
market:
  provenance: written in a test
  median_price_usd: 480000
  appreciation_rate: 0.04
  target_days_on_market: 45
  min_price_usd: 50000
  max_price_usd: 3000000
sources:
  - kind: file
    name: homeharvest
    columns:
      source_id: property_id
      url: property_url
      description: text
      listing_status: {from: status, codes: {SOLD: sold, FOR_SALE: active, PENDING: pending}}
      property_type:
        from: style
        codes: {SINGLE_FAMILY: single_family, CONDO: condo, CONDOS: condo, TOWNHOMES: townhouse,
                MULTI_FAMILY: multi_family, MOBILE: manufactured, LAND: land, OTHER: other}
      street: street
      unit: unit
      city: city
      state: state
      zip: zip_code
      bedrooms: beds
      bathrooms: {sum: {full_baths: 1.0, half_baths: 0.5}}
      living_area_sqft: sqft
      lot_area_sqft: {from: lot_sqft, null_values: ["0"]}
      year_built: year_built
      stories: stories
      garage_spaces: parking_garage
      hoa_monthly_usd: hoa_fee
      list_price_usd: list_price
      list_date: list_date
      sale_price_usd: sold_price
      sale_date: last_sold_date
      days_on_market: days_on_mls
      assessed_value_usd: assessed_value
      tax_annual_usd: tax
      latitude: latitude
      longitude: longitude
      observed_date: {from: [last_sold_date, list_date], required: true}
"""


@pytest.mark.skipif(not LISTINGS.is_dir(), reason=f"no listing files at {LISTINGS}")
def test_listing_files_run_through_a_county_written_as_yaml_alone(tmp_path, new_home):
    counties = tmp_path / "counties"
    counties.mkdir()
    (counties / "buncombe-nc.yaml").write_text(BUNCOMBE)
    home = new_home()
    first, second = sorted(LISTINGS.glob("HomeHarvest_*.csv"))
    # One is put into the landing area by hand, the other by the command.
    landing = home / "landing" / "buncombe-nc" / "homeharvest"
    landing.mkdir(parents=True)
    shutil.copy(first, landing)
    args = ["run", "--county", "buncombe-nc", "--months", "2024-12:2025-04", "--input", str(second), "--json"]
    report = run(args, environment(home, COUNTY_CONFIG_DIR=str(counties)))
    # 86 + 106 rows, all sold in these months.
    assert report["received"] == 192
    assert report["accepted"] + report["duplicates"] + report["rejected"] == 192
    assert report["accepted"] > 150
    statuses = report["valuation"]["properties_by_status"]
    assert "valued" not in statuses, "a few dozen earlier sales are too few for a value"
    assert statuses["INSUFFICIENT_SALES"] > 0
    assert report["memos"] == 0


@pytest.mark.skipif(not KING.is_file(), reason=f"no King County sales at {KING}")
def test_king_county_sales_become_values_scores_and_memos(new_home):
    home = new_home()
    env = environment(home, MEMO_LIMIT_PER_PARTITION="2")
    args = ["run", "--county", "king-wa", "--months", "2014-05:2014-06", "--input", str(KING), "--json"]
    report = run([*args, "--evaluate", "2014-06"], env)
    assert report["received"] == 1768 + 2180
    assert report["accepted"] + report["duplicates"] + report["rejected"] == report["received"]
    assert report["sent"] == report["received"] + report["of_other_months"] == 21_613
    assert report["rejects_by_reason"].get("BEDROOMS_OUT_OF_RANGE") == 1
    assert report["valuation"]["n"] > 2000
    assert 0.95 < report["valuation"]["median_ratio"] < 1.05
    assert report["valuation"]["cod"] < 15
    assert report["memos"] == 2, "none in the first month, which has no earlier sales"
    assert not any(check["severity"] == "ERROR" for check in report["failed_checks"])
    warehouse = WarehouseResource(embedded_root=str(home / "postgres"))
    months = warehouse.read(
        "select distinct month from raw.scores where bird_dog_score is not null order by 1"
    )
    assert months.column("month").to_pylist() == ["2014-06"]
    leading_zero = warehouse.read("select count(*) as n from raw.properties where apn like '0%'").to_pylist()
    # As many as the file has in these months.
    assert leading_zero == [{"n": 365}]
