"""Models that stand already: taken where sales, parameters, code and libraries are the same, nowhere else."""

import subprocess
import sys

import dagster as dg
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from realestate_assets.assets import model_reuse, valuation
from realestate_assets.domain.valuation.params import ValuationParams
from realestate_assets.partitions import COUNTY_MONTH
from resources.home import PROJECT_ROOT
from resources.lake.files import partition_file
from resources.lake.io_manager import LakeIOManager
from resources.lake.store import StoreResource
from resources.partition import Partition
from tests.unit.assets.frame_io import features_spec, range_tags
from tests.unit.domain.valuation.sold_homes import quick_params, sold_homes

pytestmark = pytest.mark.integration

FEATURES = features_spec()
KING, HARRIS, MONTH = "king-wa", "harris-tx", "2015-01"


@pytest.fixture(scope="module")
def homes() -> pd.DataFrame:
    """King has enough sales for a model of its own, Harris learns from both."""
    parts = [sold_homes(months=9, per_month=60), sold_homes(months=9, per_month=8, seed=2, county=HARRIS)]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture
def train(warehouse, homes, tmp_path, monkeypatch):
    """Trains the month's model of a county; what was made and reused, and the row that stands after it."""
    lake = StoreResource(root_url=str(tmp_path / "lake"))

    def stock(rows: pd.DataFrame) -> None:
        blank = dict.fromkeys(FEATURES.column_names)
        known = {name: rows[name] for name in rows.dropna(axis=1, how="all") if name in blank}
        known |= {"source": "s", "observed_date": rows["sale_date"], "is_list_price_assumed": True}
        partitions = [Partition(*pair) for pair in rows[["county", "month"]].drop_duplicates().to_numpy()]
        warehouse.ensure_tables([FEATURES])
        warehouse.replace_partitions(
            FEATURES, pd.DataFrame({**blank, **known}, index=rows.index)[FEATURES.column_names], partitions
        )

    def trained(county: str = KING) -> tuple[tuple[int, int], pa.Table]:
        upstream = dg.AssetSpec("features", partitions_def=COUNTY_MONTH)
        result = dg.materialize(
            [valuation.valuation_models, upstream],
            selection=[valuation.valuation_models],
            resources={"warehouse": warehouse, "lake": lake, "lake_io": LakeIOManager(store=lake)},
            tags=range_tags(county, MONTH, MONTH),
        )
        (told,) = result.asset_materializations_for_node("valuation_models")
        counts = told.metadata["made"].value, told.metadata["reused"].value
        with lake.open_input(partition_file("valuation_models", Partition(county, MONTH))) as file:
            return counts, pq.read_table(file)

    monkeypatch.setattr(valuation, "load_params", quick_params)
    stock(homes)
    trained.stock, trained.lake = stock, lake
    return trained


def changed(params: ValuationParams) -> ValuationParams:
    rounds = params.learner.model_copy(update={"rounds": params.learner.rounds + 1})
    return params.model_copy(update={"learner": rounds})


@pytest.mark.parametrize("county", [KING, HARRIS])
def test_the_same_sales_parameters_and_code_leave_the_model_as_it_stands(train, county):
    counts, first = train(county)
    again, second = train(county)
    assert (counts, again) == ((1, 0), (0, 1))
    assert second.equals(first)
    assert first["kind"].to_pylist() == ["county" if county == KING else "pooled"]


def test_one_sale_more_or_less_trains_anew(train, homes):
    _, first = train()
    is_one = (homes["county"] == KING) & (homes["month"] < MONTH)
    one = homes.index[is_one][5]
    train.stock(homes.assign(sale_price_usd=homes["sale_price_usd"].where(homes.index != one, 501_234.0)))
    counts, second = train()
    assert counts == (1, 0) and second["model_id"] != first["model_id"]
    train.stock(homes)
    counts, third = train()
    assert counts == (1, 0) and third.equals(first)


def test_a_sale_of_the_month_itself_changes_nothing(train, homes):
    train()
    later = homes["month"] >= MONTH
    train.stock(homes.assign(sale_price_usd=homes["sale_price_usd"].where(~later, 777_777.0)))
    assert train()[0] == (0, 1)


@pytest.mark.parametrize("what", ["parameters", "code", "a library", "the machine"])
def test_another_way_to_train_trains_anew(train, monkeypatch, what):
    train()
    with monkeypatch.context() as patched:
        if what == "parameters":
            patched.setattr(valuation, "load_params", lambda: changed(quick_params()))
        elif what == "code":
            patched.setattr(model_reuse, "code_version", lambda *files: "another")
        elif what == "a library":
            patched.setattr(model_reuse, "version", lambda name: "0" if name == "lightgbm" else "1")
        else:
            patched.setattr(model_reuse.platform, "machine", lambda: "another")
        model_reuse._code_and_libraries.cache_clear()
        counts, _ = train()
    model_reuse._code_and_libraries.cache_clear()
    assert counts == (1, 0)


@pytest.mark.parametrize("damage", ["is cut", "says another price"])
def test_a_row_that_is_not_as_training_left_it_is_made_again(train, damage):
    _, first = train()
    path = partition_file("valuation_models", Partition(KING, MONTH))
    if damage == "is cut":
        train.lake.write_bytes(path, train.lake.read_bytes(path)[:200])
    else:
        texts = [text.replace("leaf_value=", "leaf_value=0", 1) for text in first["model_text"].to_pylist()]
        place = first.column_names.index("model_text")
        spoilt, out = first.set_column(place, "model_text", [texts]), pa.BufferOutputStream()
        pq.write_table(spoilt, out)
        train.lake.write_bytes(path, out.getvalue().to_pybytes())
    counts, second = train()
    assert counts == (1, 0) and second.equals(first)


def test_every_module_that_training_calls_is_among_those_whose_change_trains_anew(homes, tmp_path):
    homes.to_pickle(tmp_path / "homes")
    (tmp_path / "params").write_text(quick_params().model_dump_json())
    code = (
        "import pathlib, sys, pandas\n"
        "from realestate_assets.domain.valuation.params import ValuationParams\n"
        "from realestate_assets.domain.valuation.train import train, training_sales\n"
        "homes, params = (pathlib.Path(each) for each in sys.argv[1:])\n"
        "sales = training_sales(pandas.read_pickle(homes), '2015-01', False)\n"
        "train(sales, 'pooled', ValuationParams.model_validate_json(params.read_text())).to_row()\n"
        "print(*[m.__file__ for n, m in sys.modules.items() if n.startswith('realestate_assets.domain.')])\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "homes"), str(tmp_path / "params")]
    found = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT_ROOT, check=True)
    called = set(found.stdout.split())
    assert len(called) > 30
    assert called <= set(map(str, model_reuse.training_files()))
