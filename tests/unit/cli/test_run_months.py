"""Which months a run takes: those asked for, else those of the file that is landed, else the sample's."""

import pytest

from realestate_assets.cli.run import Request, land_input, months_of
from realestate_assets.settings import Settings
from resources.errors import PermanentError
from resources.lake.store import StoreResource

SALES = """id,date,price,bedrooms,bathrooms,sqft_living,sqft_lot,floors,waterfront,view,condition,grade,\
sqft_above,sqft_basement,yr_built,yr_renovated,zipcode,lat,long,sqft_living15,sqft_lot15
7129300520,20141013T000000,221900,3,1,1180,5650,1,0,0,3,7,1180,0,1955,0,98178,47.5112,-122.257,1340,5650
6414100192,20150109T000000,538000,3,2.25,2570,7242,2,0,0,3,7,2170,400,1951,1991,98125,47.721,-122.319,1690,7639
"""


@pytest.fixture
def landing(tmp_path) -> StoreResource:
    return StoreResource(root_url=str(tmp_path / "landing"))


def asked(months, file=None) -> Request:
    return Request(counties=("king-wa",), months=months, input_file=file)


def test_a_landed_file_is_run_from_its_first_month_to_its_last(landing, tmp_path):
    file = tmp_path / "sales.csv"
    file.write_text(SALES)
    request = asked(None, file)
    landed = land_input(landing, request, Settings())
    assert months_of(request, landing, landed) == ["2014-10", "2014-11", "2014-12", "2015-01"]


def test_months_that_are_asked_for_go_before_those_of_the_file(landing, tmp_path):
    file = tmp_path / "sales.csv"
    file.write_text(SALES)
    request = asked("2015-01", file)
    assert months_of(request, landing, land_input(landing, request, Settings())) == ["2015-01"]


def test_without_months_and_file_the_sample_is_run(landing):
    assert months_of(asked(None), landing, None) == [f"2024-0{number}" for number in range(1, 7)]


def test_a_month_that_is_none_is_refused(landing):
    with pytest.raises(PermanentError, match="2014-13"):
        months_of(asked("2014-13"), landing, None)
