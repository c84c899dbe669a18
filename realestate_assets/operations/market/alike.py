"""Homes whose description resembles that of a property, by the vector that the search index holds of it."""

import pyarrow.compute as pc
import pyarrow.parquet as pq

from realestate_assets.operations.search import FETCH_FACTOR, newest_months
from resources.lake.files import Store, partition_file
from resources.partition import Partition
from resources.vectors.vectors import Vectors


def similar_properties(
    partition: Partition,
    property_id: str,
    *,
    lake: Store,
    vector_index: Vectors,
    limit: int,
) -> list[dict] | None:
    """Other properties of the county, most similar first; None where the property has no vector.

    Args:
        partition: county and month of the property's row.
        property_id: whose likes are looked for.
        lake: holds the vectors.
        vector_index: finds those near them.
        limit: at most so many.

    Raises:
        TransientError: the index is in use by another process.
    """
    path = partition_file("embeddings", partition)
    if not lake.exists(path):
        return None
    with lake.open_input(path) as file:
        table = pq.read_table(file, columns=["property_id", "vector"])
    rows = table.filter(pc.equal(table["property_id"], property_id))
    if not len(rows):
        return None
    vector = rows["vector"].combine_chunks().flatten().to_numpy()
    hits = vector_index.search(partition.county_slug, vector, max((limit + 1) * FETCH_FACTOR, 50))
    found = [hit for hit in newest_months(hits) if hit.payload["property_id"] != property_id]
    return [
        {
            "county": partition.county_slug,
            "month": hit.payload["month"],
            "property_id": hit.payload["property_id"],
            "similarity": round(float(hit.score), 6),
        }
        for hit in found[:limit]
    ]
