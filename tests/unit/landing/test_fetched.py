"""Fetched records in the landing area: each in the month that its own date says, each query on its own."""

import json

import pytest

from realestate_assets.landing.fetched import Moved, asked_month, land_records, months_of
from resources.lake.store import StoreResource
from tests.unit.fetch.landed_apis import cook, source

MONTHS = ("2017-01", "2017-12")
MAY, JUNE, UNDATED = (
    {"pin": pin, "sold": sold, "price": 1}
    for pin, sold in {"1": "2017-05-31", "2": "2017-06-01", "3": None}.items()
)


@pytest.fixture
def landing(tmp_path):
    return StoreResource(root_url=str(tmp_path))


def land(landing, **found):
    asked = {f"2017-{month[1:]}": records for month, records in found.items()}
    return land_records(landing, cook(), source("arcgis"), asked, MONTHS)


def lying(landing):
    return {
        path.removeprefix("cook-il/sales/"): [
            json.loads(line)["pin"] for line in landing.read_bytes(path).splitlines()
        ]
        for path in landing.list_files()
    }


def test_records_of_another_month_lie_in_a_file_of_their_own_month_that_names_the_query(landing):
    moved = land(landing, m05=[MAY, JUNE], m06=[JUNE])
    assert lying(landing) == {
        "2017-05.jsonl": ["1"],
        "2017-06.from-2017-05.jsonl": ["2"],
        "2017-06.jsonl": ["2"],
    }
    assert moved == [Moved("2017-05", "2017-06", 1, is_new=True)]


def test_fetching_again_replaces_exactly_what_the_same_query_wrote(landing):
    land(landing, m05=[MAY, JUNE], m07=[JUNE])
    assert land(landing, m05=[MAY, JUNE]) == [Moved("2017-05", "2017-06", 1, is_new=False)]
    land(landing, m05=[MAY])
    assert lying(landing) == {"2017-05.jsonl": ["1"], "2017-06.from-2017-07.jsonl": ["2"]}
    land(landing, m05=[], m07=[])
    assert lying(landing) == {}


def test_what_has_no_date_or_none_of_the_platforms_stays_with_the_month_it_was_asked_for(landing):
    early = {**MAY, "pin": "4", "sold": "1999-05-31"}
    assert land(landing, m05=[UNDATED, early]) == []
    assert lying(landing) == {"2017-05.jsonl": ["3", "4"]}


def test_a_file_that_somebody_put_there_is_left_alone(landing):
    landing.write_bytes("cook-il/sales/by_hand.jsonl", b'{"pin": "9"}\n')
    land(landing, m05=[])
    assert lying(landing) == {"by_hand.jsonl": ["9"]}


@pytest.mark.parametrize(
    ("name", "asked", "months"),
    [
        ("2017-05.jsonl", "2017-05", {"2017-05"}),
        ("2017-06.from-2017-05.jsonl", "2017-05", {"2017-05", "2017-06"}),
        ("by_hand.jsonl", None, None),
        ("2017-05.jsonl.gz", None, None),
    ],
)
def test_the_name_of_a_fetched_file_tells_its_months(name, asked, months):
    assert (asked_month(name), months_of(name)) == (asked, months)
