"""Layouts and reference tables said once and used by many counties."""

from pathlib import Path

import pytest
import yaml

from realestate_assets.domain.counties.county import BUILT_IN_DIR, load_counties, read_county
from resources.errors import PermanentError


def county_file(folder: Path, **changes: object) -> Path:
    content = yaml.safe_load((BUILT_IN_DIR / "travis-tx.yaml").read_text()) | changes
    path = folder / "travis-tx.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def test_every_county_reads_listings_by_the_same_layout():
    maps = [county.file_sources[-1].columns for county in load_counties().values()]
    assert all(columns == maps[0] for columns in maps)
    assert maps[0]["bathrooms"].sum == {"full_baths": 1.0, "half_baths": 0.5}


def test_the_king_county_layout_takes_the_recorded_price_for_the_asking_price():
    source = load_counties()["king-wa"].file_sources[0]
    assert (source.name, source.holds) == ("king_county_sales", "sales")
    assert source.columns["apn"].pad == 10


def test_what_a_source_says_itself_goes_before_its_layout(tmp_path):
    own = {
        "kind": "file",
        "name": "mls",
        "layout": "homeharvest",
        "delimiter": ";",
        "columns": {"zip": "postal", "apn": "parcel"},
    }
    source = read_county(county_file(tmp_path, sources=[own])).file_sources[0]
    assert source.delimiter == ";"
    assert source.columns["zip"].from_ == ("postal",)
    assert source.columns["apn"].from_ == ("parcel",)
    assert source.columns["listing_status"].codes["SOLD"] == "sold"


def test_a_layout_beside_the_county_file_goes_before_the_built_in_one(tmp_path):
    (tmp_path / "layouts").mkdir()
    layout = {"columns": {"apn": "pin", "observed_date": "day"}}
    (tmp_path / "layouts" / "homeharvest.yaml").write_text(yaml.safe_dump(layout))
    path = county_file(tmp_path, sources=[{"kind": "file", "name": "rolls", "layout": "homeharvest"}])
    assert set(read_county(path).file_sources[0].columns) == {"apn", "observed_date"}


def test_an_unknown_layout_is_named_with_those_there_are(tmp_path):
    path = county_file(tmp_path, sources=[{"kind": "file", "name": "mls", "layout": "zillow"}])
    with pytest.raises(PermanentError, match=r"'zillow'.*homeharvest, king_county_sales"):
        read_county(path)


def test_a_mistake_in_a_layout_is_named_with_its_column(tmp_path):
    (tmp_path / "layouts").mkdir()
    layout = {"columns": {"apn": "pin", "observed_date": {"from": "day", "unitt": "usd"}}}
    (tmp_path / "layouts" / "rolls.yaml").write_text(yaml.safe_dump(layout))
    path = county_file(tmp_path, sources=[{"kind": "file", "name": "rolls", "layout": "rolls"}])
    with pytest.raises(PermanentError, match=r"observed_date.*unitt"):
        read_county(path)


def test_a_county_without_enrichment_of_its_own_uses_the_shared_tables():
    enrichment = load_counties()["travis-tx"].enrichment
    assert [table.name for table in enrichment.tables] == ["census_acs", "hud_safmr"]
    assert enrichment.chains["rent"] == ("census_api", "census_acs", "hud_safmr", "simulated")


def test_a_county_replaces_a_shared_table_and_one_chain(tmp_path):
    own = {
        "tables": [
            {
                "name": "census_acs",
                "file": "own.csv",
                "join": "zip",
                "key_column": "zip",
                "vintage": "2020-12-31",
                "fields": {"zip_population": "people"},
            }
        ],
        "chains": {"flood": []},
    }
    enrichment = read_county(county_file(tmp_path, enrichment=own)).enrichment
    files = {table.name: table.file for table in enrichment.tables}
    assert files == {"hud_safmr": "hud_safmr/hud_fy2018_safmr_zip.parquet", "census_acs": "own.csv"}
    assert enrichment.chains["flood"] == ()
    assert enrichment.chains["demographics"] == ("census_api", "census_acs", "simulated")


def test_a_reference_file_beside_the_county_file_takes_the_place_of_the_shared_one(tmp_path):
    (tmp_path / "reference.yaml").write_text("chains: {flood: [simulated]}")
    enrichment = read_county(county_file(tmp_path)).enrichment
    assert (enrichment.tables, enrichment.chains) == ((), {"flood": ("simulated",)})
    assert "travis-tx" in load_counties(tmp_path)


@pytest.mark.parametrize("file", ["/etc/passwd", "../secret.csv"])
def test_a_reference_file_outside_the_reference_folder_is_refused(tmp_path, file):
    table = {"name": "x", "file": file, "join": "zip", "key_column": "zip", "vintage": "2020-12-31"}
    with pytest.raises(PermanentError, match="below the reference folder"):
        read_county(county_file(tmp_path, enrichment={"tables": [{**table, "bedroom_rents": ["r0"]}]}))


def test_cook_county_asks_its_portal_only_where_somebody_says_so():
    cook = load_counties()["cook-il"]
    (sales,) = cook.api_sources
    asked = [sales, *(p for p in cook.enrichment.providers if p.kind == "socrata")]
    assert {source.api for source in asked} == {"socrata_cook"} and len(asked) == 5
    assert not any(source.enabled for source in asked)
    assert not any(source.api_sources for source in load_counties().values() if source.slug != "cook-il")


def test_a_fetched_source_takes_a_layout_and_a_wrong_one_is_named(tmp_path):
    own = {
        "kind": "reso",
        "name": "mls",
        "api": "my_mls",
        "columns": {"apn": "ParcelNumber", "observed_date": "CloseDate"},
    }
    (source,) = read_county(county_file(tmp_path, sources=[own])).api_sources
    assert (source.format, source.resource, source.order) == ("jsonl", "Property", ("ListingKey",))
    with pytest.raises(PermanentError, match="date_column"):
        read_county(county_file(tmp_path, sources=[{**own, "date_column": "CloseDate; drop"}]))
    with pytest.raises(PermanentError, match="observed_date"):
        read_county(county_file(tmp_path, sources=[{**own, "columns": {"apn": "ParcelNumber"}}]))
