"""A model was promoted: scores of another model are asked for again, once, and no others."""

import dagster as dg
import pyarrow as pa
import pytest

from realestate_assets.domain.calendar.ranges import RANGE_END_TAG, RANGE_START_TAG
from realestate_assets.domain.tables import MODEL_PROMOTIONS, SCORES
from realestate_assets.jobs import rescore
from realestate_assets.partitions import BACKFILL, COUNTY_MONTH
from realestate_assets.schedules import grid
from realestate_assets.sensors import makes_scores, outdated_scores
from resources.partition import Partition
from resources.warehouse.table_spec import TableSpec
from sensors.promotions import build_promotion_sensor
from tests.unit.assets.frame_io import range_tags

pytestmark = pytest.mark.integration
PARTITIONED = {"partitions_def": COUNTY_MONTH, "backfill_policy": BACKFILL}


@dg.asset(**PARTITIONED)
def promoted_models() -> None:
    """Stands for the decisions."""


@dg.asset(deps=[promoted_models], **PARTITIONED)
def scores() -> None:
    """Stands for the scores."""


DEFS = dg.Definitions(
    [promoted_models, scores],
    jobs=[dg.define_asset_job("train", selection=["promoted_models"]), dg.define_asset_job("pipeline")],
)


def put(warehouse, spec: TableSpec, month: str, **values) -> None:
    """One row of a month of King County; what the test does not say is null, or the plainest value."""
    plain = {"text": "x", "json": "{}", "integer": 1, "float": 1.0, "boolean": False}
    row = {c.name: (c.allowed or (plain.get(c.kind),))[0] for c in spec.columns if not c.nullable}
    row |= {"county": "king-wa", "month": month, **values}
    columns = {c.name: pa.array([row.get(c.name)], c.arrow_type) for c in spec.columns}
    warehouse.ensure_tables([spec])
    warehouse.replace_partitions(spec, pa.table(columns), [Partition("king-wa", month)])


class Sensor:
    def __init__(self, instance, warehouse) -> None:
        self.instance, self.warehouse, self.cursor = instance, warehouse, None
        self.sensor = build_promotion_sensor(rescore, makes_scores, grid, outdated_scores)

    def run(self, job: str, first: str, last: str) -> None:
        tags = range_tags("king-wa", first, last)
        assert DEFS.resolve_job_def(job).execute_in_process(instance=self.instance, tags=tags).success

    def tick(self) -> list[tuple[str, str]]:
        context = dg.build_sensor_context(
            instance=self.instance, cursor=self.cursor, resources={"warehouse": self.warehouse}
        )
        with context:
            result = self.sensor(context)
        if isinstance(result, dg.SkipReason):
            return []
        self.cursor = result.cursor
        return [(r.tags[RANGE_START_TAG], r.tags[RANGE_END_TAG]) for r in result.run_requests]


@pytest.fixture
def sensor(instance, warehouse) -> Sensor:
    for month, scored, used in (
        ("2015-03", "old", "new"),
        ("2015-04", "old", "new"),
        ("2015-05", "new", "new"),
    ):
        put(warehouse, SCORES, month, property_id="a", model_id=scored)
        put(warehouse, MODEL_PROMOTIONS, month, used_id=used)
    put(warehouse, MODEL_PROMOTIONS, "2015-06", used_id="new")
    return Sensor(instance, warehouse)


def test_scores_of_another_model_are_asked_for_in_one_run_and_once(sensor):
    assert sensor.tick() == []
    sensor.run("train", first="2015-03", last="2015-06")
    # May's scores are of the model in use, June has none yet: the night makes them.
    assert sensor.tick() == [("king-wa|2015-03", "king-wa|2015-04")]
    assert sensor.tick() == []


def test_decisions_made_before_it_was_switched_on_are_left_alone(sensor):
    sensor.run("train", first="2015-03", last="2015-04")
    assert sensor.tick() == []
    assert sensor.tick() == []


def test_a_run_that_scores_by_itself_is_not_followed_by_another(sensor):
    sensor.tick()
    sensor.run("pipeline", first="2015-03", last="2015-04")
    assert sensor.tick() == []


@pytest.mark.parametrize(("job", "scored"), [("pipeline", True), ("nightly", True), ("train", False)])
def test_of_a_whole_job_its_name_says_whether_it_scores(job, scored):
    assert makes_scores(dg.DagsterRun(job_name=job)) is scored
