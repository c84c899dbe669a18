"""`ops.heartbeats`: whether each service answered, every few minutes, kept for some weeks."""

import json
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from resources.errors import RealEstateError
from resources.ops_tables import HEARTBEATS
from resources.scrub import scrub
from resources.warehouse.warehouse import Warehouse

MAX_DETAIL = 500
# Who runs the services; assets declare other owners.
OWNERS = ("team:operations",)
_BEAT = HEARTBEATS.record(("component", "is_up", "latency_ms", "detail"))
INSERT_SQL = f"""
insert into ops.heartbeats (checked_at, component, is_up, latency_ms, detail)
select now(), component, is_up, latency_ms, detail
from jsonb_to_recordset($1::jsonb) as beat({_BEAT})
"""  # noqa: S608 - a constant of the spec
# Down now, and down the time before: one missed beat is a hiccup. Beats of before the clock was set back lie
# in the future, and would be taken for the newest until it is there again.
DOWN_SQL = """
with ranked as (
    select component, is_up, detail,
           row_number() over (partition by component order by checked_at desc) as age
    from ops.heartbeats where checked_at between now() - interval '1 day' and now()
)
select component, max(detail) filter (where age = 1) as detail
from ranked where age <= 2
group by component having count(*) = 2 and not bool_or(is_up)
order by component
"""


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


def record_beats(warehouse: Warehouse, beats: Sequence[Beat]) -> dict[str, str]:
    """Keep the beats; components that were down twice in a row, with what failed."""
    warehouse.ensure_tables([HEARTBEATS])
    warehouse.execute(INSERT_SQL, (json.dumps([asdict(beat) for beat in beats]),))
    return {row["component"]: row["detail"] for row in warehouse.read(DOWN_SQL).to_pylist()}


def take_beats(probes: Mapping[str, Callable[[], str]], patience_seconds: float) -> list[Beat]:
    """Try services at once, each in a thread of its own; what has not answered in time has not answered.

    Args:
        probes: by component; one says what it saw, or raises.
        patience_seconds: for all together, from now.
    """
    beats: queue.SimpleQueue[Beat] = queue.SimpleQueue()
    for name, probe in probes.items():
        # A daemon: one that hangs for ever must not keep the process from ending.
        threading.Thread(target=_beat, args=(name, probe, beats), name=f"probe-{name}", daemon=True).start()
    found: dict[str, Beat] = {}
    deadline = time.monotonic() + patience_seconds
    while len(found) < len(probes):
        try:
            beat = beats.get(timeout=max(deadline - time.monotonic(), 0))
        except queue.Empty:
            break
        found[beat.component] = beat
    late = f"no answer in {patience_seconds:g} s"
    return [found.get(name) or Beat(name, False, None, late) for name in probes]


def _beat(name: str, probe: Callable[[], str], beats: "queue.SimpleQueue[Beat]") -> None:
    started = time.monotonic()
    try:
        seen = probe()
    except RealEstateError as error:
        beats.put(Beat(name, False, None, scrub(str(error))[:MAX_DETAIL]))
    except Exception as error:
        # Whatever a driver raises.
        beats.put(Beat(name, False, None, scrub(f"{type(error).__name__}: {error}")[:MAX_DETAIL]))
    else:
        beats.put(Beat(name, True, (time.monotonic() - started) * 1000, scrub(seen)[:MAX_DETAIL]))
