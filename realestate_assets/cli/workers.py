"""`realestate worker`, `code-server`, `dagster-home`: processes of an installation on several machines."""

import os
import sys
from typing import Annotated

import typer

from realestate_assets.cli.errors import Verbose, err, readable_errors


@readable_errors
def worker(
    queues: Annotated[
        str, typer.Option(help="Queues to take runs from, separated by commas: default, heavy, providers.")
    ] = "default,heavy,providers",
    concurrency: Annotated[
        int, typer.Option(min=1, max=64, help="Runs at once; each is a process and takes 1 to 3 GB.")
    ] = 1,
    name: Annotated[str, typer.Option(help="Name before the host's, where a host has several.")] = "worker",
    verbose: Verbose = False,
) -> None:
    """Execute runs that Dagster hands to the queues of DAGSTER_CELERY_BROKER, until stopped.

    Ctrl-C or SIGTERM once: it takes no further run, and ends when the one under way has; twice: at once.
    """
    from realestate_assets.operations.worker import check_queues, work

    try:
        chosen = check_queues(queues)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    # All that a run imports is imported with it, once for all children.
    from realestate_assets.definitions import defs

    work(defs, chosen, concurrency, name, say=lambda text: err.print(text, highlight=False, soft_wrap=True))


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
