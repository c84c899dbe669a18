"""How the command line tells of an error: one clear paragraph, exit code 1."""

import traceback
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

import typer
from rich.console import Console

from resources.errors import RealEstateError

err = Console(stderr=True)

Verbose = Annotated[bool, typer.Option("--verbose", help="Show the traceback of an error.")]


def readable_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Turn an error into one clear paragraph and exit code 1; the traceback only with --verbose."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except RealEstateError as error:
            _fail(str(error), kwargs.get("verbose", False))
        except KeyboardInterrupt:
            err.print("\nStopped. What was finished is kept; run the same command again to go on.")
            raise typer.Exit(130) from None
        except OSError as error:
            _fail(
                f"{error.strerror or error}: {error.filename or ''}".rstrip(": "),
                kwargs.get("verbose", False),
            )

    return wrapped


def _fail(message: str, verbose: bool) -> None:
    if verbose:
        err.print(traceback.format_exc(), markup=False, highlight=False)
    err.print("[bold red]Error:[/] ", end="")
    err.print(message, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1)
