"""What is missing in a database is computed from specs and catalogue."""

import pytest

from resources.errors import PermanentError
from resources.warehouse.table_ddl import SCHEMAS, Found, statements
from resources.warehouse.table_spec import Column, TableSpec

PARTITION = (Column("county", "text", "C.", nullable=False), Column("month", "text", "M.", nullable=False))


def spec(*columns: Column, key: tuple[str, ...] = ("county", "month")) -> TableSpec:
    return TableSpec("raw", "things", "The owner's things.", key, (*PARTITION, *columns))


def found(of: TableSpec, **changes: dict) -> Found:
    rows = [
        {
            "schema": of.schema,
            "table": of.name,
            "table_comment": of.description,
            "column": column.name,
            "type": column.sql_type,
            "required": not column.nullable,
            "comment": column.description,
            "key": ",".join(of.key),
        }
        | changes.get(column.name, {})
        for column in of.columns
    ]
    rows += [{"schema": schema, "table": None, "column": None} for schema in SCHEMAS]
    return Found.from_rows(rows)


def test_an_empty_database_gets_schemas_table_key_and_comments():
    made = "\n".join(statements([spec(Column("rooms", "integer", "It's a count."))], Found.from_rows([])))
    assert "create schema if not exists marts" in made
    assert "primary key (county, month)" in made
    assert "county text not null" in made
    assert "rooms bigint,\n" in made
    assert "is 'It''s a count.'" in made


def test_nothing_is_done_where_all_is_there():
    assert statements([spec()], found(spec())) == []


def test_a_new_column_is_added_with_its_comment():
    grown = spec(Column("rooms", "integer", "Rooms."))
    made = statements([grown], found(spec()))
    assert made[0] == "alter table raw.things add column if not exists rooms bigint"
    assert made[1].startswith("comment on column raw.things.rooms")


def test_a_changed_type_is_refused_with_both_types():
    was = spec(Column("rooms", "text", "Rooms."))
    with pytest.raises(PermanentError, match=r"rooms.*is text, the spec says bigint.*drop table raw\.things"):
        statements([spec(Column("rooms", "integer", "Rooms."))], found(was))


def test_a_changed_key_is_refused():
    rooms = Column("rooms", "integer", "Rooms.", nullable=False)
    with pytest.raises(PermanentError, match=r"key \(county,month\), the spec says \(county, month, rooms\)"):
        statements([spec(rooms, key=("county", "month", "rooms"))], found(spec(rooms)))


def test_a_changed_meaning_changes_the_comment_alone():
    made = statements([spec()], found(spec(), county={"comment": "old"}))
    assert made == ["comment on column raw.things.county is 'C.'"]


def test_a_column_that_left_the_spec_no_longer_has_to_be_filled():
    was = spec(Column("rooms", "integer", "Rooms.", nullable=False))
    assert statements([spec()], found(was)) == ['alter table raw.things alter column "rooms" drop not null']
