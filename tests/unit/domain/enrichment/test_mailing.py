"""Mailing addresses in one line, as sources write them, taken apart."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realestate_assets.domain.core.states import MAIL_STATES, MILITARY, STATE_FIPS, state_of_zip
from realestate_assets.domain.enrichment.mailing import Mailing, Street, in_parts, parse_mailing, parse_street

HOME = Mailing("12 ELM ST", None, "RENO", "NV", "89501")


@pytest.mark.parametrize(
    "line",
    [
        "12 Elm Street, Reno, NV 89501",
        "12 ELM ST RENO NV 89501-1234",
        "12 Elm St., Reno NV 89501",
        "12 ELM ST,RENO,NV,89501",
        "12 ELM ST, RENO, NEVADA 89501, USA",
        "12 elm st, reno 89501",
        "C/O OAK MGMT, 12 ELM ST, RENO NV 895011234",
        "OAK BANK NA, 12 ELM ST, RENO NV 89501",
        "% J DOE 12 ELM ST, RENO NV 89501",
        "Attn: Tax Dept 12 ELM ST, RENO NV 89501",
    ],
)
def test_one_address_in_many_spellings_is_one(line):
    assert parse_mailing(line) == HOME


@pytest.mark.parametrize(
    "line",
    [
        "12 ELM ST APT 4, RENO NV 89501",
        "12 ELM ST, APT 4, RENO, NV 89501",
        "12 ELM ST #4, RENO, NV 89501",
        "12 ELM ST UNIT 4 RENO NV 89501",
    ],
)
def test_the_unit_is_split_off_without_its_designator(line):
    assert parse_mailing(line) == HOME._replace(unit="4")


@pytest.mark.parametrize(
    "line",
    [
        "PO BOX 16, RENO NV 89501",
        "P.O. Box 16, Reno, NV 89501",
        "P O BOX 16 RENO NV 89501",
        "POB 16, RENO NV 89501",
        "POST OFFICE BOX 16, RENO, NV 89501",
        "C/O DOE, PO BOX 16, RENO NV 89501",
        "GENERAL DELIVERY, RENO NV 89501",
    ],
)
def test_a_box_has_a_place_but_no_street(line):
    assert parse_mailing(line) == Mailing(None, None, "RENO", "NV", "89501", is_box=True)


def test_the_number_of_a_box_is_no_zip_and_a_court_no_state():
    assert parse_mailing("PO BOX 89501") == Mailing(is_box=True)
    assert parse_mailing("12 ELM CT") == Mailing("12 ELM CT")
    assert parse_mailing("100 MAIN ST NE, ATLANTA, GA") == Mailing("100 MAIN ST NE", None, "ATLANTA", "GA")


def test_a_zip_tells_the_state_that_the_line_leaves_out():
    assert parse_mailing("12 ELM ST, RENO 89501").state == "NV"
    found = {state_of_zip(f"{n:05d}") for n in range(0, 100_000, 50)}
    # Every state and the District, Puerto Rico, the Virgin Islands, and the armed forces.
    assert found - {None} == {*STATE_FIPS, *MILITARY, "VI"}
    zips = {"06390": "CT", "73301": "TX", "88510": "TX", "09012": "AE", "34002": "AA", "96910": None}
    assert {code: state_of_zip(code) for code in zips} == zips and state_of_zip(None) is None


@pytest.mark.parametrize(
    ("line", "city", "state", "code"),
    [
        ("PSC 3 BOX 1234, APO, AE 09012", "APO", "AE", "09012"),
        ("PSC 3 BOX 1234 APO AE 09012-1234", "APO", "AE", "09012"),
        ("UNIT 2050 BOX 4190, FPO AP 96278", "FPO", "AP", "96278"),
        ("Unit 9900 Box 0500, DPO, AA 34002", "DPO", "AA", "34002"),
        ("CMR 401 BOX 12, APO NY 09012", "APO", "AE", "09012"),
        ("PSC 3 BOX 1234, APO 09012", "APO", "AE", "09012"),
    ],
)
def test_mail_of_the_armed_forces_keeps_its_state(line, city, state, code):
    assert parse_mailing(line) == Mailing(None, None, city, state, code, is_box=True)


def test_the_islands_are_states_of_mail():
    assert parse_mailing("12 ELM ST, HAGATNA, GU 96910")[:4] == ("12 ELM ST", None, "HAGATNA", "GU")
    assert parse_mailing("12 ELM ST, ST THOMAS VI 00802").state == "VI"


@pytest.mark.parametrize("part", ["REAR", "BSMT", "FRNT", "UPPR", "LOWR", "SIDE", "PH"])
def test_a_part_of_a_house_is_none_of_the_city(part):
    found = parse_mailing(f"123 MAIN ST {part} AUSTIN TX 78701")
    assert found == Mailing("123 MAIN ST", part, "AUSTIN", "TX", "78701")
    assert parse_mailing(f"123 MAIN ST {part}, AUSTIN, TX 78701") == found
    assert parse_mailing(f"123 MAIN ST, {part}, AUSTIN, TX 78701") == found


@pytest.mark.parametrize("city", ["FRONT ROYAL", "UPPER MARLBORO", "LOWER LAKE"])
def test_a_city_whose_name_begins_like_a_part_of_a_house_keeps_it(city):
    for line in (f"123 MAIN ST, {city}, MD 20772", f"123 MAIN ST {city} MD 20772"):
        assert parse_mailing(line)[:3] == ("123 MAIN ST", None, city)


@pytest.mark.parametrize(
    ("line", "street", "unit"),
    [
        ("JOHN DOE, RR 2 BOX 45, RENO NV 89501", "RR 2 BOX 45", None),
        ("N6W23001 Bluemound Rd, Reno NV 89501", "N6W23001 BLUEMOUND RD", None),
        ("1ST NATIONAL BANK, 12 ELM ST, RENO NV 89501", "12 ELM ST", None),
        ("12345 FARM TO MARKET ROAD 1960 W, RENO NV 89501", "12345 FM 1960 W", None),
        ("12 ELM ST, HANGAR 4, RENO NV 89501", "12 ELM ST", "HNGR 4"),
        ("12 OʻBRIEN ST, RENO N.V. 89501", "12 OBRIEN ST", None),
    ],
)
def test_streets_of_mail_are_read_as_those_of_homes(line, street, unit):
    assert parse_mailing(line) == Mailing(street, unit, "RENO", "NV", "89501")


def test_what_cannot_be_read_is_none():
    for line in ("", " , ", "UNKNOWN", "1 KING ST, TORONTO ON M5H 1A1, CANADA"):
        found = parse_mailing(line)
        assert (found.state, found.zip, found.is_box) == (None, None, False)


@pytest.mark.parametrize(
    ("line", "street"),
    [
        ("4510 W 147TH ST", Street("4510", "147TH", "W", "ST")),
        ("100 MAIN ST NE", Street("100", "MAIN", "NE", "ST")),
        ("20W309 S FRONTAGE RD", Street("20W309", "FRONTAGE", "S", "RD")),
        ("12 N ST", Street("12", "ST", "N", None)),
        ("9 COTTAGE GROVE AVE", Street("9", "COTTAGEGROVE", None, "AVE")),
        ("RR 2 BOX 45", Street()),
        ("ELM ST", Street()),
        ("12", Street()),
    ],
)
def test_a_street_line_falls_into_number_name_direction_and_kind(line, street):
    assert parse_street(line) == street


def test_columns_are_parsed_once_a_distinct_text_and_keep_their_index():
    seen = []

    def parse(text: str) -> Street:
        seen.append(text)
        return parse_street(text)

    lines = pd.Series(["12 ELM ST", None, "12 ELM ST", "9 OAK AVE"], index=[7, 3, 5, 1], dtype="object")
    parts = in_parts(lines, parse, Street)
    assert seen == ["12 ELM ST", "9 OAK AVE"]
    assert parts["number"].fillna("none").tolist() == ["12", "none", "12", "9"]
    assert parts.index.tolist() == [7, 3, 5, 1]


@given(st.text(max_size=60))
@settings(max_examples=150)
def test_any_line_is_read_without_an_error(line):
    found = parse_mailing(line)
    assert found.state is None or found.state in MAIL_STATES
    assert found.zip is None or len(found.zip) == 5
    parse_street(found.street or line)
