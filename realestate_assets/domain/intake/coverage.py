"""Mapped columns that come out empty although the source says something: what a map loses without a word."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.convert import to_mask
from realestate_assets.domain.counties.column_map import ColumnMap
from realestate_assets.domain.intake.origins import origin_text

# Share of the rows with text that must come out as a value.
LEAST_SHARE = 0.01
# Words that never are a code: a database or a program wrote them for nothing.
CERTAIN_NULLS = ("null", "nan", "nat", "<na>")
EXAMPLES = 3


def lost_columns(
    raw: pa.Table, table: pa.Table, rules: Mapping[str, ColumnMap], kept: np.ndarray
) -> list[str]:
    """A sentence for each mapped column that is null in over 99 % of the accepted rows that hold text for it.

    Args:
        raw: raw rows of one source.
        table: the canonical columns made of them.
        rules: the source's column map.
        kept: mask of the rows that are accepted; what is refused has its reason there.
    """
    found = []
    for name, rule in rules.items():
        nulls = np.asarray(pc.is_null(table[name])).astype(bool)
        # Values in more than a hundredth of all rows are more than that of those with text.
        if rule.constant is not None or (kept & ~nulls).sum() > LEAST_SHARE * kept.sum():
            continue
        text = _received(raw, rule, name)
        said = to_mask(pc.is_valid(text)) & kept
        lost = said & nulls
        if lost.sum() > (1 - LEAST_SHARE) * said.sum():
            found.append(_sentence(name, rule, int(lost.sum()), int(said.sum()), text.filter(pa.array(lost))))
    return found


def unlocated(rules: Mapping[str, ColumnMap], table: pa.Table) -> list[str]:
    """What to say of a source that places no home: without a place nothing is valued.

    Args:
        rules: the source's column map.
        table: the canonical columns made by it; a street line may have given the ZIP.
    """
    if rules.keys() & {"zip", "latitude", "place_code"} or table["zip"].null_count < table.num_rows:
        return []
    return [
        "neither zip nor coordinates are mapped, nor place_code: a home without a place is not valued. Map "
        "one, or let the addresses be located, as by ENABLED_APIS=census_geocoder"
    ]


def _received(raw: pa.Table, rule: ColumnMap, name: str) -> pa.Array:
    """What the source says for a column; nothing is what the map itself calls so."""
    nothing = (*CERTAIN_NULLS, *rule.null_values)
    bare = rule.model_copy(update={"usual_nulls": False, "null_values": nothing, "pad": None, "codes": {}})
    return origin_text(raw, bare, name)


def _sentence(name: str, rule: ColumnMap, lost: int, said: int, text: pa.Array) -> str:
    examples = ", ".join(f"'{value}'" for value in pc.unique(text).slice(0, EXAMPLES).to_pylist())
    columns = " or ".join(dict.fromkeys(rule.value_columns))
    return (
        f"{name} comes out empty in {lost:,} of the {said:,} rows where {columns} holds text, such as "
        f"{examples}: name such texts in `codes`, or in `null_values` where they mean nothing."
    )
