"""`realestate watch` and `realestate dev`: the platform looked at from outside, and kept running."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from realestate_assets.cli.errors import Verbose, ending, err, readable_errors, write_json
from realestate_assets.cli.processes import DAEMON_LEVEL, GUARDED_UI

if TYPE_CHECKING:
    from realestate_assets.operations.watch.rounds import Rounds
    from realestate_assets.settings import Settings

# Where the asset `dbt_docs` puts it.
DOCS_PATH = "dbt_docs/index.html"
Every = Annotated[float, typer.Option(min=1, help="Seconds between two looks.")]


@readable_errors
def watch(
    every: Every = 30,
    once: Annotated[bool, typer.Option("--once", help="Look once; exit 1 where something is wrong.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object; with --once.")] = False,
    verbose: Verbose = False,
) -> None:
    """Look at Postgres, Dagster, the UI, the queue and the disk, and alert what stays wrong and what is over.

    It needs neither Dagster nor Postgres itself: what it told stands in a file of the data folder. `dev` does
    the same for what it starts; run this one where Dagster runs by other means (compose, systemd).
    """
    from realestate_assets.operations.watch.looks import look
    from realestate_assets.operations.watch.supervise import supervise

    looks, rounds = _prepared()
    if once or as_json:
        seen = look(looks)
        rounds.take(seen)
        well = all(each.is_up for each in seen)
        if as_json:
            write_json({**ending(0 if well else 1), "looks": [vars(each) for each in seen]})
        else:
            for each in seen:
                mark = "[green]ok  [/]" if each.is_up else "[bold red]FAIL[/]"
                Console().print(mark, f"{each.component:10}", each.detail, highlight=False, soft_wrap=True)
        if not well:
            raise typer.Exit(1)
        return
    _say(f"Watching, each {every:g} s: {', '.join(looks)}")
    supervise([], looks, rounds, every, _stop_on_signals(), _say)


@readable_errors
def dev(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the Dagster UI.")] = 3000,
    service_port: Annotated[
        int | None, typer.Option(help="Port of the service. Default: SERVICE_PORT.")
    ] = None,
    every: Every = 30,
    verbose: Verbose = False,
) -> None:
    """Open the Dagster UI with its daemon, and the service, on this machine only unless told otherwise.

    All are kept running: one that ends is started again, and the platform is watched as by `watch`.
    """
    from realestate_assets.cli.users import first_sign_in
    from realestate_assets.operations.watch.children import Child
    from realestate_assets.operations.watch.supervise import supervise
    from realestate_assets.settings import get_settings
    from resources.home import PROJECT_ROOT, load_environment

    # What `.env` says of it counts, as it does elsewhere.
    load_environment()
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::1") else host  # noqa: S104 # nosec B104 - compared, not listened on
    os.environ.setdefault("DAGSTER_WEBSERVER_URL", f"http://{shown}:{port}")
    looks, rounds = _prepared(migrated=True)
    # Dagster's own processes tell in the same format.
    as_json = ["--log-format", "json"] if get_settings().log_format == "json" else []
    workspace = ["-w", str(PROJECT_ROOT / "workspace.yaml"), *as_json]
    listen = ["--host", host, "--port", str(port)]
    ui = [sys.executable, "-m", GUARDED_UI, *workspace, *listen, *context.args]
    daemon = [str(Path(sys.executable).parent / "dagster-daemon"), "run", *workspace, *DAEMON_LEVEL]
    service_at = service_port or get_settings().service_port
    service = [str(Path(sys.executable).parent / "realestate"), "serve", "--host", host]
    service += ["--port", str(service_at)]
    children = [
        Child("The UI", ui, PROJECT_ROOT),
        Child("The daemon", daemon, PROJECT_ROOT),
        Child("The service", service, PROJECT_ROOT),
    ]
    _say(f"Dagster UI http://{shown}:{port} (Ctrl-C ends it)")
    _say(f"Service    http://{shown}:{service_at}, its API http://{shown}:{service_at}/docs")
    _say(f"dbt docs   {docs_page(get_settings())}")
    for line in first_sign_in(get_settings(), is_shown=sys.stderr.isatty()):
        _say(line)
    supervise(children, looks, rounds, every, _stop_on_signals(), _say)


def docs_page(settings: "Settings") -> str:
    """Where the dbt docs page is, or how it is made."""
    from realestate_assets.operations.services import store_at
    from resources.home import command

    lake = store_at(settings.lake_root, settings)
    return lake.uri(DOCS_PATH) if lake.exists(DOCS_PATH) else f"not made yet: {command('docs')}"


def _prepared(migrated: bool = False) -> "tuple[dict[str, Callable[[], str]], Rounds]":
    """Looks and rounds of this installation."""
    import dagster as dg

    from realestate_assets.operations.dagster_home import prepare_dagster_home
    from realestate_assets.operations.migrate import bring_up_to_date
    from realestate_assets.operations.services import build_services
    from realestate_assets.operations.watch.looks import looks_of
    from realestate_assets.operations.watch.rounds import Rounds, beat_file, state_file
    from realestate_assets.settings import get_settings
    from resources.alerts.file_ledger import FileLedger

    settings = get_settings()
    prepare_dagster_home(settings)
    resources = build_services(settings)
    if migrated:
        bring_up_to_date(resources, _say)
    looks = looks_of(settings, resources["warehouse"], dg.DagsterInstance.get)
    return looks, Rounds(
        FileLedger(state_file(settings.home)), resources["alerts"], _say, beat=beat_file(settings.home)
    )


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _say(text: str) -> None:
    err.print(text, highlight=False, soft_wrap=True)
