"""What the watcher looks at: each look says what it saw, or raises with what to do."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import dagster as dg
import httpx

from realestate_assets.settings import Settings
from resources.disk import free_bytes, size
from resources.errors import PermanentError, RealEstateError, TransientError
from resources.home import make_folder
from resources.scrub import scrub
from resources.warehouse import migration
from resources.warehouse.dagster_storage import current_url
from resources.warehouse.resource import WarehouseResource

PATIENCE_SECONDS = 30.0
# Daemons beat each 30 s; a busy machine may miss some beats.
DAEMON_STALE = timedelta(minutes=5)
QUEUE_STUCK = timedelta(hours=2)
TICKS_WITHIN = timedelta(minutes=30)
MAX_FAILED_TICKS = 3
MAX_DETAIL = 500
# Looks that read what Dagster keeps in Postgres.
IN_POSTGRES = ("daemon", "queue", "ticks")
TICKS_SQL = "select count(*) from job_ticks where status = 'FAILURE' and timestamp > %(since)s"


@dataclass(frozen=True)
class Seen:
    """What a look saw: whether all is well, and a sentence."""

    name: str
    ok: bool
    detail: str


def postgres(warehouse: WarehouseResource) -> str:
    """The warehouse answers at once; an embedded server that was killed is started by the asking."""
    url = warehouse.database_url()
    return f"PostgreSQL {migration.ask(url, 'show server_version')} answers"


def daemon(instance: dg.DagsterInstance) -> str:
    """Each of Dagster's daemons has beaten lately."""
    now = datetime.now(UTC).timestamp()
    beats = {
        kind: status.last_heartbeat.timestamp if status.last_heartbeat else None
        for kind, status in instance.get_daemon_statuses().items()
        if status.required
    }
    known = {kind: now - at for kind, at in beats.items() if at is not None}
    if not known:
        raise PermanentError("No daemon has ever run here.", remedy="Start `make dev` or dagster-daemon.")
    late = {kind: age for kind, age in known.items() if age > DAEMON_STALE.total_seconds()}
    if late:
        oldest = max(late.values())
        raise PermanentError(
            f"Dagster's daemon has not beaten for {oldest / 60:.0f} min ({', '.join(sorted(late))}).",
            remedy="Schedules, sensors and queued runs wait for it: start it again (`make dev`).",
        )
    return f"beat {min(known.values()):.0f} s ago"


def queue(instance: dg.DagsterInstance) -> str:
    """No run waits for longer than QUEUE_STUCK."""
    waiting = dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED])
    old = dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED], created_before=datetime.now(UTC) - QUEUE_STUCK)
    if stuck := instance.get_runs_count(old):
        raise PermanentError(
            f"{stuck} run(s) wait in the queue for over {QUEUE_STUCK.total_seconds() / 3600:g} h.",
            remedy="See the run that holds the place, under Runs in the UI.",
        )
    return f"{instance.get_runs_count(waiting)} run(s) wait"


def ticks(storage_url: str) -> str:
    """Schedules and sensors do not fail over and over."""
    since = datetime.now(UTC) - TICKS_WITHIN
    failed = int(migration.ask(storage_url, TICKS_SQL, {"since": since.replace(tzinfo=None)}))
    if failed > MAX_FAILED_TICKS:
        raise PermanentError(
            f"{failed} ticks of schedules and sensors failed within {TICKS_WITHIN.seconds // 60} min.",
            remedy="See Automation in the UI for their errors.",
        )
    return f"{failed} ticks failed within {TICKS_WITHIN.seconds // 60} min"


def disk(folder: Path, kept_free_gb: float) -> str:
    """More is free than a run has to leave."""
    free = free_bytes(folder)
    if free < kept_free_gb * 1e9:
        raise PermanentError(
            f"{size(free)} free at {folder}, and no run begins below {kept_free_gb:g} GB.",
            remedy="Free some space, or set REALESTATE_HOME elsewhere.",
        )
    return f"{size(free)} free at {folder}"


def webserver(url: str) -> str:
    """The Dagster UI answers."""
    try:
        answer = httpx.get(f"{url.rstrip('/')}/server_info", timeout=PATIENCE_SECONDS / 2)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise TransientError(f"{url} does not answer: {scrub(str(error))}") from error
    return f"{url} answers"


def looks_of(
    settings: Settings, warehouse: WarehouseResource, instance: Callable[[], dg.DagsterInstance]
) -> dict[str, Callable[[], str]]:
    """All looks of an installation, by name; Dagster's instance is opened by the look that needs it."""
    return {
        "postgres": lambda: postgres(warehouse),
        "disk": lambda: disk(make_folder(settings.home), settings.min_free_gb),
        "webserver": lambda: webserver(settings.dagster_webserver_url),
        "daemon": lambda: daemon(instance()),
        "queue": lambda: queue(instance()),
        "ticks": lambda: ticks(current_url()),
    }


def look(looks: Mapping[str, Callable[[], str]], patience: float = PATIENCE_SECONDS) -> list[Seen]:
    """Look at all, but at what lies in Postgres only where that answers: one fault is told once."""
    first = {name: one for name, one in looks.items() if name not in IN_POSTGRES}
    seen = _look_at(first, patience)
    if any(each.name == "postgres" and not each.ok for each in seen):
        return seen
    return seen + _look_at({name: one for name, one in looks.items() if name in IN_POSTGRES}, patience)


def _look_at(looks: Mapping[str, Callable[[], str]], patience: float) -> list[Seen]:
    """At all at once; what does not answer in time has not answered."""
    pool = ThreadPoolExecutor(max_workers=max(len(looks), 1), thread_name_prefix="look")
    asked = {name: pool.submit(one) for name, one in looks.items()}
    try:
        return [_seen(name, partial(each.result, patience)) for name, each in asked.items()]
    finally:
        # One that hangs must not hold up the others, nor the next round.
        pool.shutdown(wait=False, cancel_futures=True)


def _seen(name: str, result: Callable[[], str]) -> Seen:
    try:
        return Seen(name, True, result())
    except TookTooLong:
        return Seen(name, False, f"no answer within {PATIENCE_SECONDS:g} s")
    except RealEstateError as error:
        return Seen(name, False, str(error)[:MAX_DETAIL])
    except Exception as error:
        # Whatever a driver raises: the watcher goes on.
        return Seen(name, False, scrub(f"{type(error).__name__}: {error}")[:MAX_DETAIL])
