"""The ledger of one session: a call is reserved before it is sent and settled when its outcome is known.

A reservation is a row: it counts against the budget from the moment it is committed, in every process. It is
made under a lock of the API, so that two runs see each other's and cannot overspend, and it says when the
call may leave: pace and breaker are kept by all processes together (`api_state`). Prices and states are in
`rows`.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from adbc_driver_postgresql import dbapi

from resources.http import api_state
from resources.http import budget as http_budget
from resources.http import cache as http_cache
from resources.http.api import ApiAnswer, Failure
from resources.http.api_policy import ApiPolicy
from resources.http.calls import Call
from resources.http.exchange import UNHEALTHY, Outcome
from resources.http.rows import (
    INSERT_SQL,
    SETTLE_SQL,
    Attempt,
    SettledAttempt,
    cached_row,
    is_gone,
    outcome_row,
    reserved_row,
)
from resources.warehouse import connections as postgres
from resources.warehouse.held_connection import HeldConnection
from resources.warehouse.warehouse import Warehouse

# A reservation older than its call can last, by this much, has lost its process.
GRACE_SECONDS = 120.0
LOCK_SQL = "select pg_advisory_xact_lock(hashtextextended('provider_calls:' || $1, 0))::text"
OPEN_SQL = """
select request_key, state, owner, run_id, to_char(called_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as at,
       extract(epoch from clock_timestamp() - called_at)::float8 as age_seconds
from ops.provider_calls
where request_key in (select jsonb_array_elements_text($1::jsonb))
  and state in ('reserved', 'lost') and cost_micro_usd > 0
  and called_at > clock_timestamp() - make_interval(secs => $2::float8)
"""


@dataclass(frozen=True)
class Reservation:
    """What the ledger says to an attempt.

    Reserved unless something else is given: an answer that another run paid for meanwhile, a failure, `busy`
    while another run is asking the same, or for how many seconds the breaker holds calls back. `wait_seconds`
    is when a reserved call may leave.
    """

    answer: ApiAnswer | None = None
    failure: Failure | None = None
    message: str = ""
    busy: bool = False
    held_seconds: float = 0.0
    wait_seconds: float = 0.0

    @property
    def reserved(self) -> bool:
        """True where the call may be sent, and has to be settled."""
        return self.answer is None and self.failure is None and not self.busy and not self.held_seconds


BUSY = Reservation(busy=True)


class Ledger:
    """Reserving, settling and looking up for one session. Blocks: call it from a thread."""

    def __init__(
        self, warehouse: Warehouse, policy: ApiPolicy, provider: str, county_slug: str, run_id: str
    ) -> None:
        self._policy = policy
        self._same = {"api": policy.name, "provider": provider, "county": county_slug, "run_id": run_id}
        # Two: what is reserved does not wait for what is settled, bodies and all.
        self._reserving = HeldConnection(warehouse)
        self._settling = HeldConnection(warehouse)
        self._spent_sql = http_budget.spent_sql(policy)

    def look_up(self, calls: Sequence[Call]) -> dict[str, ApiAnswer]:
        """Kept answers by request key; each is a row of the ledger, at no cost."""
        by_key = {call.request_key: call for call in calls}

        def work(connection: dbapi.Connection) -> dict[str, dict]:
            found = http_cache.lookup(connection, list(by_key))
            self._insert_cached(connection, ((by_key[key], row["status"]) for key, row in found.items()))
            return found

        found = self._reserving.run(work)
        return {key: http_cache.cached_answer(by_key[key], row) for key, row in found.items()}

    def reserve(self, asked: Sequence[Attempt]) -> list[Reservation]:
        """Money and calls for as many attempts as there are left, in their order."""
        return self._reserving.run(lambda connection: self._reserve(connection, asked))

    def settle(self, settled: Sequence[SettledAttempt]) -> list[float]:
        """Write what came of attempts, and keep their answers, in one transaction.

        For each the seconds for which the breaker holds calls back now.
        """
        policy, provider = self._policy, self._same["provider"]
        kept = [
            http_cache.response_row(policy, provider, s.asked.call, s.found)
            for s in settled
            if http_cache.is_kept(policy, s.found)
        ]
        rows = json.dumps([outcome_row(policy, s) for s in settled])

        def work(connection: dbapi.Connection) -> float:
            postgres.run(connection, SETTLE_SQL, (rows,))
            http_cache.store(connection, kept)
            return self._after(connection, [s.found.outcome for s in settled])

        return [self._settling.run(work)] * len(settled)

    def purge(self) -> None:
        """Remove the answers whose time is over."""
        self._settling.run(lambda connection: http_cache.purge(connection, self._policy.name))

    def close(self) -> None:
        """Give the connections back."""
        self._reserving.close()
        self._settling.close()

    def _reserve(self, connection: dbapi.Connection, asked: Sequence[Attempt]) -> list[Reservation]:
        postgres.query(connection, LOCK_SQL, (self._policy.name,))
        reservations = self._known(connection, asked) if self._policy.is_paid else {}
        open_ = [each for each in asked if each.call_id not in reservations]
        through, held_seconds = self._past_breaker(connection, open_)
        reservations |= {e.call_id: Reservation(held_seconds=held_seconds) for e in open_[len(through) :]}
        room = self._room(connection)
        granted = through if room.calls is None else through[: room.calls]
        spent = Reservation(failure=Failure.BUDGET_SPENT, message=room.sentence)
        reservations |= {each.call_id: spent for each in through[len(granted) :]}
        turns = api_state.take_turns(connection, self._policy, len(granted))
        for each, wait in zip(granted, turns, strict=True):
            reservations[each.call_id] = Reservation(wait_seconds=wait)
        self._insert(connection, [reserved_row(self._policy, each, self._same) for each in granted])
        return [reservations[each.call_id] for each in asked]

    def _past_breaker(
        self, connection: dbapi.Connection, asked: list[Attempt]
    ) -> tuple[list[Attempt], float]:
        """The attempts that may go on, and for how many seconds the others are held."""
        settings = self._policy.breaker
        state = api_state.breaker_state(connection, self._policy)
        if state.opened is None or not asked:
            return asked, 0.0
        if (held := state.held_seconds(settings)) > 0:
            return [], held
        api_state.keep_breaker(connection, self._policy, replace(state, trial=0.0))
        return asked[:1], settings.reset_seconds

    def _after(self, connection: dbapi.Connection, outcomes: Sequence[Outcome]) -> float:
        """Count outcomes for the breaker; for how many seconds it holds calls back now."""
        healthy = [o is Outcome.ANSWERED for o in outcomes if o is Outcome.ANSWERED or o in UNHEALTHY]
        if not healthy:
            return 0.0
        policy = self._policy
        if all(healthy) and api_state.breaker_state(connection, policy).is_clean:
            return 0.0
        postgres.query(connection, LOCK_SQL, (policy.name,))
        state = api_state.breaker_state(connection, policy).after(healthy, policy.breaker)
        api_state.keep_breaker(connection, policy, state)
        return state.held_seconds(policy.breaker)

    def _room(self, connection: dbapi.Connection) -> http_budget.Allowance:
        if self._spent_sql is None:
            return http_budget.Allowance(None)
        spent = postgres.query(connection, self._spent_sql, (self._policy.name, self._same["run_id"]))[0]
        return http_budget.room(self._policy, self._same["provider"], spent)

    def _known(self, connection: dbapi.Connection, asked: Sequence[Attempt]) -> dict[str, Reservation]:
        """Verdicts on paid requests that others have paid for, are asking, or lost the answer of."""
        keys = [each.call.request_key for each in asked]
        found = http_cache.lookup(connection, keys)
        lifetime = self._policy.cache_ttl_days * 86_400
        rows = postgres.query(connection, OPEN_SQL, (json.dumps(keys), lifetime))
        unsettled = {row["request_key"]: row for row in sorted(rows, key=self._is_under_way)}
        reservations = {}
        for each in asked:
            key = each.call.request_key
            if key in found:
                reservations[each.call_id] = Reservation(
                    answer=http_cache.cached_answer(each.call, found[key])
                )
            elif key in unsettled and (reservation := self._unsettled(unsettled[key])):
                reservations[each.call_id] = reservation
        used = [each.call for each in asked if each.call.request_key in found]
        self._insert_cached(connection, ((call, found[call.request_key]["status"]) for call in used))
        return reservations

    def _is_under_way(self, row: dict) -> bool:
        longest = self._policy.timeout_seconds + GRACE_SECONDS
        return row["state"] == "reserved" and row["age_seconds"] < longest and not is_gone(row["owner"])

    def _unsettled(self, row: dict) -> Reservation | None:
        if self._is_under_way(row):
            return BUSY
        if self._policy.retry_unsettled:
            return None
        return Reservation(
            failure=Failure.CALL_UNSETTLED,
            message=f"{self._same['provider']}: this paid call was sent at {row['at']} UTC in run "
            f"{row['run_id']} and its answer was lost. It may have been billed and is not sent again "
            f"for {self._policy.cache_ttl_days:g} days "
            f"(retry_unsettled of {self._policy.name} in providers.yaml).",
        )

    def _insert_cached(self, connection: dbapi.Connection, used: Iterable[tuple[Call, int]]) -> None:
        self._insert(
            connection, [cached_row(self._policy, call, status, self._same) for call, status in used]
        )

    @staticmethod
    def _insert(connection: dbapi.Connection, rows: list[dict]) -> None:
        if rows:
            postgres.run(connection, INSERT_SQL, (json.dumps(rows),))
