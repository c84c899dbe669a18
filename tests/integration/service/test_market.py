"""The market as tenants ask for it: lists, one property, counts, maps, downloads, of their counties alone."""

import csv
import io
import json

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realestate_assets.app.audit import AuditEntry
from realestate_assets.app.sign_in import tenant_named
from realestate_assets.operations.market.columns import SORTS
from realestate_assets.service.security import links
from tests.integration.service.a_market import COUNTIES, NEWEST

pytestmark = pytest.mark.integration
NORTH, SOUTH = ["cook-il", "king-wa"], ["travis-tx"]
LIST = "/api/v1/properties"


def ids(answer) -> set[str]:
    return {row["property_id"] for row in answer.json()["items"]}


def a_home(market, county="king-wa", place=1):
    return market.scores[county]["property_id"].iloc[place]


def test_a_home_is_found_by_its_id_without_going_through_the_others(parts, market):
    asked = sa.text(
        "select c.relname from pg_index i join pg_class c on c.oid = i.indrelid "
        "join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0] "
        "where a.attname = 'property_id' and c.relname in ('features', 'score_history') order by 1"
    )
    with market.engine.connect() as owner:
        assert owner.scalars(asked).all() == ["features", "score_history"]
    with market.engine.begin() as owner:
        owner.execute(sa.text("drop index marts.features_property_id_idx"))
    parts.make_views()
    parts.make_views()
    with market.engine.connect() as owner:
        assert owner.scalars(asked).all() == ["features", "score_history"]


def test_a_list_shows_the_newest_month_of_the_tenants_counties_the_best_first(market, analyst):
    found = analyst("GET", LIST, params={"limit": 200, "with_total": True}).json()
    wanted = market.newest(NORTH)
    assert found["total"] == len(wanted) == len(found["items"])
    assert {row["county"] for row in found["items"]} == set(NORTH)
    assert {row["month"] for row in found["items"]} == {NEWEST}
    scores = [row["bird_dog_score"] for row in found["items"]]
    known = [score for score in scores if score is not None]
    assert known == sorted(known, reverse=True)
    assert scores[: len(known)] == known


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    limit=st.integers(7, 60),
    sort=st.sampled_from(SORTS).flatmap(lambda name: st.sampled_from([name, f"-{name}"])),
)
def test_pages_visit_each_row_once_whatever_the_sort(market, analyst, limit, sort):
    seen, cursor = [], None
    while True:
        params = {"limit": limit, "sort": sort} | ({"cursor": cursor} if cursor else {})
        page = analyst("GET", LIST, params=params).json()
        seen += [row["property_id"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen))
    assert set(seen) == set(market.newest(NORTH)["property_id"])


FILTERS = {
    "price": (
        {"min_price_usd": 400_000, "max_price_usd": 700_000},
        lambda f: f["asking_price_usd"].between(4e5, 7e5),
    ),
    "county": ({"county": "cook-il"}, lambda f: f["county"] == "cook-il"),
    "zips": ({"zip": ["98004", "98103"]}, lambda f: f["zip"].isin(["98004", "98103"])),
    "a quote": ({"city": "o'brien"}, lambda f: f["city"] == "O'BRIEN"),
    "a percent sign": ({"city": "100% city"}, lambda f: f["city"] == "100% CITY"),
    "type": ({"property_type": "condo"}, lambda f: f["property_type"] == "condo"),
    "state": ({"offer_state": ["on_offer", "gone"]}, lambda f: f["offer_state"].isin(["on_offer", "gone"])),
    "area": ({"min_living_area_sqft": 1800}, lambda f: f["living_area_sqft"] >= 1800),
    "score": ({"min_score": 60}, lambda f: f["bird_dog_score"] >= 60),
    "class": ({"score_class": "good"}, lambda f: f["score_class"] == "good"),
    "discount": ({"min_discount_pct": 5}, lambda f: f["discount_to_value_pct"] >= 5),
    "water": ({"waterfront": True}, lambda f: f["is_waterfront"].eq(True)),
    "dry": ({"waterfront": False}, lambda f: f["is_waterfront"].eq(False)),
    "to be reviewed": ({"needs_review": True}, lambda f: f["needs_review"].eq(True)),
    "sound": ({"needs_review": False}, lambda f: ~f["needs_review"].eq(True)),
    "box": (
        {"box": "-122.3,47.5,-122.1,47.65"},
        lambda f: f["longitude"].between(-122.3, -122.1) & f["latitude"].between(47.5, 47.65),
    ),
    "value and type": (
        {"min_value_usd": 500_000, "property_type": "single_family"},
        lambda f: (f["market_value_p50_usd"] >= 5e5) & (f["property_type"] == "single_family"),
    ),
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_finds_what_the_same_filter_finds_in_pandas(market, analyst, name):
    params, chosen = FILTERS[name]
    wanted = market.newest(NORTH)
    wanted = set(wanted[chosen(wanted).fillna(False).astype(bool)]["property_id"])
    found = analyst("GET", LIST, params=params | {"limit": 200, "with_total": True})
    assert ids(found) == wanted
    assert found.json()["total"] == len(wanted)
    counted = analyst("GET", "/api/v1/facets", params=params).json()["total"]
    on_map = analyst("GET", "/api/v1/map/properties", params=params).json()
    lines = analyst(
        "GET", "/api/v1/exports/properties", params=params | {"format": "jsonl"}
    ).text.splitlines()
    assert counted == on_map["total"] + on_map["without_place"] == len(lines) == len(wanted)


def test_a_radius_is_that_of_a_sphere_and_sorts_by_distance(market, analyst):
    from realestate_assets.domain.core.geo import haversine_miles

    params = {"near": "47.6,-122.2", "radius_miles": 4, "sort": "distance_mi", "limit": 200}
    found = analyst("GET", LIST, params=params).json()["items"]
    homes = market.newest(NORTH)
    miles = haversine_miles(homes["latitude"], homes["longitude"], 47.6, -122.2)
    assert {row["property_id"] for row in found} == set(homes[miles <= 4]["property_id"])
    distances = [row["distance_mi"] for row in found]
    assert distances == sorted(distances)
    assert distances == pytest.approx(sorted(miles[miles <= 4]))


SINGLE = ("", "/history", "/comparables", "/contributions", "/provenance")


@pytest.mark.parametrize("end", SINGLE)
def test_another_tenants_county_is_not_there(market, analyst, stranger, end):
    home = a_home(market)
    assert analyst("GET", f"{LIST}/{home}{end}").status_code == 200
    answer = stranger("GET", f"{LIST}/{home}{end}")
    assert answer.status_code == 404
    assert "king" not in answer.text


def test_no_list_count_map_or_download_tells_of_another_tenants_county(market, stranger):
    assert {row["county"] for row in stranger("GET", LIST).json()["items"]} == set(SOUTH)
    assert stranger("GET", LIST, params={"county": "king-wa"}).json()["items"] == []
    assert [row["county"] for row in stranger("GET", "/api/v1/counties").json()["items"]] == SOUTH
    facets = stranger("GET", "/api/v1/facets").json()["facets"]
    assert [value["value"] for value in facets["county"]] == SOUTH
    pins = stranger("GET", "/api/v1/map/properties").json()["features"]
    assert {pin["properties"]["county"] for pin in pins} == set(SOUTH)
    found = stranger("GET", "/api/v1/suggestions", params={"text": "seat", "limit": 20}).json()["items"]
    assert {row["county"] for row in found} == set(SOUTH)
    assert "king-wa" not in stranger("GET", "/api/v1/exports/properties").text
    for what in ("quality", "rejects", "models", "market-trends", "ratio-studies", "providers"):
        assert stranger("GET", f"/api/v1/counties/king-wa/{what}").status_code == 404
    home = {"county": "king-wa", "zip": "98004", "living_area_sqft": 2000}
    assert stranger("POST", "/api/v1/predict", json=home).status_code == 404


def test_a_property_tells_all_its_columns_or_those_asked_for(market, analyst):
    home = market.newest(["king-wa"]).iloc[3]
    found = analyst("GET", f"{LIST}/{home['property_id']}").json()
    assert found["living_area_sqft"] == home["living_area_sqft"]
    assert found["market_value_p50_usd"] == pytest.approx(home["market_value_p50_usd"])
    assert found["reasons"] == {"positive": [], "negative": []}
    assert "owner_name" not in found
    few = analyst("GET", f"{LIST}/{home['property_id']}", params={"fields": "zip,city"}).json()
    assert few == {"zip": home["zip"], "city": home["city"]}


def test_no_answer_shows_what_names_a_person(market, analyst):
    facts = analyst("GET", f"{LIST}/{a_home(market)}/provenance").json()["items"]
    assert {fact["field"]: fact["value"] for fact in facts} == {
        "owner_name": None,
        "roll_use_code": "Jane Doe",
    }
    assert "raw_record" not in analyst("GET", "/api/v1/counties/king-wa/rejects").json()["items"][0]


def test_rejects_come_in_pages(market, analyst):
    path, seen, cursor = "/api/v1/counties/king-wa/rejects", [], None
    for _ in range(4):
        page = analyst("GET", path, params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [row["source_row"] for row in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [1, 2, 3, 4, 5, 6, 7]
    assert cursor is None


def test_contributions_add_up_to_the_value(market, analyst):
    home = market.scores["king-wa"].iloc[2]
    rows = analyst("GET", f"{LIST}/{home['property_id']}/contributions").json()["items"]
    total = sum(row["contribution_usd"] for row in rows)
    assert total == pytest.approx(home["market_value_p50_usd"], abs=0.02)


def test_who_has_an_answer_is_told_that_it_stands(market, analyst):
    first = analyst("GET", LIST)
    again = analyst("GET", LIST, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = analyst("GET", LIST, params={"limit": 3}, headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


BAD = {
    "month": "2015-13",
    "zip": "9800",
    "county": "King County",
    "min_price_usd": "nan",
    "max_price_usd": "-1",
    "city": "a\x00b",
    "property_type": "castle",
    "box": "1,2,3",
    "near": "95,0",
    "radius_miles": "0",
    "limit": "0",
    "sort": "owner_name",
    "fields": "owner_name",
    "cursor": "AAAA",
    "min_year_built": "1e99",
    "min_beds": "3",
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_a_problem_that_names_the_parameter(market, analyst, name):
    answer = analyst("GET", LIST, params={name: BAD[name]})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    where = answer.json()["errors"][0]["field"]
    assert where == "query" if name == "min_beds" else where.startswith(f"query.{name}")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(BAD)), text=st.text(max_size=30))
def test_no_text_makes_the_service_fail(market, analyst, name, text):
    assert analyst("GET", LIST, params={name: text}).status_code in (200, 422)


def test_a_map_clusters_what_is_too_much_and_loses_none(market, parts):
    from realestate_assets.operations.market.filters import PropertyFilter
    from realestate_assets.operations.market.places import on_map
    from tests.integration.service.test_row_security import tenant_of

    with parts.transaction(tenant_of(parts, "north")) as session:
        found = on_map(session, PropertyFilter(), max_pins=20)
    assert found.pins == []
    assert sum(cluster["count"] for cluster in found.clusters) == found.total > 20
    assert len(found.clusters) < found.total


def test_a_download_is_safe_for_a_spreadsheet_and_has_every_row(market, analyst):
    text = analyst("GET", "/api/v1/exports/properties", params={"fields": "city,zip"}).text
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == len(market.newest(NORTH))
    assert set(rows[0]) == {"county", "month", "property_id", "city", "zip"}


def test_who_only_looks_downloads_nothing_and_values_nothing(market, as_role):
    viewer = as_role("viewer")
    assert viewer("GET", LIST).status_code == 200
    assert viewer("GET", "/api/v1/exports/properties").status_code == 403
    home = {"county": "king-wa", "zip": "98004", "living_area_sqft": 2000}
    assert viewer("POST", "/api/v1/predict", json=home).status_code == 403
    assert viewer("GET", f"/api/v1/documents/memos/{a_home(market)}/link").status_code == 403
    assert viewer("GET", f"{LIST}/{a_home(market)}/owners").status_code == 403


def test_who_reads_an_owner_is_written_down(market, as_role, parts):
    home = a_home(market)
    assert "owner_name" in as_role("analyst")("GET", f"{LIST}/{home}/owners").json()
    south = as_role("analyst", "south")("GET", f"{LIST}/{home}/owners")
    assert south.status_code == 404
    with parts.transaction(None) as session:
        tenant_id = tenant_named(session, "north")[0]
    with parts.transaction(tenant_id) as session:
        read = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "read")).all()
    assert [(entry.object_kind, entry.object_id) for entry in read] == [("owners", str(home))]


def test_a_signed_link_opens_one_document_until_it_ends(market, parts, client):
    parts.resources["lake"].write_bytes("memos/one.html", b"<p>memo</p>")
    good = links.sign(parts.secret, "memos/one.html", links.expiry())
    answer = client.get(f"/api/v1/documents/shared/{good}")
    assert (answer.status_code, answer.content) == (200, b"<p>memo</p>")
    assert answer.headers["content-security-policy"].startswith("sandbox")
    over = links.sign(parts.secret, "memos/one.html", links.expiry(0))
    assert client.get(f"/api/v1/documents/shared/{over}").status_code == 410
    assert client.get(f"/api/v1/documents/shared/{good[:-3]}AAA").status_code == 404


def subject(market, place=4) -> pd.Series:
    return market.newest(["king-wa"]).iloc[place]


def asked(home: pd.Series) -> dict:
    names = (
        "county", "property_id", "zip", "latitude", "longitude", "property_type", "living_area_sqft",
        "lot_area_sqft", "bedrooms", "bathrooms", "condition_code", "quality_code", "view_code", "stories",
        "is_waterfront", "year_built", "nearby_living_area_sqft", "nearby_lot_area_sqft",
    )  # fmt: skip
    return {name: json.loads(json.dumps(home[name], default=float)) for name in names if pd.notna(home[name])}


@pytest.mark.parametrize("place", [0, 4, 17, 31])
def test_a_home_of_the_batch_is_given_the_batchs_value(market, analyst, place):
    home = subject(market, place)
    answer = analyst("POST", "/api/v1/predict", json=asked(home))
    assert answer.status_code == 200, answer.text
    found = answer.json()
    for end in ("p10", "p50", "p90"):
        name = f"market_value_{end}_usd"
        assert found[name] == pytest.approx(home[name], rel=1e-9)
    assert sum(row["contribution_usd"] for row in found["contributions"]) == pytest.approx(
        found["market_value_p50_usd"], abs=0.02
    )


def test_its_comparables_and_causes_are_those_of_the_batch(market, analyst):
    home = subject(market, 1)
    found = analyst("POST", "/api/v1/predict", json=asked(home)).json()
    stored = analyst("GET", f"{LIST}/{home['property_id']}/comparables").json()["items"]
    assert [row["comp_property_id"] for row in found["comparables"]] == [
        r["comp_property_id"] for r in stored
    ]
    assert [row["adjusted_price_usd"] for row in found["comparables"]] == pytest.approx(
        [row["adjusted_price_usd"] for row in stored]
    )
    causes = analyst("GET", f"{LIST}/{home['property_id']}/contributions").json()["items"]
    assert [row["feature"] for row in found["contributions"]] == [row["feature"] for row in causes]
    assert [row["contribution_usd"] for row in found["contributions"]] == pytest.approx(
        [row["contribution_usd"] for row in causes], abs=0.02
    )


def test_the_ask_changes_no_value(market, analyst):
    home = asked(subject(market))
    low = analyst("POST", "/api/v1/predict", json=home | {"asking_price_usd": 100_000}).json()
    high = analyst("POST", "/api/v1/predict", json=home | {"asking_price_usd": 2_000_000}).json()
    assert low["market_value_p50_usd"] == high["market_value_p50_usd"]
    assert low["discount_probability"] > high["discount_probability"]


def test_what_a_value_cannot_do_without_is_named(market, analyst):
    answer = analyst("POST", "/api/v1/predict", json={"county": "king-wa", "bedrooms": 3})
    assert answer.status_code == 422
    fields = [error["field"] for error in answer.json()["errors"]]
    assert fields == ["body.living_area_sqft", "body.latitude", "body.longitude", "body.zip"]


def test_every_market_endpoint_has_an_example(client):
    document = client.get("/openapi.json").json()
    without = [
        path
        for path, methods in document["paths"].items()
        for operation in methods.values()
        if path.startswith(("/api/v1/properties", "/api/v1/scores", "/api/v1/counties", "/api/v1/predict"))
        # What answers nothing needs no example.
        and (answered := operation["responses"].get("200"))
        and not any("example" in kind for kind in answered["content"].values())
    ]
    assert without == []
    assert len(COUNTIES) == 3


def test_a_home_that_is_put_away_is_in_no_list_of_the_tenant_and_comes_back(analyst, as_role):
    ops, admin = as_role("ops"), as_role("admin", "south")
    asked = {"county": "king-wa", "limit": 200, "with_total": True}
    before = analyst("GET", LIST, params=asked).json()
    away = before["items"][0]["property_id"]
    path = f"{LIST}/{away}/archive"
    assert analyst("PUT", path, json={}).status_code == 403
    assert admin("PUT", path, json={}).status_code == 404
    assert ops("PUT", path, json={"reason": "Sold\x00"}).status_code == 422
    for _ in range(2):
        assert ops("PUT", path, json={"reason": "Sold to a friend"}).status_code == 204
    after = analyst("GET", LIST, params=asked).json()
    assert (after["total"], away in ids_of(after)) == (before["total"] - 1, False)
    assert ids_of(analyst("GET", LIST, params={"archived": True}).json()) == {away}
    assert analyst("GET", "/api/v1/facets", params={"county": "king-wa"}).json()["total"] == after["total"]
    on_map = analyst("GET", "/api/v1/map/properties", params={"county": "king-wa"})
    assert away not in on_map.text
    assert away not in analyst("GET", "/api/v1/exports/properties", params={"county": "king-wa"}).text
    assert analyst("GET", f"{LIST}/{away}").status_code == 200
    assert ops("DELETE", path).status_code == 204
    assert ops("DELETE", path).status_code == 404
    assert analyst("GET", LIST, params=asked).json()["total"] == before["total"]


def ids_of(answer: dict) -> set[str]:
    return {row["property_id"] for row in answer["items"]}
