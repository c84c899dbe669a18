"""Both vector indexes, the embedded and the server's, behave alike."""

import multiprocessing
import warnings

import numpy as np
import pytest
from qdrant_client import QdrantClient

from resources.errors import PermanentError, TransientError
from resources.partition import Partition
from resources.vectors.edge import EdgeIndex
from resources.vectors.index import VectorIndexResource
from resources.vectors.points import AnyOf, Hit, Known, Not, OneOf, Range, Within
from resources.vectors.server import ServerIndex
from tests.unit.resources.vectors.points_made import APRIL, COOK, DIMENSION, MARCH, ids, payloads, vectors

FORK = multiprocessing.get_context("fork")


def edge(tmp_path) -> VectorIndexResource:
    return VectorIndexResource(root=str(tmp_path / "vectors"))


def server() -> VectorIndexResource:
    resource = VectorIndexResource(url="http://unused")
    # Qdrant's own in-memory implementation of its server.
    resource._index = ServerIndex(QdrantClient(":memory:"))
    return resource


@pytest.fixture(params=["edge", "server"])
def index(request, tmp_path):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Payload indexes have no effect")
        yield edge(tmp_path) if request.param == "edge" else server()


def test_the_nearest_comes_first_with_its_payload(index):
    index.replace_partition(MARCH, ids(50), vectors(50), payloads(50))
    hits = index.search("king-wa", vectors(50)[8], 3)
    assert len(hits) == 3
    assert hits[0].id == ids(50)[8]
    assert hits[0].score == pytest.approx(1, abs=1e-6)
    assert hits[0].payload == {
        "asking_price_usd": 8000.0,
        "bedrooms": 3,
        "bird_dog_score": 8 / 3,
        "street": "1 É St\n🏡",
        "county": "king-wa",
        "month": "2015-03",
    }


def test_bounds_hold_and_a_missing_value_fails_them(index):
    index.replace_partition(MARCH, ids(50), vectors(50), payloads(50))
    bounds = [
        Range("asking_price_usd", 4000, 40_000),
        Range("bedrooms", 2, None),
        Range("bird_dog_score", 3, None),
    ]
    hits = index.search("king-wa", vectors(1)[0], 50, bounds)
    wanted = [n for n in range(4, 41) if n % 3 and n % 5 >= 2 and n % 7 and n / 3 >= 3]
    assert sorted(hit.id for hit in hits) == sorted(ids(50)[n] for n in wanted)


PLACED = [
    {"property_id": "a", "city": "KENT", "is_waterfront": 1.0, "location": {"lat": 47.40, "lon": -122.20}},
    {"property_id": "b", "city": "RENTON", "is_waterfront": 0.0, "location": {"lat": 47.48, "lon": -122.20}},
    {"property_id": "c", "zip": "98103"},
]
# A tenth of a degree of latitude is 6.9 miles.
AROUND_KENT = Within(47.40, -122.20, 5.4)


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        (OneOf("city", ("KENT", "SEATTLE")), "a"),
        (Not(OneOf("city", ("KENT",))), "bc"),
        (Range("is_waterfront", 1, None), "a"),
        (Not(Range("is_waterfront", 1, None)), "bc"),
        (AROUND_KENT, "a"),
        (Within(47.40, -122.20, 5.6), "ab"),
        (Known("city"), "ab"),
        (Known("garage_spaces"), ""),
        (AnyOf((OneOf("zip", ("98103",)), AROUND_KENT)), "ac"),
        (Not(AnyOf((OneOf("zip", ("98103",)), AROUND_KENT))), "b"),
    ],
)
def test_conditions_hold_of_the_points_they_say(index, condition, wanted):
    index.replace_partition(MARCH, ids(3), vectors(3), PLACED)
    hits = index.search("king-wa", vectors(1)[0], 9, [condition])
    assert sorted(hit.payload["property_id"] for hit in hits) == list(wanted)
    assert index.count("king-wa", conditions=[condition]) == len(wanted)


def test_the_newest_month_of_each_property_is_told(index):
    index.replace_partition(MARCH, ids(3), vectors(3), PLACED)
    index.replace_partition(APRIL, ids(1, 50), vectors(1), PLACED[:1])
    assert index.newest_months("king-wa", ["a", "b", "x"]) == {"a": "2015-04", "b": "2015-03"}
    assert index.newest_months("cook-il", ["a"]) == {}
    assert index.newest_months("king-wa", []) == {}


def test_a_replaced_partition_holds_its_new_points_only(index):
    index.replace_partition(MARCH, ids(20), vectors(20), payloads(20))
    index.replace_partition(APRIL, ids(5, 100), vectors(5), payloads(5))
    index.replace_partition(COOK, ids(4, 200), vectors(4), payloads(4))
    index.replace_partition(MARCH, ids(8, 15), vectors(8), payloads(8))
    assert index.count("king-wa", "2015-03") == 8
    assert (index.count("king-wa"), index.count("cook-il")) == (13, 4)
    found = {hit.id for hit in index.search("king-wa", vectors(1)[0], 100)}
    assert found == set(ids(8, 15) + ids(5, 100))


def test_a_partition_replaced_by_nothing_is_empty(index):
    index.replace_partition(MARCH, [], np.zeros((0, DIMENSION)), [])
    index.replace_partition(MARCH, ids(3), vectors(3), payloads(3))
    index.replace_partition(MARCH, [], [], [])
    assert index.count("king-wa") == 0


def test_a_county_without_points_gives_no_hits(index):
    assert index.search("king-wa", vectors(1)[0], 5) == []
    assert index.count("king-wa") == 0


@pytest.mark.parametrize(
    ("bad_ids", "array", "message"),
    [
        (ids(2), vectors(3), "2 ids, vectors of shape"),
        ([ids(1)[0]] * 3, vectors(3), "an id is there twice"),
        (["1", "2", "3"], vectors(3), "'1' is not a UUID"),
        (ids(3), vectors(3) * np.nan, "not finite"),
    ],
)
def test_unfit_points_are_refused_before_anything_is_written(index, bad_ids, array, message):
    with pytest.raises(PermanentError, match=message):
        index.replace_partition(MARCH, bad_ids, array, payloads(3))
    assert index.count("king-wa") == 0


def test_a_vector_of_another_length_is_refused_with_the_way_out(tmp_path):
    index = edge(tmp_path)
    index.replace_partition(MARCH, ids(3), vectors(3), payloads(3))
    with pytest.raises(PermanentError, match=r"king-wa.*[Dd]elete .*materialize embeddings again"):
        index.replace_partition(MARCH, ids(3), vectors(3)[:, :8], payloads(3))


def test_both_indexes_give_the_same_answers(tmp_path):
    answers = []
    for each in (edge(tmp_path), server()):
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Payload indexes have no effect")
            for partition, start in ((MARCH, 0), (APRIL, 300)):
                each.replace_partition(partition, ids(300, start), vectors(300, start), payloads(300))
        under = Range("asking_price_usd", None, 200_000)
        hits = [hit for v in vectors(5, 99) for hit in each.search("king-wa", v, 10, [under])]
        answers.append([Hit(hit.id, round(hit.score, 5), hit.payload) for hit in hits])
    assert len(answers[0]) == 50
    assert answers[0] == answers[1]


def write_and_die(root: str) -> None:
    index = EdgeIndex(root)
    with index._shard("king-wa", DIMENSION) as shard:
        import os
        import signal

        import qdrant_edge

        points = [qdrant_edge.Point(i, v.tolist(), {}) for i, v in zip(ids(9), vectors(9), strict=True)]
        shard.update(qdrant_edge.UpdateOperation.upsert_points(points))
        os.kill(os.getpid(), signal.SIGKILL)


def test_what_was_written_survives_a_kill(tmp_path):
    writer = FORK.Process(target=write_and_die, args=(tmp_path,))
    writer.start()
    writer.join()
    assert writer.exitcode == -9
    index = VectorIndexResource(root=str(tmp_path))
    assert index.count("king-wa") == 9
    index.replace_partition(MARCH, ids(3), vectors(3), payloads(3))
    assert index.count("king-wa", "2015-03") == 3


def test_a_shard_in_use_is_awaited_and_then_named(tmp_path):
    index = EdgeIndex(tmp_path, wait_seconds=0.2)
    with (
        index._shard("king-wa", DIMENSION),
        pytest.raises(TransientError, match=r"king-wa: the vector shard .* used by another process"),
    ):
        index.count("king-wa", [])
    assert index.count("king-wa", []) == 0


def replace_often(root: str, month: str) -> None:
    index = VectorIndexResource(root=root)
    for _ in range(3):
        index.replace_partition(
            Partition("king-wa", month), ids(20, int(month[-2:]) * 100), vectors(20), payloads(20)
        )


def test_processes_take_turns(tmp_path):
    processes = [
        FORK.Process(target=replace_often, args=(str(tmp_path), month)) for month in ("2015-03", "2015-04")
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert VectorIndexResource(root=str(tmp_path)).count("king-wa") == 40


def test_a_half_made_shard_of_a_killed_process_is_made_anew(tmp_path):
    (tmp_path / ".king-wa.new" / "segments").mkdir(parents=True)
    index = VectorIndexResource(root=str(tmp_path))
    index.replace_partition(MARCH, ids(3), vectors(3), payloads(3))
    assert index.count("king-wa") == 3


def test_a_server_that_does_not_answer_is_a_transient_failure(monkeypatch):
    monkeypatch.setattr("resources.vectors.server.ATTEMPTS", 1)
    index = VectorIndexResource(url="http://127.0.0.1:1", api_key="hunter2")
    with pytest.raises(TransientError, match="Qdrant does not answer") as caught:
        index.count("king-wa")
    assert "hunter2" not in f"{caught.value}{index!r}"


@pytest.mark.parametrize("county", ["../x", "", "King", "a/b"])
def test_only_a_slug_becomes_a_folder(tmp_path, county):
    with pytest.raises(PermanentError, match="not a county slug"):
        edge(tmp_path).count(county)
