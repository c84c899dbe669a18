"""Brings a backup back, and looks whether one is whole or an installation is what it holds."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import Version

from realestate_assets.operations.backup import postgres
from realestate_assets.operations.backup.places import OWN, Places
from realestate_assets.operations.backup.snapshot import Entry, Snapshot
from realestate_assets.operations.backup.vault import PIECE_BYTES, Vault
from resources.errors import PermanentError
from resources.lake.files import Store
from resources.whole_file import replace_file

if TYPE_CHECKING:
    from _typeshed import SupportsRead

Say = Callable[[str], None]


@dataclass
class Verdict:
    """What was compared and what does not hold, a sentence each."""

    files: int = 0
    tables: int = 0
    rows: int = 0
    faults: list[str] = field(default_factory=list)


def restore(
    places: Places,
    vault: Vault,
    snapshot: Snapshot,
    replace: bool,
    runs: Callable[[], tuple[str, ...]],
    say: Say,
) -> int:
    """Bring files and databases to what a snapshot holds; how many files were written.

    Files come first, each database whole after them: a restore that was killed is begun again with `replace`.
    The vector index is another step (`reindex`), after the tables were brought to this version.

    Raises:
        PermanentError: something is there and `replace` is not set, runs are going on, or the backup is
            damaged or of another installation's kind: it was looked through before anything was changed.
    """
    _refuse_what_does_not_fit(places, snapshot)
    if not replace:
        _refuse_what_is_there(places, snapshot)
    elif going_on := _going_on(places, runs):
        raise PermanentError(
            f"{len(going_on)} run(s) are going on: {', '.join(going_on[:3])}.",
            remedy="Wait for them, or terminate them in the UI; one whose process is gone can be forced.",
        )
    verdict = verify_backup(vault, snapshot, say)
    if verdict.faults:
        raise PermanentError(f"The backup is damaged, nothing was changed: {verdict.faults[0]}")
    written = 0
    for name, store in places.stores.items():
        written += _restore_files(name, store, vault, snapshot.files.get(name, {}), say)
    for name, entry in snapshot.files.get(OWN, {}).items():
        if target := places.own_path(name):
            target.parent.mkdir(parents=True, exist_ok=True)
            replace_file(target, b"".join(vault.blocks(entry)))
        else:
            say(f"{name} is left out: COUNTY_CONFIG_DIR is not set")
    for name, url in places.databases.items():
        say(f"Restoring database {name}")
        if not postgres.is_empty(url):
            postgres.clear(url)
        postgres.restore(url, vault.blocks(snapshot.databases[name].dump))
    return written


def verify_backup(vault: Vault, snapshot: Snapshot, say: Say) -> Verdict:
    """Read every piece of a snapshot and compare it with its name."""
    verdict, good = Verdict(), set[str]()
    named = [(f"{area}/{path}", e) for area, files in snapshot.files.items() for path, e in files.items()]
    named += [(f"database {name}", each.dump) for name, each in snapshot.databases.items()]
    say(f"Reading {len(named):,} files and dumps of {snapshot.name}")
    for name, entry in named:
        verdict.files += 1
        if good.issuperset(entry.pieces):
            continue
        try:
            size = sum(len(block) for block in vault.blocks(entry))
        except PermanentError as error:
            verdict.faults.append(f"{name}: {error}")
            continue
        if size != entry.size:
            verdict.faults.append(f"{name}: {size} bytes, {entry.size} were stored.")
        good.update(entry.pieces)
    for database in snapshot.databases.values():
        verdict.tables += len(database.tables)
        verdict.rows += sum(state.rows for state in database.tables.values())
    return verdict


def verify_installation(places: Places, snapshot: Snapshot, say: Say) -> Verdict:
    """Compare what is there with a snapshot: every file by its content, every table by all its rows.

    Raises:
        PermanentError: the snapshot is of another installation's kind.
    """
    _refuse_what_does_not_fit(places, snapshot)
    verdict = Verdict()
    for name, store in places.stores.items():
        say(f"Comparing the files of {name}")
        wanted, there = snapshot.files.get(name, {}), set(store.list_files())
        verdict.files += len(wanted)
        verdict.faults += [f"{name}/{path} is missing." for path in sorted(wanted.keys() - there)]
        verdict.faults += [f"{name}/{path} is not in the backup." for path in sorted(there - wanted.keys())]
        verdict.faults += [
            f"{name}/{path} differs."
            for path in sorted(wanted.keys() & there)
            if not _is_same(store, path, wanted[path])
        ]
    wanted, own = snapshot.files.get(OWN, {}), places.own_files()
    verdict.files += len(wanted)
    absent = [path for name in wanted.keys() - own.keys() if (path := places.own_path(name))]
    verdict.faults += [f"{path} is missing." for path in sorted(absent)]
    verdict.faults += [f"{path} differs." for path in _own_files_that_differ(places, snapshot)]
    for name, url in places.databases.items():
        say(f"Comparing the tables of {name}")
        with postgres.moment(url) as (connection, _):
            found = postgres.states(connection)
        wanted_tables = snapshot.databases[name].tables
        verdict.tables += len(wanted_tables)
        verdict.rows += sum(state.rows for state in wanted_tables.values())
        for table in sorted(found.keys() | wanted_tables.keys()):
            was, now = wanted_tables.get(table), found.get(table)
            if was != now:
                counts = [f"{state.rows:,} rows" if state else "absent" for state in (was, now)]
                verdict.faults.append(f"{name}: {table} differs: {counts[0]} then, {counts[1]} now.")
    return verdict


def _refuse_what_does_not_fit(places: Places, snapshot: Snapshot) -> None:
    installed = version("realestate-os")
    if Version(snapshot.version) > Version(installed):
        raise PermanentError(
            f"The backup {snapshot.name} was made by version {snapshot.version}, and this is {installed}.",
            remedy="Install that version, or a newer one.",
        )
    areas = {*places.stores, OWN}
    if snapshot.files.keys() - areas or snapshot.databases.keys() != places.databases.keys():
        raise PermanentError(
            f"The backup {snapshot.name} holds {', '.join([*snapshot.files, *snapshot.databases])}; "
            f"wanted are {', '.join([*areas, *places.databases])}.",
            remedy="It is damaged, or of another version.",
        )
    for name in snapshot.files.get(OWN, {}):
        places.own_path(name)


def _refuse_what_is_there(places: Places, snapshot: Snapshot) -> None:
    full = [name for name, url in places.databases.items() if not postgres.is_empty(url)]
    full += [name for name, store in places.stores.items() if store.list_files()]
    full += [str(path) for path in _own_files_that_differ(places, snapshot)]
    if full:
        raise PermanentError(
            f"A backup is brought into an empty installation, and there is something in: {', '.join(full)}.",
            remedy="Set REALESTATE_HOME (or the addresses) to a new place, or give --replace to lose it.",
        )


def _going_on(places: Places, runs: Callable[[], tuple[str, ...]]) -> tuple[str, ...]:
    """Runs that go on; a restore that was killed may have left no table to ask."""
    return () if any(map(postgres.is_empty, places.databases.values())) else runs()


def _own_files_that_differ(places: Places, snapshot: Snapshot) -> list[Path]:
    """Files that people wrote which are there otherwise than in the backup; others may lie beside them."""
    wanted = snapshot.files.get(OWN, {})
    return [
        path
        for name, path in places.own_files().items()
        if name in wanted and _digests(BytesIO(path.read_bytes())) != _wanted_digests(wanted[name])
    ]


def _restore_files(name: str, store: Store, vault: Vault, wanted: dict[str, Entry], say: Say) -> int:
    say(f"Restoring {len(wanted):,} files of {name}")
    written = 0
    there = set(store.list_files())
    for path in sorted(there - wanted.keys()):
        store.delete(path)
    for path, entry in wanted.items():
        if path not in there or not _is_same(store, path, entry):
            store.write_bytes(path, b"".join(vault.blocks(entry)))
            written += 1
        # By it the landing area tells that it has read a file.
        if entry.modified_ns is not None:
            store.set_modified(path, entry.modified_ns)
    return written


def _is_same(store: Store, path: str, entry: Entry) -> bool:
    if store.size(path) != entry.size:
        return False
    with store.open_input(path) as file:
        return _digests(file) == _wanted_digests(entry)


def _digests(file: "SupportsRead[bytes]") -> list[str]:
    return [hashlib.sha256(block).hexdigest() for block in iter(lambda: file.read(PIECE_BYTES), b"")]


def _wanted_digests(entry: Entry) -> list[str]:
    return [piece.partition(".")[0] for piece in entry.pieces]
