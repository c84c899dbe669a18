"""Partitions as a bound parameter of SQL."""

import json
from collections.abc import Sequence

IN_PARTITIONS = "(county, month) in (select p ->> 0, p ->> 1 from jsonb_array_elements($1::jsonb) as p)"


def partitions_json(partitions: Sequence[tuple[str, str]]) -> str:
    """Partitions as the JSON text that IN_PARTITIONS binds."""
    return json.dumps([list(partition) for partition in partitions])
