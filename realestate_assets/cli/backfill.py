"""`realestate backfill`: whole counties handed to Dagster's queue, followed to their end."""

import json
import time
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from realestate_assets.cli.errors import Verbose, ending, err, readable_errors, write_json

if TYPE_CHECKING:
    from realestate_assets.operations.backfill import Backfill, Piece
    from realestate_assets.operations.backfill import Progress as Seen


@readable_errors
def backfill(
    months: Annotated[str, typer.Option(help="FROM:TO as YYYY-MM:YYYY-MM, or one month.")],
    county: Annotated[
        list[str] | None, typer.Option(help="County slug; may be given several times. Default: all.")
    ] = None,
    width: Annotated[int, typer.Option(min=1, max=240, help="Most months of a county in one run.")] = 12,
    again: Annotated[
        bool, typer.Option("--again", help="Make everything once more, also what this command has made.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object at the end.")] = False,
    verbose: Verbose = False,
) -> None:
    """Make counties and months by runs in Dagster's queue: counties side by side, months of each in order.

    As many go at once as MAX_CONCURRENT_RUNS and the workers allow. Stopped (Ctrl-C), what is queued goes on;
    the same command follows on, and tries what failed. Dagster's daemon must run (`realestate dev`).
    """
    from realestate_assets.operations.backfill import State, failures

    following, pieces = _prepared(tuple(county or ()), months, width, again)
    err.print(f"Backfill {following.id}: {len(pieces)} runs", highlight=False)
    started = time.monotonic()
    seen = _follow(following, pieces)
    failed = failures(seen)
    object_ = {
        "backfill": following.id,
        "runs": seen.runs,
        "states": {key: state.value for key, state in seen.states.items()},
        "seconds": round(time.monotonic() - started, 1),
    }
    is_done = seen.count(State.DONE) == len(pieces)
    words = f"{seen.count(State.DONE)} of {len(pieces)} runs are done, {len(failed)} failed"
    if as_json:
        write_json({**object_, **ending(0 if is_done else 1, "" if is_done else words)})
    else:
        err.print(f"{words}, in {object_['seconds']} s.", highlight=False)
        for key, run_id in failed.items():
            err.print(
                f"  {key}: run {run_id}; see it in the UI, then run the same command again", highlight=False
            )
    if not is_done:
        raise typer.Exit(1)


def _prepared(
    counties: tuple[str, ...], months: str, width: int, again: bool
) -> "tuple[Backfill, list[Piece]]":
    import os

    import dagster as dg

    from realestate_assets.cli.options import check_counties
    from realestate_assets.definitions import build_resources, defs
    from realestate_assets.extent import counties as configured
    from realestate_assets.extent import month_range
    from realestate_assets.operations.backfill import Backfill, plan
    from realestate_assets.operations.dagster_home import prepare_dagster_home
    from realestate_assets.operations.migrate import bring_up_to_date
    from realestate_assets.operations.watch.looks import daemon
    from realestate_assets.settings import get_settings

    slugs = check_counties(counties) or tuple(configured())
    chosen = month_range(months)
    settings = get_settings()
    prepare_dagster_home(settings)
    resources = build_resources(settings, secret=os.environ.__getitem__)
    bring_up_to_date(resources, lambda text: err.print(text, highlight=False))
    instance = dg.DagsterInstance.get()
    # Else the runs would wait for ever, and nobody would know why.
    daemon(instance)
    pieces = plan(slugs, chosen, width)
    return Backfill(instance, defs, pieces, again), pieces


def _follow(following: "Backfill", pieces: "list[Piece]") -> "Seen":
    """With a bar a wave on a terminal, else a line whenever something changed."""
    from realestate_assets.operations.backfill import WAVES, State

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TimeElapsedColumn(), TextColumn("{task.fields[now]}"))  # fmt: skip
    with Progress(*columns, console=err, disable=not err.is_terminal) as bars:
        rows = {
            wave: bars.add_task(wave, total=sum(p.wave == wave for p in pieces), now="") for wave in WAVES
        }
        told = ""

        def tell(seen: "Seen") -> None:
            nonlocal told
            for wave, row in rows.items():
                mine = {p.key: p.county_slug for p in pieces if p.wave == wave}
                done = sum(seen.states[key] is State.DONE for key in mine)
                now = [slug for key, slug in mine.items() if seen.states[key] is State.RUNNING]
                bars.update(row, completed=done, now=", ".join(now))
            line = json.dumps({state.value: seen.count(state) for state in State})
            if line != told and not err.is_terminal:
                err.print(line, highlight=False)
            told = line

        return following.follow(tell)
