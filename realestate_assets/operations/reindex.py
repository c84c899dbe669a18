"""The vector index made anew from the vectors in the lake: nothing is embedded again."""

from collections.abc import Callable

import numpy as np
import pyarrow.parquet as pq

from resources.lake.io_manager import partition_file
from resources.lake.store import StoreResource
from resources.partition import Partition
from resources.vectors.index import VectorIndexResource
from resources.warehouse.resource import WarehouseResource

EMBEDDINGS = "embeddings"


def reindex(
    lake: StoreResource,
    warehouse: WarehouseResource,
    vector_index: VectorIndexResource,
    say: Callable[[str], None],
) -> int:
    """Empty the index and fill it partition by partition; how many points it holds.

    One that was stopped is begun again: until then the index lacks months.
    """
    # The assets take a second to import, and an index is made anew once in its life.
    from realestate_assets.assets.search import payloads

    partitions = sorted(filter(None, {Partition.of_path(path) for path in lake.list_files(EMBEDDINGS)}))
    say(f"Indexing the vectors of {len(partitions):,} months")
    vector_index.clear()
    count = 0
    for partition in partitions:
        with lake.open_input(partition_file(EMBEDDINGS, partition)) as file:
            points = pq.read_table(file, columns=["property_id", "point_id", "vector"]).to_pandas()
        properties, scores = (
            warehouse.read_partitions("raw", table, [partition]).to_pandas()
            for table in ("properties", "scores")
        )
        # Of what a run wrote after a backup's moment of the tables only the lake knows.
        points = points[points["property_id"].isin(properties["property_id"])]
        known = points[["property_id"]].merge(properties, on="property_id", validate="one_to_one")
        vectors = np.array(points["vector"].tolist(), dtype=np.float32).reshape(len(points), -1)
        ids = points["point_id"].tolist()
        vector_index.replace_partition(partition, ids, vectors, payloads(known, scores))
        count += len(ids)
    return count
