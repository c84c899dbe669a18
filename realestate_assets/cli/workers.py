"""`realestate worker`: runs that are handed to a queue."""

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
