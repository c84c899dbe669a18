"""A file is tried and its source written: into a county that ships, into one of one's own, into a new one."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from realestate_assets.domain.counties.county import read_county
from realestate_assets.extent import get_county
from realestate_assets.landing.trial import try_file
from realestate_assets.operations.county_file import (
    county_for_trial,
    county_text,
    source_yaml,
    write_source,
)
from resources.errors import PermanentError

ROWS = (
    "PIN;Sale Date;Price;Site Address;Zip;Beds;Notes\n"
    "0001;03/11/2019;250000;1 Main St;53703;3;a\n"
    "2;12/01/2019;300000;2 Main St;53703;2;b\n"
    "0003;13/01/2019;350000;3 Main St;53703;2;c\n"
    "0004;01/15/2012;350000;4 Main St;53703;x;d\n"
)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "sales.csv"
    path.write_text(ROWS)
    return path


def test_a_file_is_tried_without_being_landed(file):
    trial = try_file(file, get_county("king-wa"), "city_sales")
    assert trial.source["delimiter"] == ";" and trial.source["holds"] == "sales"
    assert trial.unused == ["Notes"]
    assert trial.found.properties["apn"].to_pylist() == ["0001", "0002"]
    assert {key: rows for key, (rows, _) in trial.rejects.items()} == {
        ("DATE_UNREADABLE", "sale_date"): 1,
        ("NUMBER_UNREADABLE", "bedrooms"): 1,
    }
    assert trial.months == {"2019-03": 1, "2019-12": 1}
    assert trial.first_month == "2012-01" and "outside the platform's months" in trial.warnings[-1]


def test_a_person_may_want_another_column_or_none(file):
    trial = try_file(file, get_county("king-wa"), "s", {"description": "Notes", "bedrooms": None})
    assert trial.source["columns"]["description"] == "Notes" and "bedrooms" not in trial.source["columns"]
    with pytest.raises(PermanentError, match="has no column Nots"):
        try_file(file, get_county("king-wa"), "s", {"description": "Nots"})
    with pytest.raises(PermanentError, match="no date is found") as error:
        try_file(file, get_county("king-wa"), "s", {"observed_date": None})
    assert "--map observed_date=COLUMN" in str(error.value)


def test_the_source_of_a_county_that_ships_is_written_into_a_copy(file, tmp_path):
    county = get_county("king-wa")
    path = write_source(county, try_file(file, county, "city_sales"), tmp_path / "own", None)
    again = read_county(path)
    assert [source.name for source in again.sources][:2] == ["city_sales", "king_county_sales"]
    assert "# In order of preference" in path.read_text() and list(path.parent.iterdir()) == [path]
    with pytest.raises(PermanentError, match="has a source city_sales already"):
        write_source(again, try_file(file, again, "city_sales"), path.parent, path.read_text())


def test_a_new_county_is_made_from_its_first_file(file, tmp_path):
    county = county_for_trial("dane-wi", "55025", "America/Chicago")
    path = write_source(county, try_file(file, county, "sales"), tmp_path, None)
    made = read_county(path)
    assert (made.name, made.state, made.market.median_price_usd) == ("Dane County", "WI", 275000)
    assert made.sources[0].columns["sale_date"].format == ("%m/%d/%Y",)


@pytest.mark.parametrize(
    ("fips", "message"), [(None, "not a configured county"), ("06077", "not of the state WI")]
)
def test_a_new_county_needs_what_a_file_does_not_say(fips, message):
    with pytest.raises(PermanentError, match=message):
        county_for_trial("dane-wi", fips, "America/Chicago")


def test_without_a_folder_of_ones_own_nothing_is_written(file):
    county = get_county("king-wa")
    with pytest.raises(PermanentError, match="no folder for county files"):
        write_source(county, try_file(file, county, "s"), None, None)


def test_a_source_is_written_as_yaml_that_reads_back():
    import yaml

    source = {
        "kind": "file",
        "name": "s",
        "delimiter": "\t",
        "columns": {"apn": {"from": "# no: x", "pad": 4}},
    }
    assert yaml.safe_load(f"sources:\n{source_yaml(source)}")["sources"] == [source]


@pytest.mark.parametrize("slug", ["dane-wi", "king-wa"])
def test_of_two_that_write_at_once_the_later_one_is_refused_and_undoes_nothing(file, tmp_path, slug):
    """Both read the county before either wrote; the one that is refused gets in when it tries again."""
    folder = tmp_path / "own"
    county = county_for_trial(slug, "55025", "America/Chicago")
    trials = {name: try_file(file, county, name) for name in ("a", "b", "c", "d")}
    seen = county_text(slug, folder)

    def write(name):
        try:
            return write_source(county, trials[name], folder, seen).name
        except PermanentError as error:
            return str(error)

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(write, trials))
    assert told.count(f"{slug}.yaml") == 1
    assert sum("was changed while the file was tried" in each for each in told) == 3
    assert all("Give the same command again" in each for each in told if each != f"{slug}.yaml")
    (first,) = [n for n, each in zip(trials, told, strict=True) if each == f"{slug}.yaml"]
    again = read_county(folder / f"{slug}.yaml")
    other = next(name for name in trials if name != first)
    path = write_source(again, trials[other], folder, county_text(slug, folder))
    assert [source.name for source in read_county(path).sources][:2] == [other, first]
    assert list(folder.iterdir()) == [path]


def test_a_yaml_that_a_person_edits_meanwhile_is_left_as_it_is(file, tmp_path):
    county = county_for_trial("dane-wi", "55025", "America/Chicago")
    path = write_source(county, try_file(file, county, "sales"), tmp_path, None)
    seen, own = county_text("dane-wi", tmp_path), read_county(path)
    path.write_text(edited := path.read_text() + "# mine\n")
    with pytest.raises(PermanentError, match="was changed while the file was tried"):
        write_source(own, try_file(file, own, "more"), tmp_path, seen)
    assert path.read_text() == edited and list(tmp_path.glob("*.yaml")) == [path]
