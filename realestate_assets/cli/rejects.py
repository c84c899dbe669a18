"""`realestate rejects list | show | replay`: the rows that were refused."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from realestate_assets.cli.errors import Verbose, ending, err, readable_errors, write_json
from realestate_assets.cli.report import sent_line

if TYPE_CHECKING:
    from realestate_assets.cli.replay import ReplayReport
    from realestate_assets.operations.rejects import RejectFilter
    from resources.warehouse.warehouse import Warehouse

app = typer.Typer(
    help="Rows that were refused: see them, and bring them in after their map was mended.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

County = Annotated[list[str] | None, typer.Option(help="County slug; may be given several times.")]
Months = Annotated[str | None, typer.Option(help="FROM:TO as YYYY-MM:YYYY-MM, or one month.")]
Reason = Annotated[
    list[str] | None, typer.Option(help="Reason code, such as ZIP_UNREADABLE; may be given several times.")
]
Source = Annotated[list[str] | None, typer.Option(help="Source of the county; may be given several times.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
# A pipe has no width of its own; 80 columns would cut reasons off.
PIPE_WIDTH = 150


def _filter(
    county: list[str] | None, months: str | None, reason: list[str] | None, source: list[str] | None
) -> "RejectFilter":
    from realestate_assets.cli.options import check_counties
    from realestate_assets.extent import month_range
    from realestate_assets.operations.rejects import RejectFilter

    return RejectFilter(
        counties=check_counties(tuple(county or ())),
        months=month_range(months) if months else (),
        reasons=tuple(reason or ()),
        sources=tuple(source or ()),
    )


def _warehouse() -> "Warehouse":
    from realestate_assets.operations.services import build_services
    from realestate_assets.settings import get_settings

    return build_services(get_settings())["warehouse"]


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)


@app.command("list")
@readable_errors
def list_(
    county: County = None,
    months: Months = None,
    reason: Reason = None,
    source: Source = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Count refused rows by county, month, source, reason and field."""
    from realestate_assets.operations.rejects import reject_groups

    groups = reject_groups(_warehouse(), _filter(county, months, reason, source))
    if as_json:
        write_json(groups)
        return
    table = Table(title=f"{sum(g['rows'] for g in groups):,} refused rows", title_justify="left")
    for name in ("county", "month", "source", "reason", "field"):
        table.add_column(name)
    table.add_column("rows", justify="right")
    table.add_column("map mended since")
    table.add_column("for example")
    for group in groups:
        texts = [group[name] or "" for name in ("county", "month", "source", "reason_code", "field")]
        mended = "yes" if group["is_mended"] else "no"
        table.add_row(*map(Text, texts), f"{group['rows']:,}", mended, Text(group["example"]))
    _console().print(table)
    if any(group["is_mended"] for group in groups):
        err.print("Bring the mended ones in with: realestate rejects replay", highlight=False)


@app.command()
@readable_errors
def show(
    county: County = None,
    months: Months = None,
    reason: Reason = None,
    source: Source = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many rows.")] = 20,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Show refused rows as they were received, with every reason."""
    from realestate_assets.operations.rejects import reject_rows

    rows = reject_rows(_warehouse(), _filter(county, months, reason, source), limit)
    if as_json:
        write_json(rows)
        return
    console = _console()
    for row in rows:
        place = f"{row['county']} {row['month']} {row['source']} {row['source_file']} row {row['source_row']}"
        console.print(Text(place, style="bold"))
        console.print(Text(f"  {row['reason_codes']}: {row['reason']}"))
        console.print(Text("  " + ", ".join(f"{k}={v}" for k, v in row["raw_record"].items())))
        if row["times_replayed"]:
            console.print(Text(f"  replayed {row['times_replayed']} times"))
    err.print(f"{len(rows):,} rows shown, at most {limit:,}", highlight=False)


@app.command()
@readable_errors
def replay(
    county: County = None,
    months: Months = None,
    reason: Reason = None,
    source: Source = None,
    again: Annotated[
        bool, typer.Option("--again", help="Also rows whose map is the one they were refused by.")
    ] = False,
    discovery_only: Annotated[
        bool,
        typer.Option("--discovery-only", help="Stop at properties; enrich and score them with the next run."),
    ] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Bring refused rows in again after you have mended their map in the county's YAML.

    Their months are made again whole, with all that follows from them. Later months are not, though they
    learn from these. A row is tried once a map. Exit code 1 where a run failed.
    """
    from realestate_assets.cli.replay import replay_rejects

    report = replay_rejects(
        _filter(county, months, reason, source),
        again=again,
        discovery_only=discovery_only,
        say=lambda text: err.print(text, highlight=False, soft_wrap=True),
    )
    if as_json:
        write_json({**report.as_json(), **ending(0 if report.success else 1, "; ".join(report.errors))})
    elif not report.rows:
        err.print(
            "Nothing to replay: no refused row's map has changed since it was refused.", highlight=False
        )
    else:
        _print(report)
    if not report.success:
        raise typer.Exit(1)


def _print(report: "ReplayReport") -> None:
    console = _console()
    listed = ", ".join(f"{rows:,} {outcome}" for outcome, rows in report.outcomes.items())
    console.print(f"Replayed {report.rows:,} rows: {listed}", highlight=False)
    if report.counts:
        console.print(sent_line(report.counts), highlight=False)
    for error in report.errors:
        console.print(Text(f"Error: {error}", style="red"))
