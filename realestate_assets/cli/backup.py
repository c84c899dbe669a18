"""`realestate backup`, `restore` and `verify`: all that an installation holds, elsewhere and back."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from realestate_assets.cli.errors import Verbose, ending, err, readable_errors, write_json

if TYPE_CHECKING:
    from realestate_assets.operations.backup.bring_back import Verdict
    from realestate_assets.operations.backup.places import Places
    from realestate_assets.operations.backup.vault import Vault

SHOWN_FAULTS = 20
Place = Annotated[str, typer.Argument(help="Folder, or s3://bucket/prefix, of the backups.")]
Name = Annotated[str, typer.Option("--name", help="Which backup; default: the newest.")]
IdentityFile = Annotated[
    Path | None,
    typer.Option(
        "--identity",
        envvar="BACKUP_IDENTITY",
        help="File of the age identity that reads a sealed backup.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@readable_errors
def backup(
    place: Place,
    recipient: Annotated[
        list[str] | None,
        typer.Option(envvar="BACKUP_RECIPIENT", help="age public key (age1…) to encrypt for; repeatable."),
    ] = None,
    keep: Annotated[
        int | None, typer.Option(min=1, help="How many backups stay, this one included. Default: all.")
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Store what changed since the last backup: files, tables, Dagster's runs. Runs may go on meanwhile.

    Not in it: `.env` with its secrets, which is yours to keep, and the vector index: restore makes it again.
    """
    from realestate_assets.operations.backup.make import back_up, runs_in_flight

    places, vault = _opened(place, tuple(recipient or ()), None)
    snapshot, gone = back_up(places, vault, keep, runs_in_flight, _say(as_json))
    counts = {name: len(files) for name, files in snapshot.files.items()}
    rows = sum(t.rows for d in snapshot.databases.values() for t in d.tables.values())
    if as_json:
        write_json(
            {
                **ending(0),
                "name": snapshot.name,
                "files": counts,
                "rows": rows,
                "is_encrypted": bool(recipient),
                "removed": gone,
                "runs_in_flight": snapshot.runs_in_flight,
                "newer_than_tables": snapshot.newer_than_tables,
            }
        )
        return
    console = Console()
    told = ", ".join(f"{count:,} of {name}" for name, count in counts.items())
    console.print(f"Backup {snapshot.name}: files {told}; {rows:,} rows", highlight=False, soft_wrap=True)
    if gone:
        console.print(f"Removed: {', '.join(gone)}", highlight=False, soft_wrap=True)
    if snapshot.newer_than_tables:
        console.print(
            f"{len(snapshot.newer_than_tables)} file(s) of the lake changed after the moment of the tables, "
            "by runs that went on. Back up once more when they are done, or make those months again after a "
            "restore.",
            highlight=False,
            soft_wrap=True,
        )


@readable_errors
def restore(
    place: Place,
    name: Name = "",
    identity: IdentityFile = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Lose what is there now. Default: refuse where something is.")
    ] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Bring a backup into an empty installation. Stop `dev`, services and runs before."""
    from realestate_assets.operations.backup import bring_back
    from realestate_assets.operations.backup.make import runs_in_flight
    from realestate_assets.operations.migrate import migrate
    from realestate_assets.operations.reindex import reindex

    places, vault = _opened(place, (), identity)
    snapshot, say = vault.read(name), _say(as_json)
    written = bring_back.restore(places, vault, snapshot, replace, runs_in_flight, say)
    verdict = bring_back.verify_installation(places, snapshot, say)
    if not verdict.faults:
        migrate(places.warehouse)
        reindex(places.stores["lake"], places.warehouse, places.vector_index, say)
    _end(verdict, f"Restored {snapshot.name}: {written:,} files written", as_json)


@readable_errors
def verify(
    place: Place,
    name: Name = "",
    identity: IdentityFile = None,
    installed: Annotated[
        bool, typer.Option("--installed", help="Compare what is here now with the backup, too.")
    ] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Read a backup whole and compare every piece with its name."""
    from realestate_assets.operations.backup import bring_back

    places, vault = _opened(place, (), identity)
    snapshot = vault.read(name)
    verdict = bring_back.verify_backup(vault, snapshot, _say(as_json))
    if installed and not verdict.faults:
        verdict = bring_back.verify_installation(places, snapshot, _say(as_json))
    _end(verdict, f"Verified {snapshot.name}", as_json)


def _opened(place: str, recipients: tuple[str, ...], identity: Path | None) -> "tuple[Places, Vault]":
    from realestate_assets.operations.backup.places import places_of, vault_store
    from realestate_assets.operations.backup.vault import Seal, Vault
    from realestate_assets.operations.services import build_services
    from realestate_assets.settings import get_settings

    settings = get_settings()
    identities: tuple[str, ...] = ()
    if identity:
        if not identity.is_file():
            raise typer.BadParameter(f"There is no file {identity}.", param_hint="--identity")
        lines = identity.read_text(encoding="utf-8").splitlines()
        identities = tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))
    places = places_of(settings, build_services(settings))
    return places, Vault(vault_store(place, settings, places), Seal(recipients, identities))


def _say(as_json: bool) -> Callable[[str], None]:
    if as_json:
        return lambda text: None
    return lambda text: err.print(text, style="dim", highlight=False, soft_wrap=True)


def _end(verdict: "Verdict", done: str, as_json: bool) -> None:
    if as_json:
        write_json({**ending(1 if verdict.faults else 0), **vars(verdict)})
    else:
        console = Console()
        counts = f"{verdict.files:,} files, {verdict.tables:,} tables, {verdict.rows:,} rows"
        told = f"{len(verdict.faults):,} differ" if verdict.faults else "all equal"
        console.print(f"{done}. {counts}: {told}.", highlight=False, soft_wrap=True)
        for fault in verdict.faults[:SHOWN_FAULTS]:
            console.print(f"  {fault}", highlight=False, soft_wrap=True)
        if len(verdict.faults) > SHOWN_FAULTS:
            console.print(f"  and {len(verdict.faults) - SHOWN_FAULTS:,} more (--json has all)")
    if verdict.faults:
        raise typer.Exit(1)
