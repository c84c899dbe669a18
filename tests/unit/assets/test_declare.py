"""An asset's declaration: what it derives from a table spec, and that every step is tried again."""

import inspect
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import pyarrow as pa
import pytest

from realestate_assets.assets import declare
from realestate_assets.definitions import defs
from realestate_assets.partitions import BACKFILL, COUNTY_MONTH
from resources.errors import PermanentError, TransientError
from resources.retries import MAX_RETRIES
from resources.warehouse.table_spec import Column, TableSpec

HOMES = TableSpec(
    "raw",
    "homes",
    "What is for sale.",
    ("county", "month", "home_id"),
    (
        Column("county", "text", "County.", nullable=False),
        Column("month", "text", "Month.", nullable=False),
        Column("home_id", "text", "Id.", nullable=False),
        Column("rooms", "integer", "Rooms.", minimum=1, maximum=20),
        Column("kind", "text", "Kind.", allowed=("house", "flat")),
        Column("owner_name", "text", "Owner.", is_personal=True),
    ),
    grain="One row a home.",
)
WORDS = {"source": "the roll", "caveat": "none known.", "on_failure": "Read the roll again."}
MARCH = "king-wa|2015-03"


@declare.asset(declare.table(HOMES, kinds=("duckdb",), **WORDS), pool="roll")
def homes(context: dg.AssetExecutionContext) -> pa.Table:
    return HOMES.empty()


@declare.asset(
    declare.parquet(
        "rolls", grain="One row a line.", key=("line",), schema=pa.schema([("line", pa.string())]), **WORDS
    ),
    declare.table(HOMES, **WORDS),
    deps=["letters"],
)
def both(context: dg.AssetExecutionContext) -> tuple[str, str]:
    return "rolls", "homes"


@declare.asset(
    declare.files("page", grain="One page.", key=(), kinds=("html",), **WORDS), is_partitioned=False
)
def page(context: dg.AssetExecutionContext) -> None:
    """Written by itself."""


def spec_of(asset: dg.AssetsDefinition, name: str) -> dg.AssetSpec:
    return asset.specs_by_key[dg.AssetKey(name)]


def test_a_page_tells_grain_key_source_caveat_and_what_to_do():
    assert spec_of(homes, "homes").description == (
        "One row a home. What is for sale.\n\n"
        "- **Key:** county, month, home_id.\n"
        "- **Source:** the roll.\n"
        "- **Caveat:** none known.\n"
        "- **If it fails:** Read the roll again."
    )
    assert "- **Key:** none.\n" in spec_of(page, "page").description


def test_kinds_owner_storage_and_personal_data_follow_from_what_it_is():
    table, lake, files = spec_of(homes, "homes"), spec_of(both, "rolls"), spec_of(page, "page")
    assert [set(each.kinds) for each in (table, lake, files)] == [
        {"python", "postgres", "duckdb"},
        {"python", "parquet"},
        {"html"},
    ]
    assert all(each.owners == ["team:data"] for each in (table, lake, files))
    assert [each.tags.get("personal_data") for each in (table, lake, files)] == ["owners", None, None]
    assert homes.get_io_manager_key_for_asset_key(table.key) == "warehouse_io"
    assert both.get_io_manager_key_for_asset_key(lake.key) == "lake_io"
    assert homes.op.pool == "roll"


def test_columns_with_their_bounds_are_there_before_the_table_is():
    columns = {
        c.name: c for c in homes.metadata_by_key[dg.AssetKey("homes")]["dagster/column_schema"].columns
    }
    assert list(columns) == HOMES.column_names
    assert columns["rooms"].description == "Rooms."
    assert columns["rooms"].constraints.other == ["at least 1", "at most 20"]
    assert columns["kind"].constraints.other == ["one of house, flat"]
    assert not columns["home_id"].constraints.nullable
    assert columns["owner_name"].tags == {"personal_data": ""}
    (line,) = both.metadata_by_key[dg.AssetKey("rolls")]["dagster/column_schema"].columns
    assert (line.name, line.type) == ("line", "string")


def test_partitions_and_backfill_policy_are_the_platforms_unless_there_are_none():
    for asset in (homes, both):
        assert (asset.partitions_def, asset.backfill_policy) == (COUNTY_MONTH, BACKFILL)
    assert (page.partitions_def, page.backfill_policy) == (None, None)


def test_several_assets_of_one_step_are_named_by_it_and_share_its_dependencies():
    assert both.op.name == "both"
    assert {key.path[-1] for key in both.keys} == {"rolls", "homes"}
    assert {key.path[-1] for key in both.dependency_keys} == {"letters"}


def test_the_code_linked_is_the_functions_own():
    (found,) = homes.metadata_by_key[dg.AssetKey("homes")]["dagster/code_references"].code_references
    assert Path(found.file_path) == Path(__file__)
    line = Path(__file__).read_text().splitlines()[found.line_number - 1]
    assert line.startswith("@declare.asset(declare.table(HOMES, kinds")


def attempts(error: Exception, times: int, yields: bool) -> tuple[bool, int]:
    """Whether a toy step ended well, and how often it was begun; its first `times` attempts fail."""
    begun = []

    def work() -> pa.Table:
        begun.append(1)
        if len(begun) <= times:
            raise error
        return HOMES.empty()

    def returning(context: dg.AssetExecutionContext) -> pa.Table:
        return work()

    def yielding(context: dg.AssetExecutionContext):
        yield dg.Output(work())

    toy = declare.asset(declare.table(HOMES, **WORDS))(yielding if yields else returning)
    done = dg.materialize(
        [toy],
        partition_key=MARCH,
        resources={"warehouse_io": dg.InMemoryIOManager()},
        raise_on_error=False,
    )
    return done.success, len(begun)


@pytest.mark.parametrize("yields", [False, True])
def test_what_may_pass_by_itself_is_tried_three_more_times_and_the_rest_stops_at_once(yields):
    assert attempts(TransientError("The server starts."), 2, yields) == (True, 3)
    assert attempts(TransientError("The server starts."), 9, yields) == (False, 1 + MAX_RETRIES)
    assert attempts(PermanentError("A column is missing."), 9, yields) == (False, 1)
    assert attempts(ValueError("A mistake of ours."), 9, yields) == (False, 1)


class Failing:
    """Whatever is asked of it fails, but for what the retry asks of a context."""

    op_execution_context = SimpleNamespace(retry_number=1)

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> object:
        raise self._error

    def __getitem__(self, name: str) -> object:
        raise self._error


# What no run makes has no step.
STEPS = [step.node_def for step in (*defs.assets, *defs.asset_checks) if step.is_executable]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_every_asset_and_check_of_the_platform_retries_what_may_pass_and_nothing_else(step):
    function = step.compute_fn.decorated_fn

    def run(error: Exception) -> None:
        result = function(*(Failing(error) for _ in inspect.signature(function).parameters))
        if inspect.isgenerator(result):
            list(result)

    with pytest.raises(dg.RetryRequested) as asked:
        run(TransientError("The server starts."))
    assert asked.value.max_retries == MAX_RETRIES
    with pytest.raises(PermanentError, match=r"A column is missing\."):
        run(PermanentError("A column is missing."))
