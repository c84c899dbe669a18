"""Units in all their spellings, and what tells one from another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.core.addresses import normalize_street
from realestate_assets.domain.core.postal.units import DESIGNATORS, PLAIN, unit_key

PLAIN_FORMS = ["Apt 5", "Apt #5", "Apt. # 5", "APT5", "APT-5", "Apt 05", "Unit #5", "Unit 5", "UNIT NO 5"]
PLAIN_FORMS += ["No. 5", "No 5", "Apartment No. 5", "Apartment 5", "#5", "# 5", "#005", "Condo 5"]
KINDS = sorted({name for name in DESIGNATORS.values() if name not in PLAIN})
NUMBERS = st.from_regex(r"[1-9][0-9]{0,3}[A-F]?|[A-DF-M]", fullmatch=True)


def key(street: str, unit: str | None = None) -> tuple[str | None, str]:
    line, found = normalize_street(street, unit, "WA")
    return line, unit_key(found or "")


@pytest.mark.parametrize("form", PLAIN_FORMS)
def test_apartment_unit_number_and_sign_are_one_kind_of_place(form):
    street = "100 Main Street"
    assert key(f"{street} {form}") == key(f"{street}, {form}") == key(street, form) == ("100 MAIN ST", "5")


def test_a_hangar_a_slip_a_lot_a_space_and_a_suite_are_other_places_than_an_apartment():
    keys = {
        key(f"100 Main St {kind} 4") for kind in ("Apt", "Hangar", "Slip", "Lot", "Space", "Suite", "Trailer")
    }
    assert len(keys) == 7
    for kind, name in (
        ("Hanger", "HNGR"),
        ("SP", "SPC"),
        ("Ste", "STE"),
        ("Room", "RM"),
        ("Building", "BLDG"),
    ):
        assert key(f"100 Main St {kind} 4") == ("100 MAIN ST", f"{name} 4")


@pytest.mark.parametrize("word", [word for word in DESIGNATORS if word.isalpha()])
def test_every_designator_is_read_in_the_line_and_in_a_column(word):
    assert key(f"100 Main St {word} 12") == key("100 Main St", f"{word} 12")
    assert key(f"100 Main St {word} 12")[0] == "100 MAIN ST"


@pytest.mark.parametrize(
    "place", ["REAR", "BSMT", "Basement", "FRNT", "Front", "UPPR", "LOWR", "SIDE", "PH", "OFC"]
)
def test_a_part_of_a_house_needs_no_number(place):
    assert (
        key(f"100 Main St {place}")
        == key("100 Main St", place)
        == ("100 MAIN ST", DESIGNATORS[place.upper()])
    )


@given(
    st.sampled_from(["100 Main St", "55 Austin Place", "1 Elm Blvd NE", "9 County Road 550"]),
    st.sampled_from([*DESIGNATORS]),
    st.sampled_from(["", *DESIGNATORS]),
    st.integers(1, 9999).map(str),
)
def test_a_unit_named_in_the_line_and_again_in_the_column_is_named_once(street, first, second, number):
    line, unit = normalize_street(f"{street} {first} {number}", f"{second} {number}".strip(), "WA")
    assert line == normalize_street(street, None, "WA")[0]
    kinds = {"" if DESIGNATORS[word] in PLAIN else DESIGNATORS[word] for word in (first, second) if word}
    assert unit.split().count(number) == len(kinds)


def test_what_the_column_repeats_of_the_line_is_left_out():
    assert normalize_street("55 AUSTIN PLACE, 2F", "apartment 2F") == ("55 AUSTIN PL", "UNIT 2F")
    assert normalize_street("55 AUSTIN PLACE LOT 2", "2") == ("55 AUSTIN PL", "LOT 2")
    assert normalize_street("55 AUSTIN PLACE # 2", "LOT 3") == ("55 AUSTIN PL", "LOT 3 UNIT 2")


@given(NUMBERS, NUMBERS)
def test_two_numbers_are_two_units(one, other):
    same = unit_key(f"APT {one}") == unit_key(f"UNIT {other}")
    assert same == (one == other)


@given(st.sampled_from(KINDS), st.sampled_from(KINDS), NUMBERS)
def test_two_kinds_with_one_number_are_two_places(one, other, number):
    assert (unit_key(f"{one} {number}") == unit_key(f"{other} {number}")) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("BLDG 2 APT 5", "Apt 5, Building 2"),
        ("BLDG 2 APT 5", "Bldg 2 #5"),
        ("2ND FL", "Floor 2"),
        ("2ND FLOOR", "FL 2ND"),
        ("FL 2 REAR", "Rear, 2nd Floor"),
        ("-", ""),
        ("APT", ""),
    ],
)
def test_parts_of_a_unit_are_one_in_any_order_and_spelling(one, other):
    assert key("100 Main St", one) == key("100 Main St", other)


def test_a_number_behind_the_street_is_a_unit_but_a_zip_an_ordinal_and_a_direction_are_none():
    assert normalize_street("100 Main St 2F") == ("100 MAIN ST", "UNIT 2F")
    assert normalize_street("38350 40th St East 100") == ("38350 40TH ST E", "UNIT 100")
    assert normalize_street("12 Main Street East Apartment 4") == ("12 MAIN ST E", "APT 4")
    assert normalize_street("100 MAIN ST 98103") == ("100 MAIN ST 98103", None)
    assert normalize_street("2151 WEST AVENUE 134TH")[1] is None
    assert normalize_street("100 MAIN ST N") == ("100 MAIN ST N", None)
    assert (
        normalize_street("712-#67 McCoy Ct")
        == normalize_street("712 McCoy Ct #67")
        == ("712 MCCOY CT", "UNIT 67")
    )


@pytest.mark.parametrize(
    "line",
    ["100 KEY WEST DR", "100 FRONT ST", "100 FRONT", "100 SUITE ST", "100 PIER AVE", "100 STE MARIE DR"],
)
def test_a_street_whose_name_is_a_designator_keeps_it(line):
    assert normalize_street(line, None, "WA") == (line, None)


def test_a_city_behind_the_street_is_no_part_of_the_house():
    for city in ("FRONT ROYAL", "SIDE LAKES", "REAR AUSTIN", "UPPER MARLBORO"):
        line, unit = normalize_street(f"100 MAIN ST {city}", None, "WA")
        assert unit is None and line.startswith(f"100 MAIN ST {city[:4]}")
