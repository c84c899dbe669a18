"""Vectors found again by their text: which are used, which are made, and what a damaged file does."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.assets.search import SCHEMA
from realestate_assets.assets.vector_reuse import (
    CachedVectors,
    VectorCache,
    months_to_look_in,
    stored_vectors,
    text_hash,
)
from resources.lake.files import partition_file
from resources.lake.io_manager import _parquet
from resources.lake.store import StoreResource
from resources.partition import Partition

MARCH, APRIL = Partition("king-wa", "2015-03"), Partition("king-wa", "2015-04")


def vector(text: str) -> list[float]:
    return [float(len(text)), float(sum(map(ord, text)) % 1000)]


class Encoder:
    """Makes a vector of a text and remembers which were asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: list[str]) -> np.ndarray:
        self.asked += texts
        return np.array([vector(text) for text in texts], dtype=np.float32)


def store(lake: StoreResource, partition: Partition, rows: dict[str, list[float]], version: str = "v"):
    county, month = partition
    names = list(rows)
    columns = {name: [None] * len(rows) for name in SCHEMA.names}
    columns |= {"county": [county] * len(rows), "month": [month] * len(rows), "text": names}
    columns |= {"text_sha256": [text_hash(text) for text in names], "model_version": [version] * len(rows)}
    table = pa.table(columns | {"vector": list(rows.values())}, schema=SCHEMA)
    lake.write_bytes(partition_file("embeddings", partition), _parquet(table))


def memory(lake: StoreResource, *partitions: Partition, warnings: list[str] | None = None):
    return VectorCache(lake, list(partitions), "v", 2, [].append if warnings is None else warnings.append)


def test_what_is_stored_is_used_and_only_the_rest_is_made(lake):
    store(lake, MARCH, {"old": [7.0, 8.0]})
    encode = Encoder()
    vectors, made = memory(lake, MARCH).vectors(MARCH, ["new", "old", "new"], encode)
    assert encode.asked == ["new"]
    assert made == 1
    assert vectors.tolist() == [vector("new"), [7.0, 8.0], vector("new")]


def test_a_listing_that_stood_there_last_month_is_not_embedded_again(lake):
    store(lake, MARCH, {"old": [7.0, 8.0]})
    encode = Encoder()
    vectors, made = memory(lake, APRIL).vectors(APRIL, ["old"], encode)
    assert (encode.asked, made, vectors.tolist()) == ([], 0, [[7.0, 8.0]])


def test_a_text_of_two_months_is_made_once_in_a_run(lake):
    encode = Encoder()
    both = memory(lake, MARCH, APRIL)
    both.vectors(MARCH, ["same"], encode)
    _, made = both.vectors(APRIL, ["same", "other"], encode)
    assert encode.asked == ["same", "other"]
    assert made == 1


def test_a_partition_keeps_its_own_vector_where_another_has_a_different_one(lake):
    store(lake, MARCH, {"same": [1.0, 1.0]})
    store(lake, APRIL, {"same": [2.0, 2.0]})
    both = memory(lake, MARCH, APRIL)
    assert both.vectors(MARCH, ["same"], Encoder())[0].tolist() == [[1.0, 1.0]]
    assert both.vectors(APRIL, ["same"], Encoder())[0].tolist() == [[2.0, 2.0]]


@pytest.mark.parametrize("bad", [[float("nan"), 1.0], [1.0], []])
def test_a_vector_that_is_none_is_made_again(lake, bad):
    store(lake, MARCH, {"bad": bad, "good": [1.0, 1.0]})
    encode = Encoder()
    memory(lake, MARCH).vectors(MARCH, ["bad", "good"], encode)
    assert encode.asked == ["bad"]


def test_vectors_of_another_version_are_made_again(lake):
    store(lake, MARCH, {"text": [1.0, 1.0]}, version="older")
    assert memory(lake, MARCH).vectors(MARCH, ["text"], Encoder())[1] == 1


def test_a_file_of_before_versions_were_kept_counts_as_absent(lake):
    table = pa.table({"text_sha256": ["a"], "vector": pa.array([[1.0, 2.0]], pa.list_(pa.float32()))})
    lake.write_bytes(partition_file("embeddings", MARCH), _parquet(table))
    assert stored_vectors(lake, MARCH, "v", 2, [].append).vectors.shape == (0, 2)


def test_a_damaged_file_is_said_and_made_again(lake):
    lake.write_bytes(partition_file("embeddings", MARCH), b"PAR1 cut off")
    warnings: list[str] = []
    assert memory(lake, MARCH, warnings=warnings).vectors(MARCH, ["text"], Encoder())[1] == 1
    assert len(warnings) == 1
    assert "cannot be read" in warnings[0]


def test_the_month_before_a_countys_first_is_looked_in_too():
    own = [Partition("a", "2015-01"), Partition("a", "2015-02"), Partition("b", "2015-02")]
    assert months_to_look_in(own) == [
        Partition("a", "2014-12"),
        Partition("b", "2015-01"),
        *own,
    ]


@given(st.lists(st.lists(st.sampled_from("abcdef"), max_size=8), max_size=5))
def test_however_texts_repeat_each_is_made_once_and_every_row_has_its_vector(batches):
    encode = Encoder()
    known = CachedVectors.none(2)
    made = []
    for texts in batches:
        hashes = [text_hash(text) for text in texts]
        new = [t for t in dict.fromkeys(texts) if known.places([text_hash(t)])[0] < 0]
        known = known.and_also([text_hash(t) for t in new], encode(new).reshape(-1, 2))
        made += new
        assert known.vectors[known.places(hashes)].tolist() == [vector(text) for text in texts]
    assert len(made) == len(set(made)) == len({text for texts in batches for text in texts})
