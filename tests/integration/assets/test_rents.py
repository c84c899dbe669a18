"""The asset of rents: advertisements of earlier months teach, and every property has its row."""

import dagster as dg
import pandas as pd
import pytest

from realestate_assets.assets.rents import property_rents
from realestate_assets.domain.tables import RENT_ESTIMATES, RENTS
from realestate_assets.partitions import COUNTY_MONTH
from resources.partition import Partition
from resources.warehouse.conform import conform
from tests.unit.assets.frame_io import features_spec, range_tags
from tests.unit.domain.rents.test_learned import homes, rents

pytestmark = pytest.mark.integration

FEATURES = features_spec()
MARCH = Partition("king-wa", "2015-03")


def load(warehouse, spec, rows, partitions):
    blank = dict.fromkeys(spec.column_names)
    frame = pd.DataFrame({**blank, **rows.to_dict("series")}, index=rows.index)[spec.column_names]
    warehouse.ensure_tables([spec])
    warehouse.replace_partitions(spec, frame, partitions)


def test_earlier_advertisements_tell_rents_of_the_month(warehouse):
    ads = rents(300).assign(is_simulated=False, advertisements=1)
    load(warehouse, FEATURES, homes().assign(source="s", is_list_price_assumed=False), [MARCH])
    load(warehouse, RENTS, ads, [Partition("king-wa", month) for month in ("2015-01", "2015-02")])
    upstream = [
        dg.AssetSpec(name, partitions_def=COUNTY_MONTH) for name in ("features", "rents", "enrichment_facts")
    ]
    result = dg.materialize(
        [property_rents, *upstream],
        selection=[property_rents],
        resources={"warehouse_io": dg.InMemoryIOManager(), "warehouse": warehouse},
        tags=range_tags("king-wa", "2015-03", "2015-03"),
    )
    made = conform(result.output_for_node("rent_estimates"), RENT_ESTIMATES).to_pandas()
    assert made["rent_source"].fillna("none").tolist() == ["learned", "learned", "acs", "none"]
    (event,) = result.asset_materializations_for_node("rent_estimates")
    assert event.metadata["is_learned"].value is True and event.metadata["from_learned"].value == 2
