"""Owners of record in the warehouse: the columns and answers that may hold their names."""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from realestate_assets.domain.tables import ENRICHMENT_FACTS, ENRICHMENTS, PROPERTIES, PROPERTY_REJECTS
from realestate_assets.operations.persons.report import EMPTIED, REMOVED, Line
from realestate_assets.operations.persons.wanted import Wanted
from resources.ops_tables import PROVIDER_RESPONSES
from resources.warehouse.table_spec import TableSpec

OWNER, MAILING = "owner_name", "owner_mailing_address"
BATCH = 500
ASKED_AGAIN = (
    "a provider that is asked again may send the name again: its answer is kept for its cache_ttl_days, and "
    "the name taken out before it reaches a table"
)


@dataclass(frozen=True)
class NameColumn:
    """A column of names, and what goes with a name."""

    spec: TableSpec
    name: str
    along: tuple[str, ...] = ()


COLUMNS = (
    NameColumn(PROPERTIES, OWNER, (MAILING,)),
    NameColumn(PROPERTIES, "seller_name"),
    NameColumn(PROPERTIES, "buyer_name"),
    NameColumn(ENRICHMENTS, OWNER, (MAILING,)),
)


@lru_cache
def _table(spec: TableSpec) -> sa.TableClause:
    # One object a table: another one would be another table beside it, joined to every row.
    return sa.table(spec.name, *(sa.column(name) for name in spec.column_names), schema=spec.schema)


def _is_there(connection: sa.Connection, spec: TableSpec) -> bool:
    query = sa.text("select to_regclass(:name) is not null")
    return bool(connection.execute(query, {"name": f"{spec.schema}.{spec.name}"}).scalar())


def _named(connection: sa.Connection, spec: TableSpec, column: str, who: Wanted) -> sa.ColumnElement[bool]:
    """Rows whose column names somebody who is looked for."""
    table = _table(spec)
    distinct = sa.select(table.c[column]).distinct().where(table.c[column].is_not(None))
    if who.counties:
        distinct = distinct.where(table.c.county.in_(who.counties))
    lines = [line for line in connection.scalars(distinct) if who.names(line)]
    condition = table.c[column].in_(lines)
    return sa.and_(condition, table.c.county.in_(who.counties)) if who.counties else condition


def homes_of(connection: sa.Connection, who: Wanted) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rows that name somebody, for an export: table and row."""
    for each in COLUMNS:
        if not _is_there(connection, each.spec):
            continue
        table = _table(each.spec)
        known = ("county", "month", "property_id", "street", "unit", "city", "zip", "source", "sale_date")
        shown = [table.c[name] for name in (*known, each.name, *each.along) if name in table.c]
        query = sa.select(*shown).where(_named(connection, each.spec, each.name, who))
        for row in connection.execute(query.order_by(*shown[:3])).mappings():
            yield f"raw.{each.spec.name}.{each.name}", dict(row)


def columns(connection: sa.Connection, who: Wanted, *, is_done: bool) -> Iterator[Line]:
    """Names in columns, and mailing addresses with them: counted, and emptied."""
    for each in COLUMNS:
        if not _is_there(connection, each.spec):
            continue
        table, named = _table(each.spec), _named(connection, each.spec, each.name, who)
        count = connection.scalar(sa.select(sa.func.count()).select_from(table).where(named)) or 0
        if is_done and count:
            empty: dict[str, Any] = dict.fromkeys((each.name, *each.along))
            if each.spec is ENRICHMENTS:
                filled = sum(
                    (sa.case((table.c[name].is_not(None), 1), else_=0) for name in empty), sa.literal(0)
                )
                empty["filled_count"] = table.c.filled_count - filled
            connection.execute(sa.update(table).where(named).values(empty))
        yield Line(f"raw.{each.spec.name}.{each.name}", EMPTIED, count)
    yield from _facts(connection, who, is_done=is_done)


def _facts(connection: sa.Connection, who: Wanted, *, is_done: bool) -> Iterator[Line]:
    if not _is_there(connection, ENRICHMENT_FACTS):
        return
    table = _table(ENRICHMENT_FACTS)
    is_owner = table.c.field == OWNER
    named = sa.and_(is_owner, _named(connection, ENRICHMENT_FACTS, "value", who))
    homes = sa.select(table.c.county, table.c.month, table.c.property_id).where(named)
    theirs = sa.and_(
        table.c.field.in_((OWNER, MAILING)),
        table.c.value.is_not(None),
        sa.tuple_(table.c.county, table.c.month, table.c.property_id).in_(homes),
    )
    count = connection.scalar(sa.select(sa.func.count()).select_from(table).where(theirs)) or 0
    if is_done and count:
        hidden = {"value": None, "is_used": False, "reason_code": "NOT_APPLICABLE"}
        connection.execute(sa.update(table).where(theirs).values(hidden))
    yield Line("raw.enrichment_facts", EMPTIED, count)


def rejects(connection: sa.Connection, who: Wanted, *, is_done: bool) -> Line:
    """Refused rows as received: each value that names somebody."""
    count = 0
    if _is_there(connection, PROPERTY_REJECTS):
        table = _table(PROPERTY_REJECTS)
        key = [table.c[name] for name in PROPERTY_REJECTS.key]
        query = sa.select(*key, table.c.raw_record.cast(sa.Text).label("record"))
        if who.counties:
            query = query.where(table.c.county.in_(who.counties))
        found = []
        for row in connection.execute(query.where(_all_words(table.c.raw_record, who))).mappings():
            record = json.loads(row["record"])
            kept = {name: None if _says(who, value) else value for name, value in record.items()}
            if kept != record:
                found.append({**{f"_{name}": row[name] for name in PROPERTY_REJECTS.key},
                              "record": json.dumps(kept, ensure_ascii=False)})  # fmt: skip
        count = len(found)
        if is_done and found:
            same = sa.and_(*(table.c[name] == sa.bindparam(f"_{name}") for name in PROPERTY_REJECTS.key))
            changed = (
                sa.update(table)
                .where(same)
                .values(raw_record=sa.cast(sa.bindparam("record", type_=sa.Text), sa.Text))
            )
            connection.execute(changed, found)
    return Line("raw.property_rejects.raw_record", EMPTIED, count)


def _says(who: Wanted, value: object) -> bool:
    return isinstance(value, str) and (who.names(value) or who.stands_in(value))


def _all_words(column: sa.ColumnClause[Any], who: Wanted) -> sa.ColumnElement[bool]:
    """A first look by the database: all words of a name stand somewhere. Accents are left to the second."""
    text = sa.func.upper(column.cast(sa.Text))
    return sa.or_(
        *(sa.and_(*(text.contains(word, autoescape=True) for word in form.split())) for form in who.forms)
    )


def answers(connection: sa.Connection, who: Wanted, *, is_done: bool) -> Line:
    """Kept answers of providers that name somebody: whole, as each is one request's."""
    count = 0
    if _is_there(connection, PROVIDER_RESPONSES):
        table = _table(PROVIDER_RESPONSES)
        after, found = "", []
        while True:
            query = sa.select(table.c.request_key, table.c.body).where(table.c.request_key > after)
            rows = connection.execute(query.order_by(table.c.request_key).limit(BATCH)).all()
            if not rows:
                break
            after = rows[-1].request_key
            for row in rows:
                if who.stands_in(zlib.decompress(bytes(row.body)).decode(errors="replace")):
                    found.append(row.request_key)
        count = len(found)
        if is_done and found:
            connection.execute(sa.delete(table).where(table.c.request_key.in_(found)))
    return Line("ops.provider_responses", REMOVED, count, ASKED_AGAIN if count else "")
