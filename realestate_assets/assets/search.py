"""The embeddings: a vector of each property's description, in the lake and in the search index."""

from collections.abc import Callable
from functools import partial

import dagster as dg
import numpy as np
import pandas as pd
import pyarrow as pa

from realestate_assets.assets import declare
from realestate_assets.assets.vector_reuse import VectorCache, text_hash
from realestate_assets.domain.search import description
from realestate_assets.domain.search.description import describe, point_ids
from realestate_assets.domain.search.payload import payloads
from resources.code_version import code_version
from resources.lake.store import StoreResource
from resources.partition import Partition
from resources.vectors import sentences
from resources.vectors.embedder import EmbedderResource
from resources.vectors.index import VectorIndexResource
from resources.warehouse.frames import partition_rows

SCHEMA = pa.schema(
    [
        ("county", pa.string()),
        ("month", pa.string()),
        ("property_id", pa.string()),
        ("point_id", pa.string()),
        ("text", pa.string()),
        ("text_sha256", pa.string()),
        ("model_name", pa.string()),
        ("model_version", pa.string()),
        ("vector", pa.list_(pa.float32())),
    ]
)
# Texts between two lines of progress: a multiple of the embedder's batch, some seconds of work.
LOG_EVERY = 1280


def embed(texts: list[str], embedder: EmbedderResource, log: Callable[[str], None], where: str) -> np.ndarray:
    """Vectors of the texts; the embedder encodes each distinct text once, and says how far it is."""

    def on_progress(done: int, total: int) -> None:
        if done == total or done % LOG_EVERY == 0:
            log(f"{where}: {done:,} of {total:,} texts embedded")

    return embedder.encode(texts, on_progress)


def embedding_table(
    properties: pd.DataFrame,
    texts: pd.Series,
    ids: list[str],
    vectors: np.ndarray,
    model: tuple[str, str],
) -> pa.Table:
    """The rows of the lake; `model` is its name and version."""
    flat = pa.array(np.ascontiguousarray(vectors, dtype=np.float32).ravel())
    offsets = np.arange(len(ids) + 1, dtype=np.int32) * (vectors.shape[1] if len(ids) else 0)
    words = texts.tolist()
    columns = {
        **{name: properties[name].tolist() for name in ("county", "month", "property_id")},
        "point_id": ids,
        "text": words,
        "text_sha256": [text_hash(word) for word in words],
        "model_name": [model[0]] * len(ids),
        "model_version": [model[1]] * len(ids),
        "vector": pa.ListArray.from_arrays(pa.array(offsets), flat),
    }
    return pa.table(columns, schema=SCHEMA)


@declare.asset(
    declare.parquet(
        "embeddings",
        grain="One vector a property and month.",
        key=("point_id",),
        source="a short text from the record's own fields and the first words of its remarks, in 384 "
        "dimensions",
        caveat="point_id is a uuid5 of property and month. No price is in the text; price, rooms, "
        "sizes, year, kind, status, place and score are filters. "
        "Replacing a partition removes its earlier points. A text that this model has "
        "embedded before, in the partition, in another of the run or in the month before, keeps its vector",
        on_failure="A county's shard is open in one process at a time: end the other one, or set QDRANT_URL. "
        "A shard that refuses is named with its folder: delete that and materialize the county's months "
        "again, the vectors themselves are kept in the lake. A model that cannot be loaded is that of "
        "EMBEDDING_MODEL.",
        schema=SCHEMA,
        kinds=("qdrant",),
    ),
    code_version=code_version(description.__file__, sentences.__file__),
)
def embeddings(
    context: dg.AssetExecutionContext,
    embedder: EmbedderResource,
    vector_index: VectorIndexResource,
    lake: StoreResource,
    properties: pd.DataFrame,
    scores: pd.DataFrame,
) -> pa.Table:
    """Describe, embed and index partition by partition."""
    tables, partitions = [SCHEMA.empty_table()], Partition.parse_all(context.partition_keys)
    model = embedder.model_name, embedder.version
    memory = VectorCache(lake, partitions, model[1], embedder.dimension, context.log.warning)
    for partition in partitions:
        rows = (
            partition_rows(properties, partition)
            .sort_values("property_id", kind="stable")
            .reset_index(drop=True)
        )
        texts = describe(rows)
        vectors, made = memory.vectors(
            partition,
            texts.tolist(),
            partial(embed, embedder=embedder, log=context.log.info, where=str(partition)),
        )
        ids = point_ids(rows["property_id"], rows["month"])
        own_payloads = payloads(rows, partition_rows(scores, partition))
        vector_index.replace_partition(partition, ids, vectors, own_payloads)
        tables.append(embedding_table(rows, texts, ids, vectors, model))
        distinct = int(texts.nunique())
        counts = {"points": len(ids), "distinct_texts": distinct, "made": made, "reused": distinct - made}
        context.add_asset_metadata(
            {**counts, "model": model[0], "model_version": model[1]}, partition_key=partition.key
        )
    return pa.concat_tables(tables)
