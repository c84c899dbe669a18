"""City, state and ZIP behind a street in one line; the first lines are real ones, the others are made up."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realestate_assets.domain.core.addresses import normalize_lines
from realestate_assets.domain.core.postal import tails
from realestate_assets.domain.core.postal.tails import split_tails


def split(street, city=None, state=None, zip_code=None, home="CA"):
    columns = [pa.array([value], pa.string()) for value in (street, city, state, zip_code)]
    return tuple(column.to_pylist()[0] for column in split_tails(*columns, home_state=home))


@pytest.mark.parametrize(
    ("line", "home", "parts"),
    [
        ("2432 Brittay Ct, Lodi, CA 95242-9144", "CA", ("2432 Brittay Ct", "Lodi", "CA", "95242")),
        ("324 Leland Ct Lodi, CA 95242-3328", "CA", ("324 Leland Ct", "Lodi", "CA", "95242")),
        ("2340 W Lodi Ave Lodi, CA 95242-3226", "CA", ("2340 W Lodi Ave", "Lodi", "CA", "95242")),
        ("2424 Cochran Rd #8 Lodi, CA 95242-3657", "CA", ("2424 Cochran Rd #8", "Lodi", "CA", "95242")),
        ("343 N Stockton St Lodi, CA 95240-0605", "CA", ("343 N Stockton St", "Lodi", "CA", "95240")),
        ("221 PALOMAR Lodi, CA 95242-2613", "CA", ("221 PALOMAR Lodi", None, "CA", "95242")),
        ("12 Main St\nLodi, CA 95240", "CA", ("12 Main St", "Lodi", "CA", "95240")),
        ("12 main st apt b, lodi, ca 95240", "CA", ("12 main st apt b", "lodi", "CA", "95240")),
        ("12 Main St Lodi CA 95240", "CA", ("12 Main St", "Lodi", "CA", "95240")),
        ("12 Main St, Apt 4, Lodi, CA, 95240, USA", "CA", ("12 Main St, Apt 4", "Lodi", "CA", "95240")),
        ("12 Main St, Unit B, CA 95240", "CA", ("12 Main St, Unit B", None, "CA", "95240")),
        ("12 Main St W Sacramento, CA 95605", "CA", ("12 Main St W Sacramento", None, "CA", "95605")),
        ("12 Oak St Lake Forest, CA 92630", "CA", ("12 Oak St", "Lake Forest", "CA", "92630")),
        ("9 High St, Morgantown, West Virginia 26505", "WV", ("9 High St", "Morgantown", "WV", "26505")),
        ("1 Lake Rd St Clair Shores, MI 48080", "MI", ("1 Lake Rd", "St Clair Shores", "MI", "48080")),
        ("12 Main St, Lodi, CA", "CA", ("12 Main St", "Lodi", "CA", None)),
        ("12 Main St, 95240", "CA", ("12 Main St", None, None, "95240")),
        ("PO Box 1001, Lodi, CA 95241", "CA", ("PO Box 1001", "Lodi", "CA", "95241")),
    ],
)
def test_a_line_gives_its_city_state_and_zip_to_the_fields_that_have_none(line, home, parts):
    assert split(line, home=home) == parts


@pytest.mark.parametrize(
    "line",
    [
        "12 Main St",
        "12 Main St, Apt 4",
        "12 Main St, Unit 12345 B",
        "Rt 1, Box 12345",
        "12 Main St, Lot C, IN",
        "12 Oak, Pine, CT",
        "100 Hwy CA 1",
        "5 Avenue of the States",
        "1924 S Mills Ave #3 Lodi, CA 9242",
        "",
        None,
    ],
)
def test_a_line_without_a_tail_stays_as_it_is(line):
    assert split(line) == (line, None, None, None)


def test_what_the_columns_give_stays_and_only_a_tail_that_agrees_goes():
    line = "12 Main St, Lodi, CA 95240"
    assert split(line, "LODI", "CA", "95240") == ("12 Main St", "LODI", "CA", "95240")
    # With one ZIP the city given is another name of the place.
    assert split(line, "Acampo", "CA", "95240") == ("12 Main St", "Acampo", "CA", "95240")
    assert split(line, "Lodi", None, None) == ("12 Main St", "Lodi", "CA", "95240")
    # Two homes whose lines differ in the ZIP alone must not become one by a constant of the map.
    assert split(line, "Lodi", "CA", "95242") == (line, "Lodi", "CA", "95242")
    assert split(line, "Lodi", "OR", None) == (line, "Lodi", "OR", None)
    assert split("12 Main St, Lodi, CA", "Galt", "CA", None) == ("12 Main St, Lodi, CA", "Galt", "CA", None)
    assert split("12 Main St Lodi, CA 95240", "Galt", None, None)[:2] == ("12 Main St Lodi", "Galt")


streets = st.tuples(
    st.integers(1, 99_999),
    st.sampled_from(["Elm", "W Tokay", "Vintage Oaks", "Martin Luther King", "5th", "Lake Park"]),
    st.sampled_from(["St", "Ave", "RD", "Blvd", "Ct", "Way"]),
    st.sampled_from(["", " Apt 4", " #12", " Unit B"]),
).map(lambda parts: f"{parts[0]} {parts[1]} {parts[2]}{parts[3]}")
cities = st.sampled_from(["Lodi", "Stockton", "San Jose", "St. Helena", "Winston-Salem", "Coeur d'Alene"])
zips = st.integers(0, 99_999).map("{:05}".format)


@settings(max_examples=60)
@given(streets, cities, zips, st.sampled_from([", ", " "]), st.sampled_from(["", "-1234"]))
def test_an_address_in_one_line_is_the_one_in_four_columns(street, city, zip_code, between, plus):
    line = f"{street}{between}{city}, CA {zip_code}{plus}"
    assert split(line) == (street, city, "CA", zip_code)
    assert split(street, city, "CA", zip_code) == (street, city, "CA", zip_code)


@settings(max_examples=60)
@given(st.text(max_size=40) | streets, st.none() | cities, st.none() | zips)
def test_reading_twice_changes_nothing_and_the_street_is_the_beginning_of_the_line(street, city, zip_code):
    once = split(street, city, None, zip_code)
    assert split(*once) == once
    assert street.startswith(once[0]) or "\n" in street or "\r" in street


def test_a_chunked_column_with_nulls_is_split_as_each_line_is():
    lines = ["12 Main St, Lodi, CA 95240", None, "7 Elm Ave"]
    street = pa.chunked_array([lines[:1], lines[1:]], pa.string())
    nothing = pa.chunked_array([pa.nulls(3, pa.string())])
    done = split_tails(street, nothing, nothing, nothing, home_state="CA")
    assert [column.to_pylist() for column in done] == [
        ["12 Main St", None, "7 Elm Ave"],
        ["Lodi", None, None],
        ["CA", None, None],
        ["95240", None, None],
    ]
    assert normalize_lines(done[0], nothing, "CA")[0].to_pylist() == ["12 MAIN ST", None, "7 ELM AVE"]


TAILS = st.lists(
    st.sampled_from(
        ["12", "Main St", "MAIN ST", ",", ", ", "Lodi", "lodi", "CA", "ca", "California", "95240",
         "95240-1234", "952401234", "\n", "\t", " ", "USA", "U.S.A.", "Apt 4", "12345", "\xa0", "W"]
    ),
    max_size=9,
)  # fmt: skip
PLACES = st.tuples(
    st.one_of(st.none(), TAILS.map("".join), TAILS.map(" ".join)),
    st.sampled_from([None, "Lodi", "LODI", "Galt"]), st.sampled_from([None, "CA", "NV"]),
    st.sampled_from([None, "95240", "89501"]),
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(PLACES, max_size=12))
def test_lines_split_together_are_those_split_one_by_one_by_the_patterns_alone(rows):
    columns = [pa.array([row[part] for row in rows], pa.string()) for part in range(4)]
    together = zip(*(column.to_pylist() for column in split_tails(*columns, home_state="CA")), strict=True)
    with pytest.MonkeyPatch.context() as patched:
        # Every line is worth the patterns.
        patched.setattr(tails, "_MAY_BE_TAIL", "")
        alone = [split(*row) for row in rows]
    assert list(together) == alone
