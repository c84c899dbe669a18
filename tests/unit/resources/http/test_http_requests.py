"""What a request is remembered by, how its key travels, and what fits into a budget."""

import asyncio
import logging

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.errors import PermanentError
from resources.http.api import ApiRequest, Failure, Upload
from resources.http.api_policy import ApiKey, ApiPolicy
from resources.http.budget import dollars, room, spent_sql
from resources.http.calls import build_request, make_call
from resources.http.keys import KeyTransport, key_failure, mask, mask_body, with_key, without_key

BY_QUERY = ApiKey(env="SOME_KEY", query="key")
BY_HEADER = ApiKey(env="SOME_KEY", header="X-App-Token", prefix="Bearer ", required=False)
SECRET = "s3cret+key/with=signs&more"


def policy(**changes: object) -> ApiPolicy:
    return ApiPolicy(**{"name": "mine", "base_url": "https://api.example.com/v1/", **changes})


def request(**changes: object) -> ApiRequest:
    return ApiRequest(**{"endpoint": "things", "path": "/things", **changes})


def test_the_address_is_base_and_path_and_parameters():
    call = make_call(policy(), request(params=(("where", "pin in ('1','2')"), ("limit", "5"))))
    url = httpx.URL(call.url)
    assert (url.host, url.path) == ("api.example.com", "/v1/things")
    assert dict(url.params) == {"where": "pin in ('1','2')", "limit": "5"}


@pytest.mark.parametrize("path", ["things?key=1", "a/../../b", "things#x"])
def test_a_path_that_is_no_plain_path_is_refused(path):
    with pytest.raises(PermanentError, match="plain path"):
        make_call(policy(), request(path=path))


@pytest.mark.parametrize("path", ["//elsewhere.example.com/x", "@elsewhere.example.com", "\\\\elsewhere"])
def test_no_path_leads_to_another_host(path):
    assert httpx.URL(make_call(policy(), request(path=path)).url).host == "api.example.com"


def test_requests_are_the_same_whatever_the_order_of_their_parameters():
    pairs = (("a", "1"), ("b", "2"))
    keys = {make_call(policy(), request(params=order)).request_key for order in (pairs, pairs[::-1])}
    assert len(keys) == 1


def test_requests_differ_by_all_that_is_sent():
    upload = Upload("addressFile", "a.csv", b"1,2")
    requests = [
        request(),
        request(path="/others"),
        request(params=(("a", "1"),)),
        request(form=(("a", "1"),)),
        request(upload=upload),
        request(upload=Upload("addressFile", "a.csv", b"1,3")),
    ]
    keys = [make_call(policy(), each).request_key for each in requests]
    keys.append(make_call(policy(base_url="https://other.example.com/v1"), request()).request_key)
    keys.append(make_call(policy(headers={"Accept": "text/csv"}), request()).request_key)
    assert len(set(keys)) == len(keys)


def test_the_askers_own_mark_and_the_key_do_not_change_what_a_request_is(monkeypatch):
    keyed = policy(key={"env": "SOME_KEY", "query": "key"})
    before = make_call(keyed, request(tag=1)).request_key
    monkeypatch.setenv("SOME_KEY", SECRET)
    assert make_call(keyed, request(tag=2, endpoint="other label")).request_key == before


def test_a_form_and_a_file_are_posted():
    client = httpx.AsyncClient()
    call = make_call(policy(), request(form=(("a", "1"), ("a", "2"))))
    built = build_request(client, call)
    assert (built.method, built.content) == ("POST", b"a=1&a=2")
    upload = Upload("addressFile", "a.csv", b"1,2")
    sent = build_request(client, make_call(policy(), request(form=(("b", "3"),), upload=upload)))
    body = sent.read()
    assert b'name="addressFile"; filename="a.csv"' in body
    assert b"1,2" in body
    assert b'name="b"' in body


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60))
def test_a_key_in_the_query_arrives_as_it_is_and_leaves_the_rest_alone(value):
    plain = httpx.Request("GET", "https://api.example.com/v1?get=A+B&for=zip%20code:*")
    keyed = with_key(plain, BY_QUERY, value)
    assert keyed.url.params["key"] == value
    assert keyed.url.raw_path.startswith(plain.url.raw_path)
    assert "key" not in plain.url.params


def test_a_key_in_a_header_carries_its_prefix():
    keyed = with_key(httpx.Request("GET", "https://api.example.com/"), BY_HEADER, SECRET)
    assert keyed.headers["x-app-token"] == f"Bearer {SECRET}"


def test_the_client_and_its_log_know_the_request_without_the_key(monkeypatch, caplog):
    monkeypatch.setenv("SOME_KEY", SECRET)
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={})

    async def ask() -> httpx.Response:
        transport = KeyTransport(httpx.MockTransport(answer), BY_QUERY)
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.get("https://api.example.com/v1")

    with caplog.at_level(logging.DEBUG):
        response = asyncio.run(ask())
    assert seen[0].url.params["key"] == SECRET
    assert str(response.request.url) == "https://api.example.com/v1"
    assert "api.example.com" in caplog.text
    assert "s3cret" not in caplog.text


def test_a_key_that_is_missing_or_cannot_be_sent_is_said_by_the_name_of_its_variable(monkeypatch):
    needed = policy(key={"env": "SOME_KEY", "query": "key"})
    optional = policy(key={"env": "SOME_KEY", "query": "key", "required": False})
    monkeypatch.delenv("SOME_KEY", raising=False)
    assert key_failure(policy(), "mine") is None
    assert key_failure(optional, "mine") is None
    failure, words = key_failure(needed, "mine")
    assert (failure, "SOME_KEY" in words) == (Failure.KEY_MISSING, True)
    monkeypatch.setenv("SOME_KEY", "  ")
    assert key_failure(needed, "mine")[0] is Failure.KEY_MISSING
    for broken in ("two words", "line\r\nbreak: x", "schlüssel"):
        monkeypatch.setenv("SOME_KEY", broken)
        failure, words = key_failure(optional, "mine")
        assert (failure, broken in words) == (Failure.KEY_REFUSED, False)
    monkeypatch.setenv("SOME_KEY", SECRET + "\n")
    assert key_failure(needed, "mine") is None


def test_a_key_that_an_api_repeats_is_masked_in_every_spelling(monkeypatch):
    monkeypatch.setenv("SOME_KEY", SECRET)
    encoded = "s3cret%2Bkey%2Fwith%3Dsigns%26more"
    assert mask(f"bad key {SECRET} or {encoded}", BY_QUERY) == "bad key *** or ***"
    assert mask_body(f"bad key {encoded}".encode(), BY_QUERY) == b"bad key ***"
    url = f"https://api.example.com/v2?a=1&key={encoded}&b=2"
    assert without_key(url, BY_QUERY) == "https://api.example.com/v2?a=1&b=2"
    monkeypatch.setenv("SOME_KEY", "abc")
    assert mask("abcdef", BY_QUERY) == "abcdef"


def budget(**bounds: object) -> ApiPolicy:
    return policy(cost_per_call_usd="0.08", budget=bounds)


def test_a_dollar_pays_for_twelve_calls_at_eight_cents():
    assert room(budget(usd_per_run=1), "mine", {"usd_run": 0}).calls == 12
    assert room(budget(usd_per_run=1), "mine", {"usd_run": 960_000}).calls == 0


def test_the_tightest_bound_decides_and_is_named():
    bounds = budget(usd_per_run=1, calls_per_day=100, usd_per_month=2)
    spent = {"usd_run": 0, "calls_day": 95, "usd_month": 0, "calls_run": 0, "usd_day": 0, "calls_month": 0}
    found = room(bounds, "mine", spent)
    assert found.calls == 5
    assert "100 calls a day (UTC)" in found.sentence
    assert "budget.calls_per_day of mine" in found.sentence


def test_what_is_overspent_leaves_nothing():
    assert room(budget(usd_per_run=1), "mine", {"usd_run": 2_000_000}).calls == 0


def test_money_bounds_do_not_bind_what_is_free_and_no_bound_asks_no_query():
    assert room(policy(budget={"usd_per_run": 0}), "mine", {"usd_run": 0}).calls is None
    assert spent_sql(policy()) is None


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(1, 10**7))
def test_what_is_allowed_never_exceeds_the_budget_by_a_millionth(limit, gone, price):
    bounds = policy(cost_per_call_usd=price / 1e6, budget={"usd_per_run": limit / 1e6})
    calls = room(bounds, "mine", {"usd_run": gone}).calls
    assert calls == 0 or gone + calls * price <= limit
    assert gone + (calls + 1) * price > limit


def test_amounts_are_written_as_dollars():
    assert [dollars(m) for m in (0, 80_000, 1_000_000, 1_234_567, 12_345_000_000)] == [
        "$0.00",
        "$0.08",
        "$1.00",
        "$1.234567",
        "$12,345.00",
    ]
