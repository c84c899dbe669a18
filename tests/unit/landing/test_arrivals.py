"""Files and records on their way into the landing area."""

import pytest

from realestate_assets.landing.arrivals import land_file
from resources.errors import PermanentError
from resources.lake.store import StoreResource
from tests.unit.domain.intake.landed import make_county, make_source

SALES = make_source("sales", columns={"apn": "id", "observed_date": "date"})
LISTINGS = make_source("listings", columns={"street": "street", "observed_date": "seen"})
COUNTY = make_county(SALES, LISTINGS)


@pytest.fixture
def landing(tmp_path):
    return StoreResource(root_url=str(tmp_path / "landing"))


def given(tmp_path, text):
    path = tmp_path / "mine.csv"
    path.write_text(text)
    return path


def test_a_file_lands_whole_under_the_source_whose_columns_it_has(landing, tmp_path):
    path = given(tmp_path, "street,seen\n1 Oak St,2015-03-01\n")
    assert land_file(landing, COUNTY, path) == "king-wa/listings/mine.csv"
    assert landing.read_bytes("king-wa/listings/mine.csv") == path.read_bytes()


def test_a_source_that_is_named_is_the_only_one_in_question(landing, tmp_path):
    path = given(tmp_path, "street,seen,id,date\n")
    assert land_file(landing, COUNTY, path, "sales") == "king-wa/sales/mine.csv"
    with pytest.raises(PermanentError, match="for sales it lacks date, id"):
        land_file(landing, COUNTY, given(tmp_path, "street,seen\n"), "sales")


def test_a_source_the_county_does_not_have_is_a_permanent_error_that_names_those_it_has(landing, tmp_path):
    with pytest.raises(PermanentError, match=r"'deeds'.*sales, listings"):
        land_file(landing, COUNTY, given(tmp_path, "id,date\n"), "deeds")
    assert landing.list_files() == []
