"""The vector index made anew from the vectors in the lake: nothing is embedded again."""

from collections.abc import Callable

import numpy as np
import pyarrow.parquet as pq

from realestate_assets.domain.search.payload import payloads
from resources.lake.files import Store, partition_file
from resources.partition import Partition
from resources.vectors.vectors import Vectors
from resources.warehouse.warehouse import Warehouse

EMBEDDINGS = "embeddings"
# Another rebuild of a large index takes that long.
LOCK_SECONDS = 3600


def reindex(
    lake: Store,
    warehouse: Warehouse,
    vector_index: Vectors,
    say: Callable[[str], None],
) -> int:
    """Make the index anew, partition by partition; how many points it holds.

    A server answers from the old index until the new one is whole. Of the embedded one months are lacking
    meanwhile, and after a stop until it is begun again. What runs write meanwhile is taken in at the end.

    Raises:
        LockHeldError: another process makes it anew.
    """

    def fill(index: Vectors, partition: Partition) -> int:
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
        index.replace_partition(partition, ids, vectors, payloads(known, scores))
        return len(ids)

    with warehouse.lock("reindex", timeout_seconds=LOCK_SECONDS):
        written = _written(lake)
        say(f"Indexing the vectors of {len(written):,} months")
        with vector_index.rebuilt() as empty:
            counts = {partition: fill(empty, partition) for partition in written}
        late = [partition for partition, at in _written(lake).items() if written.get(partition) != at]
        counts |= {partition: fill(vector_index, partition) for partition in late}
    return sum(counts.values())


def _written(lake: Store) -> dict[Partition, int]:
    """When the vectors of each partition were written, in nanoseconds since 1970."""
    partitions = sorted(filter(None, {Partition.of_path(path) for path in lake.list_files(EMBEDDINGS)}))
    return {each: lake.modified_ns(partition_file(EMBEDDINGS, each)) for each in partitions}
