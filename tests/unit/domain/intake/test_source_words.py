"""What a source says for all its rows: which count, its money and measures, what tells homes apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.counties.sale_rule_changes import SaleRuleChanges
from realestate_assets.domain.intake.file_bytes import Place
from realestate_assets.domain.intake.joining import join, read_table
from realestate_assets.domain.intake.raw_rows import RawRows
from realestate_assets.domain.sales.rules import load_sale_rules
from resources.errors import PermanentError
from tests.unit.domain.intake.landed import make_county, make_source, process, read
from tests.unit.domain.intake.test_map_words import mapped

ROWS = (
    b"id,date,kind,price\n1,2014-05-01,House,9\n2,2014-05-02,shop,50\n3,2014-05-03,,70\n4,2014-05-04,FLAT,x\n"
)
COLUMNS = {"apn": "id", "observed_date": "date", "sale_price_usd": {"from": "price", "null_values": "x"}}


def accepted(**source) -> list[str]:
    _, found = process({"f.csv": ROWS}, make_source(columns=COLUMNS, **source))
    assert found.properties.num_rows + found.rejects.num_rows == 4
    assert set(found.rejects["reason_code"].to_pylist()) <= {"LEFT_OUT_BY_WHERE"}
    return found.properties["apn"].to_pylist()


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ({"kind": ["house", "flat"]}, ["1", "4"]),
        ({"kind": "shop"}, ["2"]),
        ({"kind": {"not": "shop"}}, ["1", "3", "4"]),
        ({"kind": {"not": ["shop", ""]}}, ["1", "4"]),
        ({"kind": ""}, ["3"]),
        ({"price": {"min": 10}}, ["2", "3"]),
        ({"price": {"max": 50}}, ["1", "2"]),
        ({"price": {"min": 10, "max": 60}, "kind": "house"}, []),
    ],
)
def test_rows_that_do_not_meet_the_conditions_are_counted_and_left_out(where, kept):
    assert sorted(accepted(where=where)) == kept


@given(
    st.lists(st.sampled_from(["a", "b", "", "NA"]), min_size=1, max_size=9), st.sampled_from(["a", "", "NA"])
)
def test_each_row_is_either_accepted_or_left_out(kinds, wanted):
    text = "id,date,kind\n" + "".join(f"{at},2014-05-01,{kind}\n" for at, kind in enumerate(kinds, start=1))
    columns = {"apn": "id", "observed_date": "date"}
    _, found = process({"f.csv": text.encode()}, make_source(columns=columns, where={"kind": wanted}))
    assert found.properties.num_rows == kinds.count(wanted)
    assert found.properties.num_rows + found.rejects.num_rows == len(kinds)


def test_a_condition_says_something():
    with pytest.raises(ValueError, match="is, not, min or max"):
        make_source(where={"kind": {}})


EURO = {"currency": {"code": "EUR", "usd": 1.25}}


@pytest.mark.parametrize(
    ("field", "rule", "text", "source", "expected"),
    [
        ("sale_price_usd", "a", "400.000,50 €", {**EURO, "decimal": ","}, 500000.625),
        ("sale_price_usd", "a", "EUR 400,000", EURO, 500000.0),
        ("hoa_monthly_usd", {"from": "a", "unit": "usd_year"}, "1200", EURO, pytest.approx(125)),
        ("sale_price_usd", {"from": "a", **EURO}, "4", {}, 5.0),
        ("living_area_sqft", "a", "100", {"area_unit": "sqm"}, pytest.approx(1076.391)),
        ("living_area_sqft", {"from": "a", "unit": "sqft"}, "100", {"area_unit": "sqm"}, 100.0),
        ("bedrooms", "a", "3", {"area_unit": "sqm", **EURO}, 3.0),
    ],
)
def test_the_money_and_measure_of_a_source_hold_for_its_columns(field, rule, text, source, expected):
    assert mapped(field, rule, [{"a": text}], **source) == ([expected], [])


def test_an_amount_in_another_money_than_the_sources_is_refused():
    assert mapped("sale_price_usd", "a", [{"a": "$ 5"}], **EURO) == ([None], ["NUMBER_UNREADABLE"])


def test_homes_may_be_told_apart_by_their_place_alone():
    columns = {"observed_date": "date", "latitude": "lat", "longitude": "lon", "unit": "u"}
    rows = (
        b"date,lat,lon,u\n2014-05-01,47.6,-122.3,\n2014-05-02,47.600001,-122.3,\n2014-05-03,47.61,-122.3,\n"
    )
    more = b"2014-05-04,47.6,-122.3,2F\n2014-05-05,,-122.3,\n"
    _, found = process({"f.csv": rows + more}, make_source(columns=columns, identity="coordinates"))
    assert found.properties.num_rows == 3 == len(set(found.properties["property_id"].to_pylist()))
    assert sorted(found.rejects["reason_code"].to_pylist()) == ["DUPLICATE_ADDRESS", "IDENTITY_MISSING"]
    with pytest.raises(ValueError, match="latitude must be mapped"):
        make_source(columns={"observed_date": "date", "apn": "id"}, identity="coordinates")


JOINED = {"name": "roll", "key": {"id": "PARCEL"}, "pad": 4}
SALES = b"id,date\n7,2014-05-01\n8,2014-05-02\n9,2014-05-03\n"
ROLL = b"PARCEL,BEDS\n0007,3\n0008,4\n00-08,5\n"


def joined_source():
    columns = {"apn": "id", "observed_date": "date", "bedrooms": {"from": "roll.BEDS", "required": True}}
    return make_source(columns=columns, join=[JOINED])


def test_a_roll_is_joined_to_its_sales_by_key():
    source, place = joined_source(), Place("king-wa", "roll", "r.csv")
    (table,) = source.join
    rows = join(read(SALES, source), [read_table(ROLL, table, place)], table, place)
    assert rows["roll.BEDS"].to_pylist() == ["3", "4", None]
    assert RawRows(place, source, rows, 3, "").warnings == [
        "1 of 3 rows find no row of roll by id",
        "1 rows of roll repeat a key: the first of each counts",
    ]


def test_rows_of_a_roll_that_cannot_be_read_are_told():
    source, place = joined_source(), Place("king-wa", "roll", "r.csv")
    (table,) = source.join
    part = read_table(ROLL + b"0009,6,7,8\n", table, place)
    rows = join(read(SALES, source), [part], table, place)
    (first, *_) = RawRows(place, source, rows, 3, "").warnings
    assert first == "roll: 1 rows of r.csv cannot be read whole"


@pytest.mark.parametrize(("key", "missing"), [({"ID": "PARCEL"}, "ID"), ({"id": "Parcel"}, "Parcel")])
def test_a_key_that_is_no_column_is_named(key, missing):
    source = make_source(columns=joined_source().columns, join=[{**JOINED, "key": key}])
    (table,), place = source.join, Place("king-wa", "roll", "r.csv")
    with pytest.raises(PermanentError, match=f"there is no column {missing}"):
        join(read(SALES, source), [read_table(ROLL, table, place)], table, place)


def test_a_table_of_which_nothing_has_landed_is_named_with_its_folder():
    source, place = joined_source(), Place("king-wa", "sales", "s.csv")
    with pytest.raises(PermanentError, match="no file has landed") as error:
        join(read(SALES, source), [], source.join[0], place)
    assert "king-wa/roll" in str(error.value)


def test_a_verdict_of_the_source_makes_a_transfer_of_a_sale():
    codes = {"Q": "market", "U": "not_market"}
    columns = {**COLUMNS, "sale_verdict": {"from": "q", "codes": codes}, "sale_date": "date"}
    rows = b"id,date,price,q\n1,2014-05-01,500000,Q\n2,2014-05-02,500000,u\n"
    _, found = process({"f.csv": rows}, make_source(columns=columns, holds="sales"))
    assert found.properties.sort_by("apn")["list_price_usd"].to_pylist() == [500000, None]


def test_a_county_may_have_sale_rules_of_its_own():
    ours = {"minimum_price_usd": 500, "more_deeds": ["Love and Affection"], "market_deeds": ["executor"]}
    county = make_county(make_source(), sale_validity=ours)
    rules = load_sale_rules().changed_by(county.sale_validity)
    assert rules.minimum_price_usd == 500 and rules.price_code == "PRICE_UNDER_500"
    assert (
        "love and affection" in rules.non_arms_length_deeds and "executor" not in rules.non_arms_length_deeds
    )
    assert load_sale_rules().changed_by(SaleRuleChanges()) is load_sale_rules()


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"market_deeds": ["no such"]}, "not among those"), ({"more_deeds": ["a.b"]}, "deeds are not valid")],
)  # fmt: skip
def test_a_countys_sale_rule_that_cannot_be_meant_is_refused(changes, message):
    with pytest.raises(PermanentError, match=message):
        load_sale_rules().changed_by(SaleRuleChanges.model_validate(changes))
