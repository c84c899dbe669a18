"""Keys reach the API and nothing else: no log, error, answer, cache key, ledger row or foreign host."""

import pytest

from resources.http.api import Failure
from resources.http.api_policy import ApiPolicy
from resources.warehouse.resource import WarehouseResource
from tests.http_server import LocalServer, Reset, json_reply, text_reply
from tests.integration.resources.http.api_calls import asks, ledger, policy, sent_rows, session

pytestmark = pytest.mark.integration

SECRET = "s3cret-Key/with+signs=9"
ENCODED = "s3cret-Key%2Fwith%2Bsigns%3D9"
IN_QUERY = {"env": "MINE_API_KEY", "query": "token"}
IN_HEADER = {"env": "MINE_API_KEY", "header": "Authorization", "prefix": "Bearer "}


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINE_API_KEY", SECRET)


def database_text(warehouse: WarehouseResource) -> str:
    calls = warehouse.read("select * from ops.provider_calls").to_pylist()
    kept = warehouse.read("select * from ops.provider_responses").to_pylist()
    return repr(calls) + repr(kept)


@pytest.mark.parametrize("place", [IN_QUERY, IN_HEADER], ids=["query", "header"])
def test_the_key_is_sent_and_is_found_nowhere_else(warehouse, caplog, capfd, place):
    """Through answers, refusals that repeat it, redirects, faults and a debug log of everything."""
    replies = {
        "0": json_reply({"fine": True}),
        "1": json_reply({}, 500),
        "2": Reset(),
        "3": text_reply(f"bad request with {SECRET} and {ENCODED}", 400),
        "4": text_reply("", 302, Location=f"/things?n=0&token={ENCODED}"),
        "5": (200, {"Content-Type": "application/json"}, b"{"),
        "6": text_reply(f"wrong {SECRET}", 401),
        "7": text_reply("", 302, Location=f"/things?n=0&other={ENCODED}"),
    }

    for name in ("", "httpx", "httpcore", "asyncio"):
        caplog.set_level(1, name)
    with LocalServer(lambda m, p, query, b, h: replies[query["n"][0]]) as server:
        with session(warehouse, policy(server.url, key=place, attempts=2, concurrency=1)) as api:
            answers = api.send_all([*asks(6), *asks(1, start=7)])
        with session(warehouse, policy(server.url, key=place, concurrency=1), "run-2") as api:
            answers += api.send_all(asks(1, start=6))
    for request in server.requests:
        carried = [*request.query.get("token", []), request.headers.get("authorization", "")]
        assert SECRET in " ".join(carried)
    texts = {
        "answers": repr(answers),
        "database": database_text(warehouse),
        "log": caplog.text + repr([vars(record) for record in caplog.records]),
        "terminal": "".join(capfd.readouterr()),
        "policy": repr(policy("http://127.0.0.1", key=place)),
    }
    for where, text in texts.items():
        for spelling in (SECRET, ENCODED):
            assert spelling not in text, where
    # The log did say something: the library's own lines are there, with the address and without the key.
    assert {"httpx", "httpcore.http11"} <= {record.name for record in caplog.records}
    assert "/things?n=3" in caplog.text


def test_a_missing_key_sends_nothing_but_what_is_kept_is_still_there(warehouse, monkeypatch):
    with LocalServer(lambda *_: json_reply({})) as server:
        rules = policy(server.url, key=IN_QUERY)
        with session(warehouse, rules) as api:
            api.send_all(asks(2))
        monkeypatch.delenv("MINE_API_KEY")
        with session(warehouse, rules, "run-2") as api:
            answers = api.send_all(asks(4))
        assert [a.failure for a in answers] == [None, None, Failure.KEY_MISSING, Failure.KEY_MISSING]
        assert "set MINE_API_KEY" in answers[-1].message
        assert len(server.requests) == 2


def test_an_optional_key_may_be_missing(warehouse, monkeypatch):
    monkeypatch.delenv("MINE_API_KEY")
    with (
        LocalServer(lambda *_: json_reply({})) as server,
        session(warehouse, policy(server.url, key={**IN_QUERY, "required": False})) as api,
    ):
        assert api.send_all(asks(1))[0].ok
        assert "token" not in server.requests[0].query


def test_a_key_is_read_when_a_request_leaves_not_when_the_session_begins(warehouse, monkeypatch):
    with LocalServer(lambda *_: json_reply({})) as server:
        monkeypatch.delenv("MINE_API_KEY")
        with session(warehouse, policy(server.url, key=IN_QUERY)) as api:
            monkeypatch.setenv("MINE_API_KEY", "later")
            assert api.send_all(asks(1))[0].ok
        assert server.requests[0].query["token"] == ["later"]


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_closes_the_provider_for_the_session(warehouse, status):
    with (
        LocalServer(lambda *_: text_reply("no", status)) as server,
        session(warehouse, policy(server.url, key=IN_QUERY, concurrency=1)) as api,
    ):
        answers = api.send_all(asks(20))
        assert len(server.requests) == 1
    assert {a.failure for a in answers} == {Failure.KEY_REFUSED}
    assert f"refused the key in MINE_API_KEY: HTTP {status}" in answers[0].message
    assert [(r["state"], r["outcome"]) for r in ledger(warehouse)] == [("failed", "KEY_REFUSED")]


def test_a_refusal_without_a_key_is_a_bad_answer_of_that_request_alone(warehouse):
    def answer(method, path, query, body, headers):
        return text_reply("no", 403) if query["n"] == ["0"] else json_reply({})

    with LocalServer(answer) as server, session(warehouse, policy(server.url)) as api:
        assert [a.failure for a in api.send_all(asks(3))] == [Failure.BAD_ANSWER, None, None]


def sent_to_a_page(url: str, place: str, **changes: object) -> tuple[ApiPolicy, dict[str, object]]:
    replies = {
        "/things": text_reply("", 302, Location=place),
        "/page": text_reply("<html>A valid key must be included</html>", content_type="text/html"),
        "/invalid_key.html": text_reply("<html></html>", content_type="text/html"),
    }
    return policy(url, concurrency=1, **changes), replies


@pytest.mark.parametrize("place", ["/invalid_key.html", "/page"])
def test_a_redirect_to_a_page_is_how_a_bad_key_is_refused(warehouse, place):
    replies: dict[str, object] = {}
    with LocalServer(lambda m, path, *_: replies[path]) as server:
        rules, found = sent_to_a_page(server.url, place, key=IN_QUERY)
        replies |= found
        with session(warehouse, rules) as api:
            answers = api.send_all(asks(3))
    assert {a.failure for a in answers} == {Failure.KEY_REFUSED}
    assert "check the key in MINE_API_KEY" in answers[0].message
    assert "/invalid_key.html" not in server.paths


def test_a_redirect_to_a_page_without_a_key_says_which_one_may_be_needed(warehouse, monkeypatch):
    monkeypatch.delenv("MINE_API_KEY")
    replies: dict[str, object] = {}
    with LocalServer(lambda m, path, *_: replies[path]) as server:
        rules, found = sent_to_a_page(server.url, "/page", key={**IN_QUERY, "required": False})
        replies |= found
        with session(warehouse, rules) as api:
            answer = api.send_all(asks(1))[0]
    assert (answer.failure, "set MINE_API_KEY" in answer.message) == (Failure.KEY_REFUSED, True)


@pytest.mark.parametrize("key", [None, IN_QUERY, IN_HEADER], ids=["none", "query", "header"])
def test_a_redirect_to_another_host_is_not_followed(warehouse, key):
    with LocalServer(lambda *_: json_reply({})) as stranger:
        moved = text_reply("", 307, Location=f"{stranger.url}/things?n=0")
        with (
            LocalServer(lambda *_: moved) as server,
            session(warehouse, policy(server.url, key=key)) as api,
        ):
            answer = api.send_all(asks(1))[0]
    assert stranger.requests == []
    assert answer.failure is (Failure.KEY_REFUSED if key else Failure.BAD_ANSWER)


def test_a_redirect_on_the_same_host_is_followed_with_the_key_and_is_a_call_of_its_own(warehouse):
    def answer(method, path, query, body, headers):
        return json_reply({"at": path}) if path == "/moved" else text_reply("", 301, Location="/moved?n=0")

    with LocalServer(answer) as server:
        for _ in range(2):
            with session(warehouse, policy(server.url, key=IN_QUERY)) as api:
                found = api.send_all(asks(1))[0]
    assert (found.ok, found.body, found.cached) == (True, b'{"at": "/moved"}', True)
    assert [r.query["token"] for r in server.requests] == [[SECRET], [SECRET]]
    assert [row["outcome"] for row in sent_rows(warehouse)] == ["REDIRECTED", "ANSWERED"]


def test_redirects_in_a_circle_end(warehouse):
    with (
        LocalServer(lambda *_: text_reply("", 302, Location="/things?n=0")) as server,
        session(warehouse, policy(server.url)) as api,
    ):
        answer = api.send_all(asks(1))[0]
    assert (answer.failure, len(server.requests)) == (Failure.BAD_ANSWER, 4)
