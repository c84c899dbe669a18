"""How the command line ends: an exit code, one clear paragraph, and with --json always one object.

`EXIT_CODES` is what `docs/operations.md` tells and the tests hold every command to.
"""

import json
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Annotated, Any

import typer
from typer._click.core import Context
from typer._click.exceptions import ClickException, UsageError
from typer.core import TyperGroup

from realestate_assets.cli.observed import err, note, observed
from realestate_assets.operations.stopping import STOPPED, Stopped, stop_signals_are_noticed
from realestate_assets.settings import read_settings
from resources.errors import PermanentError, RealEstateError
from resources.scrub import scrub
from resources.telemetry import faults

Verbose = Annotated[bool, typer.Option("--verbose", help="Show the traceback of an error.")]

FAILED, WRONG_COMMAND = 1, 2
EXIT_CODES = {
    0: "all went well",
    FAILED: "a step, a blocking check or a service failed",
    WRONG_COMMAND: "the command line is wrong: nothing was changed",
    130: "stopped by Ctrl-C: the run is recorded as canceled, what was finished is kept",
    143: "stopped by SIGTERM, likewise",
}
STATUS = {0: "ok", FAILED: "failed", WRONG_COMMAND: "refused", 130: "canceled", 143: "canceled"}
JSON_OPTION = "--json"
# Arguments of commands, as their help and errors name them.
ARGUMENTS = ("PROPERTY_ID",)


def ending(exit_code: int, error: str = "") -> dict[str, object]:
    """What every object of --json says of the end of its command."""
    return {"status": STATUS[exit_code], "exit_code": exit_code, "error": error or None}


def write_json(value: object) -> None:
    """One line on stdout, and nothing else."""
    sys.stdout.write(json.dumps(value, default=str, ensure_ascii=False) + "\n")
    sys.stdout.flush()


class Commands(TyperGroup):
    """The root of all commands: a command line that is wrong is answered with an object too, under --json."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **options: Any) -> Any:
        """Run the command line; see click."""
        given = list(sys.argv[1:] if args is None else args)
        self._refusal: str | None = None
        try:
            return super().main(given, *rest, **options)
        finally:
            if self._refusal is not None and JSON_OPTION in given:
                write_json(ending(WRONG_COMMAND, self._refusal))

    def make_context(self, *args: Any, **options: Any) -> Context:
        """Parse what stands before the command; see click."""
        with self._refusals_are_kept():
            return super().make_context(*args, **options)

    def invoke(self, ctx: Context) -> Any:
        """Parse what stands behind the command, and run it; see click."""
        with self._refusals_are_kept():
            return super().invoke(ctx)

    @contextmanager
    def _refusals_are_kept(self) -> Iterator[None]:
        try:
            yield
        except UsageError as error:
            self._refusal = error.format_message()
            raise


def readable_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Turn an error into one clear paragraph and its exit code; the traceback only with --verbose."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        verbose, as_json = kwargs.get("verbose", False), kwargs.get("as_json", False)
        try:
            with observed(command.__name__), stop_signals_are_noticed():
                # Before anything is begun: a wrong setting ends every command with the same sentence.
                read_settings()
                command(*args, **kwargs)
        except (typer.Exit, ClickException):
            raise
        except RealEstateError as error:
            _end(_code_of(error), str(error), verbose, as_json)
        except Stopped as stopped:
            _end(stopped.exit_code, STOPPED, verbose, as_json)
        except KeyboardInterrupt:
            _end(130, STOPPED, verbose, as_json)
        except OSError as error:
            text = f"{error.strerror or error}: {error.filename or ''}".rstrip(": ")
            _end(FAILED, text, verbose, as_json)
        except Exception as error:
            faults.tell(error, command=command.__name__)
            hint = "" if verbose else " --verbose shows where."
            _end(FAILED, f"Unexpected {type(error).__name__}: {scrub(str(error))}.{hint}", verbose, as_json)

    return wrapped


def _code_of(error: RealEstateError) -> int:
    """What is wrong with an option or argument names it as its field: `--county`, `PROPERTY_ID`."""
    field = (error.field if isinstance(error, PermanentError) else None) or ""
    return WRONG_COMMAND if field.startswith("--") or field in ARGUMENTS else FAILED


def _end(exit_code: int, message: str, verbose: bool, as_json: bool) -> None:
    note(message, exit_code in (FAILED, WRONG_COMMAND))
    if verbose:
        err.print(traceback.format_exc(), markup=False, highlight=False)
    if exit_code in (FAILED, WRONG_COMMAND):
        err.print("[bold red]Error:[/] ", end="")
    err.print(message, markup=False, highlight=False, soft_wrap=True)
    if as_json:
        write_json(ending(exit_code, message))
    raise typer.Exit(exit_code)
