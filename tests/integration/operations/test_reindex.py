"""A server's index made anew from the lake while runs go on writing."""

import warnings

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from qdrant_client import QdrantClient

from realestate_assets.assets.search import SCHEMA
from realestate_assets.domain.tables import PROPERTIES, SCORES
from realestate_assets.operations.reindex import reindex
from resources.vectors.index import VectorIndexResource
from resources.vectors.server import ServerIndex

pytestmark = pytest.mark.integration


def write(lake, warehouse, month: str, number: int) -> None:
    """A run's month: a property, and its vector in the lake."""
    warehouse.execute(
        "insert into raw.properties (county, month, property_id, source, is_simulated, state, "
        "listing_status, observed_date, is_list_price_assumed) "
        f"values ('king-wa', '{month}', 'p{number}', 'sample', true, 'WA', 'active', '{month}-02', false)"
    )
    vector = np.zeros(384)
    vector[number] = 1.0
    row = dict.fromkeys(SCHEMA.names, "x") | {
        "county": "king-wa",
        "month": month,
        "property_id": f"p{number}",
        "point_id": f"00000000-0000-0000-0000-{number:012d}",
        "vector": vector.tolist(),
    }
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist([row], schema=SCHEMA), sink)
    lake.write_bytes(f"embeddings/county=king-wa/month={month}/data.parquet", sink.getvalue().to_pybytes())


def test_what_a_run_writes_meanwhile_is_in_the_new_index(lake, warehouse):
    warehouse.ensure_tables([PROPERTIES, SCORES])
    write(lake, warehouse, "2015-03", 1)
    index = VectorIndexResource(url="http://unused")
    index._index = ServerIndex(QdrantClient(":memory:"))
    begun: list[str] = []

    def say(text: str) -> None:
        # Between the list of months and the switch: a run ends.
        begun.append(text)
        write(lake, warehouse, "2015-04", 2)

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Payload indexes have no effect")
        assert reindex(lake, warehouse, index, say) == 2
    assert begun == ["Indexing the vectors of 1 months"]
    assert [index.count("king-wa", month) for month in ("2015-03", "2015-04")] == [1, 1]
