"""Street lines read by rule, by the library and not at all: what comes in never comes out as another."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scourgify.address_constants import STREET_TYPE_ABBREVIATIONS

from realestate_assets.domain.core.addresses import normalize_street
from realestate_assets.domain.core.postal.parser import parsed_street
from realestate_assets.domain.core.postal.streets import split_street
from realestate_assets.domain.core.postal.units import unit_key
from realestate_assets.domain.core.postal.words import DIRECTIONS

KINDS = [word for word in STREET_TYPE_ABBREVIATIONS if " " not in word and word not in ("CR", "TR")]
NAMES = ["MAIN", "OAK GROVE", "MARTIN LUTHER KING", "LAKE SHORE", "ST CHARLES", "5TH", "5", "101", "42ND"]
NAMES += ["DE LA CRUZ", "BROADWAY", "SAINT ANN", "OLD MILL", "A", "MT VERNON", "EL CAMINO", "HOUSE"]
HOUSES = ["1", "123A", "64-12", "12-14", "123 1/2", "W359N5002", "N6W23001", "20W309", "441-.5"]
HOUSES += ["MILEPOST 12.5"]
ROADS = ["FM 1960", "CR 550", "County Road 317", "US-290", "I-35", "Private Road 1234", "E 4500 S", "AVE C"]
UNITS = ["Apt 5", "#5", "Lot 12", "BLDG 2 APT 5", "REAR", "No. 7", "Hangar 4", "2nd Floor", "STE 100"]
WORDS = [*NAMES, *DIRECTIONS, *KINDS[::7], *ROADS, *UNITS, "2F", "-", ",", "&", "O'Brien", "½", "PO BOX 12"]
WORDS += ["RR 2 BOX 5", "KEY", "AND", "98103", "(rear)"]
LINES = st.lists(st.sampled_from([*WORDS, *HOUSES]), min_size=1, max_size=6).map(" ".join)
USUAL_KINDS = ["ST", "STREET", "AVE", "AVENUE", "RD", "ROAD", "DR", "DRIVE", "LN", "LANE"]


def streets(kinds: list[str]) -> st.SearchStrategy[str]:
    directions = st.sampled_from(["", *DIRECTIONS])
    words = st.tuples(directions, st.sampled_from(NAMES), st.sampled_from(kinds), directions)
    return words.map(lambda given: " ".join(filter(None, given)))


STREETS = streets(KINDS)


def numbers(text: str) -> list[str]:
    """Runs of digits without the zeros before them, in any order."""
    return sorted(run.lstrip("0") or "0" for run in re.findall(r"\d+", text.replace("½", " 1 2 ")))


def directions(text: str) -> str:
    """Letters of all words that are directions, in any order."""
    words = re.findall(r"[A-Z]+", text.upper())
    return "".join(sorted("".join(DIRECTIONS.get(word, "") for word in words)))


@given(LINES, st.none() | st.sampled_from(UNITS), st.sampled_from([None, "WA", "TX", "CT", "NC"]))
def test_a_line_read_twice_is_the_same(street, unit, state):
    once = normalize_street(street, unit, state)
    assert once[0] is None or normalize_street(*once, state) == once


@given(LINES, st.sampled_from(["WA", "TX", "NC"]))
def test_no_line_loses_a_number_or_a_direction(street, state):
    line, unit = normalize_street(street, None, state)
    whole = " ".join(filter(None, [line, unit]))
    # A unit that a line names twice is named once.
    assert set(numbers(street)) == set(numbers(whole))
    assert directions(street) == directions(whole)


@given(st.sampled_from(HOUSES), STREETS, st.sampled_from(UNITS))
def test_house_street_and_unit_come_out_as_they_went_in(house, street, unit):
    alone = normalize_street(f"{house} {street}", None, "WA")
    with_unit = normalize_street(f"{house} {street} {unit}", None, "WA")
    assert alone[1] is None and with_unit == normalize_street(f"{house} {street}", unit, "WA")
    assert with_unit[0] == alone[0] and alone[0].startswith(f"{house} ")


@given(STREETS, STREETS)
def test_two_streets_become_one_only_where_their_words_are_the_same(one, other):
    read = [normalize_street(f"1 {street}", None, "WA")[0] for street in (one, other)]
    assert (read[0] == read[1]) == (essentials(one) == essentials(other))


def essentials(street: str) -> list[str]:
    """Words of a plain street, its directions, kinds and ordinals in one spelling, for these tests alone."""
    words = [DIRECTIONS.get(word, word) for word in street.split()]
    last = max(place for place, word in enumerate(words) if word in STREET_TYPE_ABBREVIATIONS)
    words[last] = STREET_TYPE_ABBREVIATIONS[words[last]]
    return [re.sub(r"^(\d+)(ST|ND|RD|TH)$", r"\1", word) for word in words]


@given(STREETS)
def test_where_the_library_reads_a_plain_street_the_rules_read_the_same(street):
    by_library, by_rule = parsed_street(street, "WA"), split_street(street.split(), "WA")
    assert by_rule is not None and by_rule[1] == []
    # The library leaves some kinds as they are written: what it gives, read by rule, is what the rules give.
    assert by_library is None or split_street(by_library.split(), "WA") == by_rule


@given(streets(USUAL_KINDS))
def test_of_the_usual_kinds_the_library_gives_what_the_rules_give_or_changes_nothing(street):
    by_rule = " ".join(split_street(street.split(), "WA")[0])
    assert parsed_street(street, "WA") in (None, street, by_rule)


@pytest.mark.parametrize("sign", ["'", "’", "‘", "ʻ", "ʼ", "`", "´", "′", ""])
def test_an_apostrophe_of_any_kind_and_none_are_one(sign):
    assert normalize_street(f"1 O{sign}Brien Ln") == ("1 OBRIEN LN", None)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("1234 East 4500 South", "1234 E 4500 S"),
        ("1234 South 200 West", "1234 S 200 W"),
        ("W359 N5002 Brown Street", "W359N5002 BROWN ST"),
        ("N6W23001 Bluemound Road", "N6W23001 BLUEMOUND RD"),
        ("64–12 65th Place", "64-12 65TH PL"),
        ("12 - 14 Main Street", "12-14 MAIN ST"),
        ("12 -14 Main Street", "12-14 MAIN ST"),
        ("123½ Main St", "123 1/2 MAIN ST"),
        ("123-1/2 Main St", "123 1/2 MAIN ST"),
        ("MP 12.5 Sterling Highway", "MILEPOST 12.5 STERLING HWY"),
        ("Milepost 12.5 Sterling Hwy", "MILEPOST 12.5 STERLING HWY"),
        ("400 North West 5th St", "400 NW 5TH ST"),
        ("400 N.W. 5th St", "400 NW 5TH ST"),
        ("100 Main Street North East", "100 MAIN ST NE"),
        ("100 N West Oak St", "100 N WEST OAK ST"),
        ("100 North West St", "100 N WEST ST"),
        ("100 NORTH ST", "100 NORTH ST"),
        ("100 N ST", "100 N ST"),
        ("100 5 Ave", "100 5TH AVE"),
        ("100 Avenue C", "100 AVE C"),
        ("100 EAST LOOP N", "100 E LOOP N"),
        ("100 NORTH BROADWAY", "100 N BROADWAY"),
        ("100 ELM BL", "100 ELM BLVD"),
        # Creek or circle, trail or terrace: the county knows.
        ("100 ELM CR", "100 ELM CR"),
        ("100 ELM TR", "100 ELM TR"),
        ("4TH and MAIN Street", "4TH & MAIN ST"),
        ("Main St & 4th Avenue", "MAIN ST & 4TH AVE"),
    ],
)
def test_grids_ranges_fractions_mileposts_directions_and_corners_have_one_spelling(line, expected):
    assert normalize_street(line, None, "WA") == (expected, None)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["PO Box 16", "P.O. Box 16", "P O BOX #16", "POB 16", "Post Office Box 16"], "PO BOX 16"),
        (["RR 2 Box 152", "R.R. 2, Box 152", "Rural Route 2 Box 152", "RT 2 BX 152"], "RR 2 BOX 152"),
        (["HC 1 Box 24", "H.C. 1 BOX 24", "HCR 1 BOX 24", "Star Route 1 Box 24"], "HC 1 BOX 24"),
        (["URB LAS LOMAS 150 CALLE A", "Urbanización Las Lomas 150 Calle A"], "URB LAS LOMAS 150 CALLE A"),
    ],
)
def test_boxes_routes_and_urbanisations_have_one_spelling(lines, expected):
    assert {normalize_street(line, None, "PR") for line in lines} == {(expected, None)}


@pytest.mark.parametrize(
    "line",
    [
        "5 PATTI LN ASHEVILLE NC",
        "150 CALLE A",
        "100 OLD STATE RD",
        "100 BROADWAY 5",
        "100 FOREST RD 123",
        "TBD ELM",
    ],
)
def test_what_a_reading_would_lose_or_add_keeps_its_own_words(line):
    assert normalize_street(line, None, "TX") == (line, None)


def test_the_key_of_a_unit_is_the_same_however_often_it_is_spelled():
    for unit in UNITS:
        _, spelled = normalize_street("1 MAIN ST", unit)
        assert unit_key(unit.upper().replace(".", " ")) == unit_key(spelled)
