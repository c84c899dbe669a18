"""A Qdrant server's index made anew beside the old one, and servers that are none.

No Qdrant server can be started here: the client library's own implementation of one, and HTTP bodies of the
documented form.
"""

import json
import re
import warnings

import pytest
from qdrant_client import QdrantClient

from resources.errors import PermanentError, TransientError
from resources.partition import Partition
from resources.vectors.index import VectorIndexResource
from resources.vectors.points import KEYWORD_FIELDS, NUMBER_FIELDS
from resources.vectors.server import ALIAS, COLLECTION, ServerIndex
from tests.http_server import LocalServer, json_reply
from tests.unit.resources.vectors.points_made import APRIL, MARCH, ids, payloads, vectors


@pytest.fixture(autouse=True)
def _memory_says_nothing_of_its_limits():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Payload indexes have no effect")
        yield


def over(client: QdrantClient) -> VectorIndexResource:
    resource = VectorIndexResource(url="http://unused")
    resource._index = ServerIndex(client)
    return resource


def put(index: VectorIndexResource, partition: Partition, count: int, start: int = 0) -> None:
    index.replace_partition(partition, ids(count, start), vectors(count), payloads(count))


def names(client: QdrantClient) -> set[str]:
    return {each.name for each in client.get_collections().collections}


def test_the_old_index_answers_until_the_new_one_is_whole():
    client = QdrantClient(":memory:")
    index = over(client)
    put(index, MARCH, 5)
    for round_ in (1, 2):
        with index.rebuilt() as empty:
            put(empty, APRIL, 3, 100 * round_)
            assert index.count("king-wa") == (5 if round_ == 1 else 3)
            assert empty.count("king-wa") == 3
        assert index.count("king-wa", "2015-04") == 3
        assert len(index.search("king-wa", vectors(1)[0], 50)) == 3
        (left,) = names(client)
        assert [(a.alias_name, a.collection_name) for a in client.get_aliases().aliases] == [(ALIAS, left)]
    put(index, MARCH, 2)
    assert index.count("king-wa") == 5


def test_another_process_that_knows_the_index_finds_the_new_one():
    client = QdrantClient(":memory:")
    one, other = over(client), over(client)
    put(one, MARCH, 5)
    assert other.count("king-wa") == 5
    with one.rebuilt() as empty:
        put(empty, MARCH, 2)
    assert other.count("king-wa") == 2
    put(other, APRIL, 4, 50)
    assert one.count("king-wa") == 6


def test_a_rebuild_that_fails_leaves_the_old_index_and_nothing_else():
    client = QdrantClient(":memory:")
    index = over(client)
    put(index, MARCH, 5)
    with pytest.raises(RuntimeError), index.rebuilt() as empty:
        put(empty, APRIL, 3)
        raise RuntimeError
    assert index.count("king-wa") == 5
    assert names(client) == {COLLECTION}


def test_what_a_killed_rebuild_left_is_removed_by_the_next():
    client = QdrantClient(":memory:")
    index = over(client)
    put(index, MARCH, 5)
    killed = index.rebuilt()
    put(killed.__enter__(), APRIL, 3)
    assert len(names(client)) == 2
    assert index.count("king-wa") == 5
    with index.rebuilt() as empty:
        put(empty, MARCH, 1)
    assert len(names(client)) == 1 and COLLECTION not in names(client)
    assert index.count("king-wa") == 1


def test_a_rebuild_killed_behind_the_switch_is_swept_up_and_other_collections_stay():
    client = QdrantClient(":memory:")
    index = over(client)
    put(index, MARCH, 5)
    with index.rebuilt() as empty:
        put(empty, MARCH, 2)
    # The old collection is still there, as after a kill between switch and removal.
    for name in (COLLECTION, "somebody-elses"):
        ServerIndex(client, collection=name)._create(name, 16)
    assert index.count("king-wa") == 2
    with index.rebuilt() as empty:
        put(empty, MARCH, 3)
    assert COLLECTION not in names(client) and "somebody-elses" in names(client)
    assert index.count("king-wa") == 3


def test_a_rebuild_of_nothing_and_clearing_leave_an_empty_index():
    client = QdrantClient(":memory:")
    index = over(client)
    put(index, MARCH, 5)
    with index.rebuilt():
        pass
    assert index.count("king-wa") == 0 and names(client) == set()
    put(index, MARCH, 2)
    with index.rebuilt() as empty:
        put(empty, MARCH, 2)
    index.clear()
    assert index.count("king-wa") == 0 and names(client) == set()
    put(index, MARCH, 4)
    assert index.count("king-wa") == 4


def ok(result) -> tuple:
    return json_reply({"result": result, "status": "ok", "time": 0.001})


INFO = {
    "status": "green",
    "optimizer_status": "ok",
    "segments_count": 1,
    "config": {
        "params": {},
        "hnsw_config": {"m": 16, "ef_construct": 100, "full_scan_threshold": 10_000},
        "optimizer_config": {
            "deleted_threshold": 0.2,
            "vacuum_min_vector_number": 1000,
            "default_segment_number": 0,
            "flush_interval_sec": 5,
        },
    },
}


class Qdrant:
    """Answers in the form of Qdrant's REST interface, for what is asked of collections and points."""

    def __init__(self, collections: dict, aliases: dict) -> None:
        self.collections, self.aliases = collections, aliases

    def __call__(self, method, path, query, body, headers) -> tuple:
        """The answer to one request."""
        told = json.loads(body) if body else {}
        if path == "/aliases":
            pairs = self.aliases.items()
            return ok({"aliases": [{"alias_name": a, "collection_name": c} for a, c in pairs]})
        if path == "/collections":
            return ok({"collections": [{"name": name} for name in self.collections]})
        if path == "/collections/aliases":
            return self._move(told["actions"])
        name, _, rest = path.removeprefix("/collections/").partition("/")
        name = self.aliases.get(name, name)
        if rest == "exists":
            return ok({"exists": name in self.collections})
        if rest == "index":
            self.collections[name][told["field_name"]] = {"data_type": told["field_schema"], "points": 0}
        if rest == "points/query":
            return ok({"points": []})
        return ok({"operation_id": 2, "status": "completed"}) if rest else self._collection(method, name)

    def _move(self, actions: list[dict]) -> tuple:
        for each in actions:
            for kind, action in each.items():
                if kind == "create_alias":
                    self.aliases[action["alias_name"]] = action["collection_name"]
                else:
                    del self.aliases[action["alias_name"]]
        return ok(True)

    def _collection(self, method: str, name: str) -> tuple:
        if method == "PUT":
            self.collections[name] = {}
        elif method == "DELETE":
            del self.collections[name]
        else:
            return ok({**INFO, "payload_schema": self.collections[name]})
        return ok(True)


def sent(server, method: str, end: str) -> list[dict]:
    return [
        json.loads(r.body) for r in server.requests if r.method == method and re.search(f"{end}$", r.path)
    ]


@pytest.mark.parametrize(
    ("quantization", "asked"),
    [
        ("none", None),
        ("int8", {"scalar": {"type": "int8", "quantile": 0.99, "always_ram": True}}),
        ("binary", {"binary": {"always_ram": True}}),
    ],
)
def test_a_collection_is_made_once_with_its_payload_indexes_and_quantisation(quantization, asked):
    collections: dict = {}
    with LocalServer(Qdrant(collections, {})) as server:
        index = VectorIndexResource(url=server.url, quantization=quantization)
        put(index, MARCH, 2)
        put(index, APRIL, 2, 10)
        (made,) = sent(server, "PUT", "/collections/properties")
        assert made.get("quantization_config") == asked
        assert made["vectors"] == {"size": 16, "distance": "Cosine"}
        kinds = {each["field_name"]: each["field_schema"] for each in sent(server, "PUT", "/index")}
        assert kinds == {
            **dict.fromkeys(KEYWORD_FIELDS, "keyword"),
            **dict.fromkeys(NUMBER_FIELDS, "float"),
            "location": "geo",
        }
        assert len(sent(server, "PUT", "/index")) == len(kinds)
        index.search("king-wa", vectors(1)[0], 3)
        (query,) = sent(server, "POST", "/points/query")
        rescored = {"quantization": {"rescore": True, "oversampling": 2.0}}
        given = query.get("params")
        assert (given and {"quantization": {k: v for k, v in given["quantization"].items() if v}}) == (
            None if quantization == "none" else rescored
        )


def test_payload_indexes_that_a_killed_process_did_not_make_are_made_by_the_next():
    collections: dict = {COLLECTION: {"county": {"data_type": "keyword", "points": 0}}}
    with LocalServer(Qdrant(collections, {})) as server:
        put(VectorIndexResource(url=server.url), MARCH, 2)
        assert len(sent(server, "PUT", "/index")) == len(KEYWORD_FIELDS) + len(NUMBER_FIELDS)


def test_the_alias_is_moved_in_one_request():
    collections: dict = {}
    aliases: dict = {}
    with LocalServer(Qdrant(collections, aliases)) as server:
        index = VectorIndexResource(url=server.url)
        for _ in range(2):
            with index.rebuilt() as empty:
                put(empty, MARCH, 2)
        first, second = sent(server, "POST", "/collections/aliases")
        assert [list(each) for each in first["actions"]] == [["create_alias"]]
        assert [list(each) for each in second["actions"]] == [["delete_alias"], ["create_alias"]]
        assert list(collections) == [aliases[ALIAS]]


@pytest.mark.parametrize(
    "reply",
    [
        (200, {"Content-Type": "text/html"}, b"<html>Welcome to nginx!</html>"),
        (404, {"Content-Type": "text/html"}, b"<html>Not Found</html>"),
        (404, {"Content-Type": "application/json"}, b'{"detail":"Not Found"}'),
        (200, {"Content-Type": "application/json"}, b'{"name":"elastic","tagline":"You Know, for Search"}'),
        (200, {"Content-Type": "application/json"}, b'{"result":[1,2],"status":"ok","time":0}'),
        (302, {"Location": "/login"}, b""),
        (400, {}, b"Client sent an HTTP request to an HTTPS server."),
    ],
)
def test_what_is_no_qdrant_server_is_told_so(reply):
    with (
        LocalServer(lambda *asked: reply) as server,
        pytest.raises(PermanentError, match=r"QDRANT_URL: What answers there is no Qdrant server") as e,
    ):
        VectorIndexResource(url=server.url).count("king-wa")
    assert "html" not in str(e.value)


def test_a_wrong_key_names_the_variable_and_shows_none():
    reply = (401, {}, b"Must provide an API key or an Authorization bearer token")
    with (
        LocalServer(lambda *asked: reply) as server,
        pytest.raises(PermanentError, match="QDRANT_API_KEY") as e,
    ):
        VectorIndexResource(url=server.url, api_key="hunter2").count("king-wa")
    assert "hunter2" not in str(e.value)


def test_a_collection_that_was_made_anew_meanwhile_is_tried_again(monkeypatch):
    monkeypatch.setattr("resources.vectors.server.ATTEMPTS", 1)
    gone = {"status": {"error": "Not found: Collection `properties` doesn't exist!"}, "time": 0.0}
    reply = (404, {"Content-Type": "application/json"}, json.dumps(gone).encode())
    with LocalServer(lambda *asked: reply) as server, pytest.raises(TransientError, match="gone"):
        VectorIndexResource(url=server.url).count("king-wa")


@pytest.mark.parametrize(
    ("url", "key", "is_open"),
    [
        ("http://qdrant.example:6333", "hunter2", True),
        ("http://10.0.0.8:6333", "hunter2", True),
        ("https://qdrant.example:6333", "hunter2", False),
        ("http://127.0.0.1:6333", "hunter2", False),
        ("http://[::1]:6333", "hunter2", False),
        ("http://localhost:6333", "hunter2", False),
        ("http://qdrant.example:6333", "", False),
    ],
)
def test_a_key_that_would_go_unencrypted_is_told(url, key, is_open):
    said = VectorIndexResource(url=url, api_key=key).open_key
    assert ("unencrypted" in said) is is_open
    assert "hunter2" not in said
