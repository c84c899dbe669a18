"""A process that answers many reads from an open copy, which follows what is written."""

import time

import numpy as np
import pytest
import qdrant_edge

from resources.vectors.copies import EdgeCopies
from resources.vectors.index import VectorIndexResource
from tests.unit.resources.vectors.points_made import APRIL, MARCH, ids, payloads, vectors


@pytest.fixture
def writer(tmp_path) -> VectorIndexResource:
    made = VectorIndexResource(root=str(tmp_path / "vectors"))
    made.replace_partition(MARCH, ids(20), vectors(20), payloads(20))
    return made


@pytest.fixture
def openings(monkeypatch) -> list[str]:
    made, load = [], qdrant_edge.EdgeShard.load

    class Counted:
        @staticmethod
        def load(path, config=None):
            made.append(path)
            return load(path, config)

    monkeypatch.setattr("resources.vectors.edge.edge.EdgeShard", Counted)
    return made


def ask(index: VectorIndexResource) -> int:
    return index.count("king-wa")


def test_a_held_county_is_opened_once(writer, openings):
    with writer.held("king-wa"):
        assert ask(writer) == 20
        assert writer.has("king-wa", [])
        assert len(writer.search("king-wa", vectors(1)[0], 3)) == 3
    assert len(openings) == 1
    ask(writer)
    assert len(openings) == 2


def test_vectors_are_told_by_id(writer):
    found = writer.vectors("king-wa", [ids(20)[7], ids(30)[29]])
    assert list(found) == [ids(20)[7]]
    assert np.allclose(found[ids(20)[7]], vectors(20)[7] / np.linalg.norm(vectors(20)[7]), atol=1e-6)


def test_a_copy_is_opened_once_and_lets_others_write(writer, openings, tmp_path):
    copy = writer.kept_open(tmp_path / "copies")
    assert [ask(copy) for _ in range(5)] == [20] * 5
    assert len(openings) == 1
    assert copy.count("cook-il") == 0


def test_what_is_written_is_read_soon_and_the_old_copy_answers_until_then(writer, tmp_path):
    copy = writer.kept_open(tmp_path / "copies")
    assert ask(copy) == 20
    writer.replace_partition(APRIL, ids(30)[20:], vectors(30)[20:], payloads(30)[20:])
    seen = []
    until = time.monotonic() + 60
    while not seen or (seen[-1] != 30 and time.monotonic() < until):
        seen.append(ask(copy))
        time.sleep(0.01)
    assert set(seen) == {20, 30}


def test_an_index_that_was_emptied_has_nothing(writer, tmp_path):
    copy = writer.kept_open(tmp_path / "copies")
    assert ask(copy) == 20
    writer.clear()
    assert ask(copy) == 0


def test_copies_of_ended_processes_are_removed_and_those_of_running_ones_stay(writer, tmp_path):
    folder = tmp_path / "copies"
    left = folder / "left"
    left.mkdir(parents=True)
    (left / "lock").touch()
    running = EdgeCopies(tmp_path / "vectors", folder)
    EdgeCopies(tmp_path / "vectors", folder)
    assert not left.exists()
    assert running.folder.exists()
