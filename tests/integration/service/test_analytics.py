"""Analytics: figures held against the market behind them, each tenant's counties alone, pages and sorts."""

import pandas as pd
import pytest

from tests.integration.service.a_market import NEWEST, put

pytestmark = pytest.mark.integration

BASE = "/api/v1/analytics"
ALL = ("throughput", "quality", "costs", "market", "funnel")


@pytest.fixture(scope="module", autouse=True)
def figures(market):
    """Measures, costs and prices of two counties of the north and one of the south."""
    quality, costs, trends = [], [], []
    for county, received in (("king-wa", 70.0), ("cook-il", 40.0), ("travis-tx", 99.0)):
        for month in ("2015-03", NEWEST):
            of = {"county": county, "month": month}
            for metric, value in (("received", received), ("duplicates", 3.0), ("rejected", 7.0)):
                quality.append(of | {"metric": metric, "detail": "all", "metric_value": value})
            for field, value in (("bedrooms", 90.0), ("year_built", 70.0)):
                quality.append(of | {"metric": "filled_pct", "detail": field, "metric_value": value})
            for detail, passed in (("a", True), ("b", True), ("c", False)):
                quality.append(of | {"metric": "check", "detail": detail, "is_passed": passed})
            for field, cost in (("flood_zone_code", 0.0), ("avm_usd", 1.5), ("owner_name", 0.5)):
                provider = "fema" if field == "flood_zone_code" else "attom"
                costs.append(
                    of
                    | {
                        "field": field,
                        "provider": provider,
                        "fact_count": 10,
                        "used_count": 5,
                        "cost_usd": cost,
                    }
                )
    for county in ("king-wa", "travis-tx"):
        for month, price in (("2014-04", 500_000.0), (NEWEST, 550_000.0)):
            trends.append(
                {"county": county, "month": month, "zip": "98103", "is_simulated": False, "sale_count": 9,
                 "property_count": 20, "median_sale_price_usd": price, "median_price_per_sqft_usd": 300.0}
            )  # fmt: skip
    for table, rows in (("data_quality", quality), ("field_provenance", costs), ("market_trends", trends)):
        put(market.engine, "marts", table, pd.DataFrame(rows))


def items(asked, path, **params):
    answer = asked("GET", f"{BASE}/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_what_arrived_is_told_by_county_and_month_the_newest_first(analyst):
    found = items(analyst, "throughput", first_month="2015-03")
    assert [(each["month"], each["county"]) for each in found] == [
        ("2015-04", "cook-il"), ("2015-04", "king-wa"), ("2015-03", "cook-il"), ("2015-03", "king-wa"),
    ]  # fmt: skip
    assert found[1] == {
        "county": "king-wa", "month": "2015-04", "received_count": 70, "accepted_count": 60,
        "duplicate_count": 3, "rejected_count": 7,
    }  # fmt: skip
    assert found[3]["accepted_count"] is None


def test_quality_counts_measures_and_shares(analyst):
    (king,) = items(analyst, "quality", county="king-wa", first_month=NEWEST, last_month=NEWEST)
    assert (king["passed_count"], king["failed_count"]) == (2, 1)
    assert (king["filled_pct"], king["rejected_pct"]) == (80.0, 10.0)


def test_costs_are_summed_by_provider(analyst):
    found = items(analyst, "costs", county="king-wa", first_month=NEWEST, sort="-cost_usd")
    assert [(each["provider"], each["cost_usd"]) for each in found] == [("attom", 2.0), ("fema", 0.0)]
    assert (found[0]["used_count"], found[0]["cost_per_used_fact_usd"]) == (10, 0.2)


def test_markets_stand_side_by_side_with_the_change_of_a_year(analyst):
    (king,) = items(analyst, "market", zip="98103")
    assert king["county"] == "king-wa" and king["month"] == NEWEST
    assert king["median_sale_price_year_change_pct"] == pytest.approx(10.0)
    assert king["median_price_per_sqft_year_change_pct"] == 0.0
    counties = {each["county"] for each in items(analyst, "market") if each["zip"] == "ALL"}
    assert counties == {"king-wa", "cook-il"}


def test_the_funnel_counts_what_the_market_holds(analyst, market):
    homes = market.newest(["king-wa"])
    offered = homes[homes["offer_state"] == "on_offer"]
    scored = offered[offered["bird_dog_score"].notna()]
    (king,) = items(analyst, "funnel", county="king-wa")
    assert king["home_count"] == len(homes) and king["on_offer_count"] == len(offered)
    assert king["scored_count"] == len(scored)
    for least in (50, 65, 80):
        assert king[f"score_{least}_count"] == (scored["bird_dog_score"] >= least).sum()
    steps = [
        "home_count",
        "on_offer_count",
        "valued_count",
        "scored_count",
        "score_50_count",
        "score_65_count",
    ]
    assert [king[step] for step in steps] == sorted((king[step] for step in steps), reverse=True)
    assert king["median_score"] == pytest.approx(homes["bird_dog_score"].median())


@pytest.mark.parametrize("path", ALL)
def test_a_tenant_sees_its_own_counties_and_no_figure_of_another(analyst, stranger, path):
    mine, theirs = items(analyst, path, limit=200), items(stranger, path, limit=200)
    assert {each["county"] for each in mine} <= {"king-wa", "cook-il"} and mine
    assert {each["county"] for each in theirs} == {"travis-tx"}
    assert items(analyst, path, county="travis-tx") == []


@pytest.mark.parametrize("path", ALL)
def test_pages_hold_every_row_once_and_what_is_known_is_answered_with_304(analyst, path):
    found, cursor = [], None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = analyst("GET", f"{BASE}/{path}", params={"limit": 1, "with_total": True, **more}).json()
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(found) == page["total"] == len({str(each) for each in found})
    first = analyst("GET", f"{BASE}/{path}")
    again = analyst("GET", f"{BASE}/{path}", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "query",
    ["county=../etc", "county=KING", "first_month=2015", "sort=owner_name", "limit=0", "cursor=x", "zip=abc"],
)
def test_what_is_no_question_is_refused(analyst, query):
    path = "market" if query.startswith("zip") else "throughput"
    assert analyst("GET", f"{BASE}/{path}?{query}").status_code == 422


def test_a_cursor_of_other_counties_is_refused(analyst):
    cursor = analyst("GET", f"{BASE}/throughput?limit=1").json()["next_cursor"]
    assert analyst("GET", f"{BASE}/throughput?county=king-wa&cursor={cursor}").status_code == 422
