"""Search by a sentence: facts filter, chips say so, and nobody finds what the tenant does not see."""

import threading

import numpy as np
import pytest

from resources.partition import Partition
from resources.vectors.index import VectorIndexResource
from tests.integration.service.a_market import NEWEST, Market, fill_county, fill_index

pytestmark = pytest.mark.integration
SEARCH = "/api/v1/search"


@pytest.fixture(scope="module")
def market(market, parts) -> Market:
    """With an index of its homes."""
    fill_index(parts.resources, market)
    return market


def test_facts_filter_and_are_told_with_their_words(market, analyst):
    asked = {"q": "condo under 600k with a pool", "county": "king-wa", "limit": 100}
    found = analyst("GET", SEARCH, params=asked).json()
    chips = {chip["key"]: chip for chip in found["understood"]}
    assert chips["property_type"]["words"] == "condo"
    assert chips["asking_price_usd"]["label"] == "price at most $600,000"
    assert [each["label"] for each in found["not_applied"]] == ["pool"]
    homes = market.newest(["king-wa"])
    right = homes[(homes["property_type"] == "condo") & (homes["asking_price_usd"] <= 600_000)]
    assert {hit["property_id"] for hit in found["items"]} == set(right["property_id"])
    statuses = [hit["status"] == "on_offer" for hit in found["items"]]
    assert statuses == sorted(statuses, reverse=True)


def test_a_fact_that_is_taken_away_filters_no_more(market, analyst):
    asked = {"q": "condo under 600k", "county": "king-wa", "limit": 100}
    narrow = analyst("GET", SEARCH, params=asked).json()
    wide = analyst("GET", SEARCH, params=asked | {"without": ["property_type"]}).json()
    assert "property_type" not in {chip["key"] for chip in wide["understood"]}
    assert {hit["property_id"] for hit in narrow["items"]} < {hit["property_id"] for hit in wide["items"]}


def test_another_tenants_county_is_neither_searched_nor_named(market, stranger):
    only = stranger("GET", SEARCH, params={"q": "condo in King County"}).json()
    assert only["county"] == "travis-tx"
    assert {hit["county"] for hit in only["items"]} == {"travis-tx"}
    refused = stranger("GET", SEARCH, params={"q": "condo", "county": "king-wa"})
    assert refused.status_code == 422
    assert "king" not in refused.text
    assert "cook" not in refused.text


def test_of_several_counties_one_is_named(market, analyst):
    assert analyst("GET", SEARCH, params={"q": "condo in King County"}).json()["county"] == "king-wa"
    asked = analyst("GET", SEARCH, params={"q": "condo"})
    assert asked.status_code == 422
    assert asked.json()["errors"][0]["field"] == "query.county"


def test_a_home_that_the_market_has_no_more_is_not_found(market, parts, analyst):
    asked = {"q": "house", "county": "cook-il", "limit": 100}
    before = analyst("GET", SEARCH, params=asked).json()["items"]
    gone = before[0]["property_id"]
    with market.engine.begin() as connection:
        connection.exec_driver_sql("delete from marts.features where property_id = %s", (gone,))
    after = analyst("GET", SEARCH, params=asked).json()["items"]
    assert [hit["property_id"] for hit in after] == [hit["property_id"] for hit in before[1:]]


def test_what_a_run_writes_is_found_soon_and_questions_meanwhile_are_answered(market, parts, analyst):
    asked = {"q": "house", "county": "king-wa", "limit": 100}
    full = len(analyst("GET", SEARCH, params=asked).json()["items"])
    partition = Partition("king-wa", NEWEST)
    writer = VectorIndexResource(root=str(parts.settings.vectors_root))
    writer.replace_partition(partition, [], np.zeros((0, 384), "float32"), [])
    found = [full]
    for _ in range(200):
        answer = analyst("GET", SEARCH, params=asked)
        assert answer.status_code == 200
        found.append(len(answer.json()["items"]))
        if found[-1] == 0:
            break
    assert set(found) == {full, 0}
    fill_county(writer, parts.resources["embedder"], market, "king-wa")


def test_many_ask_at_once(market, analyst):
    answers = []

    def ask() -> None:
        answers.append(analyst("GET", SEARCH, params={"q": "condo", "county": "cook-il"}).status_code)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 8


@pytest.mark.parametrize("params", [{}, {"q": ""}, {"q": "a\x00"}, {"q": "x", "limit": 0}, {"q": "x" * 301}])
def test_what_is_no_question_is_a_problem(market, analyst, params):
    assert analyst("GET", SEARCH, params=params).status_code == 422
