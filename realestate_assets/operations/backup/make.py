"""Makes a backup while the platform is in use."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import dagster as dg

from realestate_assets.operations.backup import postgres
from realestate_assets.operations.backup.places import OWN, Places
from realestate_assets.operations.backup.snapshot import Database, Entry, Snapshot
from realestate_assets.operations.backup.vault import PIECE_BYTES, Vault
from resources.errors import RealEstateError
from resources.lake.files import Store

Say = Callable[[str], None]
IN_FLIGHT = (dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING)
LOCK = "backup"
# Sorted by name, the newest is last.
NAME = "%Y-%m-%dT%H-%M-%S-%fZ"


def back_up(
    places: Places, vault: Vault, keep: int | None, runs: Callable[[], tuple[str, ...]], say: Say
) -> tuple[Snapshot, list[str]]:
    """Store what has changed since the backup before, and a snapshot of all.

    Files are read first; then the databases, each as of a moment of its own within some seconds, and the
    files that changed until then once more. A file of the lake that a run replaces after that moment is newer
    than the tables: the snapshot names it.

    Args:
        places: what is backed up.
        vault: where to.
        keep: how many snapshots stay, this one included; None for all.
        runs: ids of the runs that are going on.
        say: told what is being done.

    Returns:
        The snapshot, and the names of the snapshots that were removed.
    """
    with places.warehouse.lock(LOCK, timeout_seconds=5):
        files = {name: _files(name, store, vault, {}, say) for name, store in places.stores.items()}
        with ExitStack() as stack:
            began = datetime.now(UTC)
            moments = {
                name: stack.enter_context(postgres.moment(url)) for name, url in places.databases.items()
            }
            in_flight = runs()
            files = {
                name: _files(name, store, vault, files[name], lambda _: None)
                for name, store in places.stores.items()
            }
            newer = [path for path, entry in files["lake"].items() if _is_newer(entry, began)]
            databases = {}
            for name, (connection, moment_name) in moments.items():
                say(f"Dumping database {name}")
                dumped = vault.put(postgres.dump(places.databases[name], moment_name))
                databases[name] = Database(dump=dumped, tables=postgres.states(connection))
        own = {name: vault.put(_pieces_of(path.read_bytes())) for name, path in places.own_files().items()}
        snapshot = Snapshot(
            name=_name(began, vault.names(), say),
            version=version("realestate-os"),
            files={**files, OWN: own},
            databases=databases,
            runs_in_flight=in_flight,
            newer_than_tables=tuple(sorted(newer)),
        )
        vault.write(snapshot)
        gone = vault.keep(keep) if keep else []
    return snapshot, gone


def _name(began: datetime, others: list[str], say: Say) -> str:
    """The moment it began; one after the newest of the others where the clock was set back since.

    By its name it is the newest: otherwise `keep` would remove the backup that was made just now, and
    `restore` take an older one.
    """
    name = began.strftime(NAME)
    if not others or name > others[-1]:
        return name
    try:
        newest = datetime.strptime(others[-1], NAME).replace(tzinfo=UTC)
    except ValueError:
        # No name of ours: somebody has put it there.
        return name
    say(f"The clock stands before the newest backup, {others[-1]}: this one is named as a moment after it.")
    return (newest + timedelta(microseconds=1)).strftime(NAME)


def _files(name: str, store: Store, vault: Vault, seen: dict[str, Entry], say: Say) -> dict[str, Entry]:
    """The files by path; what did not change since `seen` is not read again."""
    found = {}
    paths = store.list_files()
    say(f"Reading {len(paths):,} files of {name}")
    for path in paths:
        try:
            if path in seen and seen[path].modified_ns == store.modified_ns(path):
                found[path] = seen[path]
            else:
                found[path] = _stored(store, path, vault)
        except RealEstateError:
            # A run may have replaced or taken away what was listed a moment ago.
            if store.exists(path):
                raise
    return found


def _stored(store: Store, path: str, vault: Vault) -> Entry:
    """A file with the time of what was read: one that was replaced meanwhile is read once more."""
    while True:
        before = store.modified_ns(path)
        entry = vault.put(_pieces_in(store, path))
        if store.modified_ns(path) == before:
            return entry.model_copy(update={"modified_ns": before})


def _is_newer(entry: Entry, moment: datetime) -> bool:
    return entry.modified_ns is not None and entry.modified_ns >= moment.timestamp() * 1e9


def _pieces_in(store: Store, path: str) -> Iterator[bytes]:
    with store.open_input(path) as file:
        while block := file.read(PIECE_BYTES):
            yield block


def _pieces_of(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), PIECE_BYTES):
        yield data[start : start + PIECE_BYTES]


def runs_in_flight() -> tuple[str, ...]:
    """Ids of the runs of this installation that are going on."""
    with dg.DagsterInstance.get() as instance:
        return tuple(instance.get_run_ids(dg.RunsFilter(statuses=list(IN_FLIGHT))))
