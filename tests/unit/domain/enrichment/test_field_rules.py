"""How a field is made from the rows of a dataset."""

import numpy as np
import pyarrow as pa
import pytest

from realestate_assets.domain.counties.providers.socrata import FieldRule, SocrataProvider
from realestate_assets.domain.enrichment.field_rules import combine, row_values


def rule(**said):
    return FieldRule.model_validate(said)


def values(made, rows, parcel=None, year=None):
    count = len(rows)
    names = {name for row in rows for name in row} | set(made.columns)
    table = pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names})
    parcel = np.zeros(count, dtype=np.int64) if parcel is None else np.array(parcel)
    year = np.arange(2000, 2000 + count) if year is None else np.array(year)
    return row_values(made, table, parcel, year).to_pylist()


def test_of_several_columns_the_first_with_a_value_counts():
    made = rule(**{"from": ["a", "b"], "null_values": "EXEMPT"})
    assert values(made, [{"a": "x", "b": "y"}, {"a": "exempt", "b": "y"}, {"a": " "}]) == ["x", "y", None]


def test_a_unit_turns_the_number_into_ours():
    assert values(rule(**{"from": "acres", "unit": "acre"}), [{"acres": "0.5"}, {"acres": "?"}]) == [
        "21780",
        None,
    ]


def test_an_address_line_leaves_no_traces_of_what_is_missing():
    made = rule(line="{street}, {city}, {state} {zip}")
    rows = [
        {"street": "1 MAIN ST", "city": "PALOS", "state": "IL", "zip": "60465"},
        {"street": "P O BOX  16", "state": "IL"},
        {"street": "2 OAK ST", "zip": "60465"},
        {"street": "3 ELM ST"},
        {"city": "PALOS", "state": "IL"},
    ]
    assert values(made, rows) == [
        "1 MAIN ST, PALOS, IL 60465",
        "P O BOX 16, IL",
        "2 OAK ST, 60465",
        "3 ELM ST",
        None,
    ]


def test_an_owner_lives_where_the_mail_goes_and_nobody_is_absent_for_want_of_an_address():
    own = {"place": "14 W OAK STREET", "town": "PALOS", "code": "60465", "land": "IL"}
    home = {"street": "place", "city": "town", "zip": "code", "state": "land"}
    made = rule(home={**home, "mailing": "{street}, {city}, {state} {zip}"})
    mail = {"city": "PALOS", "state": "IL", "zip": "60465"}
    rows = [
        {**own, **mail, "street": "14 W Oak St."},
        {**own, **mail, "street": "99 ELM ST"},
        {**own, **mail, "street": "14 W OAK ST", "city": "MIAMI", "state": "FL", "zip": "33101"},
        {**own, **mail, "street": "P O BOX 16"},
        {**own, **mail},
        {**mail, "street": "14 W OAK ST"},
    ]
    assert values(made, rows) == ["true", "false", "false", None, None, None]
    assert values(made, []) == []


def test_columns_add_up_with_their_factors():
    made = rule(sum={"full": 1, "half": 0.5})
    assert values(made, [{"full": "2.0", "half": "1"}, {"half": "1"}, {}]) == ["2.5", "0.5", None]


def test_a_constant_stands_wherever_there_is_a_row():
    assert values(rule(constant=True), [{"a": "1"}, {"a": None}]) == ["true", "true"]


def test_a_tenure_goes_back_to_the_first_year_of_the_same_name():
    rows = [{"who": name} for name in ("ANN LEE", "BOB", "Bob ", None, "BOB", "B.O.B", "ANN LEE")]
    assert values(rule(unbroken="who"), rows) == [
        "2000-01-01", "2001-01-01", "2001-01-01", None, "2001-01-01", "2001-01-01", "2006-01-01",
    ]  # fmt: skip


def test_a_tenure_does_not_reach_over_to_another_parcel():
    rows = [{"who": "ANN"}] * 4
    found = values(rule(unbroken="who"), rows, parcel=[0, 0, 1, 1], year=[2001, 2002, 2003, 2004])
    assert found == ["2001-01-01", "2001-01-01", "2003-01-01", "2003-01-01"]


def test_several_rows_of_one_vintage_are_added_or_the_first_one_counts():
    each = pa.array(["1000", "500.5", None, "7", None], pa.string())
    first = np.array([0, 3, 4])
    assert combine(rule(**{"from": "sf", "combine": "sum"}), each, first).to_pylist() == ["1500.5", "7", None]
    assert combine(rule(**{"from": "sf"}), each, first).to_pylist() == ["1000", "7", None]


def test_no_rows_make_no_values():
    nothing = np.array([], dtype=np.int64)
    for made in (rule(**{"from": "a", "combine": "sum"}), rule(unbroken="a"), rule(line="{a}, {b}")):
        assert len(combine(made, pa.array(values(made, []), pa.string()), nothing)) == 0


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({}, "exactly one"),
        ({"from": "a", "constant": "1"}, "exactly one"),
        ({"line": "no column"}, "braces"),
        ({"line": "{A B}"}, "braces"),
        ({"from": "a", "unit": "furlong"}, "furlong"),
        ({"from": "a)--"}, "match"),
    ],
)
def test_a_rule_that_says_nothing_or_too_much_is_refused(said, named):
    with pytest.raises(ValueError, match=named):
        rule(**said)


def test_a_provider_names_known_fields_and_dates_its_tenures():
    base = {"kind": "socrata", "name": "x", "dataset": "abcd-1234", "key": {"column": "pin"}}
    with pytest.raises(ValueError, match="owner_shoe_size"):
        SocrataProvider.model_validate({**base, "fields": {"owner_shoe_size": "a"}})
    with pytest.raises(ValueError, match="unbroken"):
        SocrataProvider.model_validate({**base, "fields": {"owner_since_date": {"unbroken": "who"}}})
    with pytest.raises(ValueError, match="dataset"):
        SocrataProvider.model_validate({**base, "dataset": "../etc", "fields": {"owner_name": "a"}})
