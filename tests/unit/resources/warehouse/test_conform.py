"""Frames are brought to a table spec without loss, or refused by name."""

import datetime as dt
import decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from resources.errors import PermanentError
from resources.partition import Partition
from resources.warehouse.conform import conform, partition_counts
from resources.warehouse.table_spec import Column, TableSpec

SPEC = TableSpec(
    schema="raw",
    name="things",
    description="A table of every kind.",
    key=("county", "month", "thing_id"),
    columns=(
        Column("county", "text", "County.", nullable=False),
        Column("month", "text", "Month.", nullable=False),
        Column("thing_id", "text", "Id.", nullable=False),
        Column("rooms", "integer", "Whole number."),
        Column("price_usd", "float", "Price."),
        Column("is_new", "boolean", "Flag."),
        Column("sale_date", "date", "Day."),
        Column("seen_at", "timestamp", "Instant."),
        Column("facts", "json", "JSON text."),
    ),
)


def frame(**columns) -> pd.DataFrame:
    row = {
        "county": "king-wa",
        "month": "2015-03",
        "thing_id": "a",
        "rooms": 3,
        "price_usd": 1.5,
        "is_new": True,
        "sale_date": dt.date(2015, 3, 2),
        "seen_at": pd.Timestamp("2015-03-02 10:00", tz="UTC"),
        "facts": "{}",
    }
    return pd.DataFrame({name: [value] for name, value in row.items()} | columns)


def test_columns_come_in_the_order_and_types_of_the_spec():
    table = conform(frame()[sorted(SPEC.column_names)], SPEC)
    assert table.column_names == SPEC.column_names
    assert table.schema.types == [column.arrow_type for column in SPEC.columns]


@pytest.mark.parametrize("count", [0, 1])
def test_a_date_column_without_any_known_value_stays_null(count):
    days = pd.Series([pd.NaT] * count, dtype="datetime64[ns]")
    table = conform(frame().head(count).assign(sale_date=days.to_numpy()), SPEC)
    assert table["sale_date"].null_count == count == table.num_rows


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT])
@pytest.mark.parametrize("name", ["rooms", "price_usd", "is_new", "sale_date", "seen_at", "facts"])
def test_every_way_of_saying_nothing_becomes_null(name, missing):
    values = pd.Series([frame()[name][0], missing], dtype=object)
    rows = pd.concat([frame(), frame(thing_id=["b"])], ignore_index=True).assign(**{name: values})
    table = conform(rows, SPEC)
    assert table[name].null_count == 1
    assert table[name][0].as_py() is not None


def test_nan_in_an_arrow_table_becomes_null_too():
    table = pa.Table.from_pandas(frame(), preserve_index=False)
    table = table.set_column(table.column_names.index("price_usd"), "price_usd", pa.array([float("nan")]))
    assert conform(table, SPEC)["price_usd"].to_pylist() == [None]


def test_a_column_without_any_value_needs_no_type():
    table = conform(frame(rooms=[None], sale_date=[None], facts=[None], is_new=[None]), SPEC)
    assert [table[name].to_pylist() for name in ("rooms", "sale_date", "facts", "is_new")] == [[None]] * 4


def test_what_fits_without_loss_is_converted():
    table = conform(
        frame(
            rooms=[3.0],
            price_usd=[decimal.Decimal("2.50")],
            sale_date=[pd.Timestamp("2015-03-02")],
            seen_at=[pd.Timestamp("2015-03-02 10:00")],
            facts=pd.Categorical(["{}"]),
        ),
        SPEC,
    ).to_pylist()[0]
    assert table["rooms"] == 3
    assert table["price_usd"] == 2.5
    assert table["sale_date"] == dt.date(2015, 3, 2)
    assert table["seen_at"] == dt.datetime(2015, 3, 2, 10, tzinfo=dt.UTC)
    assert table["facts"] == "{}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rooms", 2.5),
        ("rooms", "3"),
        ("rooms", True),
        ("price_usd", "1.5"),
        ("price_usd", np.inf),
        ("is_new", 1),
        ("is_new", "yes"),
        ("sale_date", "2015-03-02"),
        ("sale_date", pd.Timestamp("2015-03-02 10:00")),
        ("seen_at", "2015-03-02"),
        ("facts", {"a": 1}),
        ("facts", 7),
        ("thing_id", 7),
        ("facts", "a\x00b"),
    ],
)
def test_what_does_not_fit_is_refused_with_table_and_column(name, value):
    with pytest.raises(PermanentError) as caught:
        conform(frame(**{name: pd.Series([value], dtype=object)}), SPEC)
    assert caught.value.field == name
    assert "things" in str(caught.value)


def test_a_column_of_mixed_types_is_refused_by_name():
    rows = pd.concat([frame(), frame(thing_id=["b"])]).assign(facts=pd.Series(["x", 1], dtype=object).values)
    with pytest.raises(PermanentError, match="facts"):
        conform(rows, SPEC)


def test_missing_and_unknown_columns_are_both_named():
    with pytest.raises(PermanentError, match="rooms missing; colour not in the table spec"):
        conform(frame(colour=["red"]).drop(columns="rooms"), SPEC)


def test_a_required_column_may_not_be_null():
    with pytest.raises(PermanentError, match=r"thing_id.*null in 1 of 1"):
        conform(frame(thing_id=[None]), SPEC)


def test_a_repeated_key_is_refused_and_shown():
    with pytest.raises(PermanentError, match=r"1 row\(s\) repeat the key.*'thing_id': 'a'"):
        conform(pd.concat([frame(), frame()]), SPEC)


def test_rows_are_counted_for_every_partition_asked_for():
    table = conform(frame(), SPEC)
    counts = partition_counts(
        table, [Partition("king-wa", "2015-04"), Partition("king-wa", "2015-03")], "things"
    )
    assert counts == {Partition("king-wa", "2015-03"): 1, Partition("king-wa", "2015-04"): 0}


def test_a_row_of_another_partition_is_refused():
    with pytest.raises(PermanentError, match=r"king-wa\|2015-03, which is not a partition of this run"):
        partition_counts(conform(frame(), SPEC), [Partition("king-wa", "2015-04")], "things")
