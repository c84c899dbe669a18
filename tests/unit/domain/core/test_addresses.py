"""One spelling for addresses, ZIPs and states."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realestate_assets.domain.core.addresses import (
    address_key,
    normalize_addresses,
    normalize_lines,
    normalize_state,
    normalize_street,
    normalize_zip,
)


@pytest.mark.parametrize(
    ("street", "unit", "expected"),
    [
        ("123 North Main Street Apt. 4B", None, ("123 N MAIN ST", "APT 4B")),
        ("123 n. main st", "4b", ("123 N MAIN ST", "UNIT 4B")),
        ("123 N MAIN ST #4B", None, ("123 N MAIN ST", "UNIT 4B")),
        ("1234 E. 5th St., Ste. 200", None, ("1234 E 5TH ST", "STE 200")),
        ("1600 pennsylvania avenue nw", None, ("1600 PENNSYLVANIA AVE NW", None)),
        ("12 Oak Court", None, ("12 OAK CT", None)),
        ("12 Oak Ct", "", ("12 OAK CT", None)),
        ("1 O'Brien Lane", None, ("1 OBRIEN LN", None)),
        ("99 Ñandú  Street", None, ("99 NANDU ST", None)),
        ("390 Vance Gap Rd", "Lot 15", ("390 VANCE GAP RD", "LOT 15")),
    ],
)
def test_street_lines_follow_the_usps_spelling(street, unit, expected):
    assert normalize_street(street, unit, "WA") == expected


@pytest.mark.parametrize(
    "street", ["PO Box 123", "A & B Boats", "N 123rd Ave", "TBD Elk Mountain", "@@ weird ??"]
)
def test_a_line_the_library_cannot_parse_keeps_its_words(street):
    line, unit = normalize_street(street, None, "WA")
    assert line is not None and unit is None
    assert line.replace(" ", "") in street.upper().replace(" ", "").replace("@", "").replace("?", "")


def test_no_word_of_a_street_is_dropped_as_if_it_were_a_city():
    assert normalize_street("5 Patti Ln Asheville NC")[0] == "5 PATTI LN ASHEVILLE NC"


DESIGNATORS = ["Apt", "#", "Unit", "Lot", "PO", "Box", "Hwy", "(rear)"]
NAMES = ["12", "5B", "1/2", "1.5", "Main", "Washington", "Saint", "ñ", "-", ".", ",", "&", "'"]
TYPES = ["N", "North", "SW", "Street", "St", "Ave", "Avenue", "Court", "CT"]
ADDRESS_WORDS = st.sampled_from(DESIGNATORS + NAMES + TYPES)
LINES = st.lists(ADDRESS_WORDS, min_size=1, max_size=7).map(" ".join)


@given(
    LINES | st.text(max_size=30),
    st.none() | LINES | st.text(max_size=10),
    st.sampled_from([None, "WA", "CT"]),
)
def test_normalising_an_address_twice_changes_nothing(street, unit, state):
    once = normalize_street(street, unit, state)
    assert once[0] is None or normalize_street(*once, state) == once


def table(**columns):
    names = ("street", "unit", "city", "zip")
    count = len(next(iter(columns.values())))
    return pa.table({name: pa.array(columns.get(name, [None] * count), pa.string()) for name in names})


def test_a_table_is_normalised_row_by_row_and_nulls_stay_null():
    rows = table(
        street=["12 Oak Court", None, "12 oak ct"], unit=[None, "5", ""], city=["  Lake  Forest ", None, "x"]
    )
    done = normalize_addresses(rows, "WA")
    assert done["street"].to_pylist() == ["12 OAK CT", None, "12 OAK CT"]
    assert done["unit"].to_pylist() == [None, "5", None]
    assert done["city"].to_pylist()[1:] == [None, "X"]


def test_spellings_of_one_unit_give_one_key_and_another_kind_of_unit_does_not():
    units = ["UNIT 5", "APT 5", "NO 5", "#5", "STE 5", "LOT 5", "HNGR 5", None]
    keys = address_key(table(street=["1 A ST"] * 8, unit=units, zip=["98001"] * 8)).to_pylist()
    assert len(set(keys[:4])) == 1 and len(set(keys)) == 5
    # The identity of a home hangs on this text: it never changes.
    assert keys[0] == "1 A ST|5|98001" and keys[-1] == "1 A ST||98001"


def test_the_city_stands_in_for_a_missing_zip_and_no_street_means_no_key():
    rows = table(
        street=["1 A ST", "1 A ST", None], city=["SEATTLE", "KENT", "KENT"], zip=[None, None, "98001"]
    )
    keys = address_key(rows).to_pylist()
    assert keys[0] != keys[1] and keys[2] is None


@pytest.mark.parametrize(
    ("received", "code"),
    [
        ("98178", "98178"), ("98178-1234", "98178"), ("981781234", "98178"), ("98178.0", "98178"),
        ("2139", "02139"), ("501", "00501"), ("2139.0", "02139"), ("00000", None), ("0", None),
    ],
)  # fmt: skip
def test_zips_are_five_digits_with_their_leading_zeros(received, code):
    values, bad = normalize_zip(pa.array([received]))
    assert values.to_pylist() == [code] and not bad.any()


@pytest.mark.parametrize("received", ["ABC", "12", "9817", "123456", "V5K 0A1"])
def test_what_is_no_zip_is_marked(received):
    values, bad = normalize_zip(pa.array([received]))
    assert bad.tolist() == [values.to_pylist() == [None]] and (received == "9817" or bad.all())


@pytest.mark.parametrize(
    ("received", "code"), [("wa", "WA"), ("Washington", "WA"), ("N.C.", "NC"), ("Calif.", "CA")]
)
def test_states_are_two_letters(received, code):
    values, bad = normalize_state(pa.array([received]))
    assert values.to_pylist() == [code] and not bad.any()
    assert normalize_state(pa.array(["Ontario", None]))[1].tolist() == [True, False]


@given(st.lists(st.text(max_size=12), max_size=4))
def test_zips_normalised_twice_change_no_more(texts):
    array = pa.array(texts, pa.string())
    code = normalize_zip(array)[0]
    assert normalize_zip(code)[0].equals(code)


WORDS = """
12 7 007 1/2 - -14 14B # #5 , . ½ é & / MP N South NW N12 W5 ST Street Ave RD Lake 5th 5TH FM 1960 HWY CR APT
Apt. UNIT Lot FL 2nd FLOOR REAR PO BOX RR HC URB BOX Main O'Brien County Road 98101 98101-1234 12.5 No.5 CONDO
B AND 4TH _ * Ste-200
"""
PIECES = st.sampled_from([*WORDS.split(), "\t"])
LINES = st.tuples(
    st.one_of(st.just(""), st.integers(0, 10_000_000).map(str), st.sampled_from(["", "0012", "12A", "1-3"])),
    st.sampled_from([" ", "  ", "", ", ", " # "]),
    st.lists(PIECES, max_size=6).map(" ".join),
).map("".join)
# NUL is refused where files are read.
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
UNITS = st.one_of(st.none(), st.lists(PIECES, max_size=3).map(" ".join))


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(st.one_of(st.none(), LINES, st.text(LETTERS, max_size=12)), UNITS), max_size=12))
def test_lines_read_together_are_those_read_one_by_one(lines):
    street, unit = (pa.array([line[part] for line in lines], pa.string()) for part in (0, 1))
    found = normalize_lines(street, unit, "TX")
    read = [normalize_street(line or "", own or "", "TX") for line, own in lines]
    assert list(zip(*(column.to_pylist() for column in found), strict=True)) == read
