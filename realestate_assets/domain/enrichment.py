"""From what providers say to one row a property: which value is used, and why the others are not.

Per field the providers of its group's chain are believed in their order; the first usable value wins. Every
answer stays in the facts, and a field nobody was asked for stands there too, so that a null always has a
reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.convert import CONVERTERS, clean, to_mask
from realestate_assets.domain.tables import (
    ENRICHMENT_FACTS,
    ENRICHMENT_FIELDS,
    ENRICHMENT_GROUPS,
    ENRICHMENTS,
)
from realestate_assets.errors import PermanentError
from resources.table_spec import Column

FIELD_NAMES = tuple(column.name for column in ENRICHMENT_FIELDS)
NO_PROVIDER = "none"
# What a provider hands over: the facts table without what is decided here.
FACT_SCHEMA = pa.schema(
    [f for f in ENRICHMENT_FACTS.arrow_schema if f.name not in ("county", "is_used", "is_later_vintage")]
)

Chains = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Resolved:
    """The two tables of enrichment, in their specs' columns."""

    enrichments: pa.Table
    facts: pa.Table


def chain_fields(chains: Chains, provider: str) -> tuple[str, ...]:
    """The fields a provider may be asked for: those of the groups whose chain names it."""
    groups = [group for group in ENRICHMENT_GROUPS if provider in chains.get(group, ())]
    return tuple(column.name for group in groups for column in ENRICHMENT_GROUPS[group])


def resolve(properties: pa.Table, facts: pa.Table, chains: Chains) -> Resolved:
    """Decide every field of every property of one county.

    Args:
        properties: county, month and property_id of each property.
        facts: what the providers answered, in FACT_SCHEMA.
        chains: group of fields -> provider names in the order they are believed.

    Raises:
        PermanentError: a provider answered twice, for a property it was not asked for, or out of its chain.
    """
    facts = facts.combine_chunks()
    answers = _Answers.of(properties, facts, chains)
    typed, unreadable = _typed(facts, answers.field)
    reason = _reasons(facts, unreadable, answers.first_day(properties))
    used = _first_usable(answers, to_mask(pc.is_null(reason)))
    reason = pc.if_else(pa.array(used | to_mask(pc.is_valid(reason))), reason, pa.scalar("LOWER_PRIORITY"))
    told = facts.set_column(facts.column_names.index("reason_code"), "reason_code", reason)
    told = told.append_column("is_used", pa.array(used))
    told = told.append_column("is_later_vintage", pa.repeat(False, facts.num_rows))
    told = told.append_column("county", pc.take(properties["county"], pa.array(answers.row)))
    silent = _silent(properties, answers)
    names = ENRICHMENT_FACTS.column_names
    return Resolved(
        _wide(properties, facts, answers, used, typed),
        pa.concat_tables([told.select(names), silent.select(names)]).cast(
            _plain(ENRICHMENT_FACTS.arrow_schema)
        ),
    )


@dataclass(frozen=True)
class _Answers:
    """Where each fact belongs: row of the property, index of the field, place in the chain."""

    row: np.ndarray
    field: np.ndarray
    place: np.ndarray
    properties: int

    @classmethod
    def of(cls, properties: pa.Table, facts: pa.Table, chains: Chains) -> "_Answers":
        keys = pc.binary_join_element_wise(properties["month"], properties["property_id"], "|")
        asked = pc.binary_join_element_wise(facts["month"], facts["property_id"], "|")
        row = _positions(asked, keys.combine_chunks())
        field = _positions(facts["field"], pa.array(FIELD_NAMES))
        providers = pc.unique(facts["provider"]).to_pylist()
        place = _places(chains, providers)[
            field, _positions(facts["provider"], pa.array(providers, pa.string()))
        ]
        if (outside := (row < 0) | (field < 0) | (place < 0)).any():
            raise _wrong_answer(facts, outside, "answered for what it was not asked")
        slot = (row * len(FIELD_NAMES) + field) * (len(providers) + 1) + place
        repeated = np.ones(len(slot), dtype=bool)
        repeated[np.unique(slot, return_index=True)[1]] = False
        if repeated.any():
            raise _wrong_answer(facts, repeated, "answered twice for one property and field")
        return cls(row, field, place, properties.num_rows)

    def first_day(self, properties: pa.Table) -> pa.Array:
        """First day of each fact's month."""
        days = pc.strptime(pc.binary_join_element_wise(properties["month"], "01", "-"), "%Y-%m-%d", "s")
        return pc.take(days.cast(pa.date32()), pa.array(self.row))


def _positions(values: pa.ChunkedArray, known: pa.Array) -> np.ndarray:
    """Position of each value among the known ones; -1 where it is not there."""
    found = pc.fill_null(pc.index_in(values, value_set=known), -1)
    return np.asarray(found).astype("int64")


def _places(chains: Chains, providers: list[str]) -> np.ndarray:
    """Place of each provider in the chain of each field; -1 where the chain does not name it."""
    places = np.full((len(FIELD_NAMES), len(providers)), -1)
    for group, columns in ENRICHMENT_GROUPS.items():
        chain = list(chains.get(group, ()))
        row = [chain.index(name) if name in chain else -1 for name in providers]
        for column in columns:
            places[FIELD_NAMES.index(column.name)] = row
    return places


def _wrong_answer(facts: pa.Table, mask: np.ndarray, what: str) -> PermanentError:
    first = facts.slice(int(np.flatnonzero(mask)[0]), 1).to_pylist()[0]
    return PermanentError(
        f"the provider {what} ({mask.sum():,} times, first for property {first['property_id']}).",
        source=first["provider"],
        field=first["field"],
    )


def _typed(facts: pa.Table, field: np.ndarray) -> tuple[dict[int, pa.Array], np.ndarray]:
    """Values of each field in its own type, by field index, and the facts whose text is no such value."""
    typed: dict[int, pa.Array] = {}
    unreadable = np.zeros(facts.num_rows, dtype=bool)
    for index in np.unique(field):
        rows = np.flatnonzero(field == index)
        values = _values(pc.take(facts["value"], pa.array(rows)), ENRICHMENT_FIELDS[index])
        unreadable[rows] = to_mask(pc.is_null(values))
        typed[int(index)] = values
    return typed, unreadable


def _values(text: pa.ChunkedArray, column: Column) -> pa.Array:
    """Typed values; null where the text is missing, unreadable or outside the column's range."""
    plain = clean(text)
    if column.kind not in CONVERTERS:
        return plain
    values = CONVERTERS[column.kind][0](plain)[0].cast(column.arrow_type)
    fits = pc.is_valid(values)
    if column.minimum is not None:
        fits = pc.and_(fits, pc.fill_null(pc.greater_equal(values, column.minimum), False))
    if column.maximum is not None:
        fits = pc.and_(fits, pc.fill_null(pc.less_equal(values, column.maximum), False))
    return pc.if_else(fits, values, pa.scalar(None, column.arrow_type))


def _reasons(facts: pa.Table, unreadable: np.ndarray, first_day: pa.ChunkedArray) -> pa.ChunkedArray:
    """The provider's own reason; else no readable value; else described too late to be known."""
    late = pc.fill_null(pc.greater(facts["vintage"], first_day), False)
    ours = pc.if_else(
        pa.array(unreadable),
        pa.scalar("NULL_IN_SOURCE"),
        pc.if_else(late, pa.scalar("VINTAGE_TOO_LATE"), pa.scalar(None, pa.string())),
    )
    return pc.coalesce(facts["reason_code"], ours)


def _first_usable(answers: _Answers, usable: np.ndarray) -> np.ndarray:
    """Mask of the facts that are used: of each property and field the usable one named first."""
    candidates = np.flatnonzero(usable)
    slot = answers.row[candidates] * len(FIELD_NAMES) + answers.field[candidates]
    order = np.lexsort((answers.place[candidates], slot))
    first = np.unique(slot[order], return_index=True)[1]
    used = np.zeros(len(usable), dtype=bool)
    used[candidates[order[first]]] = True
    return used


def _silent(properties: pa.Table, answers: _Answers) -> pa.Table:
    """A fact with provider `none` for every property and field nobody was asked for."""
    asked = np.zeros((answers.properties, len(FIELD_NAMES)), dtype=bool)
    asked[answers.row, answers.field] = True
    row, field = np.nonzero(~asked)
    count = len(row)
    known = {name: pc.take(properties[name], pa.array(row)) for name in ("county", "month", "property_id")}
    known |= {
        "field": pc.take(pa.array(FIELD_NAMES), pa.array(field)),
        "provider": pa.repeat(NO_PROVIDER, count),
        "is_used": pa.repeat(False, count),
        "is_later_vintage": pa.repeat(False, count),
        "reason_code": pa.repeat("NO_PROVIDER", count),
        "cost_usd": pa.repeat(0.0, count),
        "simulated": pa.repeat(False, count),
    }
    schema = _plain(ENRICHMENT_FACTS.arrow_schema)
    return pa.table({f.name: known.get(f.name, pa.nulls(count, f.type)) for f in schema})


def _wide(
    properties: pa.Table, facts: pa.Table, answers: _Answers, used: np.ndarray, typed: dict[int, pa.Array]
) -> pa.Table:
    count = answers.properties
    columns = {name: properties[name] for name in ("county", "month", "property_id")}
    for index, column in enumerate(ENRICHMENT_FIELDS):
        rows = np.flatnonzero(answers.field == index)
        position = np.full(count, -1)
        kept = used[rows]
        position[answers.row[rows[kept]]] = np.flatnonzero(kept)
        values = typed.get(index, pa.nulls(0, column.arrow_type))
        columns[column.name] = pc.take(values, pa.array(position, mask=position < 0))
    simulated = used & to_mask(facts["simulated"])
    columns["filled_count"] = pa.array(np.bincount(answers.row[used], minlength=count))
    columns["simulated_count"] = pa.array(np.bincount(answers.row[simulated], minlength=count))
    return pa.table(columns).select(ENRICHMENTS.column_names).cast(_plain(ENRICHMENTS.arrow_schema))


def _plain(schema: pa.Schema) -> pa.Schema:
    """The schema without NOT NULL, which a cast cannot add; the warehouse enforces it."""
    return pa.schema([pa.field(f.name, f.type) for f in schema])
