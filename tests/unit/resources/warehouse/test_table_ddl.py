"""What is missing in a database is computed from specs and catalogue."""

import dataclasses

import pytest

from resources.errors import PermanentError
from resources.warehouse.table_ddl import SCHEMAS, Catalog, statements
from resources.warehouse.table_spec import Column, Index, TableSpec

PARTITION = (Column("county", "text", "C.", nullable=False), Column("month", "text", "M.", nullable=False))
NOTHING = Catalog.from_rows([])


def spec(*columns: Column, key: tuple[str, ...] = ("county", "month"), **rest: object) -> TableSpec:
    return TableSpec("raw", "things", "The owner's things.", key, (*PARTITION, *columns), **rest)


def catalog(of: TableSpec, **changes: dict) -> Catalog:
    rows = [
        {
            "schema": of.schema,
            "name": of.name,
            "is_sequence": False,
            "table_comment": of.comment,
            "column": column.name,
            "type": column.sql_type,
            "required": not column.nullable,
            "is_generated": column.generated is not None,
            "has_default": column.default is not None,
            "comment": column.description,
            "key": ",".join(of.key) or None,
            "indexes": ",".join(f"{of.name}_{index.suffix}" for index in of.indexes) or None,
        }
        | changes.get(column.name, {})
        for column in of.columns
    ]
    rows += [{"schema": of.schema, "name": name, "is_sequence": True} for name in of.sequences]
    rows += [{"schema": schema, "name": None, "is_sequence": None} for schema in SCHEMAS]
    return Catalog.from_rows(rows)


def missing(wanted: TableSpec, there: Catalog) -> list[str]:
    """The statements in lower case, each on one line."""
    return [" ".join(statement.lower().split()) for statement in statements([wanted], there)]


def test_an_empty_database_gets_schemas_table_key_and_comments():
    made = missing(spec(Column("rooms", "integer", "It's 5 % a year.")), NOTHING)
    assert made[: len(SCHEMAS)] == [f"create schema if not exists {name}" for name in SCHEMAS]
    assert made[len(SCHEMAS) :] == [
        "create table if not exists raw.things ( county text not null, month text not null, rooms bigint, "
        "primary key (county, month) )",
        "comment on table raw.things is 'the owner''s things.'",
        "comment on column raw.things.county is 'c.'",
        "comment on column raw.things.month is 'm.'",
        "comment on column raw.things.rooms is 'it''s 5 % a year.'",
    ]


def test_a_ledger_gets_its_sequence_defaults_generated_columns_and_indexes():
    ledger = TableSpec(
        "ops",
        "ledger",
        "Calls.",
        (),
        (
            Column("cents", "integer", "Cents.", nullable=False),
            Column("usd", "float", "Dollars.", generated="cents / 100.0::float8"),
            Column("notes", "jsonb", "Notes.", nullable=False, default="'[]'::jsonb"),
        ),
        is_partitioned=False,
        indexes=(
            Index("newest", ("usd", "cents"), descending=("cents",), where="notes <> '[]'::jsonb"),
            Index("cents", ("cents",), is_unique=True),
        ),
        sequences=("numbers",),
    )
    made = missing(ledger, NOTHING)[len(SCHEMAS) :]
    assert made[:2] == [
        "create sequence if not exists ops.numbers",
        "create table if not exists ops.ledger ( cents bigint not null, usd double precision generated "
        "always as (cents / 100.0::float8) stored, notes jsonb default '[]'::jsonb not null )",
    ]
    assert sorted(s for s in made if " index " in s) == [
        "create index if not exists ledger_newest on ops.ledger (usd, cents desc) where notes <> '[]'::jsonb",
        "create unique index if not exists ledger_cents on ops.ledger (cents)",
    ]
    assert missing(ledger, catalog(ledger)) == []


def test_nothing_is_done_where_all_is_there():
    assert missing(spec(), catalog(spec())) == []


def test_a_new_column_is_added_with_its_comment():
    made = missing(spec(Column("rooms", "integer", "Rooms.", default="0")), catalog(spec()))
    assert made == [
        "alter table raw.things add column if not exists rooms bigint default 0",
        "comment on column raw.things.rooms is 'rooms.'",
    ]


def test_an_index_and_a_sequence_that_are_missing_are_made_alone():
    grown = spec(indexes=(Index("month", ("month",)),), sequences=("numbers",))
    assert missing(grown, catalog(spec())) == [
        "create sequence if not exists raw.numbers",
        "create index if not exists things_month on raw.things (month)",
    ]


def test_a_default_comes_and_goes():
    plain, filled = spec(Column("n", "integer", "N.")), spec(Column("n", "integer", "N.", default="7"))
    assert missing(filled, catalog(plain)) == ["alter table raw.things alter column n set default 7"]
    assert missing(plain, catalog(filled)) == ["alter table raw.things alter column n drop default"]


def test_a_changed_type_is_refused_with_both_types():
    was = spec(Column("rooms", "text", "Rooms."))
    with pytest.raises(PermanentError, match=r"rooms.*is text, the spec says bigint.*drop table raw\.things"):
        missing(spec(Column("rooms", "integer", "Rooms.")), catalog(was))


def test_a_column_that_is_given_is_not_made_a_generated_one():
    was = spec(Column("usd", "float", "Dollars."))
    with pytest.raises(PermanentError, match=r"usd.*is given by its writer, the spec says generated"):
        missing(spec(Column("usd", "float", "Dollars.", generated="1.0")), catalog(was))


def test_a_changed_key_is_refused():
    rooms = Column("rooms", "integer", "Rooms.", nullable=False)
    with pytest.raises(PermanentError, match=r"key \(county,month\), the spec says \(county, month, rooms\)"):
        missing(spec(rooms, key=("county", "month", "rooms")), catalog(spec(rooms)))


def test_a_changed_meaning_changes_the_comment_alone():
    made = missing(spec(), catalog(spec(), county={"comment": "old"}))
    assert made == ["comment on column raw.things.county is 'c.'"]


def test_not_null_comes_and_goes_with_the_spec():
    may, must = Column("n", "integer", "N."), Column("n", "integer", "N.", nullable=False)
    alter = "alter table raw.things alter column n"
    assert missing(spec(may), catalog(spec(must))) == [f"{alter} drop not null"]
    assert missing(spec(must), catalog(spec(may))) == [f"{alter} set not null"]


def test_a_column_that_left_the_spec_no_longer_has_to_be_filled():
    was = spec(Column("rooms", "integer", "Rooms.", nullable=False))
    assert missing(spec(), catalog(was)) == ['alter table raw.things alter column "rooms" drop not null']


@pytest.mark.parametrize("name", ["things; drop", "Things", 'a"b'])
def test_names_that_are_no_identifiers_make_no_statement(name):
    for odd in (
        dataclasses.replace(spec(), name=name),
        dataclasses.replace(spec(), schema=name),
        spec(Column(name, "text", "Odd.")),
        spec(indexes=(Index(name, ("month",)),)),
        spec(sequences=(name,)),
    ):
        with pytest.raises(PermanentError, match="identifier"):
            missing(odd, NOTHING)
