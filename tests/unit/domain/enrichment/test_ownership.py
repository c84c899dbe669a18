"""Signals of owners: at home, elsewhere in the state, out of it, or unknown; and how long they have held."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.enrichment.ownership import (
    ENRICHMENT_COLUMNS,
    PROPERTY_COLUMNS,
    occupancy,
    owner_signals,
    tenure_years,
)
from realestate_assets.domain.tables import OCCUPANCIES, OWNER_SIGNALS
from resources.warehouse.conform import conform

SITUS = {"street": "12 ELM ST", "unit": None, "city": "SEATTLE", "state": "WA", "zip": "98101"}
HOME, IN_STATE, OUT_OF_STATE, AWAY, UNKNOWN = OCCUPANCIES


def where(
    line: str | None, says_home: bool | None = None, mail_state: str | None = None, **situs: object
) -> str:
    """Occupancy of one property."""
    columns = pd.DataFrame([SITUS | situs], dtype="object")
    given_values = (pd.Series([value], dtype="object") for value in (line, mail_state, says_home))
    return occupancy(columns, *given_values).iloc[0]


@pytest.mark.parametrize(
    "line",
    [
        "12 Elm Street, Seattle, WA 98101-0001",
        "12 ELM ST SEATTLE WA 98101",
        "12 ELM, SEATTLE WA 98101",
        "12 N ELM ST, SEATTLE WA 98101",
        "12 ELM ST, SHORELINE WA 98101",
        "12 ELM ST, SEATTLE, WA",
        "12 ELM ST, SEATTLE WA 98102",
        "12 ELM ST 98101",
        "12 ELM ST, SEATTLE, WI 98101",
        "C/O J DOE, 12 ELM ST, SEATTLE WA 98101",
    ],
)
def test_mail_that_comes_to_the_property_is_an_owner_at_home(line):
    assert where(line) == HOME


@pytest.mark.parametrize(
    "line",
    [
        "14 ELM ST, SEATTLE WA 98101",
        "12 OAK ST, SEATTLE WA 98101",
        "12 ELM AVE, SEATTLE WA 98101",
        "12 ELM ST, SPOKANE WA 99201",
        "THE TOWERS, SPOKANE WA 99201",
        "9 OAK ST, TACOMA 98402",
        "9 OAK ST 98101",
    ],
)
def test_mail_to_another_home_of_the_state_is_an_absentee_in_the_state(line):
    assert where(line) == IN_STATE


@pytest.mark.parametrize(
    "line",
    [
        "9 OAK ST, RENO NV 89501",
        "12 ELM ST, RENO NV 89501",
        "PO BOX 16, RENO NV 89501",
        "9 OAK ST, RENO, NEVADA",
        "9 OAK ST 89501",
        "12 ELM ST, SEATTLE, NV",
    ],
)
def test_mail_to_another_state_is_an_absentee_out_of_state_a_box_too(line):
    assert where(line) == OUT_OF_STATE


@pytest.mark.parametrize(
    "line",
    [
        None,
        "",
        "PO BOX 16, SEATTLE WA 98101",
        "P.O. Box 16, Spokane, WA 99201",
        "GENERAL DELIVERY, SEATTLE WA 98101",
        "RR 2 BOX 45, SEATTLE WA 98101",
        "12 ELM ST",
        # The same street line, and a city that may be another name of the same place.
        "12 ELM ST, SHORELINE WA",
        "THE TOWERS, SEATTLE WA 98101",
        "UNKNOWN",
    ],
)
def test_a_box_in_the_state_a_line_without_place_or_none_says_nothing(line):
    assert where(line) == UNKNOWN


def test_another_street_is_elsewhere_though_nobody_says_where():
    assert where("9 OAK ST") == AWAY


@pytest.mark.parametrize(
    ("situs_unit", "line", "expected"),
    [
        ("APT 4", "12 ELM ST APT 4, SEATTLE WA 98101", HOME),
        ("UNIT 4", "12 ELM ST #4, SEATTLE WA 98101", HOME),
        ("APT 4", "12 ELM ST, SEATTLE WA 98101", HOME),
        ("APT 4", "12 ELM ST APT 5, SEATTLE WA 98101", IN_STATE),
        (None, "12 ELM ST APT 5, SEATTLE WA 98101", UNKNOWN),
        ("APT 4", "14 ELM ST APT 4, SEATTLE WA 98101", IN_STATE),
    ],
)
def test_a_unit_of_the_property_is_passed_over_only_where_the_mail_has_none(situs_unit, line, expected):
    assert where(line, unit=situs_unit) == expected


def test_directions_that_differ_are_two_homes_and_a_name_cut_off_decides_nothing():
    assert where("100 S 5TH AVE, SEATTLE WA 98101", street="100 N 5TH AVE") == IN_STATE
    assert where("9 COTTAGE GRO, SEATTLE WA 98101", street="9 COTTAGE GROVE AVE") == UNKNOWN


def test_without_the_propertys_street_only_another_place_tells():
    assert where("9 OAK ST, RENO NV 89501", street=None) == OUT_OF_STATE
    assert where("9 OAK ST, SPOKANE WA 99201", street=None) == IN_STATE
    assert where("9 OAK ST, SEATTLE WA 98101", street=None) == UNKNOWN


def test_what_a_source_says_outright_decides_and_the_address_tells_the_state():
    assert where(None, says_home=True) == HOME
    assert where("9 OAK ST, RENO NV 89501", says_home=True) == HOME
    assert where("12 ELM ST, SEATTLE WA 98101", says_home=False) == IN_STATE
    assert where("PO BOX 16, RENO NV 89501", says_home=False) == OUT_OF_STATE
    assert where(None, says_home=False) == AWAY


def test_a_state_given_by_itself_stands_in_for_the_lines():
    assert where(None, mail_state="NV") == OUT_OF_STATE
    assert where(None, mail_state="WA") == UNKNOWN
    assert where("9 OAK ST", mail_state="WA") == IN_STATE


LINES = st.none() | st.text(max_size=40) | st.builds(
    "{} {}, {} {} {}".format,
    st.sampled_from(["12", "14", "PO BOX", ""]),
    st.sampled_from(["ELM ST", "ELM ST APT 4", "OAK AVE"]),
    st.sampled_from(["SEATTLE", "SPOKANE"]),
    st.sampled_from(["WA", "NV", ""]),
    st.sampled_from(["98101", "99201", "89501", ""]),
)  # fmt: skip
PLACES = st.fixed_dictionaries(
    {
        "street": st.sampled_from(["12 ELM ST", "14 ELM ST"]) | st.none(),
        "unit": st.sampled_from(["APT 4"]) | st.none(),
        "city": st.sampled_from(["SEATTLE"]) | st.none(),
        "zip": st.sampled_from(["98101"]) | st.none(),
        "state": st.sampled_from(["WA"]) | st.none(),
    }
)


@given(st.lists(st.tuples(PLACES, LINES, st.booleans() | st.none()), min_size=1, max_size=6))
def test_an_owner_is_told_the_same_alone_and_among_others_and_nothing_follows_from_nothing(rows):
    situs = pd.DataFrame([place for place, _, _ in rows], dtype="object")
    lines, flags = (pd.Series([row[k] for row in rows], dtype="object") for k in (1, 2))
    nothing = pd.Series([None] * len(rows), dtype="object")
    together = occupancy(situs, lines, nothing, flags)
    assert together.isin(OCCUPANCIES).all()
    alone = [where(line, says_home=flag, **place) for place, line, flag in rows]
    assert together.tolist() == alone
    assert set(occupancy(situs, nothing, nothing, nothing)) == {UNKNOWN}


def property_row(property_id: str, **changes: object) -> dict:
    row = dict.fromkeys(PROPERTY_COLUMNS) | SITUS | {"county": "king-wa", "month": "2015-03"}
    return row | {"property_id": property_id} | changes


def enrichment_row(property_id: str, **changes: object) -> dict:
    row = dict.fromkeys(ENRICHMENT_COLUMNS) | {"county": "king-wa", "month": "2015-03"}
    return row | {"property_id": property_id} | changes


def signals(properties: list[dict], enrichments: list[dict]) -> pd.DataFrame:
    rows = owner_signals(
        pd.DataFrame(properties, columns=list(PROPERTY_COLUMNS)),
        pd.DataFrame(enrichments, columns=list(ENRICHMENT_COLUMNS)),
        {"king-wa": "WA"},
    )
    return conform(rows, OWNER_SIGNALS).to_pandas().set_index("property_id")


def test_the_record_goes_before_the_provider_and_a_providers_state_belongs_to_its_own_address():
    rows = signals(
        [
            property_row(
                "reported", owner_name="OAK LLC", owner_mailing_address="9 OAK ST, SPOKANE WA 99201"
            ),
            property_row("found"),
            property_row("no_state", state=None),
            property_row("nothing"),
        ],
        [
            enrichment_row(
                "reported", owner_name="DOE J", owner_mailing_address="x", owner_mailing_state="NV"
            ),
            enrichment_row("found", owner_name="US BANK", owner_mailing_state="NV"),
            enrichment_row("no_state", owner_mailing_address="1 A ST, RENO NV 89501", owner_occupied=None),
        ],
    )
    assert rows["owner_type"].to_dict() == {
        "reported": "company", "found": "bank", "no_state": "unknown", "nothing": "unknown"
    }  # fmt: skip
    assert rows["occupancy"].to_dict() == {
        "reported": IN_STATE, "found": OUT_OF_STATE, "no_state": OUT_OF_STATE, "nothing": UNKNOWN
    }  # fmt: skip


def test_flags_follow_the_occupancy_and_the_unknown_is_null():
    rows = signals(
        [
            property_row("home", owner_occupied=True),
            property_row("in_state", owner_mailing_address="9 OAK ST, SPOKANE WA 99201"),
            property_row("away", owner_occupied=False),
            property_row("unknown"),
        ],
        [],
    )
    flags = rows[["is_absentee_owner", "is_absentee_out_of_state"]].astype(object)
    found = {key: [None if pd.isna(v) else v for v in flags.loc[key]] for key in flags.index}
    assert found == {
        "home": [False, False], "in_state": [True, False], "away": [True, None], "unknown": [None, None]
    }  # fmt: skip


def test_the_tenure_runs_to_the_first_of_the_month_and_a_later_date_is_unknown():
    since = pd.Series(["2011-03-01", "2015-03-01", "2015-03-02", None])
    years = tenure_years(since, pd.Series(["2015-03"] * 4))
    assert years[:2].tolist() == [4.0, 0.0]
    assert years[2:].isna().all()


def test_no_properties_give_no_rows_and_still_the_table():
    assert len(signals([], [])) == 0
