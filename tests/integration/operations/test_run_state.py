"""What a run follows from and what it leaves: each thing that changes is seen, and nothing else is."""

from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.tables.ops import COUNTIES
from realestate_assets.operations import run_state
from realestate_assets.settings import Settings
from resources.lake.store import StoreResource

pytestmark = pytest.mark.integration

SLUGS = ("clark-nv",)


class Place:
    """An installation of one's own: settings, stores, the database and an index of points by county."""

    def __init__(self, folder, warehouse):
        self.folder, self.warehouse, self.points = folder, warehouse, {"clark-nv": 3}
        self.config = folder / "counties"
        self.config.mkdir()
        self.settings = Settings(realestate_home=folder, county_config_dir=self.config)
        self.stores = {name: StoreResource(root_url=str(folder / name)) for name in ("landing", "reference")}
        self.lake = StoreResource(root_url=str(folder / "lake"))

    def count(self, county_slug):
        return self.points[county_slug]

    def inputs(self):
        known = load_counties(None)
        return run_state.inputs(SLUGS, known, self.settings, self.stores, self.warehouse)

    def results(self):
        return run_state.results(SLUGS, self.lake, self.warehouse, self)


@pytest.fixture
def place(tmp_path, warehouse):
    warehouse.execute("create schema app")
    warehouse.execute("create table app.property_corrections (id int)")
    warehouse.execute("create schema raw")
    warehouse.execute("create table raw.scores (county text, score int)")
    warehouse.execute("insert into raw.scores values ('clark-nv', 1), ('clark-nv', 2)")
    warehouse.execute("create schema marts")
    warehouse.execute("create view marts.deals as select * from raw.scores")
    warehouse.ensure_tables([COUNTIES])
    return Place(tmp_path, warehouse)


def test_nothing_changed_is_the_same_state(place):
    place.stores["landing"].write_bytes("clark-nv/sales/a.csv", b"x")
    place.lake.write_bytes("memos/a.pdf", b"x")
    assert place.inputs() == place.inputs()
    assert place.results() == place.results()


INPUTS = {
    "a setting": lambda place: setattr(place.settings, "memo_limit_per_partition", 1),
    "a secret": lambda place: setattr(place.settings, "service_secret", SecretStr("another")),
    "a file landed": lambda place: place.stores["landing"].write_bytes("clark-nv/sales/b.csv", b"y"),
    "a reference file": lambda place: place.stores["reference"].write_bytes("flood.parquet", b"y"),
    "a county's file": lambda place: (place.config / "clark-nv.yaml").write_text("name: Clark\n"),
    "a row that a person entered": lambda place: place.warehouse.execute(
        "insert into app.property_corrections values (1)"
    ),
    "what was cleared": lambda place: place.settings.reviews_file.write_text("reviews: []\n"),
}


@pytest.mark.parametrize("change", INPUTS.values(), ids=INPUTS)
def test_whatever_a_run_reads_changes_what_it_follows_from(place, change):
    before, left = place.inputs(), place.results()
    change(place)
    assert place.inputs() != before
    assert place.results() == left


@pytest.mark.parametrize("name", ["realestate_assets", "dbt_project", "templates", "resources"])
def test_a_changed_file_of_the_product_changes_it(place, monkeypatch, tmp_path, name):
    root = tmp_path / "product"
    for folder in run_state.INSTALLED:
        (root / folder).mkdir(parents=True)
        (root / folder / "file.sql").write_text("select 1")
    monkeypatch.setattr(run_state, "PROJECT_ROOT", root)
    before = place.inputs()
    (root / name / "file.sql").write_text("select 2")
    assert place.inputs() != before


def test_another_release_of_a_library_changes_it(place, monkeypatch, tmp_path):
    before = place.inputs()
    (tmp_path / "site" / "lightgbm-9.9.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert place.inputs() != before


def test_the_next_day_changes_it(place, monkeypatch):
    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2100, 1, 1, tzinfo=tz)

    before = place.inputs()
    monkeypatch.setattr(run_state, "datetime", Tomorrow)
    assert datetime.now(UTC).year < 2100
    assert place.inputs() != before


def test_a_key_of_an_api_changes_it(place, monkeypatch):
    before = place.inputs()
    monkeypatch.setenv("CENSUS_API_KEY", "another")
    assert place.inputs() != before


def test_where_an_api_may_be_asked_nobody_knows_what_a_run_follows_from(place):
    place.settings.enabled_apis = "all"
    assert place.inputs() is None


RESULTS = {
    "a row inserted": lambda place: place.warehouse.execute("insert into raw.scores values ('cook-il', 1)"),
    "a row deleted": lambda place: place.warehouse.execute("delete from raw.scores where score = 1"),
    "a row changed": lambda place: place.warehouse.execute("update raw.scores set score = 3 where score = 1"),
    "a row replaced": lambda place: (
        place.warehouse.execute("delete from raw.scores where score = 1"),
        place.warehouse.execute("insert into raw.scores values ('clark-nv', 1)"),
    ),
    "a table dropped": lambda place: (
        place.warehouse.execute("drop view marts.deals"),
        place.warehouse.execute("drop table raw.scores"),
    ),
    "a view made otherwise": lambda place: place.warehouse.execute(
        "create or replace view marts.deals as select * from raw.scores where score > 1"
    ),
    "a file of the lake": lambda place: place.lake.write_bytes("memos/b.pdf", b"y"),
    "points of the index": lambda place: place.points.update({"clark-nv": 0}),
}


@pytest.mark.parametrize("change", RESULTS.values(), ids=RESULTS)
def test_whatever_a_run_leaves_is_seen_to_change(place, change):
    before, asked = place.results(), place.inputs()
    change(place)
    assert place.results() != before
    assert place.inputs() == asked


def test_a_file_rewritten_with_as_many_bytes_is_seen(place):
    place.lake.write_bytes("memos/a.pdf", b"x")
    before = place.results()
    place.lake.write_bytes("memos/a.pdf", b"y")
    assert place.results() != before
