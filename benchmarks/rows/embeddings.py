"""Vectors of descriptions: the product's embedder, against SentenceTransformer.encode of the same weights."""

import tempfile
from pathlib import Path

import numpy as np

from benchmarks.machine import instruction_sets
from benchmarks.other_process import other_process
from benchmarks.row import Row, Turns, in_turns, timed
from benchmarks.simulated import descriptions

COUNT, FEW, REPEATS = 512, 64, 3
LEAST_COSINE = 0.999
# With these a processor multiplies small numbers several times as fast as float32.
SMALL_NUMBERS = {"AMX", "VNNI", "AVX-VNNI"}


def measure(turns: int, count: int = COUNT) -> list[Row]:
    """Distinct texts; and, of the product alone, a few texts REPEATS times.

    Raises:
        RuntimeError: the vectors differ.
    """
    from resources.vectors.sentences import Embedder, _bundled_path

    texts, embedder = descriptions(count), Embedder()
    mine: list[float] = []
    theirs: list[float] = []
    with (
        tempfile.TemporaryDirectory(prefix="realestate-embeddings-") as folder,
        other_process("benchmarks.sentence_transformer", _bundled_path()) as other,
    ):
        into = Path(folder) / "vectors.npy"
        some = texts[:FEW]
        # The first texts load the models.
        embedder.encode(some)
        other.ask(texts=some, into=str(into))
        for _ in range(turns):
            vectors = timed(lambda: embedder.encode(texts), mine)
            theirs.append(other.ask(texts=texts, into=str(into))["seconds"])
        cosine = float(np.min(np.sum(vectors * np.load(into), axis=1)))
    if cosine < LEAST_COSINE:
        raise RuntimeError(f"the vectors differ: cosine {cosine:.4f}")
    repeated = in_turns(lambda: embedder.encode(some * REPEATS), lambda: embedder.encode(some), turns)
    again = repeated.seconds["product_s"] / repeated.seconds["alternative_s"]
    seconds = Turns(mine, theirs).seconds
    return [
        Row(
            "embeddings",
            "descriptions to vectors, simulated",
            "SentenceTransformer.encode of the same weights, float32, all cores",
            asked=4.0 if SMALL_NUMBERS & set(instruction_sets()) else 1.0,
            unit=f"{count} texts",
            note=f"{count / seconds['product_s']:,.0f} texts/s; smallest cosine {cosine:.6f}; models "
            f"loaded by {FEW} texts before, {REPEATS} times each {again:.2f} times as long",
            **seconds,
        )
    ]
