"""The owner signals as an asset: one row a property of the run's partitions, with the county's own state."""

import dagster as dg
import pandas as pd

from realestate_assets.assets.ownership import owner_signals
from realestate_assets.domain.enrichment.ownership import ENRICHMENT_COLUMNS, PROPERTY_COLUMNS
from realestate_assets.domain.tables import OWNER_SIGNALS
from realestate_assets.partitions import COUNTY_MONTH
from resources.warehouse.conform import conform
from tests.unit.assets.frame_io import FrameIO, range_tags


def rows(columns: tuple[str, ...], *given: dict) -> pd.DataFrame:
    key = {"county": "cook-il", "month": "2015-03"}
    return pd.DataFrame([dict.fromkeys(columns) | key | row for row in given], columns=list(columns))


HOMES = rows(
    PROPERTY_COLUMNS,
    {"property_id": "near", "street": "12 ELM ST", "zip": "60445", "owner_name": "DOE JOHN",
     "owner_mailing_address": "9 OAK ST, CHICAGO IL 60601"},
    {"property_id": "far", "street": "14 ELM ST", "zip": "60445"},
    {"property_id": "nobody_knows", "month": "2015-04"},
)  # fmt: skip
FOUND = rows(
    ENRICHMENT_COLUMNS,
    {"property_id": "far", "owner_name": "BSLB LLC", "owner_mailing_address": "PO BOX 2, RENO NV 89501",
     "owner_since_date": "2005-03-01"},
)  # fmt: skip


def materialized(first: str, last: str):
    upstream = [
        dg.AssetSpec(name, partitions_def=COUNTY_MONTH).with_io_manager_key("frames")
        for name in ("properties", "enrichments")
    ]
    return dg.materialize(
        [owner_signals, *upstream],
        selection=[owner_signals],
        resources={
            "frames": FrameIO({"properties": HOMES, "enrichments": FOUND}),
            "warehouse_io": dg.InMemoryIOManager(),
        },
        tags=range_tags("cook-il", first, last),
    )


def test_every_property_has_its_row_and_fits_the_table():
    frame = materialized("2015-03", "2015-04").output_for_node("owner_signals")
    found = conform(frame, OWNER_SIGNALS).to_pandas().set_index("property_id")
    assert found["owner_type"].to_dict() == {"near": "person", "far": "company", "nobody_knows": "unknown"}
    assert found["occupancy"].to_dict() == {
        "near": "absentee_in_state",
        "far": "absentee_out_of_state",
        "nobody_knows": "unknown",
    }
    assert found.loc["far", "owner_tenure_years"] == 3652 / 365.25
    assert found.loc["nobody_knows", "is_absentee_owner"] is None


def test_a_partition_counts_its_kinds_of_owners():
    events = materialized("2015-03", "2015-04").asset_materializations_for_node("owner_signals")
    said = {event.partition: {k: v.value for k, v in event.metadata.items()} for event in events}
    march, april = said["cook-il|2015-03"], said["cook-il|2015-04"]
    assert march["owner_type_company"] == march["occupancy_absentee_out_of_state"] == 1
    assert april["occupancy_unknown"] == 1


def test_a_month_without_properties_gives_no_rows():
    frame = materialized("2016-01", "2016-01").output_for_node("owner_signals")
    assert conform(frame, OWNER_SIGNALS).num_rows == 0
