"""`realestate source try | schema`: a map for a file nobody has described, and what editors check it by."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from realestate_assets.cli.errors import Verbose, ending, err, readable_errors, write_json

if TYPE_CHECKING:
    from realestate_assets.domain.counties.county import County
    from realestate_assets.landing.trial import Trial

app = typer.Typer(
    help="Sources of files: try one, and write its map into the county's YAML.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
SHOWN_ROWS = 10
PIPE_WIDTH = 150


@app.command("try")
@readable_errors
def try_command(
    file: Annotated[Path, typer.Argument(help="The file, as it came.")],
    county: Annotated[str, typer.Option(help="County slug, such as king-wa; a new one is made.")],
    name: Annotated[str, typer.Option(help="What the source is called.")] = "sales",
    wish: Annotated[
        list[str] | None,
        typer.Option("--map", help="FIELD=COLUMN instead of the proposal; FIELD= leaves the field out."),
    ] = None,
    write: Annotated[bool, typer.Option(help="Write the source into COUNTY_CONFIG_DIR.")] = False,
    fips: Annotated[str | None, typer.Option(help="Of a new county: its five digits.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Of a new county: such as America/Chicago.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    verbose: Verbose = False,
) -> None:
    """Read a file, propose a map, show what would become of its rows; nothing is landed."""
    from realestate_assets.landing.trial import try_file
    from realestate_assets.operations.county_file import county_for_trial, county_text, write_source
    from realestate_assets.settings import get_settings

    if not file.is_file():
        raise typer.BadParameter(f"There is no file {file}.")
    wishes = {field: column or None for field, _, column in (each.partition("=") for each in wish or ())}
    folder = get_settings().county_config_dir
    seen = county_text(county, folder)
    ours = county_for_trial(county, fips, timezone)
    trial = try_file(file, ours, name, wishes)
    written = None
    if write:
        written = write_source(ours, trial, folder, seen)
    if as_json:
        write_json({**_as_json(trial), "written": written and str(written), **ending(0)})
        return
    _print(trial, ours, Console(width=None if sys.stdout.isatty() else PIPE_WIDTH))
    if written:
        setting = f"FIRST_MONTH={trial.first_month} " if trial.first_month else ""
        err.print(f"Written to {written}", highlight=False, soft_wrap=True)
        months = list(trial.months)
        span = f"{months[0]}:{months[-1]}" if months else "FROM:TO"
        command = f"{setting}realestate run --county {ours.slug} --months {span} --input {file}"
        err.print(f"Next       {command}", highlight=False, soft_wrap=True)
    else:
        err.print("Next       --write puts this source into the county's YAML", highlight=False)


@app.command()
@readable_errors
def schema(verbose: Verbose = False) -> None:
    """Print the JSON schema of a county's YAML, by which editors complete and check it."""
    from realestate_assets.domain.counties.county_schema import county_schema

    sys.stdout.write(json.dumps(county_schema(), indent=2) + "\n")


def _as_json(trial: "Trial") -> dict:
    received, kept = trial.received.num_rows, trial.found.properties.num_rows
    return {
        "source": trial.source,
        "proposals": [vars(each) for each in trial.proposals],
        "unused_columns": trial.unused,
        "may_be_features": trial.may_be_features,
        "received": received,
        "offers": trial.offers,
        "accepted": kept,
        "not_accepted": trial.found.rejects.num_rows,
        "nulls": trial.nulls,
        "rejects": [
            {"reason_code": code, "field": field, "rows": rows, "example": example}
            for (code, field), (rows, example) in trial.rejects.items()
        ],
        "months": trial.months,
        "warnings": trial.warnings,
        "before": trial.received.slice(0, SHOWN_ROWS).to_pylist(),
        "after": _after(trial),
    }


def _after(trial: "Trial") -> list[dict]:
    """The properties of the first rows, in the order of the file."""
    table = trial.found.properties.sort_by([("source_row", "ascending")]).slice(0, SHOWN_ROWS)
    return table.select(["source_row", *(each.field for each in trial.proposals)]).to_pylist()


def _print(trial: "Trial", county: "County", console: Console) -> None:
    from realestate_assets.operations.county_file import source_yaml

    console.print(_proposals(trial))
    if trial.unused:
        told = f"Not used: {', '.join(trial.unused)}"
        if trial.may_be_features:
            told += f"\nMay be named under `features` for the value model: {', '.join(trial.may_be_features)}"
        console.print(told, markup=False, highlight=False, soft_wrap=True)
    console.print(
        _rows("Before: the first rows as they came", trial.received.slice(0, SHOWN_ROWS).to_pylist())
    )
    console.print(_rows("After: the properties of the first rows", _after(trial)))
    accepted, others = trial.found.properties.num_rows, trial.found.rejects.num_rows
    offers = f" and {trial.offers:,} offers of sold ones" if trial.offers else ""
    console.print(
        f"{county.slug}: {trial.received.num_rows:,} rows{offers} = {accepted:,} accepted "
        f"+ {others:,} not accepted",
        highlight=False,
    )
    if trial.rejects:
        console.print(_rejects(trial))
    for warning in trial.warnings:
        console.print("[yellow]Warning:[/] ", end="")
        console.print(warning, markup=False, highlight=False, soft_wrap=True)
    console.print(source_yaml(trial.source), markup=False, highlight=False, soft_wrap=True)


def _proposals(trial: "Trial") -> Table:
    table = Table(title="Proposed map", title_justify="left")
    for heading in ("our column", "how it is made", "sure", "rows without"):
        table.add_column(heading, justify="right" if heading in ("sure", "rows without") else "left")
    for each in trial.proposals:
        made = json.dumps(each.rule, ensure_ascii=False)
        made = made if len(made) <= 90 else made[:87] + "…"
        nulls = trial.nulls[each.field]
        table.add_row(each.field, Text(made), f"{each.confidence:.0%}", f"{nulls:,}" if nulls else "")
    return table


def _rows(title: str, rows: list[dict]) -> Table:
    """Rows on end: a file has more columns than a screen is wide."""
    table = Table(title=title, title_justify="left", show_lines=False)
    table.add_column("column", no_wrap=True)
    for number, _ in enumerate(rows[:SHOWN_ROWS], start=1):
        table.add_column(str(number), no_wrap=True, overflow="ellipsis", max_width=16)
    for name in rows[0] if rows else ():
        table.add_row(name, *(Text("" if row[name] is None else str(row[name])) for row in rows))
    return table


def _rejects(trial: "Trial") -> Table:
    table = Table(title="Rows not accepted, by cause", title_justify="left")
    for heading in ("reason", "field", "rows", "such as"):
        table.add_column(heading, justify="right" if heading == "rows" else "left")
    for (code, field), (rows, example) in trial.rejects.items():
        table.add_row(code, field, f"{rows:,}", Text(example))
    return table
