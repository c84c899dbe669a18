"""From records of a provider to facts: each property's record, its dates, its confidence, its part of a call.

For providers whose reply is a record of a property with many fields, each group of them of a time of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.convert import clean, to_date
from realestate_assets.providers.base import EnrichmentRequest, field_facts, no_facts
from realestate_assets.providers.calls import Calls
from realestate_assets.providers.late_sales import too_late


@dataclass(frozen=True)
class Matches:
    """Which record is whose.

    Args:
        record: row of the record of each property; -1 where there is none.
        reason: why there is none, by property.
        confidence: that the record is the property's, by property.
        field_reasons: by field, why this one is not to be had from a record, by property.
    """

    record: np.ndarray
    reason: pa.Array
    confidence: np.ndarray
    field_reasons: Mapping[str, pa.Array] = field(default_factory=dict)


def record_facts(
    request: EnrichmentRequest,
    fields: tuple[str, ...],
    provider: str,
    records: pa.Table,
    vintages: Mapping[str, pa.Array],
    matches: Matches,
    calls: Calls,
) -> pa.Table:
    """Facts of the fields for all properties of a request.

    Args:
        request: what was asked.
        fields: the fields wanted.
        provider: its name.
        records: texts, one row a record; columns are fields, and more than are wanted.
        vintages: last day a record's field describes; where it is unknown, the day of retrieval.
        matches: which record is whose.
        calls: which call answered for which property.
    """
    at = pa.array(matches.record, mask=matches.record < 0)
    values = {name: pc.take(records[name].combine_chunks(), at) for name in records.column_names}
    late = too_late(values, request.properties["month"])
    origin = calls.origin(provider, pa.array(matches.confidence))
    costs = calls.costs(len(fields))
    nothing = pa.nulls(request.size, pa.string())
    parts = [no_facts()]
    for place, name in enumerate(fields):
        withheld = matches.field_reasons.get(name, nothing)
        value = pc.if_else(pc.is_valid(withheld), pa.scalar(None, pa.string()), values[name])
        reason = pc.coalesce(matches.reason, withheld, late.get(name, nothing))
        # A field the record lacks says so, whatever its sale's date.
        reason = pc.if_else(
            pc.and_(pc.is_null(value), pc.is_null(pc.coalesce(matches.reason, withheld))), nothing, reason
        )
        described = pc.take(vintages[name], at) if name in vintages else pa.nulls(request.size, pa.date32())
        own = replace(
            origin, vintage=pc.coalesce(described, origin.vintage), cost_usd=pa.array(costs[:, place])
        )
        parts.append(field_facts(request, name, value, reason, own))
    return pa.concat_tables(parts)


def days(text: pa.Array | pa.ChunkedArray) -> pa.Array:
    """ISO dates, with or without a time of day; what is none is null."""
    return to_date(clean(text))[0]


def year_ends(text: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The last day of years such as `2022`, `2022.0` and `2021-2022`; null where there is no year."""
    year = pc.struct_field(
        pc.extract_regex(clean(text), r"(?P<year>(?:1[6-9]|2[01])\d{2})(?:\.0*)?$"), "year"
    )
    return days(pc.binary_join_element_wise(year, "12", "31", "-"))


def nonzero(text: pa.Array) -> pa.Array:
    """Texts without those that are zero, where zero is how a source says that it does not know."""
    return pc.if_else(pc.match_substring_regex(text, r"^-?0*(\.0*)?$"), pa.scalar(None, pa.string()), text)


def joined(parts: Sequence[pa.Array], separator: str) -> pa.Array:
    """The parts that are there, one after the other; null where none is.

    `pc.binary_join_element_wise(null_handling="skip")` loses rows where all parts are null (pyarrow 26).
    """
    text = parts[0]
    for part in parts[1:]:
        both = pc.binary_join_element_wise(text, part, separator)
        text = pc.coalesce(both, text, part)
    return text
