"""What the service needs, and what stands beside it: each look says what is wrong, or nothing, or raises.

Why something does not answer is for the log: it may name hosts, and who asks is a tenant's, or nobody known.
"""

import logging
import time
from collections.abc import Callable, Mapping

import sqlalchemy as sa

from realestate_assets.operations.migrate import version
from realestate_assets.operations.pipelines.queues import list_daemons
from realestate_assets.service.parts import Parts
from realestate_assets.service.schemas.health import Check
from realestate_assets.service.security.limits import InRedis
from resources.disk import free_bytes, size

_log = logging.getLogger(__name__)

Look = Callable[[Parts], str]
POWERS_SQL = sa.text("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")


def look(looks: Mapping[str, Look], parts: Parts) -> list[Check]:
    """Look at each; one that fails keeps no other from being looked at."""
    return [_look(name, one, parts) for name, one in looks.items()]


def _look(name: str, one: Look, parts: Parts) -> Check:
    begun = time.perf_counter()
    try:
        wrong = one(parts)
    except Exception:
        _log.warning("%s does not answer", name, exc_info=True)
        wrong = "it does not answer; the service's log says why"
    return Check(name=name, ok=not wrong, detail=wrong, seconds=round(time.perf_counter() - begun, 4))


def _database(parts: Parts) -> str:
    with parts.engine.connect() as connection:
        if connection.execute(POWERS_SQL).scalar():
            return "the role passes row-level security"
    return ""


def _tables(parts: Parts) -> str:
    found, newest = version(parts.resources["warehouse"])
    return "" if found and found >= newest else "run `realestate migrate`"


def _lake(parts: Parts) -> str:
    parts.resources["lake"].exists("_ready")
    return ""


def _disk(parts: Parts) -> str:
    free, kept = free_bytes(parts.settings.home), parts.settings.min_free_gb * 1e9
    return "" if free >= kept else f"{size(free)} free, and no run begins below {size(kept)}"


def _dagster(parts: Parts) -> str:
    list_daemons(parts.dagster)
    return ""


def _daemons(parts: Parts) -> str:
    late = [each.name.lower() for each in list_daemons(parts.dagster) if not each.is_healthy]
    return f"no beat lately: {', '.join(late)}" if late else ""


def _redis(parts: Parts) -> str:
    counts = parts.counts
    if isinstance(counts, InRedis) and not counts.is_there():
        return "it is away: requests are counted in Postgres"
    return ""


# Without these no request can be answered.
NEEDED: dict[str, Look] = {"database": _database, "tables": _tables, "lake": _lake}
ALL: dict[str, Look] = NEEDED | {"disk": _disk, "dagster": _dagster, "daemons": _daemons, "limits": _redis}
