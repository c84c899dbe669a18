"""Rows of the ledger: what a call costs, in which state its row is, and whose it is.

What a call costs is decided here:

- an answer, whatever it says (404 as well), costs the price;
- a refusal (401, 403, 408, 429, 5xx), a redirect and a connection that was not made cost nothing;
- a call that was sent and whose answer was lost (time-out, broken connection, half a body, a process that
  died) may have been billed: it costs the price, and is not sent again while an answer would have been kept.
"""

import os
import socket
import uuid
from dataclasses import dataclass, field
from functools import lru_cache

import psutil

from resources.http.api_policy import ApiPolicy
from resources.http.calls import Call
from resources.http.exchange import BILLED, LOST, Exchange, Outcome
from resources.ops_tables import PROVIDER_CALLS

# What a reservation gives; the rest is the database's or comes with the outcome.
RESERVED = (
    "call_id",
    "api",
    "provider",
    "county",
    "run_id",
    "endpoint",
    "request_key",
    "attempt",
    "state",
    "outcome",
    "status",
    "cost_micro_usd",
    "cached",
    "sent",
    "owner",
)
SETTLED = ("call_id", "state", "outcome", "status", "latency_ms", "cost_micro_usd", "sent")
_NAMES = ", ".join(RESERVED)
# Constants of ours; values are bound. A transaction that is done again writes the same ids.
INSERT_SQL = (
    f"insert into ops.provider_calls (called_at, settled_at, {_NAMES}) "  # noqa: S608
    "select clock_timestamp(), case when state <> 'reserved' then clock_timestamp() end, "
    f"{_NAMES} from jsonb_to_recordset($1::jsonb) as r({PROVIDER_CALLS.record(RESERVED)}) "
    "on conflict (call_id) do nothing"
)
SETTLE_SQL = f"""
update ops.provider_calls c
set settled_at = clock_timestamp(), state = s.state, outcome = s.outcome, status = s.status,
    latency_ms = s.latency_ms, cost_micro_usd = s.cost_micro_usd, sent = s.sent
from jsonb_to_recordset($1::jsonb) as s({PROVIDER_CALLS.record(SETTLED)})
where c.call_id = s.call_id
"""  # noqa: S608


@dataclass(frozen=True)
class Attempt:
    """One attempt that wants to be sent."""

    call: Call
    attempt: int
    call_id: str = field(default_factory=lambda: uuid.uuid4().hex)


@dataclass(frozen=True)
class SettledAttempt:
    """A reserved attempt and what came of it."""

    asked: Attempt
    found: Exchange


def cost_of(policy: ApiPolicy, found: Exchange) -> int:
    """What an attempt costs, in millionths of a dollar."""
    return policy.cost_micro_usd if found.sent and found.outcome in BILLED | LOST else 0


def state_of(found: Exchange) -> str:
    """State of the ledger row of a settled attempt."""
    if found.outcome is Outcome.ANSWERED:
        return "settled"
    # An answer too large to keep was billed as well: it would be billed again.
    return "lost" if found.sent and found.outcome in BILLED | LOST else "failed"


@lru_cache(maxsize=4)
def _owner(pid: int) -> str:
    return f"{socket.gethostname()}:{pid}:{psutil.Process(pid).create_time():.0f}"


def is_gone(owner: str) -> bool:
    """True where the process of a reservation ran on this machine and has ended."""
    host, pid, started = owner.rsplit(":", 2)
    if host != socket.gethostname():
        return False
    try:
        process = psutil.Process(int(pid))
        dead = process.status() == psutil.STATUS_ZOMBIE
        return dead or abs(process.create_time() - float(started)) > 2
    except psutil.NoSuchProcess:
        return True


def reserved_row(policy: ApiPolicy, asked: Attempt, same: dict[str, str]) -> dict:
    """The row of an attempt that is about to be sent; `same` holds api, provider, county and run."""
    return {
        "call_id": asked.call_id,
        "endpoint": asked.call.request.endpoint,
        "request_key": asked.call.request_key,
        "attempt": asked.attempt,
        "state": "reserved",
        "cost_micro_usd": policy.cost_micro_usd,
        "cached": False,
        "sent": True,
        "owner": _owner(os.getpid()),
        **same,
    }


def cached_row(policy: ApiPolicy, call: Call, status: int, same: dict[str, str]) -> dict:
    """The row of a kept answer that is used again."""
    found = {"state": "settled", "outcome": "CACHED", "status": status, "cost_micro_usd": 0}
    return reserved_row(policy, Attempt(call, 0), same) | found | {"cached": True, "sent": False}


def outcome_row(policy: ApiPolicy, settled: SettledAttempt) -> dict:
    """What changes in a reserved row once its outcome is known."""
    found = settled.found
    return {
        "call_id": settled.asked.call_id,
        "state": state_of(found),
        "outcome": str(found.outcome),
        "status": found.status,
        "latency_ms": round(found.latency_ms, 3) if found.sent else None,
        "cost_micro_usd": cost_of(policy, found),
        "sent": found.sent,
    }
