"""The embedded vector index: Qdrant Edge as the product uses it, against QdrantClient in a folder."""

import tempfile
import uuid
import warnings
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.row import Row, Turns, in_turns, scaled, timed
from benchmarks.simulated import COUNTY, MONTH, described, homes
from resources.partition import Partition
from resources.vectors.edge import HNSW_FROM_KB

COUNT, MONTH_OF_HOMES, FEW, DIMENSION, LIMIT, QUESTIONS = 100_000, 20_000, 1_000, 384, 10, 5
UPSERT_ASKED, SEARCH_ASKED = 30, 50
BATCH = 500
PARTITION, EARLIER = Partition(COUNTY, MONTH), "2015-02"


def measure(turns: int, count: int = COUNT, month: int = MONTH_OF_HOMES, few: int = FEW) -> list[Row]:
    """A month of points written; then `count` at once, with the graph that the index makes of so many."""
    vectors = np.random.default_rng(1).normal(size=(count + QUESTIONS, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    points, questions = vectors[:count], vectors[count:]
    ids = [str(uuid.UUID(int=number + 1)) for number in range(count)]
    payloads = _payloads(count)
    with tempfile.TemporaryDirectory(prefix="realestate-edge-") as name:
        folder = Path(name)
        large = _written(1, folder, ids, points, payloads, few)
        small = _written(turns, folder, ids[:month], points[:month], payloads[:month], few)
        found, share = _searched(turns, folder, ids, points, payloads, questions)
    what = f"a partition of points written, {DIMENSION} numbers and a payload each, simulated"
    from_few = f"the alternative from {few:,} points, scaled; both made before, empty each turn, no warm-up"
    return [
        Row(
            "edge",
            what,
            "QdrantClient(path=…)",
            asked=UPSERT_ASKED,
            unit=f"{month:,} points",
            note=from_few,
            **scaled(small, month / few).seconds,
        ),
        Row(
            "edge, with graph",
            what,
            "QdrantClient(path=…), which makes none",
            asked=UPSERT_ASKED,
            unit=f"{count:,} points",
            note=f"the graph of a shard of {HNSW_FROM_KB:,} KB and more included; {from_few}",
            **scaled(large, count / few).seconds,
        ),
        Row(
            "edge, search",
            f"the {LIMIT} nearest of {count:,} points",
            'QdrantClient(":memory:"), which searches as one with a path does',
            asked=SEARCH_ASKED,
            unit=f"{QUESTIONS} questions",
            note=f"both open before, a warm-up each; {share:.0%} of the answers are the same",
            **found.seconds,
        ),
    ]


def _payloads(count: int) -> list[dict[str, Any]]:
    from realestate_assets.domain.search.payload import payloads

    known = described(homes(count))
    scores = known[["property_id"]].assign(
        asking_price_usd=known["list_price_usd"], bird_dog_score=50.0, offer_state="on_offer"
    )
    return payloads(known, scores)


def _written(
    turns: int, folder: Path, ids: list[str], points: np.ndarray, payloads: list[dict[str, Any]], few: int
) -> Turns:
    from resources.vectors.vectors import Vectors

    mine: list[float] = []
    theirs: list[float] = []
    for turn in range(turns):
        # Made before, with a point of another month: a county's index is made once.
        index = Vectors(root=str(folder / f"edge-{len(ids)}-{turn}"))
        index.replace_partition(Partition(COUNTY, EARLIER), [str(uuid.UUID(int=0))], points[:1], payloads[:1])
        client = _client(folder / f"client-{len(ids)}-{turn}")
        timed(partial(index.replace_partition, PARTITION, ids, points, payloads), mine)
        timed(partial(_upsert, client, ids[:few], points, payloads), theirs)
        client.close()
    return Turns(mine, theirs)


def _client(path: Path | None = None) -> Any:
    from qdrant_client import QdrantClient, models

    client = QdrantClient(path=str(path)) if path else QdrantClient(":memory:")
    size = models.VectorParams(size=DIMENSION, distance=models.Distance.COSINE)
    client.create_collection("homes", vectors_config=size)
    return client


def _upsert(client: Any, ids: list[str], points: np.ndarray, payloads: list[dict[str, Any]]) -> None:
    from qdrant_client import models

    for start in range(0, len(ids), BATCH):
        some = slice(start, min(start + BATCH, len(ids)))
        batch = models.Batch(ids=ids[some], vectors=points[some].tolist(), payloads=payloads[some])
        client.upsert("homes", batch)


def _searched(
    turns: int,
    folder: Path,
    ids: list[str],
    points: np.ndarray,
    payloads: list[dict[str, Any]],
    questions: np.ndarray,
) -> tuple[Turns, float]:
    """Seconds, and the share of the answers that both give."""
    from resources.vectors.vectors import Vectors

    # What the one turn of writing them left.
    index, client = Vectors(root=str(folder / f"edge-{len(ids)}-0")), _client()
    _upsert(client, ids, points, payloads)

    def ask() -> list[set[str]]:
        return [{hit.id for hit in index.search(COUNTY, question, LIMIT)} for question in questions]

    def ask_client() -> list[set[str]]:
        found = [client.query_points("homes", query=q.tolist(), limit=LIMIT).points for q in questions]
        return [{str(point.id) for point in each} for each in found]

    with warnings.catch_warnings(), index.held(COUNTY):
        warnings.simplefilter("ignore")
        found = in_turns(ask, ask_client, turns)
    shared = sum(len(one & other) for one, other in zip(*found.results, strict=True))
    return found, shared / (LIMIT * len(questions))
