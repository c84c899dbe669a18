"""The socrata provider against a portal that answers real queries: what it asks and what it makes of rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import httpx
import pyarrow as pa
import pytest

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.counties.providers.socrata import SocrataProvider
from realestate_assets.providers.base import REQUEST_COLUMNS, EnrichmentRequest
from realestate_assets.providers.socrata import Socrata
from realestate_assets.providers.soda import SodaQuery, fetch_all
from resources.errors import PermanentError
from tests.http_server import LocalServer, json_reply, text_reply
from tests.soda_portal import SodaPortal, no_such_column
from tests.unit.providers.enrich_frames import properties
from tests.unit.providers.plain_client import ASKED_AT, PlainClient

ADDRESSES = {
    "kind": "socrata",
    "name": "addresses",
    "dataset": "3723-97qp",
    "key": {"column": "pin", "digits": 14},
    "vintage": {"year": "year"},
    "fields": {
        "owner_name": {"from": "owner_address_name", "null_values": "TAXPAYER OF"},
        "owner_mailing_address": {"line": "{street}, {city}, {state} {zip}"},
        "owner_mailing_state": "state",
        "owner_since_date": {"unbroken": "owner_address_name"},
    },
}
TAX_SALE = {
    "kind": "socrata",
    "name": "tax_sale",
    "dataset": "55ju-2fs9",
    "key": {"column": "pin", "digits": 14, "pattern": "##-##-###-###-####"},
    "vintage": {"year": "tax_sale_year", "months_later": 20},
    "fields": {
        "is_tax_delinquent": {"constant": True},
        "tax_delinquent_usd": "offered",
        "tax_sale_year": "tax_sale_year",
    },
}
ANN, BOB, CAR = "02011050030000", "24252010800000", "30173070070000"


def table(*rows: dict) -> pa.Table:
    names = sorted({name for row in rows for name in row})
    return pa.table({name: [row.get(name) for row in rows] for name in names})


def address(pin: str, year: str, owner: str | None, **rest: str) -> dict:
    place = {"street": "1 MAIN ST", "city": "SUMMIT", "state": "IL", "zip": "60501"}
    return {"pin": pin, "year": year, "owner_address_name": owner, **place, **rest}


ROWS = {
    "3723-97qp": table(
        address(ANN, "2013", "ANN"),
        address(ANN, "2014.0", "ANN"),
        address(ANN, "2015", "BOB LLC", state="FL"),
        address(BOB, "2014", "TAXPAYER OF"),
        address(CAR, "2016", "CAR INC"),
    ),
    "55ju-2fs9": table(
        {"pin": "02-01-105-003-0000", "tax_sale_year": "2012", "offered": "6091.00"},
        {"pin": "24-25-201-080-0000", "tax_sale_year": "2014", "offered": "12.5"},
    ),
}


def request(config: dict, *rows: dict) -> EnrichmentRequest:
    held = properties(*({"apn": ANN, **row} for row in rows))
    return EnrichmentRequest("cook-il", held.select(REQUEST_COLUMNS), tuple(config["fields"]))


def provider(config: dict, client: PlainClient, **changes: object) -> Socrata:
    checked = SocrataProvider.model_validate({**config, **changes})
    return Socrata(checked, client, load_counties()["cook-il"])


def by_field(facts: pa.Table) -> dict[tuple, dict]:
    found = {(f["property_id"], f["month"], f["field"]): f for f in facts.to_pylist()}
    assert len(found) == facts.num_rows
    return found


@contextmanager
def portal(handler=None, **tables: pa.Table) -> Iterator[tuple[LocalServer, PlainClient]]:
    with LocalServer(handler or SodaPortal({**ROWS, **tables})) as server:
        yield server, PlainClient(server.url, "socrata_cook")


def ask(config: dict, *rows: dict, handler=None, cost_usd: float = 0.0, **changes: object) -> dict:
    with portal(handler) as (_, client):
        client.cost_usd = cost_usd
        return by_field(provider(config, client, **changes).fetch(request(config, *rows)))


def test_the_latest_row_known_on_the_first_of_the_month_is_taken_for_each_month():
    months = ("2014-05", "2015-01", "2016-01")
    facts = ask(ADDRESSES, *({"month": month, "property_id": "p"} for month in months))
    named = [facts["p", month, "owner_name"] for month in months]
    assert [f["value"] for f in named] == ["ANN", "ANN", "BOB LLC"]
    assert [f["vintage"] for f in named] == [date(2013, 12, 31), date(2014, 12, 31), date(2015, 12, 31)]
    assert [facts["p", m, "owner_mailing_state"]["value"] for m in months] == ["IL", "IL", "FL"]
    since = [facts["p", m, "owner_since_date"]["value"] for m in months]
    assert since == ["2013-01-01", "2013-01-01", "2015-01-01"]
    assert facts["p", "2016-01", "owner_mailing_address"]["value"] == "1 MAIN ST, SUMMIT, FL 60501"


def test_a_parcel_known_only_later_says_so_by_its_vintage():
    fact = ask(ADDRESSES, {"apn": CAR, "month": "2015-05"})["p0", "2015-05", "owner_name"]
    assert (fact["value"], fact["vintage"]) == ("CAR INC", date(2016, 12, 31))


def test_every_missing_value_has_its_reason():
    facts = ask(ADDRESSES, {"apn": BOB}, {"apn": None}, {"apn": "99999999999999"})
    reasons = [facts[f"p{n}", "2015-05", "owner_name"]["reason_code"] for n in range(3)]
    assert reasons == ["NULL_IN_SOURCE", "NO_KEY", "NO_MATCH"]
    assert facts["p1", "2015-05", "owner_name"]["source_url"] is None


def test_a_fact_says_where_it_comes_from_in_an_address_of_its_own_parcel():
    fact = ask(ADDRESSES, {})["p0", "2015-05", "owner_name"]
    assert fact["source_url"].endswith(f"/resource/3723-97qp.json?pin={ANN}")
    assert fact["retrieved_at"] == ASKED_AT
    assert (fact["provider"], fact["confidence"], fact["simulated"]) == ("addresses", 0.9, False)


def test_hyphenated_numbers_find_their_parcels_and_a_year_is_known_only_when_it_is_out():
    facts = ask(TAX_SALE, {"month": "2014-09"}, {"month": "2014-08"}, {"apn": BOB, "month": "2017-01"})
    told = facts["p0", "2014-09", "is_tax_delinquent"]
    assert (told["value"], told["vintage"]) == ("true", date(2014, 8, 31))
    assert told["source_url"].endswith("?pin=02-01-105-003-0000")
    # Sold in August: on the first of August nobody knew it.
    assert facts["p1", "2014-08", "is_tax_delinquent"]["vintage"] == date(2014, 8, 31)
    assert facts["p2", "2017-01", "tax_delinquent_usd"]["value"] == "12.5"


def test_many_parcels_go_into_one_request_and_long_lists_into_several():
    pins = [f"{n:014}" for n in range(1, 1001)]
    rows = [{"apn": pin, "property_id": pin} for pin in pins]
    with portal() as (server, client):
        provider(ADDRESSES, client).fetch(request(ADDRESSES, *rows, *rows[:0]))
        assert len(server.requests) == 5
        asked = [r.query["$where"][0].count("'") // 2 for r in server.requests]
        assert sum(asked) == 1000 and {r.query["$order"][0] for r in server.requests} == {"pin,year,:id"}
        queries = provider(ADDRESSES, client).queries(pins, list(ADDRESSES["fields"]))
        pages = [query.page(0) for query, _ in queries]
        longest = max(len(str(httpx.URL(f"{server.url}{p.path}", params=list(p.params)))) for p in pages)
        assert 5_000 < longest <= 6_000


def test_a_parcel_of_several_months_is_asked_for_once():
    with portal() as (server, client):
        months = ({"month": f"2015-{n:02}", "property_id": "p"} for n in range(1, 13))
        assert provider(ADDRESSES, client).fetch(request(ADDRESSES, *months)).num_rows == 48
        assert len(server.requests) == 1


def test_only_the_wanted_fields_are_asked_for_and_answered():
    with portal() as (server, client):
        asked = request({"fields": {"owner_name": 1, "flood_zone_code": 1}}, {})
        facts = provider(ADDRESSES, client).fetch(asked)
        assert facts["field"].to_pylist() == ["owner_name"]
        assert server.requests[0].query["$select"] == ["pin,year,owner_address_name"]


def test_pages_are_asked_for_until_a_short_one():
    rows = [address(ANN, str(1980 + n), f"OWNER {n // 9}") for n in range(35)]
    with portal(**{"3723-97qp": table(*rows)}) as (server, client):
        facts = by_field(provider(ADDRESSES, client, page_rows=10).fetch(request(ADDRESSES, {})))
        assert [r.query["$offset"] for r in server.requests] == [["0"], ["10"], ["20"], ["30"]]
    assert facts["p0", "2015-05", "owner_since_date"]["value"] == "2007-01-01"


def test_a_row_limit_ends_the_pages():
    with portal() as (server, client):
        query = SodaQuery("3723-97qp", "year > '2000'", ("pin",), page_rows=2, row_limit=3)
        (found,) = fetch_all(client, [query], "cook-il", "x")
        assert len(found.rows) == 3 and [r.query["$limit"] for r in server.requests] == [["2"], ["1"]]


def test_several_buildings_of_a_lot_are_added_where_the_rule_says_so():
    rows = [
        {"pin": ANN, "year": "2014", "card": "2", "sf": "400", "built": "1990"},
        {"pin": ANN, "year": "2014", "card": "1", "sf": "1000.0", "built": "1950"},
    ]
    config = {
        "kind": "socrata",
        "name": "buildings",
        "dataset": "x54s-btds",
        "key": {"column": "pin", "digits": 14},
        "vintage": {"year": "year"},
        "order": ["card"],
        "fields": {
            "roll_living_area_sqft": {"from": "sf", "combine": "sum"},
            "roll_year_built": "built",
        },
    }
    with portal(**{"x54s-btds": table(*rows)}) as (_, client):
        facts = by_field(provider(config, client).fetch(request(config, {})))
    assert facts["p0", "2015-05", "roll_living_area_sqft"]["value"] == "1400"
    assert facts["p0", "2015-05", "roll_year_built"]["value"] == "1950"


def test_a_dataset_without_dates_describes_the_day_it_was_asked():
    undated = {k: v for k, v in TAX_SALE.items() if k != "vintage"}
    assert ask(undated, {})["p0", "2015-05", "is_tax_delinquent"]["vintage"] == ASKED_AT.date()


def test_what_a_call_costs_is_split_over_its_facts_to_the_last_micro_dollar():
    rows = ({"month": f"2015-{n:02}", "property_id": "p"} for n in range(1, 8))
    facts = ask(ADDRESSES, *rows, {"apn": None}, cost_usd=0.02)
    costs = {key: fact["cost_usd"] for key, fact in facts.items()}
    assert round(sum(costs.values()), 9) == 0.02 and costs["p7", "2015-05", "owner_name"] == 0


def test_a_column_that_is_gone_stops_the_provider_by_its_name():
    left = {name: value for name, value in address(ANN, "2014", "A").items() if name != "owner_address_name"}
    with pytest.raises(PermanentError, match="has no column owner_address_name") as caught:
        ask(ADDRESSES, {}, handler=SodaPortal({"3723-97qp": table(left)}))
    assert str(caught.value).startswith("county cook-il, source addresses, field owner_address_name: ")


@pytest.mark.parametrize(
    ("reply", "named"),
    [
        (json_reply(no_such_column("pin"), 400), "no column pin"),
        (json_reply({"errorCode": "query.soql.type-mismatch", "message": "op$=, is text"}, 400), "op"),
        (json_reply({"code": "dataset.missing", "error": True, "message": "Not found"}, 404), "Not found"),
        (json_reply({"rows": []}), "no list of rows"),
        (json_reply([1, 2]), "no list of rows"),
    ],
)
def test_what_a_retry_cannot_mend_is_permanent(reply, named):
    with pytest.raises(PermanentError, match=named):
        ask(ADDRESSES, {}, handler=lambda *_: reply)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (json_reply({"message": "You must be logged in", "error": True}, 403), "KEY_REFUSED"),
        (text_reply("", 429), "PROVIDER_FAILED"),
        (text_reply("<html>maintenance</html>", content_type="text/html"), "BAD_ANSWER"),
        (json_reply({"message": "You must be logged in", "error": True}), "BAD_ANSWER"),
        (text_reply("[{", content_type="application/json"), "BAD_ANSWER"),
        (text_reply("", 204), "BAD_ANSWER"),
    ],
)
def test_a_failed_answer_becomes_nulls_with_its_reason(reply, reason):
    facts = ask(ADDRESSES, {}, {"apn": None}, handler=lambda *_: reply)
    assert {facts["p0", "2015-05", field]["reason_code"] for field in ADDRESSES["fields"]} == {reason}
    assert facts["p1", "2015-05", "owner_name"]["reason_code"] == "NO_KEY"
    assert {fact["value"] for fact in facts.values()} == {None}


def test_a_failure_on_a_later_page_leaves_no_half_answer():
    rows = SodaPortal({"3723-97qp": table(*(address(ANN, str(2000 + n), "A") for n in range(6)))})

    def handler(method, path, query, body, headers):
        return text_reply("", 500) if query["$offset"] == ["4"] else rows(method, path, query, body, headers)

    facts = ask(ADDRESSES, {}, handler=handler, page_rows=4)
    assert {fact["reason_code"] for fact in facts.values()} == {"PROVIDER_FAILED"}


def test_no_match_is_an_empty_list_and_nothing_else():
    facts = ask(ADDRESSES, {}, handler=lambda *_: json_reply([]))
    assert {fact["reason_code"] for fact in facts.values()} == {"NO_MATCH"}
