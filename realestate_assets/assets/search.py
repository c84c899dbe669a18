"""The embeddings: a vector of each property's description, in the lake and in the search index."""

import hashlib
from collections.abc import Callable

import dagster as dg
import numpy as np
import pandas as pd
import pyarrow as pa

from realestate_assets.domain.description import describe, point_ids
from realestate_assets.partitions import BACKFILL, COUNTY_MONTH, split_keys
from resources.embedder import EmbedderResource
from resources.vector_index import VectorIndexResource

SCHEMA = pa.schema(
    [
        ("county", pa.string()),
        ("month", pa.string()),
        ("property_id", pa.string()),
        ("point_id", pa.string()),
        ("text", pa.string()),
        ("text_sha256", pa.string()),
        ("model_name", pa.string()),
        ("vector", pa.list_(pa.float32())),
    ]
)
# Texts between two lines of progress: a multiple of the embedder's batch, some seconds of work.
LOG_EVERY = 1280
# Payload fields that are searched by range carry the names the index knows them by.
PAYLOAD_COLUMNS = ("property_id", "asking_price_usd", "bedrooms", "bird_dog_score", "zip", "street", "city")


def embed(texts: list[str], embedder: EmbedderResource, log: Callable[[str], None], where: str) -> np.ndarray:
    """Vectors of the texts; the embedder encodes each distinct text once.

    One partition at a time: which texts share a batch moves the last bits of a vector, and they may not
    depend on the other partitions of a run.
    """

    def on_progress(done: int, total: int) -> None:
        if done == total or done % LOG_EVERY == 0:
            log(f"{where}: {done:,} of {total:,} texts embedded")

    return embedder.encode(texts, on_progress)


def payloads(properties: pd.DataFrame, scores: pd.DataFrame) -> list[dict]:
    """What the index stores beside each vector, in the order of the properties; missing values are absent."""
    scored = scores.set_index("property_id")[["asking_price_usd", "bird_dog_score"]]
    rows = properties.join(scored, on="property_id")[list(PAYLOAD_COLUMNS)]
    return [
        {name: value for name, value in row.items() if not pd.isna(value)}
        for row in rows.astype(object).to_dict("records")
    ]


def embedding_table(
    properties: pd.DataFrame, texts: pd.Series, ids: list[str], vectors: np.ndarray, model_name: str
) -> pa.Table:
    """The rows of the lake."""
    flat = pa.array(np.ascontiguousarray(vectors, dtype=np.float32).ravel())
    offsets = np.arange(len(ids) + 1, dtype=np.int32) * (vectors.shape[1] if len(ids) else 0)
    words = texts.tolist()
    columns = {
        **{name: properties[name].tolist() for name in ("county", "month", "property_id")},
        "point_id": ids,
        "text": words,
        "text_sha256": [hashlib.sha256(word.encode()).hexdigest() for word in words],
        "model_name": [model_name] * len(ids),
        "vector": pa.ListArray.from_arrays(pa.array(offsets), flat),
    }
    return pa.table(columns, schema=SCHEMA)


@dg.asset(
    partitions_def=COUNTY_MONTH,
    backfill_policy=BACKFILL,
    io_manager_key="lake_io",
    kinds={"python", "parquet", "qdrant"},
    owners=["team:data"],
    description=(
        "**Grain:** one vector a property and month. **Key:** point_id, a uuid5 of property and month. "
        "**Source:** a short text from the record's own fields and the first words of its remarks, in 384 "
        "dimensions. **Caveat:** no price is in the text; price, bedrooms and score are filters. "
        "Replacing a partition removes its earlier points."
    ),
)
def embeddings(
    context: dg.AssetExecutionContext,
    embedder: EmbedderResource,
    vector_index: VectorIndexResource,
    properties: pd.DataFrame,
    scores: pd.DataFrame,
) -> pa.Table:
    """Describe, embed and index partition by partition."""
    tables = [SCHEMA.empty_table()]
    for county, month in split_keys(context.partition_keys):
        own = (properties["county"] == county) & (properties["month"] == month)
        rows = properties[own].sort_values("property_id", kind="stable").reset_index(drop=True)
        texts = describe(rows)
        vectors = embed(texts.tolist(), embedder, context.log.info, f"{county} {month}")
        ids = point_ids(rows["property_id"], rows["month"])
        own_scores = scores[(scores["county"] == county) & (scores["month"] == month)]
        vector_index.replace_partition(county, month, ids, vectors, payloads(rows, own_scores))
        tables.append(embedding_table(rows, texts, ids, vectors, embedder.model_name))
        context.add_asset_metadata(
            {"points": len(ids), "distinct_texts": int(texts.nunique()), "model": embedder.model_name},
            partition_key=f"{county}|{month}",
        )
    return pa.concat_tables(tables)
