"""From what providers say to one row a property: which value is used, and why the others are not.

Per field the providers of its group's chain are believed in their order; the first usable value that is
confident enough wins, and where there is none the most confident one. Every answer stays in the facts, and
a field nobody was asked for stands there too, so that a null always has a reason.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.convert import to_mask
from realestate_assets.domain.counties.enrichment_plan import FIRST_GROUP
from realestate_assets.domain.counties.enrichment_rules import FIELD_NAMES, Rules
from realestate_assets.domain.enrichment.answers import Answers, Assessed, assess
from realestate_assets.domain.tables import (
    ENRICHMENT_FACTS,
    ENRICHMENT_FIELDS,
    ENRICHMENT_GROUPS,
    ENRICHMENTS,
)

NO_PROVIDER = "none"
# What a provider hands over: the facts table without what is decided here.
FACT_SCHEMA = pa.schema(
    [f for f in ENRICHMENT_FACTS.arrow_schema if f.name not in ("county", "is_used", "is_later_vintage")]
)


@dataclass(frozen=True)
class Resolved:
    """The two tables of enrichment, in their specs' columns."""

    enrichments: pa.Table
    facts: pa.Table


def resolve(
    properties: pa.Table, facts: pa.Table, rules: Rules, needless: np.ndarray | None = None
) -> Resolved:
    """Decide every field of every property of one county.

    Args:
        properties: county, month and property_id of each property.
        facts: what the providers answered, in FACT_SCHEMA.
        rules: whom the county believes.
        needless: properties x fields that nobody needs to be asked for; see `needless_fields`.

    Raises:
        PermanentError: a provider answered twice, for a property it was not asked for, or out of its chain.
    """
    facts = facts.combine_chunks()
    assessed = assess(properties, facts, rules, needless)
    answers = assessed.answers
    used = _best(assessed, np.asarray(pc.fill_null(facts["confidence"], 0.0), dtype=float))
    beaten = pc.if_else(
        pa.array(assessed.confident), pa.scalar("LOWER_PRIORITY"), pa.scalar("LOW_CONFIDENCE")
    )
    reason = pc.if_else(pa.array(used), pa.scalar(None, pa.string()), pc.coalesce(assessed.reason, beaten))
    resolved = facts.set_column(facts.column_names.index("reason_code"), "reason_code", reason)
    resolved = resolved.append_column("is_used", pa.array(used))
    resolved = resolved.append_column("is_later_vintage", pa.array(assessed.is_later))
    resolved = resolved.append_column("county", pc.take(properties["county"], pa.array(answers.row)))
    silent = _silent(properties, answers, needless)
    names = ENRICHMENT_FACTS.column_names
    return Resolved(
        _wide(properties, facts, answers, used, assessed.typed),
        pa.concat_tables([resolved.select(names), silent.select(names)]).cast(ENRICHMENT_FACTS.plain_schema),
    )


def needless_fields(properties: pa.Table) -> np.ndarray:
    """Properties x fields: True for the location of a property whose record has coordinates.

    A census tract alone is not worth a call, least of all a paid one.
    """
    located = to_mask(pc.and_(pc.is_valid(properties["latitude"]), pc.is_valid(properties["longitude"])))
    cells = np.zeros((properties.num_rows, len(FIELD_NAMES)), dtype=bool)
    for column in ENRICHMENT_GROUPS[FIRST_GROUP]:
        cells[:, FIELD_NAMES.index(column.name)] = located
    return cells


def _best(assessed: Assessed, confidence: np.ndarray) -> np.ndarray:
    """Mask of the facts that are used: of each property and field the usable one believed most.

    Confident ones go before the others, by their place in the chain; the others by confidence.
    """
    answers = assessed.answers
    chosen = np.flatnonzero(assessed.usable)
    slot = answers.row[chosen] * len(FIELD_NAMES) + answers.field[chosen]
    place, confident = answers.place[chosen], assessed.confident[chosen]
    order = np.lexsort((place, np.where(confident, 0.0, -confidence[chosen]), ~confident, slot))
    first = np.unique(slot[order], return_index=True)[1]
    used = np.zeros(len(confidence), dtype=bool)
    used[chosen[order[first]]] = True
    return used


def _silent(properties: pa.Table, answers: Answers, needless: np.ndarray | None) -> pa.Table:
    """A fact with provider `none` for every property and field nobody was asked for."""
    asked = np.zeros((answers.properties, len(FIELD_NAMES)), dtype=bool)
    asked[answers.row, answers.field] = True
    row, field = np.nonzero(~asked)
    count = len(row)
    spare = np.zeros(count, dtype=bool) if needless is None else needless[row, field]
    known = {name: pc.take(properties[name], pa.array(row)) for name in ("county", "month", "property_id")}
    known |= {
        "field": pc.take(pa.array(FIELD_NAMES), pa.array(field)),
        "provider": pa.repeat(NO_PROVIDER, count),
        "is_used": pa.repeat(False, count),
        "is_later_vintage": pa.repeat(False, count),
        "reason_code": pc.if_else(pa.array(spare), pa.scalar("NOT_NEEDED"), pa.scalar("NO_PROVIDER")),
        "cost_usd": pa.repeat(0.0, count),
        "simulated": pa.repeat(False, count),
    }
    schema = ENRICHMENT_FACTS.plain_schema
    return pa.table({f.name: known.get(f.name, pa.nulls(count, f.type)) for f in schema})


def _wide(
    properties: pa.Table, facts: pa.Table, answers: Answers, used: np.ndarray, typed: dict[int, pa.Array]
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
    return pa.table(columns).select(ENRICHMENTS.column_names).cast(ENRICHMENTS.plain_schema)
