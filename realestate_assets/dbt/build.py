"""Runs dbt against a warehouse: one invocation for all partitions of a run.

What is asked of dbt, and how its nodes become assets, stands in `dbt`.
"""

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg
from packaging.version import Version, parse

from realestate_assets.dbt.child import PARENT_VARIABLE
from realestate_assets.dbt.dagster_dbt_light import DbtCliInvocation, DbtCliResource
from realestate_assets.dbt.lineage import column_lineage
from realestate_assets.dbt.project import (
    PARTIAL_PARSE,
    PARTITIONS_VARIABLE,
    PROJECT_DIR,
    build_args,
    connection_variables,
    county_rows,
    dbt_command,
    dbt_manifest,
    dbt_project,
    node_name,
    partitions_value,
    path_variables,
    table_of,
    unsuccessful,
)
from realestate_assets.dbt.ready import ready_dbt
from realestate_assets.dbt.relations import LOCK_SECONDS, turn
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.tables import TABLES
from realestate_assets.domain.tables.ops import COUNTIES, OPS_TABLES
from realestate_assets.extent import counties
from realestate_assets.settings import get_settings
from resources.errors import PermanentError, TransientError
from resources.partition import Partition
from resources.readable import MAX_ROWS, shown
from resources.scratch import scratch_folder
from resources.telemetry import spans
from resources.warehouse.analyst_role import ensure_analyst
from resources.warehouse.connections import TRANSIENT_TEXTS
from resources.warehouse.table_ddl import table_name
from resources.warehouse.warehouse import Warehouse

# Tables, settings and grants that dbt needs: one run after the other looks at them.
PREPARATION_LOCK = "dbt preparation"
TRANSIENT_DBT_TEXTS = (
    *TRANSIENT_TEXTS,
    "deadlock detected",
    "could not serialize access",
    "tuple concurrently updated",
)
STOP_SECONDS = 25
# What JSON knows by itself.
PLAIN = str | int | float | bool | None
JOINED_COLUMNS = frozenset(
    {"county", "month", "property_id", "zip", "is_simulated", "sale_date", "model_id", "config_version"}
)

_NAMES = ", ".join(COUNTIES.column_names)
_GIVEN = ", ".join(f"excluded.{name}" for name in COUNTIES.column_names)
_KEPT = ", ".join(f"counties.{name}" for name in COUNTIES.column_names)
COUNTIES_SQL = (
    f"insert into ops.counties as counties ({_NAMES}) "  # noqa: S608
    f"select {_NAMES} from jsonb_to_recordset($1::jsonb) as given({COUNTIES.record()}) "
    f"on conflict (county) do update set ({_NAMES}) = ({_GIVEN}) "
    f"where ({_KEPT}) is distinct from ({_GIVEN})"
)


MISSING_SQL = (
    "select count(*) > 0 as is_any from unnest(string_to_array($1::text, ',')) as name "
    "where to_regclass(name) is null"
)


class ProjectDbt(DbtCliResource):
    """dagster-dbt's resource without its two detours before each call, about 3 s and 100 MB.

    It asks `dbt --version`, which calls the package index and stalls where there is no network, and opens a
    database handle in this process, which only `fetch_row_counts` and `fetch_column_metadata` use.
    """

    @cached_property
    def _cli_version(self) -> Version:
        return parse(version("dbt-core"))

    # dagster-dbt takes None where there is no handle, its annotation does not.
    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> None:  # type: ignore[override]
        return None


def dbt_resource() -> ProjectDbt:
    """The resource under the key `dbt`, with the dbt of this environment."""
    program, *flags = dbt_command()
    return ProjectDbt(
        project_dir=str(PROJECT_DIR),
        profiles_dir=str(PROJECT_DIR),
        dbt_executable=program,
        global_config_flags=flags,
    )


def prepare_warehouse(warehouse: Warehouse, known: Iterable[County]) -> None:
    """Make what dbt reads: raw tables and ledger, be they empty, county settings; and who reads its marts.

    Repeatable, and by several at once: they take turns.
    """
    with warehouse.lock(PREPARATION_LOCK, timeout_seconds=LOCK_SECONDS):
        warehouse.ensure_tables([*TABLES.values(), *OPS_TABLES.values()])
        _ensure_entered(warehouse)
        warehouse.execute(COUNTIES_SQL, (json.dumps(county_rows(known)),))
        password = get_settings().analyst_password
        ensure_analyst(warehouse, password.get_secret_value() if password else None)
        _analyze_changed(warehouse)


def _analyze_changed(warehouse: Warehouse) -> None:
    """Statistics of freshly loaded raw tables, which the planner else takes for nearly empty.

    A server that was killed has lost its counts of changes, and when it analysed last: where it does not know
    of any time, a table is analysed whatever was counted. Without, a build of 45 s took 575 s after a kill.
    """
    changed = warehouse.read(
        "select relname::text as name from pg_stat_user_tables "
        "where schemaname = 'raw' and (n_mod_since_analyze > 0.1 * n_live_tup "
        "or (coalesce(last_analyze, last_autoanalyze) is null and pg_relation_size(relid) > 0))"
    )
    for name in changed["name"].to_pylist():
        if name in TABLES:
            keys = [c for c in TABLES[name].column_names if c in JOINED_COLUMNS]
            warehouse.execute(f"analyze {table_name(TABLES[name])} ({', '.join(keys)})")


def dbt_build(context: dg.AssetExecutionContext, dbt: DbtCliResource, warehouse: Warehouse) -> Iterator[Any]:
    """Build and test the selected models for the run's partitions, as one dbt invocation.

    Runs build beside each other once the relations stand; a lock keeps two from creating one at once.

    Raises:
        PermanentError: a model could not be built or a test of severity error failed; names it.
        TransientError: the database went away.
    """
    # Asset checks alone run without partitions: there is nothing to replace, and they look at all rows.
    partitions = Partition.parse_all(context.partition_keys) if context.selected_asset_keys else []
    names = [key.path[-1] for key in context.selected_asset_keys] if context.selected_asset_keys else None
    with contextlib.ExitStack() as stack:
        target = stack.enter_context(scratch_folder("dbt"))
        prepare_warehouse(warehouse, counties().values())
        stack.enter_context(turn(warehouse, dbt_manifest(), names))
        _take_partial_parse(target)
        parts = warehouse.connection_parts()
        # dagster-dbt hands this process's environment to dbt and takes no other.
        with _environment(_variables(parts, partitions)):
            invocation = dbt.cli(build_args(), context=context, target_path=target, raise_on_error=False)
        stack.callback(_stop, invocation)
        for event in invocation.stream():
            if isinstance(event, dg.Output):
                _add_row_counts(context, warehouse, event, partitions)
                _add_lineage(context, event, target)
            yield _with_failing_rows(warehouse, event, target)
        _keep_partial_parse(target)
        _raise_on_failure(invocation, str(parts["password"]))


def _ensure_entered(warehouse: Warehouse) -> None:
    """Have the tables of people that dbt reads, be they empty; migrations make them where there are any."""
    # The tables of people are some forty, and take long to import: not at each start.
    from realestate_assets.dbt.sources import ENTERED

    names = ",".join(table.fullname for table in ENTERED)
    if not warehouse.read(MISSING_SQL, (names,))["is_any"][0].as_py():
        return
    if warehouse.migrations:
        warehouse.migrate([*TABLES.values(), *OPS_TABLES.values()])
    else:
        from realestate_assets.app.tables import make_tables

        make_tables(warehouse.database_url())


def run_dbt(
    warehouse: Warehouse, args: Sequence[str], partitions: Iterable[Partition] = ()
) -> dict[str, Any]:
    """Run one dbt command outside a Dagster run; without partitions it is about all of them.

    Returns:
        dbt's run_results; empty for a command that has none.

    Raises:
        PermanentError: dbt failed.
    """
    with scratch_folder("dbt") as target:
        return _run(warehouse, args, target, partitions)


def generate_docs(warehouse: Warehouse, output_dir: Path) -> Path:
    """Write the dbt docs as one self-contained page and return its path."""
    with scratch_folder("dbt") as target:
        _run(warehouse, ["docs", "generate", "--static"], target)
        output_dir.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(target / "static_index.html", output_dir / "index.html"))


def _run(
    warehouse: Warehouse,
    args: Sequence[str],
    target: Path,
    partitions: Iterable[Partition] = (),
) -> dict[str, Any]:
    partitions = list(partitions)
    prepare_warehouse(warehouse, counties().values())
    with turn(warehouse, dbt_manifest(), None):
        _take_partial_parse(target)
        parts = warehouse.connection_parts()
        done = subprocess.run(
            [*dbt_command(), *args],
            cwd=PROJECT_DIR,
            env=os.environ | path_variables(target) | _variables(parts, partitions),
            capture_output=True,
            text=True,
            check=False,
        )
        _keep_partial_parse(target)
    results = _run_results(target)
    if done.returncode != 0:
        raise _failure(results, (done.stdout + done.stderr).strip(), str(parts["password"]))
    return results


def _variables(parts: Mapping[str, str | int], partitions: Sequence[Partition]) -> dict[str, str]:
    value = partitions_value(partitions) if partitions else ""
    mine = {PARTITIONS_VARIABLE: value, PARENT_VARIABLE: str(os.getpid())}
    return connection_variables(parts) | mine | spans.header() | ready_dbt()


@contextlib.contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _take_partial_parse(target: Path) -> None:
    known = dbt_project().target_path / PARTIAL_PARSE
    if known.exists():
        shutil.copy(known, target / PARTIAL_PARSE)


def _keep_partial_parse(target: Path) -> None:
    """Keep what dbt parsed: it parses anew for another connection, and once for each is enough."""
    made = target / PARTIAL_PARSE
    kept = dbt_project().target_path
    if made.exists() and kept.is_dir():
        with tempfile.NamedTemporaryFile(dir=kept, delete=False) as scratch:
            scratch.write(made.read_bytes())
        Path(scratch.name).replace(kept / PARTIAL_PARSE)


def _add_row_counts(
    context: dg.AssetExecutionContext,
    warehouse: Warehouse,
    event: dg.Output,
    partitions: list[Partition],
) -> None:
    unique_id = str(event.metadata["unique_id"].value)
    table = table_of(dbt_manifest(), unique_id)
    if table is None:
        return
    name = node_name(unique_id)
    rows = warehouse.read_partitions(*table, partitions, columns=["county", "month"])
    counted = rows.group_by(["county", "month"]).aggregate([([], "count_all")])
    counts = {Partition.of(row): row["count_all"] for row in counted.to_pylist()}
    for partition in partitions:
        context.add_asset_metadata(
            {"dagster/partition_row_count": counts.get(partition, 0)},
            asset_key=dg.AssetKey(name),
            partition_key=partition.key,
        )
    context.log.info(f"{name}: {rows.num_rows:,} rows in {len(partitions)} partitions")


def _add_lineage(context: dg.AssetExecutionContext, event: dg.Output, target: Path) -> None:
    """Column lineage, on every partition: the asset page reads the latest, whichever that is."""
    unique_id = str(event.metadata["unique_id"].value)
    node = dbt_manifest()["nodes"][unique_id]
    compiled = target / "compiled" / node["package_name"] / node["original_file_path"]
    found = column_lineage(dbt_manifest(), unique_id, compiled.read_text(encoding="utf-8"))
    context.add_asset_metadata(found, asset_key=dg.AssetKey(node["name"]))


def _with_failing_rows(warehouse: Warehouse, event: Any, target: Path) -> Any:
    """A failed test's check with the first rows that break the claim, asked by the test's own query."""
    if not isinstance(event, dg.AssetCheckResult) or event.passed:
        return event
    node = dbt_manifest()["nodes"][str(event.metadata["unique_id"].value)]
    compiled = target / "compiled" / node["package_name"] / node["original_file_path"] / node["path"]
    if not compiled.exists():
        return event
    sql = compiled.read_text(encoding="utf-8")
    try:
        rows = warehouse.read(f"select * from ({sql}) as broken limit {MAX_ROWS}").to_pylist()  # noqa: S608
    except PermanentError:
        # The query itself fails, which dbt has reported.
        return event
    texts = [{n: v if isinstance(v, PLAIN) else str(v) for n, v in row.items()} for row in rows]
    return event._replace(metadata={**event.metadata, **shown("failing_rows", texts)})


def _stop(invocation: DbtCliInvocation) -> None:
    """End dbt where the step ended before it: it would go on writing without the lock."""
    if invocation.process.poll() is None:
        invocation.process.terminate()
        try:
            invocation.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            invocation.process.kill()


def _run_results(target: Path) -> dict[str, Any]:
    path = target / "run_results.json"
    return json.loads(path.read_bytes()) if path.exists() else {}


def _raise_on_failure(invocation: DbtCliInvocation, password: str) -> None:
    if error := invocation.get_error():
        raise _failure(_run_results(invocation.target_path), str(error), password)


def _failure(results: Mapping[str, Any], output: str, password: str) -> PermanentError | TransientError:
    """The failure in words: the nodes that failed with the database's message, or else dbt's own output."""
    failed = unsuccessful(results)
    text = "; ".join(f"{name}: {message or status}" for name, status, message in failed)
    if not text:
        text = output.rpartition("Errors parsed from dbt logs:")[2].strip()
    if password:
        text = text.replace(password, "***")
    if any(sign in text for sign in TRANSIENT_DBT_TEXTS):
        return TransientError(f"dbt lost the database: {text}")
    if failed and all(status == "fail" for _, status, _ in failed):
        return PermanentError(
            f"{len(failed)} dbt test(s) failed: {text}",
            remedy="The rows that break the claim are found by `dbt show --select <test>`.",
        )
    return PermanentError(f"dbt could not build: {text}")
