"""The `run` command: land the input, run the ranges with progress, gather the report."""

import os
import time
from collections.abc import Callable
from typing import TypeVar

import dagster as dg
from rich.console import Console

from realestate_assets.cli.options import check_counties, check_upstream, select_assets
from realestate_assets.cli.progress import PeakMemory, earlier_steps, progress_of
from realestate_assets.cli.report import COUNTS, Report
from realestate_assets.cli.request import SAMPLE_MONTHS, Request, kept_if_unchanged, state_of
from realestate_assets.dbt.ready import ready_dbt
from realestate_assets.definitions import build_resources, defs
from realestate_assets.extent import get_county, month_range
from realestate_assets.landing.arrivals import land_file
from realestate_assets.landing.paths import place_of
from realestate_assets.landing.reading import read
from realestate_assets.operations import summary
from realestate_assets.operations.dagster_home import prepare_dagster_home
from realestate_assets.operations.free_space import check_room, estimate, note_written, of_input
from realestate_assets.operations.in_process import (
    Outcome,
    close_orphaned_runs,
    county_groups,
    execute,
)
from realestate_assets.operations.migrate import bring_up_to_date
from realestate_assets.settings import Settings, get_settings
from resources.disk import free_bytes
from resources.errors import PermanentError, RealEstateError
from resources.lake.files import Store
from resources.partition import Partition
from resources.warehouse.warehouse import Warehouse

# Counts of a run that could not be read back.
NO_COUNTS: dict = {**dict.fromkeys(COUNTS), "rejects_by_reason": {}}
Read = TypeVar("Read")


def land_input(landing: Store, request: Request, settings: Settings) -> str:
    """Land the input file for its county; where it lies below the landing root.

    Raises:
        PermanentError: no file, several counties, no room for it, or no source of the county that the columns
            fit.
    """
    if len(request.counties) != 1:
        raise PermanentError("--input goes with exactly one --county.", field="--input")
    path = request.input_file
    if path is None or not path.is_file():
        raise PermanentError(f"There is no file {path}.", field="--input")
    check_room(settings.home, of_input(path), settings.min_free_gb)
    return land_file(landing, get_county(request.counties[0]), path, request.source)


def months_of(request: Request, landing: Store, landed: str | None) -> list[str]:
    """The months asked for; else those from a landed file's first to its last row, or the sample's."""
    if request.months or landed is None:
        return month_range(request.months or SAMPLE_MONTHS)
    found = read(landing, get_county(request.counties[0]), place_of(landed)).months
    return month_range(f"{found[0]}:{found[-1]}")


def publish_docs() -> str:
    """Materialize dbt_docs and return where the page lies."""
    prepare_dagster_home(get_settings())
    with dg.DagsterInstance.get() as instance:
        outcome = execute(defs, instance, "publish_dbt_docs", [None])
    if not outcome.success:
        raise PermanentError(outcome.errors[0] if outcome.errors else "The dbt docs could not be built.")
    return build_resources(get_settings(), secret=os.environ.__getitem__)["lake"].uri("dbt_docs/index.html")


def run(request: Request, console: Console) -> Report:
    """Run the graph for the request and gather the report.

    Raises:
        PermanentError: the request cannot be run as it stands; nothing was changed.
    """
    started, memory = time.monotonic(), PeakMemory()
    settings = get_settings()
    slugs = check_counties(request.counties)
    # What is wrong with the command line is said before anything is landed.
    for option, asked in (("--months", request.months), ("--evaluate", request.evaluate)):
        if asked:
            month_range(asked, option)
    assets = select_assets(request.select)
    resources = build_resources(settings, secret=os.environ.__getitem__)
    lake: Store = resources["lake"]
    warehouse: Warehouse = resources["warehouse"]
    landed = land_input(resources["landing"], request, settings) if request.input_file else None
    if landed:
        console.print(f"Landed as {resources['landing'].uri(landed)}", highlight=False, soft_wrap=True)
    months = months_of(request, resources["landing"], landed)
    evaluated = month_range(request.evaluate) if request.evaluate else months
    prepare_dagster_home(settings)
    bring_up_to_date(resources, lambda text: console.print(text, highlight=False))
    partitions = [Partition(county_slug, month) for county_slug in slugs for month in months]
    ranges = [
        (Partition(first, months[0]), Partition(last, months[-1])) for first, last in county_groups(slugs)
    ]
    console.print(f"Running {', '.join(slugs)} · {months[0]} to {months[-1]}", highlight=False)
    before = state_of(request, settings)
    if assets is None:
        # It imports while the first steps wait for files and Postgres.
        ready_dbt()
    with dg.DagsterInstance.get() as instance:
        close_orphaned_runs(instance)
        if assets is not None:
            check_upstream(instance, assets, partitions)
        expected = estimate(instance, "pipeline", len(partitions), request.input_file)
        check_room(settings.home, expected, settings.min_free_gb)
        free_before = free_bytes(settings.home)
        steps = len(defs.resolve_job_def("pipeline").all_node_defs) * len(ranges)
        # Several ranges are several runs of the same steps: of those the last one tells nothing.
        earlier = earlier_steps(instance, "pipeline") if len(ranges) == 1 and assets is None else {}
        with progress_of(console, steps, earlier) as listen:
            outcome = execute(defs, instance, "pipeline", ranges, assets=assets, on_event=listen)
        if outcome.success and assets is None:
            note_written(instance, outcome.run_ids, len(partitions), settings.home, free_before)
            with progress_of(console, 1, {}) as listen:
                docs = execute(defs, instance, "publish_dbt_docs", [None], on_event=listen)
            outcome.steps |= docs.steps
            outcome.errors += docs.errors
            outcome.success = docs.success
    sales = [Partition(county_slug, month) for county_slug in slugs for month in evaluated]
    cost = time.monotonic() - started, memory.stop()
    report = gather(outcome, warehouse, lake, partitions, sales, cost)
    if report.success:
        kept_if_unchanged(request, settings, before, report)
    return report


def gather(
    outcome: Outcome,
    warehouse: Warehouse,
    lake: Store,
    partitions: list[Partition],
    sales: list[Partition],
    cost: tuple[float, float],
) -> Report:
    """Read back what the run left; after a failure only what there is of it. `cost` is seconds and MB.

    What cannot be read now, because a service went away after the run, is left out with a warning: what the
    run came to is said in any case.
    """
    seconds, peak_rss_mb = cost
    warnings = list(outcome.warnings)

    def told(what: str, read_back: Callable[[], Read], otherwise: Read) -> Read:
        try:
            return read_back()
        except RealEstateError as error:
            warnings.append(f"The run is over, but {what} cannot be read now: {error}")
            return otherwise

    counts = told("its counts of rows", lambda: summary.intake(warehouse, partitions), NO_COUNTS)
    no_stages: list[dict] = []
    stages = told(
        "the rows of its tables", lambda: summary.stages(outcome, warehouse, lake, partitions), no_stages
    )
    valuation: dict = {}
    best_deals: list[dict] = []
    if outcome.success:
        valuation = told("its ratio study", lambda: summary.valuation(warehouse, sales), {})
        best_deals = told("its best deals", lambda: summary.best_deals(warehouse, partitions), [])
    memos = told("its memos", lambda: summary.memo_count(warehouse, partitions), None)
    return Report(
        success=outcome.success,
        run_ids=outcome.run_ids,
        errors=outcome.errors,
        warnings=warnings,
        failed_checks=[vars(check) for check in outcome.failed_checks],
        stages=stages,
        steps=[{"step": s.step, "seconds": s.seconds} for s in outcome.steps.values()],
        reuse=outcome.reuse,
        **counts,
        months_to_run=outcome.months_to_run,
        valuation=valuation,
        best_deals=best_deals,
        memos=memos,
        memos_at=lake.uri("memos"),
        boards_at=lake.uri("boards/index.html"),
        docs_at=lake.uri("dbt_docs/index.html"),
        seconds=round(seconds, 1),
        peak_rss_mb=peak_rss_mb,
    )
