"""Several records of one property become one; the newest wins a field, whatever the order of the rows."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realestate_assets.domain.intake.canonical import canonicalise
from realestate_assets.domain.intake.deduplicate import HOME_UNIT, IS_TRANSFER, _coded, _homes, deduplicate
from realestate_assets.domain.tables import PROPERTIES
from tests.examples import examples
from tests.unit.domain.intake.landed import make_county, make_source, process, raw_rows

SPEC = {column.name: column for column in PROPERTIES.columns if column.name != "property_id"}
DEFAULTS = {
    "county": "king-wa", "month": "2014-05", "source": "a", "source_file": "f.csv", "is_simulated": False,
    "is_list_price_assumed": False, "observed_date": dt.date(2014, 5, 1),
}  # fmt: skip
# 20 m and 40 m further north.
NEAR, FAR = 47.5 + 20 / 111_195, 47.5 + 40 / 111_195
PLACE = {"latitude": 47.5, "longitude": -122.2, "living_area_sqft": 1500.0, "bedrooms": 3.0}


def records(*rows):
    filled = [{**DEFAULTS, "source_row": number, **row} for number, row in enumerate(rows, start=1)]
    columns = {
        name: pa.array([row.get(name) for row in filled], column.arrow_type) for name, column in SPEC.items()
    }
    columns[IS_TRANSFER] = pa.array([bool(row.get(IS_TRANSFER)) for row in filled], pa.bool_())
    columns[HOME_UNIT] = columns["unit"]
    return pa.table(columns)


def deduplicated(table):
    """The rows as received are the canonical ones, without their place in a file."""
    return deduplicate(table, table.drop_columns(["source_file", "source_row"]))


def merged(*rows):
    table = records(*rows)
    found = deduplicated(table)
    return found.records.to_pylist(), found.code.tolist(), found.winner_of.tolist()


def test_the_newest_record_wins_a_field_and_its_nulls_are_filled_from_the_next_newest():
    rows, codes, winners = merged(
        {"apn": "1", "bedrooms": 2.0, "stories": 1.0, "year_built": 1950, "description": "old"},
        {"apn": "1", "bedrooms": 3.0, "observed_date": dt.date(2014, 5, 9)},
        {"apn": "1", "stories": 2.0, "observed_date": dt.date(2014, 5, 5)},
    )
    assert len(rows) == 1 and codes == ["DUPLICATE_APN", None, "DUPLICATE_APN"] and winners == [1, 1, 1]
    assert (rows[0]["bedrooms"], rows[0]["stories"], rows[0]["year_built"]) == (3.0, 2.0, 1950)
    assert rows[0]["description"] == "old" and rows[0]["source_row"] == 2


def test_of_equally_new_records_the_later_listed_wins_then_source_file_and_row():
    day = dt.date(2014, 4, 1)
    assert merged({"apn": "1"}, {"apn": "1", "list_date": day})[2] == [1, 1]
    assert merged({"apn": "1", "source": "b"}, {"apn": "1", "source": "a"})[2] == [1, 1]
    assert merged({"apn": "1", "source_file": "z"}, {"apn": "1", "source_file": "b", "source_row": 9})[2] == [
        1,
        1,
    ]
    assert merged({"apn": "1", "source_row": 7}, {"apn": "1", "source_row": 6})[2] == [1, 1]


def test_price_and_date_of_a_sale_come_from_one_record():
    rows, _, _ = merged(
        {"apn": "1", "sale_price_usd": 5.0, "sale_date": dt.date(2014, 4, 1)},
        {"apn": "1", "sale_price_usd": 7.0, "observed_date": dt.date(2014, 5, 9)},
    )
    assert (rows[0]["sale_price_usd"], rows[0]["sale_date"]) == (7.0, None)


def test_deed_and_parties_belong_to_the_sale_and_come_with_its_price():
    rows, _, _ = merged(
        {
            "apn": "1",
            "sale_price_usd": 5.0,
            "deed_type": "Quit claim",
            "seller_name": "X",
            "parcels_in_sale": 2,
        },
        {"apn": "1", "sale_price_usd": 7.0, "observed_date": dt.date(2014, 5, 9)},
    )
    names = ("sale_price_usd", "deed_type", "seller_name", "parcels_in_sale")
    assert [rows[0][name] for name in names] == [7.0, None, None, None]


def test_a_real_asking_price_beats_an_assumed_one_even_if_that_is_newer():
    rows, _, _ = merged(
        {"apn": "1", "list_price_usd": 480.0},
        {
            "apn": "1",
            "list_price_usd": 500.0,
            "is_list_price_assumed": True,
            "observed_date": dt.date(2014, 5, 9),
        },
    )
    assert (rows[0]["list_price_usd"], rows[0]["is_list_price_assumed"]) == (480.0, False)


def test_an_assumed_asking_price_stays_marked_when_it_fills_a_gap():
    rows, _, _ = merged(
        {"apn": "1", "list_price_usd": 500.0, "is_list_price_assumed": True},
        {"apn": "1", "observed_date": dt.date(2014, 5, 9)},
    )
    assert (rows[0]["list_price_usd"], rows[0]["is_list_price_assumed"]) == (500.0, True)


def test_records_without_parcel_number_are_matched_by_address_to_one_that_has_it():
    address = {"street": "1 A ST", "zip": "98001"}
    rows, codes, _ = merged(
        {"apn": "1", **address}, {**address, "observed_date": dt.date(2014, 5, 9)}, address
    )
    assert len(rows) == 1 and rows[0]["apn"] == "1"
    assert codes == ["DUPLICATE_ADDRESS", None, "DUPLICATE_ADDRESS"]


def test_two_parcel_numbers_at_one_address_stay_two_properties():
    address = {"street": "1 A ST", "zip": "98001"}
    rows, codes, winners = merged({"apn": "1", **address}, {"apn": "2", **address}, address)
    assert len(rows) == 2 and codes == [None, None, "DUPLICATE_ADDRESS"] and winners[2] == 0


def test_another_unit_or_zip_is_another_property():
    rows, _, _ = merged(
        {"street": "1 A ST", "zip": "98001", "unit": "UNIT 1"},
        {"street": "1 A ST", "zip": "98001", "unit": "UNIT 2"},
        {"street": "1 A ST", "zip": "98002"},
        {"street": "1 A ST", "zip": "98001", "unit": "APT 2"},
    )
    assert len(rows) == 3


def test_a_parcel_and_an_address_at_one_place_of_one_size_are_one_property():
    rows, codes, _ = merged({"apn": "1", **PLACE}, {"street": "1 A ST", **PLACE, "latitude": NEAR})
    assert len(rows) == 1 and codes == [None, "DUPLICATE_NEARBY"]
    assert (rows[0]["apn"], rows[0]["street"], rows[0]["latitude"]) == ("1", "1 A ST", 47.5)


@pytest.mark.parametrize(
    "other",
    [
        {"street": "1 A ST", **PLACE, "latitude": FAR},
        {"street": "1 A ST", **PLACE, "living_area_sqft": 1501.0},
        {"street": "1 A ST", **PLACE, "bedrooms": 4.0},
        {"street": "1 A ST", **PLACE, "bedrooms": None},
        {"street": "1 A ST", **PLACE, "longitude": None},
        {"street": "1 A ST", **PLACE, "month": "2014-06"},
        {"street": "1 A ST", "apn": "2", **PLACE},
        {"apn": "2", **PLACE},
    ],
)
def test_records_that_differ_in_what_counts_stay_apart(other):
    assert len(merged({"apn": "1", **PLACE}, other)[0]) == 2


def test_a_choice_between_two_neighbours_is_left_open():
    rows, codes, _ = merged({"apn": "1", **PLACE}, {"apn": "2", **PLACE}, {"street": "1 A ST", **PLACE})
    assert len(rows) == 3 and codes == [None] * 3


def test_partitions_do_not_touch_each_other():
    rows, codes, _ = merged({"apn": "1"}, {"apn": "1", "month": "2014-06"}, {"apn": "1", "county": "cook-il"})
    assert len(rows) == 3 and codes == [None] * 3


def test_a_row_equal_in_every_value_is_an_exact_copy_and_one_of_another_source_is_not():
    _, codes, _ = merged(
        {"apn": "1", "bedrooms": 3.0}, {"apn": "1", "bedrooms": 3.0}, {"apn": "1", "bedrooms": 4.0}
    )
    assert codes == [None, "EXACT_COPY", "DUPLICATE_APN"]
    _, codes, _ = merged({"apn": "1"}, {"apn": "1", "source": "b"})
    assert codes == [None, "DUPLICATE_APN"]


def test_a_record_matched_through_a_third_one_still_says_by_what():
    newest = {"street": "1 A ST", "observed_date": dt.date(2014, 5, 9)}
    rows, codes, _ = merged({"apn": "1", "street": "1 A ST"}, {"apn": "1", "street": "9 Z ST"}, newest)
    assert len(rows) == 1 and codes == ["DUPLICATE_ADDRESS", "DUPLICATE_APN", None]


def test_no_rows_give_no_records():
    assert deduplicated(records()).records.num_rows == 0


ROWS = st.fixed_dictionaries(
    {
        "apn": st.sampled_from([None, "1", "2", "3"]),
        "street": st.sampled_from([None, "1 A ST", "2 B ST"]),
        "month": st.sampled_from(["2014-05", "2014-06"]),
        "source": st.sampled_from(["a", "b"]),
        "observed_date": st.sampled_from([dt.date(2014, 5, 1), dt.date(2014, 5, 2)]),
        "list_date": st.sampled_from([None, dt.date(2014, 4, 1)]),
        "stories": st.sampled_from([None, 1.0, 2.0]),
        "sale_price_usd": st.sampled_from([None, 5.0, 7.0]),
        "latitude": st.sampled_from([None, 47.5, NEAR, FAR]),
        "longitude": st.just(-122.2),
        "living_area_sqft": st.just(1500.0),
        "bedrooms": st.sampled_from([3.0, 4.0]),
    }
).filter(lambda row: row["apn"] or row["street"])


@examples(60)
@given(st.lists(ROWS, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(rows, random):
    table = records(*rows)
    order = list(range(len(rows)))
    random.shuffle(order)
    plain, shuffled = deduplicated(table), deduplicated(table.take(pa.array(order, pa.int64())))
    assert plain.records.to_pylist() == shuffled.records.to_pylist()
    assert plain.code[order].tolist() == shuffled.code.tolist()
    assert plain.winner_of[order].tolist() == [order[at] for at in shuffled.winner_of]


@examples(40)
@given(st.lists(ROWS, max_size=12))
def test_every_row_is_a_winner_or_a_duplicate_of_one_and_keys_are_unique(rows):
    found = deduplicated(records(*rows))
    is_winner = found.winner_of == np.arange(len(rows))
    assert [code is None for code in found.code] == is_winner.tolist()
    assert int(is_winner.sum()) == found.records.num_rows
    kept = [(row["month"], row["apn"]) for row in found.records.to_pylist() if row["apn"]]
    assert len(kept) == len(set(kept))


@examples(40)
@given(st.lists(ROWS, max_size=12))
def test_a_partition_alone_gives_the_same_as_in_company(rows):
    table = records(*rows)
    together = deduplicated(table).records.to_pylist()
    for month in ("2014-05", "2014-06"):
        alone = deduplicated(table.filter(pa.compute.equal(table["month"], month))).records.to_pylist()
        assert alone == [row for row in together if row["month"] == month]


FILE = b"id,date,price,beds\n1,2014-05-01,5,3\n1,2014-05-02,6,3\n2,2014-05-03,7,99\n3,2014-06-01,8,2\n"


def test_a_file_landed_twice_adds_up_and_its_second_rows_are_exact_copies():
    raw, result = process({"a.csv": FILE, "b.csv": FILE})
    rejects = [(r["source_file"], r["source_row"], r["reason_code"]) for r in result.rejects.to_pylist()]
    assert raw.num_rows == 8 and result.properties.num_rows == 2
    assert sorted(rejects) == [
        ("a.csv", 1, "OTHER_DEED"),
        ("a.csv", 3, "BEDROOMS_OUT_OF_RANGE"),
        ("b.csv", 1, "EXACT_COPY"),
        ("b.csv", 2, "EXACT_COPY"),
        ("b.csv", 3, "BEDROOMS_OUT_OF_RANGE"),
        ("b.csv", 4, "EXACT_COPY"),
    ]
    kept = set(result.properties["property_id"].to_pylist())
    duplicates = [r for r in result.rejects.to_pylist() if r["disposition"] == "duplicate"]
    assert {r["duplicate_of"] for r in duplicates} == kept
    assert all("a.csv" in r["reason"] for r in duplicates)
    assert set(result.properties["source_file"].to_pylist()) == {"a.csv"}


def test_sources_are_merged_across_and_the_raw_record_holds_its_own_columns_only():
    sales = make_source("sales")
    columns = {"apn": "PIN", "observed_date": "seen", "description": "text"}
    listings = make_source("listings", columns=columns)
    raw = pa.concat_tables(
        [
            raw_rows({"s.csv": b"id,date,price\n01,2014-05-09,500000\n"}, sales),
            raw_rows({"l.csv": b'PIN,seen,text\n01,2014-05-01,"nice"\n'}, listings),
        ],
        promote_options="default",
    )
    result = canonicalise(raw, make_county(sales, listings))
    assert result.properties.num_rows == 1
    record = result.properties.to_pylist()[0]
    assert (record["source"], record["sale_price_usd"], record["description"]) == ("sales", 500_000.0, "nice")
    assert result.rejects["raw_record"].to_pylist() == ['{"PIN": "01", "seen": "2014-05-01", "text": "nice"}']


SALE = {"apn": "1", "sale_price_usd": 500_000.0, "sale_date": dt.date(2014, 5, 2)}
QUIT_CLAIM = {
    "apn": "1",
    "sale_price_usd": 1.0,
    "sale_date": dt.date(2014, 5, 20),
    "observed_date": dt.date(2014, 5, 20),
    IS_TRANSFER: True,
}


@pytest.mark.parametrize("deeds", [[SALE, QUIT_CLAIM], [QUIT_CLAIM, SALE], [QUIT_CLAIM, QUIT_CLAIM, SALE]])
def test_the_market_sale_of_a_month_stays_whatever_deed_follows_it(deeds):
    (row,), codes, _ = merged(*deeds)
    assert (row["sale_price_usd"], row["sale_date"]) == (500_000.0, dt.date(2014, 5, 2))
    assert codes.count(None) == 1 and "OTHER_DEED" in codes


DEEDS = st.lists(
    st.tuples(st.integers(1, 28), st.sampled_from([1.0, 10.0, 450_000.0, 500_000.0])), min_size=1, max_size=6
)


@settings(max_examples=60)
@given(DEEDS, st.randoms(use_true_random=False))
def test_in_any_order_of_deeds_the_newest_market_sale_is_kept_and_none_is_lost(deeds, random):
    random.shuffle(deeds)
    rows = [
        {
            "apn": "1",
            "sale_price_usd": price,
            "sale_date": dt.date(2014, 5, day),
            "observed_date": dt.date(2014, 5, day),
            IS_TRANSFER: price < 10_000,
        }
        for day, price in deeds
    ]
    (kept,), codes, _ = merged(*rows)
    market = [deed for deed in deeds if deed[1] >= 10_000]
    assert kept["sale_date"].day == max(day for day, _ in market or deeds)
    assert (kept["sale_price_usd"] >= 10_000) == bool(market)
    assert codes.count(None) == 1 and len(codes) == len(deeds)


UNITS = b"id,date,price,area,street,unit,zip\n"


def test_units_under_one_lot_number_are_homes_of_their_own():
    lines = b"1,2014-05-02,500000,700,5 Pine St,2A,98101\n1,2014-05-09,900000,1400,5 Pine St,9C,98101\n"
    _, result = process({"a.csv": UNITS + lines})
    assert result.rejects.num_rows == 0
    assert len(set(result.properties["property_id"].to_pylist())) == 2


def test_where_parcel_numbers_tell_units_apart_the_unit_changes_no_identity():
    source = make_source(parcel_number_tells_units=True)
    one = process({"a.csv": UNITS + b"1,2014-05-02,500000,700,5 Pine St,2A,98101\n"}, source)[1]
    other = process({"a.csv": UNITS + b"1,2014-05-02,500000,700,5 Pine St,,98101\n"}, source)[1]
    assert one.properties["property_id"].to_pylist() == other.properties["property_id"].to_pylist()


def test_a_record_without_a_unit_belongs_to_the_only_unit_of_its_parcel_and_else_to_none():
    assert len(merged({"apn": "1", "unit": "UNIT 2A"}, {"apn": "1"})[0]) == 1
    rows, codes, _ = merged({"apn": "1", "unit": "UNIT 2A"}, {"apn": "1", "unit": "UNIT 9C"}, {"apn": "1"})
    assert len(rows) == 3 and codes == [None] * 3


def test_rows_that_differ_in_a_column_nobody_maps_are_no_exact_copies():
    lines = b"1,2014-05-02,500000,first\n1,2014-05-02,500000,second\n1,2014-05-02,500000,first\n"
    _, result = process({"a.csv": b"id,date,price,note\n" + lines})
    assert sorted(result.rejects["reason_code"].to_pylist()) == ["DUPLICATE_APN", "EXACT_COPY"]


def test_a_nominal_deed_is_no_asking_price():
    source = make_source(holds="sales")
    _, result = process({"a.csv": b"id,date,price\n1,2014-05-02,10\n2,2014-05-03,500000\n"}, source)
    asked = {row["apn"]: row["list_price_usd"] for row in result.properties.to_pylist()}
    assert asked == {"1": None, "2": 500_000.0}


def homes_one_by_one(partitions, apns, units):
    """A home is its parcel with its unit; a row without one goes to the only one of its parcel and month."""
    found = []
    for partition, apn, unit in zip(partitions, apns, units, strict=True):
        own = {u for p, a, u in zip(partitions, apns, units, strict=True) if (p, a) == (partition, apn)} - {
            None
        }
        only = next(iter(own)) if len(own) == 1 else None
        found.append(None if apn is None else f"{apn}|{(only if unit is None else unit) or ''}")
    return found


@given(
    st.lists(
        st.tuples(
            st.sampled_from("pq"), st.sampled_from(["1", "2", None]), st.sampled_from(["A", "B", "", None])
        ),
        max_size=14,
    )
)
def test_homes_by_numbers_are_those_by_texts(rows):
    partitions, apns, units = ([row[part] for row in rows] for part in range(3))
    columns = {name: pa.chunked_array([pa.array(each, pa.string())]) for name, each in
               {"partition": partitions, "apn": apns, "unit": units}.items()}  # fmt: skip
    found = _homes(_coded(columns["partition"]), _coded(columns["apn"]), columns["unit"]).tolist()
    expected = homes_one_by_one(partitions, apns, units)
    assert [number < 0 for number in found] == [home is None for home in expected]
    assert len(set(zip(found, expected, strict=True))) == len(set(found)) == len(set(expected))
