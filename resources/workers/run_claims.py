"""`ops.run_claims`: who works on which run, on the server's clock, which all machines share."""

from dataclasses import dataclass

from resources.ops_tables import RUN_CLAIMS
from resources.warehouse import connections as postgres
from resources.warehouse.warehouse import Warehouse

CLAIM_SQL = """
insert into ops.run_claims (run_id, worker, claimed_at, beat_at)
values ($1, $2, clock_timestamp(), clock_timestamp())
on conflict (run_id) do nothing returning run_id
"""
BEAT_SQL = "update ops.run_claims set beat_at = clock_timestamp() where run_id = $1 and ended_at is null"
END_SQL = "update ops.run_claims set ended_at = clock_timestamp() where run_id = $1"
# Nobody could beat while the server was away: its own start counts as a beat.
STATE_SQL = """
select worker, ended_at is not null as is_ended,
       extract(epoch from clock_timestamp() - greatest(beat_at, pg_postmaster_start_time()))::float8 as silent
from ops.run_claims where run_id = $1
"""


@dataclass(frozen=True)
class RunClaim:
    """A worker's hold on a run.

    Args:
        worker: name@host.
        is_ended: True once its process was through with the run.
        silent: seconds since it was last heard of.
    """

    worker: str
    is_ended: bool
    silent: float


class RunClaims:
    """Taking, keeping and looking at holds on runs."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def claim(self, run_id: str, worker: str) -> bool:
        """Take a run; False where somebody has taken it before, whatever became of it."""
        self._warehouse.ensure_tables([RUN_CLAIMS])
        with self._warehouse.connect() as connection:
            return bool(postgres.query(connection, CLAIM_SQL, (run_id, worker)))

    def beat(self, run_id: str) -> None:
        """Say that the process of a run is there."""
        self._warehouse.execute(BEAT_SQL, (run_id,))

    def end(self, run_id: str) -> None:
        """Say that the process of a run is through with it."""
        self._warehouse.execute(END_SQL, (run_id,))

    def of(self, run_id: str) -> RunClaim | None:
        """Who holds a run; None where nobody has taken it."""
        rows = self._warehouse.read(STATE_SQL, (run_id,)).to_pylist()
        return RunClaim(**rows[0]) if rows else None
