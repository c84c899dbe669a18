"""The command line: run the graph, check the machine, search, open the UI, build the docs.

Heavy imports stand inside the commands, so that help and errors come at once.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from realestate_assets.cli import alerts as alerts_cli
from realestate_assets.cli import backfill as backfill_cli
from realestate_assets.cli import backup as backup_cli
from realestate_assets.cli import demo as demo_cli
from realestate_assets.cli import persons as persons_cli
from realestate_assets.cli import processes as processes_cli
from realestate_assets.cli import rejects as rejects_cli
from realestate_assets.cli import retention as retention_cli
from realestate_assets.cli import review as review_cli
from realestate_assets.cli import serve as serve_cli
from realestate_assets.cli import source as source_cli
from realestate_assets.cli import users as users_cli
from realestate_assets.cli import watch as watch_cli
from realestate_assets.cli import workers as workers_cli
from realestate_assets.cli.errors import Commands, Verbose, ending, err, readable_errors, write_json

app = typer.Typer(
    cls=Commands,
    help="Real Estate OS: listings to values, scores and investor memos.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(alerts_cli.app, name="alerts")
app.add_typer(rejects_cli.app, name="rejects")
app.add_typer(source_cli.app, name="source")
app.add_typer(review_cli.app, name="review")
app.add_typer(users_cli.app, name="users")
app.add_typer(persons_cli.app, name="persons")
for command in (
    backfill_cli.backfill,
    backup_cli.backup,
    backup_cli.restore,
    backup_cli.verify,
    demo_cli.demo,
    retention_cli.retention,
    serve_cli.serve,
    watch_cli.watch,
    workers_cli.worker,
    processes_cli.code_server,
    processes_cli.dagster_home,
):
    app.command()(command)
for command in (watch_cli.dev, processes_cli.webserver, processes_cli.daemon):
    app.command(context_settings=processes_cli.PASSED_ON)(command)

SAMPLE_COUNTIES = ("clark-nv", "cook-il", "harris-tx")


@app.command()
@readable_errors
def run(
    county: Annotated[
        list[str] | None,
        typer.Option(help="County slug, such as king-wa; may be given several times. Default: the sample's."),
    ] = None,
    months: Annotated[
        str | None,
        typer.Option(
            help="FROM:TO as YYYY-MM:YYYY-MM, or one month. Default: those of --input, or the sample's."
        ),
    ] = None,
    input_file: Annotated[
        Path | None,
        typer.Option(
            "--input", help="File to land for the county before the run; its source is found by its columns."
        ),
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Source the input belongs to, where several would fit.")
    ] = None,
    select: Annotated[
        str | None, typer.Option(help="Assets to make, such as 'scores,memos' or '+features'. Default: all.")
    ] = None,
    evaluate: Annotated[
        str | None, typer.Option(help="FROM:TO: months whose sales the values are measured on. Default: all.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Run it even where nothing has changed since it last ran.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of the summary.")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Run the graph in this process: the bundled sample by default, or a county and months of yours.

    Exit codes: 0 all went well, 1 a step or a blocking check failed, 2 the command line is wrong,
    130 and 143 stopped by Ctrl-C and by SIGTERM.
    """
    from realestate_assets.cli.request import Request, standing_report

    if source and not input_file:
        raise typer.BadParameter("--source says whose file --input is; without --input it means nothing.")

    request = Request(
        counties=tuple(county or SAMPLE_COUNTIES),
        months=months,
        input_file=input_file,
        source=source,
        select=select,
        evaluate=evaluate,
    )
    report = None if again else standing_report(request)
    if report is None:
        from realestate_assets.cli.run import run as run_graph

        report = run_graph(request, console=err)
    if as_json:
        write_json({**report.as_json(), **ending(0 if report.success else 1, report.error)})
    else:
        # A pipe has no width of its own; 80 columns would cut prices off.
        report.print(Console(width=None if sys.stdout.isatty() else 150))
    if not report.success:
        raise typer.Exit(1)


@app.command()
@readable_errors
def doctor(
    providers: Annotated[
        bool, typer.Option("--providers", help="Try the APIs instead: reachable, key present, budget left.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    verbose: Verbose = False,
) -> None:
    """Check everything the platform needs on this machine, and say how to mend what is missing."""
    from realestate_assets.cli.doctor import diagnose, print_findings

    if providers:
        _doctor_providers(as_json)
        return
    findings = diagnose()
    if as_json:
        write_json([vars(finding) for finding in findings])
    else:
        print_findings(findings, Console())
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@app.command()
@readable_errors
def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit 1 where the tables are of an older version.")
    ] = False,
    index: Annotated[
        bool,
        typer.Option("--reindex", help="Make the vector index anew from the lake."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    verbose: Verbose = False,
) -> None:
    """Bring tables, lake and vector index to the version of this installation; rows stay as they are.

    `run` and `dev` do it themselves. It waits for others who migrate, and may be run while runs go on.
    """
    from realestate_assets.operations import migrate as operation
    from realestate_assets.operations.reindex import reindex
    from realestate_assets.operations.services import build_services
    from realestate_assets.settings import get_settings

    resources = build_services(get_settings())
    warehouse = resources["warehouse"]
    if check:
        found, newest = operation.version(warehouse)
        done = operation.Upgrade(found, found)
    else:
        newest = operation.newest(warehouse)
        say = lambda text: err.print(text, highlight=False)  # noqa: E731
        done = operation.bring_up_to_date(resources, say)
        if index:
            count = reindex(resources["lake"], warehouse, resources["vector_index"], say)
            say(f"{count:,} points in the vector index")
    is_behind = done.left is None or done.left < newest
    told = operation.behind(done.left, newest) if is_behind else operation.in_words(done, newest)
    if as_json:
        end = ending(1 if is_behind else 0)
        write_json({**end, "found": done.found, "left": done.left, "newest": newest, "is_behind": is_behind})
    else:
        Console().print(told, highlight=False, soft_wrap=True)
    if is_behind:
        raise typer.Exit(1)


def _doctor_providers(as_json: bool) -> None:
    from realestate_assets.cli.doctor import find_providers, print_providers

    findings = find_providers()
    if as_json:
        write_json([finding.as_json() for finding in findings])
    else:
        print_providers(findings, Console(width=None if sys.stdout.isatty() else 150))
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@app.command()
@readable_errors
def search(
    query: Annotated[str, typer.Argument(help="What you look for, in plain words.")],
    county: Annotated[
        str | None, typer.Option(help="County slug, such as king-wa; not needed where the words name one.")
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(help="What was understood and is not to filter, such as year_built; again for more."),
    ] = None,
    min_price: Annotated[float | None, typer.Option(help="Lowest asking price, USD.")] = None,
    max_price: Annotated[float | None, typer.Option(help="Highest asking price, USD.")] = None,
    bedrooms: Annotated[float | None, typer.Option(help="At least this many bedrooms.")] = None,
    min_score: Annotated[float | None, typer.Option(help="At least this bird_dog_score.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many results.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    verbose: Verbose = False,
) -> None:
    """Find properties in plain words: facts filter, the rest ranks by meaning."""
    from realestate_assets.cli.search import chosen_facts, find, print_result

    if min_price is not None and max_price is not None and min_price > max_price:
        raise typer.BadParameter("--min-price is above --max-price: nothing can cost that.")
    given = chosen_facts(min_price, max_price, bedrooms, min_score)
    result = find(query, county, limit=limit, without=without or (), given=given)
    if as_json:
        write_json(result.as_json())
    else:
        print_result(result, Console(width=None if sys.stdout.isatty() else 150))


@app.command()
@readable_errors
def landing(
    county: Annotated[
        list[str] | None, typer.Option(help="County slug; may be given several times. Default: all.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
    verbose: Verbose = False,
) -> None:
    """Show what lies in the landing area and what became of it, also of what nobody reads."""
    from realestate_assets.cli.landing import find, print_landing

    found = find(county or ())
    if as_json:
        write_json(found)
    else:
        print_landing(found, Console(width=None if sys.stdout.isatty() else 150))


@app.command()
@readable_errors
def trace(
    property_id: Annotated[str, typer.Argument(help="Id of the property, as on its memo.")],
    month: Annotated[str, typer.Option(help="Only this month, as YYYY-MM. Default: all.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    verbose: Verbose = False,
) -> None:
    """Print where every figure of a property came from, and all that happened to it."""
    from realestate_assets.cli.trace import find_trace, print_trace
    from realestate_assets.extent import single_month

    month = single_month(month, "--month") if month else ""
    found = find_trace(property_id, month)
    if as_json:
        write_json({**found, **ending(0)})
    else:
        print_trace(found, Console(width=None if sys.stdout.isatty() else 150))


@app.command()
@readable_errors
def metrics(
    serve: Annotated[
        int | None, typer.Option(metavar="PORT", help="Answer http://HOST:PORT/metrics until stopped.")
    ] = None,
    host: Annotated[
        str, typer.Option(help="Address that --serve listens on: figures name counties and costs.")
    ] = "127.0.0.1",
    out: Annotated[
        Path | None, typer.Option(help="Write a textfile, such as node_exporter collects; ends in .prom.")
    ] = None,
    verbose: Verbose = False,
) -> None:
    """Print rows, rejects, costs, ages, durations and queue for Prometheus, or write or serve them."""
    from realestate_assets.cli import metrics as metrics_command

    if serve is not None and out is not None:
        raise typer.BadParameter("--serve and --out exclude each other: answer requests, or write a file.")
    if serve is not None:
        err.print(f"http://{host}:{serve}/metrics, until Ctrl-C", highlight=False)
        metrics_command.serve(serve, host=host)
    elif out is not None:
        metrics_command.write(out)
    else:
        sys.stdout.write(metrics_command.as_text())


@app.command()
@readable_errors
def tune(
    county: Annotated[str, typer.Option(help="County slug, such as king-wa.")],
    months: Annotated[
        str, typer.Option(help="FROM:TO: months valued by the sales before each, and compared.")
    ],
    trials: Annotated[
        int | None, typer.Option(min=1, help="Trials in all. Default: config/tuning.yaml.")
    ] = None,
    timeout: Annotated[float | None, typer.Option(help="No trial begins after these seconds.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Of the sampler.")] = None,
    verbose: Verbose = False,
) -> None:
    """Try parameters of the valuation on months that the graph has run; prints a proposal as YAML.

    A study that was stopped goes on where it was. Nothing is changed: a proposal is taken over by hand.
    """
    from realestate_assets.cli.tune import tune as run_study

    sys.stdout.write(run_study(county, months, trials, timeout, seed, console=err))


@app.command()
@readable_errors
def docs(verbose: Verbose = False) -> None:
    """Build the dbt docs page into the lake and print where it is."""
    from realestate_assets.cli import run as run_command

    err.print("Building the dbt docs page…")
    address = run_command.publish_docs()
    sys.stdout.write(address + "\n")
    if address.startswith("s3://"):
        err.print(f"For a day: {_link(address, 24.0)}", markup=False, highlight=False, soft_wrap=True)


@app.command()
@readable_errors
def link(
    path: Annotated[
        str, typer.Argument(metavar="PATH", help="A file of the lake, as `run` prints it or within the lake.")
    ],
    hours: Annotated[float, typer.Option("--hours", help="How long it holds, up to a week.")] = 24.0,
    verbose: Verbose = False,
) -> None:
    """Print an address of a file of the lake that anybody who has it may open: memos, boards, docs.

    In a bucket it is signed and runs out; in a folder it is the file's path.
    """
    sys.stdout.write(_link(path, hours) + "\n")


def _link(path: str, hours: float) -> str:
    from realestate_assets.operations.services import store_at
    from realestate_assets.settings import get_settings

    settings = get_settings()
    lake = store_at(settings.lake_root, settings)
    return lake.link(path.removeprefix(f"{lake.uri().rstrip('/')}/"), hours)


if __name__ == "__main__":
    app()
