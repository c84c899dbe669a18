"""Only what may pass by itself is tried again: steps, and lake and warehouse behind their IO managers."""

import contextlib
from collections.abc import Iterator

import dagster as dg
import pyarrow as pa
import pytest

from resources.errors import PermanentError, TransientError
from resources.lake.files import STORE_ATTEMPTS
from resources.lake.io_manager import LakeIOManager
from resources.lake.store import StoreResource
from resources.retries import MAX_RETRIES, retried
from resources.warehouse.io_manager import NO_JOURNAL, WarehouseIOManager
from resources.warehouse.resource import WarehouseResource
from resources.warehouse.table_spec import Column, TableSpec

PARTITIONS = dg.MultiPartitionsDefinition(
    {
        "county": dg.StaticPartitionsDefinition(["king-wa"]),
        "month": dg.MonthlyPartitionsDefinition("2015-01", end_date="2015-03", fmt="%Y-%m"),
    }
)
OPTIONS = {"partitions_def": PARTITIONS, "io_manager_key": "io"}
HOMES = TableSpec(
    "raw",
    "homes",
    "Homes.",
    ("county", "month", "home_id"),
    tuple(Column(name, "text", f"{name}.", nullable=False) for name in ("county", "month", "home_id")),
)
ROWS = pa.Table.from_pylist(
    [{"county": "king-wa", "month": "2015-01", "home_id": "a"}], schema=HOMES.plain_schema
)


class Outage:
    """Fails the first so many times it is asked, and counts."""

    def __init__(self, error: Exception, times: int) -> None:
        self.error, self.times, self.asked = error, times, 0

    def __call__(self) -> None:
        self.asked += 1
        if self.asked <= self.times:
            raise self.error


OUTAGES: dict[str, Outage] = {}


class FlakyStore(StoreResource):
    """A folder that does not answer at first."""

    def write_bytes(self, relative: str, data: bytes) -> None:
        OUTAGES["write"]()
        super().write_bytes(relative, data)

    @property
    def filesystem(self) -> pa.fs.FileSystem:
        OUTAGES["read"]()
        return super().filesystem


class MomentaryStore(StoreResource):
    """A folder whose every touch may fail."""

    @contextlib.contextmanager
    def errors(self, relative: str, needed: int | None = None) -> Iterator[None]:
        OUTAGES.get("any", lambda: None)()
        yield


class FlakyWarehouse(WarehouseResource):
    """Tables in memory that do not answer at first."""

    def ensure_tables(self, specs: object) -> None:
        """They are there."""

    def replace_partitions(self, spec: TableSpec, table: pa.Table, partitions: list, note: object = None):
        OUTAGES["write"]()
        return dict.fromkeys(partitions, table.num_rows)

    def read_partitions(self, *wanted: object) -> pa.Table:
        OUTAGES["read"]()
        return ROWS


@dg.asset(**OPTIONS)
def homes() -> pa.Table:
    return ROWS


@dg.asset(partitions_def=PARTITIONS)
def reader(homes: pa.Table) -> None:
    assert homes.num_rows == 1


def run(io_manager: dg.ConfigurableIOManager, **outages: Outage) -> bool:
    OUTAGES.clear()
    OUTAGES.update({"write": Outage(ValueError(), 0), "read": Outage(ValueError(), 0)} | outages)
    done = dg.materialize(
        [homes, reader], partition_key="king-wa|2015-01", resources={"io": io_manager}, raise_on_error=False
    )
    return done.success


@pytest.fixture(params=["lake", "warehouse"])
def io_manager(request, tmp_path) -> dg.ConfigurableIOManager:
    if request.param == "lake":
        return LakeIOManager(store=FlakyStore(root_url=str(tmp_path)))
    return WarehouseIOManager(warehouse=FlakyWarehouse(), tables={"homes": HOMES}, journal=NO_JOURNAL)


@pytest.mark.parametrize(
    ("error", "times", "asked", "success"),
    [
        (TransientError("the database restarts"), 2, 3, True),
        (TransientError("the database is gone"), 9, 1 + MAX_RETRIES, False),
        (PermanentError("a column is missing"), 1, 1, False),
        (ValueError("a fault of ours"), 1, 1, False),
    ],
)
def test_a_step_is_tried_again_where_its_failure_may_pass(error, times, asked, success):
    outage = Outage(error, times)

    @dg.asset
    @retried
    def fetched(context: dg.AssetExecutionContext) -> None:
        outage()

    result = dg.materialize([fetched], raise_on_error=False)
    assert (result.success, outage.asked) == (success, asked)
    if not success:
        [failure] = result.get_step_failure_events()
        assert str(error) in str(failure.step_failure_data.error.to_string())


def test_a_step_that_is_a_generator_is_tried_again_too():
    outage = Outage(TransientError("busy"), 1)

    @dg.multi_asset(specs=[dg.AssetSpec("made")])
    @retried
    def several(context: dg.AssetExecutionContext):
        outage()
        yield dg.MaterializeResult(asset_key="made")

    assert dg.materialize([several]).success
    assert outage.asked == 2


@pytest.mark.parametrize("what", ["write", "read"])
def test_what_does_not_answer_for_a_while_is_asked_again(io_manager, what):
    outage = Outage(TransientError("It restarts."), 2)
    assert run(io_manager, **{what: outage})
    assert outage.asked > 2


@pytest.mark.parametrize("what", ["write", "read"])
def test_what_never_answers_is_given_up(io_manager, what):
    outage = Outage(TransientError("It is gone."), 99)
    assert not run(io_manager, **{what: outage})
    # The lake tries by itself before the step is begun anew; this store's write fails before it gets there.
    tries = STORE_ATTEMPTS if what == "read" and isinstance(io_manager, LakeIOManager) else 1
    assert outage.asked == (1 + MAX_RETRIES) * tries


@pytest.mark.parametrize("method", ["write_bytes", "read_bytes", "exists", "open_input"])
def test_a_bucket_that_is_away_for_a_moment_is_asked_again_without_a_new_step(tmp_path, method, caplog):
    store = MomentaryStore(root_url=str(tmp_path))
    store.write_bytes("a", b"1")
    OUTAGES["any"] = outage = Outage(TransientError("SLOW_DOWN"), STORE_ATTEMPTS - 1)
    getattr(store, method)(*(("a", b"2") if method == "write_bytes" else ("a",)))
    assert outage.asked == STORE_ATTEMPTS
    assert caplog.text.count("SLOW_DOWN Tried again in ") == STORE_ATTEMPTS - 1
    OUTAGES["any"] = outage = Outage(PermanentError("ACCESS_DENIED"), 1)
    with pytest.raises(PermanentError):
        getattr(store, method)(*(("a", b"2") if method == "write_bytes" else ("a",)))
    assert outage.asked == 1


@pytest.mark.parametrize("what", ["write", "read"])
def test_what_is_refused_is_not_asked_again(io_manager, what):
    outage = Outage(PermanentError("The disk is full."), 99)
    assert not run(io_manager, **{what: outage})
    assert outage.asked == 1


def test_a_bucket_that_breaks_off_while_it_is_read_may_pass_and_a_missing_file_may_not():
    bucket, folder = StoreResource(root_url="s3://bucket/lake"), StoreResource(root_url="/lake")
    with pytest.raises(TransientError, match="timeout"), bucket.errors("homes"):
        raise OSError("AWS Error NETWORK_CONNECTION: timeout")
    with pytest.raises(PermanentError, match="does not exist"), bucket.errors("homes"):
        raise FileNotFoundError
    with pytest.raises(PermanentError, match="space on the disk"), folder.errors("homes"):
        raise OSError("No space left on device")
