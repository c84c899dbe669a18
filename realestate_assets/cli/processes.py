"""`realestate webserver`, `daemon`, `code-server`: one of Dagster's processes alone, as a container runs it.

Each becomes Dagster's own program, so that signals and exit codes are its. `dev` runs both on one machine.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from realestate_assets.cli.errors import Verbose, err, readable_errors

GUARDED_UI = "realestate_assets.operations.guarded_ui"
# At its usual level the daemon tells of each look of each sensor.
DAEMON_LEVEL = ("--log-level", "warning")
# What Dagster's programs take goes through to them.
PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True}

Workspace = Annotated[
    Path | None,
    typer.Option(
        "--workspace", "-w", exists=True, dir_okay=False,
        help="Where the code locations are, such as a code server. Default: this installation's own code.",
    ),
]  # fmt: skip


@readable_errors
def webserver(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 3000,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Refuse whatever changes something: for those who read.")
    ] = False,
    path_prefix: Annotated[str, typer.Option(help="Path under which it is opened, such as /reader.")] = "",
    workspace: Workspace = None,
    verbose: Verbose = False,
) -> None:
    """Run the Dagster UI alone. It asks nobody who they are: what others reach stands behind a proxy."""
    options = ["--host", host, "--port", str(port), *(["--read-only"] if read_only else [])]
    options += ["--path-prefix", path_prefix] if path_prefix else []
    become([sys.executable, "-m", GUARDED_UI], workspace, [*options, *context.args])


@readable_errors
def daemon(context: typer.Context, workspace: Workspace = None, verbose: Verbose = False) -> None:
    """Run Dagster's daemon alone: schedules, sensors, the queue of runs. An installation has one."""
    program = str(Path(sys.executable).parent / "dagster-daemon")
    become([program, "run"], workspace, [*DAEMON_LEVEL, *context.args])


@readable_errors
def code_server(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 4000,
    verbose: Verbose = False,
) -> None:
    """Serve the graph's definitions to a web server and a daemon that run elsewhere, by gRPC, until stopped.

    Anybody who reaches the port may start runs: keep it inside the network of the installation.
    """
    from realestate_assets.operations.dagster_home import prepare_dagster_home
    from realestate_assets.operations.run_origin import location_name
    from realestate_assets.settings import get_settings

    prepare_dagster_home(get_settings())
    err.print(f"The code location {location_name()} at {host}:{port}", highlight=False)
    module = ["-m", "realestate_assets.definitions", "--location-name", location_name()]
    listen = ["--host", host, "--port", str(port)]
    # In place of this process: signals reach it.
    os.execv(sys.executable, [sys.executable, "-m", "dagster", "api", "grpc", *module, *listen])  # noqa: S606 # nosec B606 - words of ours


@readable_errors
def dagster_home(verbose: Verbose = False) -> None:
    """Write dagster.yaml for the settings; print its folder, the DAGSTER_HOME of Dagster's own commands."""
    from realestate_assets.operations.dagster_home import prepare_dagster_home
    from realestate_assets.settings import get_settings

    sys.stdout.write(f"{prepare_dagster_home(get_settings())}\n")


def become(program: Sequence[str], workspace: Path | None, options: Sequence[str]) -> None:
    """Replace this process by one of Dagster's programs, over this installation's storage."""
    from realestate_assets.operations.dagster_home import prepare_dagster_home
    from realestate_assets.settings import get_settings
    from resources.home import PROJECT_ROOT

    settings = get_settings()
    prepare_dagster_home(settings)
    as_json = ["--log-format", "json"] if settings.log_format == "json" else []
    chosen = (workspace or PROJECT_ROOT / "workspace.yaml").resolve()
    # The code location may be loaded from here: paths of this installation are relative to its folder.
    os.chdir(PROJECT_ROOT)
    os.execv(program[0], [*program, "-w", str(chosen), *as_json, *options])  # noqa: S606 # nosec B606 - a list of words
