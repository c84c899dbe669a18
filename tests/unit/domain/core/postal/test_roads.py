"""Numbered roads: every way of writing one is the same road, and no other road is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.core.addresses import normalize_street
from realestate_assets.domain.core.postal.roads import numbered_road
from realestate_assets.domain.core.postal.words import DIRECTIONS

WRITTEN = {
    "FM": ["FM", "F M", "FM RD", "FM ROAD", "Farm to Market", "FARM-TO-MARKET ROAD", "Farm to Mkt Rd"],
    "RM": ["RM", "R M", "Ranch to Market", "RANCH TO MARKET ROAD", "RANCH-TO-MKT RD"],
    "RR": ["RR", "R R", "Ranch Road", "RANCH RD"],
    "COUNTY RD": ["CR", "C R", "County Road", "CO RD", "CNTY ROAD", "CTY RD"],
    "COUNTY HWY": ["County Highway", "CO HWY", "CTH", "County Trunk Highway", "CH"],
    "COUNTY RTE": ["County Route", "CO RTE", "CNTY RT"],
    "STATE RTE": ["SR", "S R", "State Route", "STATE RTE", "State Road", "ST RD", "ST RT"],
    "STATE HWY": ["SH", "S H", "State Highway", "STATE HWY", "ST HIGHWAY", "STH"],
    "US HWY": ["US", "U S", "U.S.", "US Highway", "US HWY", "US Route", "United States Highway"],
    "INTERSTATE": ["IH", "I H", "I", "Interstate", "INTERSTATE HWY", "Interstate Highway"],
    "PRIVATE RD": ["PR", "P R", "PVR", "Private Road", "PVT RD", "PRIVATE RD"],
    "PARK RD": ["Park Road", "PARK RD"],
    "REC RD": ["Recreational Road", "RECREATION RD", "REC RD"],
    "TOWNSHIP RD": ["TR", "T R", "Township Road", "TWP RD", "TSR"],
    "LOOP": ["Loop", "State Loop"],
    "SPUR": ["Spur", "State Spur"],
    "HWY": ["HWY", "Highway", "HIWAY"],
    "RTE": ["Route", "RTE", "RT"],
}
# Names whose letters are glued to their number: FM1960, I-35.
SHORT = ["FM", "RM", "CR", "SR", "SH", "US", "IH", "I", "PR", "RR", "TR", "HWY", "LOOP", "SPUR"]
SIGNS = [" ", " # ", " #", " No. ", "-"]
CODES = sorted(set(DIRECTIONS.values()))


def spelled(line: str, state: str | None = "WA") -> str | None:
    return normalize_street(line, None, state)[0]


@pytest.mark.parametrize(
    ("name", "written"), [(name, written) for name, forms in WRITTEN.items() for written in forms]
)
@pytest.mark.parametrize("sign", SIGNS)
def test_every_way_of_writing_a_numbered_road_gives_one_spelling(name, written, sign):
    assert spelled(f"1234 {written}{sign}317") == f"1234 {name} 317"


@given(
    st.sampled_from([(name, form) for name, forms in WRITTEN.items() for form in forms]),
    st.integers(1, 99_999),
    st.integers(1, 4_999),
    st.sampled_from([None, *DIRECTIONS]),
    st.sampled_from([None, *DIRECTIONS]),
    st.sampled_from([None, "Apt 5", "#5", "LOT 5"]),
)
def test_a_road_keeps_its_house_number_its_own_and_its_directions(form, house, number, before, after, unit):
    name, written = form
    line = " ".join(filter(None, [str(house), before, written, str(number), after, unit]))
    codes = [DIRECTIONS.get(before or ""), name, str(number), DIRECTIONS.get(after or "")]
    street, found = normalize_street(line, None, "WA")
    assert street == " ".join(filter(None, [str(house), *codes]))
    assert found == {None: None, "Apt 5": "APT 5", "#5": "UNIT 5", "LOT 5": "LOT 5"}[unit]


@pytest.mark.parametrize("written", SHORT)
@pytest.mark.parametrize("sign", ["", "-", " "])
def test_a_road_glued_to_its_number_is_read(written, sign):
    assert spelled(f"1234 {written}{sign}620") == spelled(f"1234 {written} 620")
    assert spelled(f"1234 {written}{sign}620").endswith(" 620")


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(WRITTEN)), st.integers(1, 999), st.sampled_from(["", *CODES])),
        min_size=2,
        max_size=2,
        unique=True,
    )
)
def test_two_roads_never_become_one(roads):
    lines = {spelled(f"1 {WRITTEN[name][0]} {number} {code}") for name, number, code in roads}
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("12345 Farm to Market Road 1960 West", "12345 FM 1960 W"),
        ("12345 FM 1960 RD W", "12345 FM 1960 W"),
        ("12345 W FM 1960", "12345 W FM 1960"),
        ("100 CR 550", "100 COUNTY RD 550"),
        ("100 County Road PP", "100 COUNTY RD PP"),
        ("100 CTH PP", "100 COUNTY HWY PP"),
        ("100 County Hwy N", "100 COUNTY HWY N"),
        ("100 State Road A1A", "100 STATE RTE A1A"),
        ("100 Route 9W", "100 RTE 9W"),
        ("100 US 1 HWY", "100 US HWY 1"),
        ("100 US Highway 77 Business", "100 US HWY 77 BUS"),
        ("100 BUS US 77", "100 BUS US HWY 77"),
        ("100 Old Highway 81", "100 OLD HWY 81"),
        ("100 N IH 35 Service Road", "100 N INTERSTATE 35 SVC RD"),
        ("100 HWY 6 LOOP", "100 HWY 6 LOOP"),
        ("100 N LOOP 336 W", "100 N LOOP 336 W"),
        ("100 Beltway 8", "100 BELTWAY 8"),
        ("100 North West County Road 5", "100 NW COUNTY RD 5"),
    ],
)
def test_roads_with_directions_letters_and_what_is_said_twice(line, expected):
    assert spelled(line) == expected


def test_farm_and_ranch_roads_of_texas_have_one_series_of_numbers():
    assert spelled("1 Ranch Road 620", "TX") == spelled("1 RM 620", "TX") == "1 RM 620"
    assert (
        spelled("1 Farm Road 140", "TX") == "1 FM 140" and spelled("1 Farm Road 140", "MO") == "1 FARM RD 140"
    )


def test_a_road_named_by_its_state_is_read_in_that_state_alone():
    assert {spelled(f"1 {road}", "NC") for road in ("NC 54", "NC HWY 54", "NC 54 HWY", "NC-54")} == {
        "1 NC HWY 54"
    }
    assert spelled("1 NC 54", "WA") == "1 NC 54"
    # CO RD is a county's, in Colorado too.
    assert spelled("1 CO RD 5", "CO") == "1 COUNTY RD 5"


@pytest.mark.parametrize(
    "line", ["5TH ST", "COUNTY LINE RD", "STATE ST", "LOOP RD", "I ST", "US GRANT ST", "CR", "PARK RD"]
)
def test_streets_that_only_sound_like_a_numbered_road_are_none(line):
    assert numbered_road(line.split(), "TX") is None
