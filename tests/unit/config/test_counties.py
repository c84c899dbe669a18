"""The nine counties that ship, and the rules every county file is held to."""

import shutil
from pathlib import Path

import pytest
import yaml

from realestate_assets.domain.counties.county import BUILT_IN_DIR, broken_counties, load_counties, read_county
from resources.errors import PermanentError

EXPECTED = {
    "clark-nv": "32003",
    "cook-il": "17031",
    "harris-tx": "48201",
    "king-wa": "53033",
    "maricopa-az": "04013",
    "miami-dade-fl": "12086",
    "orange-ca": "06059",
    "san-diego-ca": "06073",
    "travis-tx": "48453",
}
COUNTIES = load_counties()
each_county = pytest.mark.parametrize("county", COUNTIES.values(), ids=list(COUNTIES))


def king(**changes: object) -> dict:
    """The King County file as a dictionary, with changes."""
    content = yaml.safe_load((BUILT_IN_DIR / "king-wa.yaml").read_text())
    return {**content, **changes}


def written(folder: Path, content: dict, name: str = "king-wa") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def test_nine_counties_ship_with_their_fips_codes():
    assert {slug: county.fips for slug, county in COUNTIES.items()} == EXPECTED


@each_county
def test_the_middle_of_every_sample_zip_lies_well_inside_the_county(county):
    for latitude, longitude, level in county.sample.zips.values():
        assert county.bounds.south + 0.03 < latitude < county.bounds.north - 0.03
        assert county.bounds.west + 0.03 < longitude < county.bounds.east - 0.03
        assert 0.4 < level < 3
    assert 8 <= len(county.sample.zips) <= 14


@each_county
def test_every_target_neighborhood_has_zips_in_the_sample(county):
    for neighborhood in county.neighborhoods:
        assert set(neighborhood.zips) & set(county.sample.zips), neighborhood.name


@each_county
def test_every_county_takes_listing_files_and_falls_back_on_the_sample(county):
    names = [source.name for source in county.sources]
    assert names[-2:] == ["listings", "sample"]
    assert county.market.provenance.startswith("Starting value without source")


def test_the_king_county_box_holds_its_data():
    bounds = COUNTIES["king-wa"].bounds
    assert bounds.south <= 47.15 and bounds.north >= 47.79
    assert bounds.west <= -122.53 and bounds.east >= -121.06


def test_a_zip_of_two_neighborhoods_takes_the_higher_multiplier():
    found = COUNTIES["cook-il"].neighborhood_of("60657")
    assert (found.name, found.multiplier) == ("Lincoln Park", 1.20)


def test_the_assessment_ratio_follows_the_law_of_the_state():
    assert COUNTIES["cook-il"].assessment_ratio == 0.10
    assert COUNTIES["clark-nv"].assessment_ratio == 0.35
    assert COUNTIES["king-wa"].assessment_ratio == 1.0


def test_the_median_price_is_carried_by_the_yearly_rate():
    market = COUNTIES["king-wa"].market
    assert market.median_price_at("2024-01") == 775_000
    assert market.median_price_at("2023-01") == pytest.approx(775_000 / 1.08)
    assert market.median_price_at("2024-07") == pytest.approx(775_000 * 1.08**0.5)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"mediann_price": 1}, "mediann_price"),
        ({"fips": "06001"}, "fips 06001 is not a county of WA"),
        ({"timezone": "Mars/Olympus"}, "Mars/Olympus"),
        ({"bounds": {"south": 48, "north": 47, "west": -123, "east": -121}}, "bounds"),
        (
            {"sources": [{"kind": "sample"}, {"kind": "file", "name": "listings", "layout": "homeharvest"}]},
            "last",
        ),
        ({"sources": [{"kind": "sample"}], "sample": None}, "profile"),
        ({"sources": [{"kind": "file", "name": "a", "layout": "homeharvest"}] * 2}, "named twice"),
        ({"neighborhoods": [{"name": "A", "multiplier": 1.1, "zips": [98004]}]}, "neighborhoods.0.zips"),
        ({"enrichment": {"chains": {"weather": ["census_acs"]}}}, "weather"),
        ({"enrichment": {"chains": {"rent": ["no_such_provider"]}}}, "no_such_provider"),
        ({"enrichment": {"tables": "census"}}, "enrichment.tables"),
    ],
)
def test_a_mistake_in_a_county_file_is_named(tmp_path, changes, named):
    with pytest.raises(PermanentError, match=named) as caught:
        read_county(written(tmp_path, king(**changes)))
    assert "king-wa.yaml" in str(caught.value)


def test_an_unknown_key_deep_inside_is_named_with_its_place(tmp_path):
    content = king()
    content["market"]["hype"] = 3
    with pytest.raises(PermanentError, match=r"market\.hype"):
        read_county(written(tmp_path, content))


@pytest.mark.parametrize("text", ["a: [", "just a sentence", "- a list"])
def test_a_file_that_is_no_mapping_is_refused_by_name(tmp_path, text):
    path = tmp_path / "king-wa.yaml"
    path.write_text(text)
    with pytest.raises(PermanentError, match=r"king-wa\.yaml"):
        read_county(path)


def test_a_county_is_added_by_a_file_and_may_replace_a_built_in_one(tmp_path):
    shutil.copy(BUILT_IN_DIR / "king-wa.yaml", tmp_path)
    written(tmp_path, king(slug="pierce-wa", name="Pierce County", fips="53053"), "pierce-wa")
    content = king()
    content["market"]["median_price_usd"] = 1
    written(tmp_path, content)
    found = load_counties(tmp_path)
    assert len(found) == 10
    assert found["pierce-wa"].fips == "53053"
    assert found["king-wa"].market.median_price_usd == 1


def test_the_second_of_two_counties_with_one_fips_code_is_left_out(tmp_path):
    written(tmp_path, king(slug="pierce-wa", name="Pierce County"), "pierce-wa")
    assert set(load_counties(tmp_path)) == set(EXPECTED)
    assert "53033 is used by king-wa" in str(broken_counties(tmp_path)["pierce-wa"])


def test_one_bad_file_stops_its_own_county_alone_and_does_not_fall_back_on_the_built_in(tmp_path):
    (tmp_path / "king-wa.yaml").write_text("slug: king-wa\nname: [")
    written(tmp_path, king(slug="pierce-wa", name="Pierce County", fips="53053", stat="WA"), "pierce-wa")
    assert set(load_counties(tmp_path)) == set(EXPECTED) - {"king-wa"}
    broken = broken_counties(tmp_path)
    assert set(broken) == {"king-wa", "pierce-wa"}
    assert "line 2" in str(broken["king-wa"])
    assert "meant is perhaps state" in str(broken["pierce-wa"])


def test_a_wrong_key_is_told_with_the_right_ones(tmp_path):
    content = king()
    content["sources"][0]["columns"] = {"living_area": "sqft"}
    with pytest.raises(PermanentError, match=r"meant is perhaps living_area_sqft\. There are: .*bedrooms"):
        read_county(written(tmp_path, content))
    with pytest.raises(PermanentError, match=r"no key delimeter; meant is perhaps delimiter\. There are"):
        source = {"kind": "file", "name": "mine", "delimeter": ";", "layout": "homeharvest"}
        read_county(written(tmp_path, king(sources=[source])))


def test_a_date_format_without_quotes_is_told_to_be_quoted(tmp_path):
    path = tmp_path / "king-wa.yaml"
    path.write_text("sources:\n  - {columns: {observed_date: {from: sold, format: %m/%d/%Y}}}\n")
    with pytest.raises(PermanentError, match=r'line 2, column 52.*into quotes.*format: "%m/%d/%Y"'):
        read_county(path)
