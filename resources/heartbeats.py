"""`ops.heartbeats`: whether each service answered, every few minutes, kept for some weeks."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from resources.ops_tables import HEARTBEATS
from resources.warehouse.resource import WarehouseResource

KEPT_DAYS = 30
_BEAT = HEARTBEATS.record(("component", "is_up", "latency_ms", "detail"))
INSERT_SQL = f"""
insert into ops.heartbeats (checked_at, component, is_up, latency_ms, detail)
select now(), component, is_up, latency_ms, detail
from jsonb_to_recordset($1::jsonb) as beat({_BEAT})
"""  # noqa: S608 - a constant of the spec
# Down now, and down the time before: one missed beat is a hiccup.
DOWN_SQL = """
with ranked as (
    select component, is_up, detail,
           row_number() over (partition by component order by checked_at desc) as age
    from ops.heartbeats where checked_at > now() - interval '1 day'
)
select component, max(detail) filter (where age = 1) as detail
from ranked where age <= 2
group by component having count(*) = 2 and not bool_or(is_up)
order by component
"""
PRUNE_SQL = "delete from ops.heartbeats where checked_at < now() - make_interval(days => $1::integer)"


@dataclass(frozen=True)
class Beat:
    """Whether a service answered.

    Args:
        component: which.
        is_up: True where it did.
        latency_ms: how long that took; None without an answer.
        detail: what was seen, or what failed; holds no secret.
    """

    component: str
    is_up: bool
    latency_ms: float | None
    detail: str


def record_beats(warehouse: WarehouseResource, beats: Sequence[Beat]) -> dict[str, str]:
    """Keep the beats; components that were down twice in a row, with what failed."""
    warehouse.ensure_tables([HEARTBEATS])
    warehouse.execute(INSERT_SQL, (json.dumps([asdict(beat) for beat in beats]),))
    warehouse.execute(PRUNE_SQL, (KEPT_DAYS,))
    return {row["component"]: row["detail"] for row in warehouse.read(DOWN_SQL).to_pylist()}
