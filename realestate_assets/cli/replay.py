"""The `rejects replay` command: note the rows, run their partitions, write what became of them."""

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

import dagster as dg

from realestate_assets.cli.options import select_assets
from realestate_assets.definitions import build_resources, defs
from realestate_assets.domain.tables import TABLES
from realestate_assets.operations import replay
from realestate_assets.operations.dagster_home import prepare_dagster_home
from realestate_assets.operations.in_process import close_orphaned_runs, execute
from realestate_assets.operations.rejects import RejectFilter
from realestate_assets.operations.summary import intake
from realestate_assets.partitions import COUNTY_MONTH
from realestate_assets.settings import get_settings
from resources.partition import Partition
from resources.warehouse.warehouse import Warehouse

# One replay at a time: two would both find the same rows to be tried.
LOCK, LOCK_SECONDS = "rejects replay", 5
DISCOVERY = {
    True: "raw_listings,source_files,properties,property_rejects",
    False: "properties,property_rejects",
}
DOWNSTREAM = {True: "raw_listings+", False: "properties+"}


@dataclass
class ReplayReport:
    """What a replay did. Field names are those of the JSON output."""

    replay_id: str
    rows: int
    success: bool = True
    outcomes: dict[str, int] = field(default_factory=dict)
    partitions: list[str] = field(default_factory=list)
    read_again: list[str] = field(default_factory=list)
    run_ids: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict:
        """The report as plain values."""
        return asdict(self)


def replay_rejects(
    chosen: RejectFilter, *, again: bool, discovery_only: bool, say: Callable[[str], None]
) -> ReplayReport:
    """Replay the chosen rejects whose map was mended.

    Args:
        chosen: which rejects.
        again: also those whose map is unchanged.
        discovery_only: stop at properties instead of making all that follows from them.
        say: takes lines of progress.

    Raises:
        PermanentError: a landed file does not fit its map; nothing was changed.
        TransientError: another replay is under way.
    """
    resources = build_resources(get_settings(), secret=os.environ.__getitem__)
    warehouse: Warehouse = resources["warehouse"]
    warehouse.ensure_tables(TABLES.values())
    with warehouse.lock(LOCK, LOCK_SECONDS):
        # What a killed process left open would else stay so for ever.
        replay.settle(warehouse)
        replay_id, rows = replay.begin(warehouse, chosen, again)
        report = ReplayReport(replay_id, rows)
        try:
            if rows:
                planned = replay.plan(warehouse, resources["landing"], replay_id)
                _run(report, planned, discovery_only, say)
        finally:
            run_id = report.run_ids[0] if report.run_ids else ""
            report.outcomes = replay.settle(warehouse, replay_id, run_id)
        if report.partitions:
            found = intake(warehouse, Partition.parse_all(report.partitions))
            report.counts = {name: n for name, n in found.items() if isinstance(n, int)}
    return report


def _run(
    report: ReplayReport,
    planned: dict[str, tuple[list[str], bool]],
    discovery_only: bool,
    say: Callable[[str], None],
) -> None:
    known = COUNTY_MONTH.get_partitions_def_for_dimension("month").get_partition_keys()
    selections = DISCOVERY if discovery_only else DOWNSTREAM
    prepare_dagster_home(get_settings())
    with dg.DagsterInstance.get() as instance:
        close_orphaned_runs(instance)
        for reread in (True, False):
            chosen = {slug: months for slug, (months, again) in planned.items() if again == reread}
            ranges = [
                each for slug, months in chosen.items() for each in replay.stretches(slug, months, known)
            ]
            if not ranges or not report.success:
                continue
            report.partitions += [
                Partition(slug, month).key for slug, months in chosen.items() for month in months
            ]
            report.read_again += list(chosen) if reread else []
            for slug, months in chosen.items():
                origin = "the landed files" if reread else "the rows as kept in raw_listings"
                say(f"{slug}: {', '.join(months)}, from {origin}")
            outcome = execute(defs, instance, "pipeline", ranges, assets=select_assets(selections[reread]))
            report.run_ids += outcome.run_ids
            report.errors += outcome.errors
            report.success = outcome.success
            if not outcome.success and not outcome.errors:
                report.errors += [f"{check.asset}: {check.name}" for check in outcome.failed_checks]
