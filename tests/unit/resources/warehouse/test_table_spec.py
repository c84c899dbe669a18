"""A spec holds together, and says the same in Arrow, in SQL and in SQLAlchemy."""

import pyarrow as pa
import pytest
import sqlalchemy as sa

from realestate_assets.domain.tables import TABLES
from realestate_assets.domain.tables.ops import OPS_TABLES
from resources.http.exchange import Outcome
from resources.ops_tables import PROVIDER_CALLS
from resources.warehouse.table_metadata import SQL_TYPES, metadata_of
from resources.warehouse.table_spec import TYPES, Column, Index, TableSpec
from resources.warehouse.table_sql import DIALECT

ALL = {**TABLES, **OPS_TABLES}
COUNTY, MONTH = Column("county", "text", "C.", nullable=False), Column("month", "text", "M.", nullable=False)
SPEC = TableSpec(
    "raw",
    "things",
    "What is kept.",
    ("month", "county"),
    (
        COUNTY,
        MONTH,
        Column("cents", "integer", "Cents.", nullable=False, default="0"),
        Column("usd", "float", "Dollars.", generated="cents / 100.0::float8"),
    ),
    grain="One row a thing.",
    indexes=(Index("cents", ("cents",), where="cents > 0"),),
)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"columns": (MONTH, COUNTY)}, "first columns must be county and month"),
        ({"columns": (COUNTY, MONTH, MONTH)}, "named twice"),
        ({"key": ("county", "rooms")}, r"key columns \['rooms'\] are not columns"),
        ({"key": ("usd",)}, r"key columns \['usd'\] may be null"),
        ({"indexes": (Index("a", ("rooms",)),)}, r"index a columns \['rooms'\] are not columns"),
    ],
)
def test_a_spec_that_contradicts_itself_is_refused(change, complaint):
    given = {name: getattr(SPEC, name) for name in ("schema", "name", "description", "key", "columns")}
    with pytest.raises(ValueError, match=complaint):
        TableSpec(**given | change)


def test_a_ledger_need_not_begin_with_a_partition():
    ledger = TableSpec("ops", "ledger", "Calls.", (), (MONTH,), is_partitioned=False)
    assert ledger.column_names == ["month"]


def test_a_writer_gives_all_but_the_generated_columns():
    assert SPEC.arrow_schema.names == ["county", "month", "cents"]
    assert not SPEC.arrow_schema.field("cents").nullable
    assert SPEC.plain_schema.field("cents").nullable
    assert SPEC.empty().schema == pa.schema(
        [("county", pa.string()), ("month", pa.string()), ("cents", pa.int64())]
    )
    assert SPEC.record() == "county text, month text, cents bigint"
    assert SPEC.record(("cents", "month")) == "cents bigint, month text"
    with pytest.raises(KeyError):
        SPEC.record(("usd",))


def test_every_kind_is_the_same_type_in_sqlalchemy():
    rendered = {kind: found.compile(dialect=DIALECT).lower() for kind, found in SQL_TYPES.items()}
    assert rendered == {kind: sql_type for kind, (_, sql_type) in TYPES.items()}


def test_the_sqlalchemy_table_says_all_that_the_spec_does():
    table = metadata_of([SPEC]).tables["raw.things"]
    assert [column.name for column in table.columns] == SPEC.column_names
    assert [column.name for column in table.primary_key] == ["month", "county"]
    assert [column.nullable for column in table.columns] == [False, False, False, True]
    assert table.comment == "One row a thing. What is kept."
    assert table.c.cents.comment == "Cents."
    assert str(table.c.cents.server_default.arg) == "0"
    assert isinstance(table.c.usd.computed, sa.Computed)
    (index,) = table.indexes
    assert index.name == "things_cents"
    assert str(index.dialect_options["postgresql"]["where"]) == "cents > 0"


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_table_of_the_platform_says_what_a_row_is_what_it_is_for_and_what_its_columns_mean(name):
    spec = ALL[name]
    for sentence in (spec.grain, spec.description, *(column.description for column in spec.columns)):
        assert sentence[:1] and sentence.endswith("."), sentence
    assert spec.is_partitioned == (spec.schema == "raw")


def test_the_platforms_tables_make_one_set_of_sqlalchemy_tables():
    tables = metadata_of(ALL.values()).tables
    assert set(tables) == {f"{spec.schema}.{spec.name}" for spec in ALL.values()}


def test_names_and_addresses_of_people_are_marked():
    personal = {c.name for spec in ALL.values() for c in spec.columns if c.is_personal}
    named = {
        c.name for spec in ALL.values() for c in spec.columns if c.name.startswith(("owner_n", "owner_m"))
    }
    assert named - {"owner_mailing_state"} <= personal
    assert {"seller_name", "buyer_name", "raw_record", "value", "body"} <= personal
    assert not SPEC.holds_personal_data
    assert ALL["properties"].holds_personal_data


def test_the_ledger_knows_every_outcome_of_a_call():
    outcome = next(column for column in PROVIDER_CALLS.columns if column.name == "outcome")
    assert set(outcome.allowed) == {"CACHED", *Outcome}
