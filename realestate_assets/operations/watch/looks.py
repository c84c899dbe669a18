"""What the watcher looks at: each look says what it saw, or raises with what to do."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import httpx

from realestate_assets.operations.worker import ask_broker, ask_workers
from realestate_assets.settings import Settings
from resources.disk import free_bytes, size
from resources.errors import PermanentError, TransientError
from resources.heartbeats import Beat, take_beats
from resources.home import command, make_folder
from resources.scrub import scrub
from resources.warehouse import migration
from resources.warehouse.dagster_storage import current_url
from resources.warehouse.warehouse import Warehouse

PATIENCE_SECONDS = 30.0
# Daemons beat each 30 s; a busy machine may miss some beats.
DAEMON_STALE = timedelta(minutes=5)
QUEUE_STUCK = timedelta(hours=2)
TICKS_WITHIN = timedelta(minutes=30)
MAX_FAILED_TICKS = 3
# Looks that read what lies in what another one looks at: Dagster's storage, the broker's queues.
BEHIND = {"daemon": "postgres", "queue": "postgres", "ticks": "postgres", "workers": "broker"}
TICKS_SQL = "select count(*) from job_ticks where status = 'FAILURE' and timestamp > %(since)s"


def postgres(warehouse: Warehouse) -> str:
    """The warehouse answers at once; an embedded server that was killed is started by the asking."""
    url = warehouse.database_url()
    return f"PostgreSQL {migration.ask(url, 'show server_version')} answers"


def daemon(instance: dg.DagsterInstance) -> str:
    """Each of Dagster's daemons has beaten lately."""
    now = datetime.now(UTC).timestamp()
    required = {k: s for k, s in instance.get_daemon_statuses().items() if s.required}
    # A beat of before the clock was set back lies in the future: as little of now as one of long ago.
    known = {k: abs(now - s.last_heartbeat.timestamp) for k, s in required.items() if s.last_heartbeat}
    if silent := sorted(required.keys() - known.keys()):
        raise PermanentError(
            f"No beat was ever heard of Dagster's daemon ({', '.join(silent)}).",
            remedy=f"Start `{command('dev')}` or dagster-daemon.",
        )
    late = {kind: age for kind, age in known.items() if age > DAEMON_STALE.total_seconds()}
    if late:
        oldest = max(late.values())
        raise PermanentError(
            f"Dagster's daemon has not beaten for {oldest / 60:.0f} min ({', '.join(sorted(late))}).",
            remedy=f"Schedules, sensors and queued runs wait for it: start it again (`{command('dev')}`).",
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


def failed_ticks(storage_url: str) -> int:
    """Ticks of schedules and sensors that failed within TICKS_WITHIN."""
    since = datetime.now(UTC) - TICKS_WITHIN
    return int(migration.ask(storage_url, TICKS_SQL, {"since": since.replace(tzinfo=None)}))


def ticks(storage_url: str) -> str:
    """Schedules and sensors do not fail over and over."""
    failed = failed_ticks(storage_url)
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
            f"{size(free)} free at {folder}, and `realestate run` begins none below {kept_free_gb:g} GB.",
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
    settings: Settings, warehouse: Warehouse, instance: Callable[[], dg.DagsterInstance]
) -> dict[str, Callable[[], str]]:
    """All looks of an installation, by name; a look that needs Dagster's instance opens and closes it."""
    broker = settings.dagster_celery_broker
    return _looks_of_workers(broker.get_secret_value() if broker else "") | {
        "postgres": lambda: postgres(warehouse),
        "disk": lambda: disk(make_folder(settings.home), settings.min_free_gb),
        "webserver": lambda: webserver(settings.webserver_probe_url or settings.dagster_webserver_url),
        "daemon": lambda: _of_dagster(instance, daemon),
        "queue": lambda: _of_dagster(instance, queue),
        "ticks": lambda: ticks(current_url()),
    }


def _looks_of_workers(broker: str) -> dict[str, Callable[[], str]]:
    """Broker and workers, where runs are handed to them."""
    return {"broker": lambda: ask_broker(broker), "workers": lambda: ask_workers(broker)} if broker else {}


def _of_dagster(opened: Callable[[], dg.DagsterInstance], one: Callable[[dg.DagsterInstance], str]) -> str:
    with opened() as instance:
        return one(instance)


def look(looks: Mapping[str, Callable[[], str]], patience: float = PATIENCE_SECONDS) -> list[Beat]:
    """Look at all, at what lies in Postgres or the broker only where that answers: a fault is told once."""
    seen = take_beats({name: one for name, one in looks.items() if name not in BEHIND}, patience)
    away = {beat.component for beat in seen if not beat.is_up}
    behind = {name: one for name, one in looks.items() if name in BEHIND and BEHIND[name] not in away}
    return seen + take_beats(behind, patience)
