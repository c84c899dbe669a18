"""Kinds of owners by name: names as rolls write them, surnames that look like something else, any text."""

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.enrichment.owner_types import classify_owners
from realestate_assets.domain.tables import OWNER_TYPES

NAMES = {
    "person": [
        "SMITH JOHN",
        "Mary O'Brien",
        "JOHN & JANE DOE",
        "HARRY BANKS",
        "CATINA C BANKS",
        "CHURCH ROBERT",
        "LAND EMILY",
        "NGUYEN THI LOAN",
        "TEMPLE SHIRLEY",
        "IRA LEVIN",
        "ESTATE OF J BLASZAK",
        "SMITH",
        "HELEN COOK",
        "CHASE ANNA",
    ],
    "company": [
        "BSLB LLC",
        "B.T.L. EMPIRE, L.L.C.",
        "3843 WEST 95TH ST.LLC.",
        "CONSTRUCTION SOURCELLC",
        "MILL CREEK INC",
        "437 LAND CO",
        "A & J CONSTRUCTION",
        "SHERWIN REAL ESTATE",
        "HOMEWOOD PROPERTIES",
        "EH POOLED 611 LP",
        "VILLAGE WEST (HAZEL CREST) LLC",
        "RIVER BANK HOMES LLC",
        "ESTATE EXCHANGE LLC",
        "KEEP BELIEVING FOUNDATION",
        "FIRST BAPTIST CHURCH",
        "A &amp; K RENTAL MANAGEME",
        "USA RENTAL FUND LLC",
    ],
    "trust": [
        "CHERYL H KEENE TR",
        "DOE FAMILY TRUST",
        "CHICAGO TITLE LAND TRUST",
        "STANDARD BK TR 18224",
        "MB FINANCIAL BK11075",
        "FIRST MIDWEST BK TR 0000000852518",
        "EQUITY TRUST COMPANY CUST FBO JOHN DOE IRA",
        "JOHN DOE TTEE",
        "JEFF DOE AS TRUSTEE OF THE DOE LIVING TRUST DATED OCTOBER 1, 2020",
        "DOE JANE U/A DTD 1/2/2003",
    ],
    "bank": [
        "US BANK",
        "U.S. BANK NATIONAL ASSOCIATION",
        "WELLS FARGO BK",
        "FANNIE MAE A/K/A FEDERAL NATIONAL MORTGAGE",
        "FEDERAL HOME LOAN MTG",
        "DEUTSCHE BK NATL TRUST CO",
        "STANDARD B&T T",
        "OCWEN LOAN SVC LLC",
        "HSBC BANK USA",
        "WILMINGTON SVNGS FUND",
        "US BANK AS TRUSTEE FOR MORTGAGE LOAN TRUST SERIES 2006-3",
        "PEOTONE BANK & TRUST",
    ],
    "government": [
        "CITY OF OAK FOREST",
        "OAK FOREST CITY OF",
        "RICHTON PARK VILLAGE",
        "VILLAGE HAZEL CREST",
        "HUD",
        "SECRETARY OF HOUSING & URBAN DEV",
        "COOK COUNTY LAND BANK AUTHORITY",
        "SO SUB LAND/BK/DEV",
        "SCHOOL DIST #156",
        "DEPT VETERAN AFFAIRS",
        "UNITED STATES OF AMERICA",
        "DETROIT PUBLIC SCHOOLS",
        "COUNTY OF COOK, ILLINOIS, A BODY POLITIC AND CORPORATE",
    ],
    "unknown": [
        "TAXPAYER OF",
        "TAX PAYER OF 12 ELM ST",
        "EXEMPT",
        "CURRENT OWNER",
        "Occupant",
        "",
        "  ",
        "12345",
        "--",
        "N/A",
        "ZEPHYR 2004187",
        None,
    ],
}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in NAMES.items() for name in names])
def test_a_name_is_of_its_kind(kind, name):
    assert classify_owners(pd.Series([name], dtype="object")).tolist() == [kind]


def test_a_whole_column_is_classified_at_once_in_its_order_and_index():
    names = [name for names in NAMES.values() for name in names] * 2
    expected = [kind for kind, of_kind in NAMES.items() for _ in of_kind] * 2
    series = pd.Series(names, index=range(100, 100 + len(names)), dtype="object")
    found = classify_owners(series)
    assert found.tolist() == expected
    assert found.index.equals(series.index)
    assert classify_owners(pa.array(names)).tolist() == expected


def test_no_names_give_no_kinds():
    assert classify_owners(pa.array([], pa.string())).empty
    assert classify_owners(pa.array([None, None], pa.string())).tolist() == ["unknown", "unknown"]


@given(st.lists(st.text(max_size=40) | st.none(), max_size=12))
def test_any_text_is_of_one_known_kind_and_case_and_margins_do_not_matter(names):
    found = classify_owners(pd.Series(names, dtype="object"))
    assert found.isin(OWNER_TYPES).all()
    ascii_names = [n.encode("ascii", "ignore").decode() if n else n for n in names]
    plain = classify_owners(pd.Series(ascii_names, dtype="object"))
    other = [f"  {n.lower()} " if n else n for n in ascii_names]
    assert classify_owners(pd.Series(other, dtype="object")).tolist() == plain.tolist()


@given(st.sampled_from([n for names in NAMES.values() for n in names if n]), st.sampled_from(["LLC", "INC"]))
def test_a_registered_form_never_leaves_a_person(name, form):
    assert classify_owners(pd.Series([f"{name} {form}"])).tolist() != ["person"]
