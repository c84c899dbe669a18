"""Kept searches tell of each new home and price cut once; marks lead to recommendations with reasons."""

import threading
import uuid

import pytest
import sqlalchemy as sa

from realestate_assets.app.events import Delivery
from realestate_assets.app.searches import SearchLook
from realestate_assets.operations.kept import alerts
from tests.integration.service.a_market import NEWEST, Market, fill_index, put
from tests.integration.service.test_row_security import tenant_of

pytestmark = pytest.mark.integration
SEARCHES = "/api/v1/searches"
SMALL = {"name": "Small", "county": "king-wa", "sentence": "condo under 900k", "is_alerted": True}


@pytest.fixture(scope="module")
def market(market, parts) -> Market:
    """With an index of its homes."""
    fill_index(parts.resources, market)
    return market


@pytest.fixture
def kept(analyst):
    made = analyst("POST", SEARCHES, json=SMALL)
    assert made.status_code == 201, made.text
    yield made.json()
    analyst("DELETE", f"{SEARCHES}/{made.json()['search_id']}")


def run_sql(market, sql, *values):
    with market.engine.begin() as connection:
        connection.exec_driver_sql(sql, values)


def add_home(market, price=450_000.0):
    """A condo of the newest month that was not there before."""
    home = str(uuid.uuid4())
    features, scores = market.features["king-wa"], market.scores["king-wa"].head(1)
    row = features[features["month"] == NEWEST].head(1)
    same = {"property_id": home, "offer_state": "on_offer"}
    put(market.engine, "marts", "features", row.assign(source="test", property_type="condo", **same))
    put(market.engine, "raw", "scores", scores.assign(asking_price_usd=price, **same))
    return home


def ask_price(market, home, price):
    run_sql(market, "update raw.scores set asking_price_usd = %s where property_id = %s", price, home)


def look(parts):
    """All searches are due, and looked at."""
    with parts.transaction(tenant_of(parts, "north")) as session:
        session.execute(sa.update(SearchLook).values(next_at=sa.func.now() - sa.text("interval '1 hour'")))
    return alerts.look_at_due(parts.transaction, parts.county_files)


def told(analyst, search):
    found = analyst("GET", f"{SEARCHES}/{search['search_id']}/matches").json()["items"]
    return sorted((each["kind"], each["property_id"], each["price_usd"]) for each in found)


def test_what_fits_already_is_not_told_and_what_comes_is_told_once(parts, market, analyst, kept):
    assert look(parts) == 0
    home = add_home(market)
    add_home(market, price=2_000_000.0)
    assert look(parts) == 1
    assert look(parts) == 0
    assert told(analyst, kept) == [("new", home, 450_000.0)]


def test_a_price_cut_is_told_once_and_a_rise_and_fall_to_the_same_is_none(parts, market, analyst, kept):
    home = add_home(market)
    assert look(parts) == 1
    found = []
    for price in (430_000.0, 460_000.0, 430_000.0, 410_000.0):
        ask_price(market, home, price)
        found.append(look(parts))
    assert found == [1, 0, 0, 1]
    cuts = [each for each in told(analyst, kept) if each[0] == "price_cut"]
    assert cuts == [("price_cut", home, 410_000.0), ("price_cut", home, 430_000.0)]


def test_a_price_that_is_assumed_is_no_cut(parts, market, analyst, kept):
    home = add_home(market)
    assert look(parts) == 1
    run_sql(market, "update raw.scores set is_asking_price_assumed = true where property_id = %s", home)
    ask_price(market, home, 100_000.0)
    assert look(parts) == 0


def test_two_that_look_at_once_tell_once(parts, market, analyst, kept):
    home = add_home(market)
    with parts.transaction(tenant_of(parts, "north")) as session:
        session.execute(sa.update(SearchLook).values(next_at=sa.func.now() - sa.text("interval '1 hour'")))
    counts, start = [], threading.Barrier(4)

    def work():
        start.wait()
        counts.append(alerts.look_at_due(parts.transaction, parts.county_files))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 1
    assert [each[1] for each in told(analyst, kept)] == [home]


def test_one_that_is_killed_before_its_end_has_told_nothing_and_the_next_tells_all(
    parts, market, analyst, kept, monkeypatch
):
    home = add_home(market)
    tell = alerts.tell

    def killed(session, search, found):
        tell(session, search, found)
        session.execute(sa.text("select pg_terminate_backend(pg_backend_pid())"))

    monkeypatch.setattr(alerts, "tell", killed)
    with pytest.raises(sa.exc.OperationalError):
        look(parts)
    assert told(analyst, kept) == []
    monkeypatch.setattr(alerts, "tell", tell)
    assert look(parts) == 1
    assert [each[1] for each in told(analyst, kept)] == [home]


def test_the_webhook_of_a_search_gets_one_message(parts, market, analyst, as_role):
    hook = as_role("admin")(
        "POST",
        "/api/v1/webhooks",
        json={"url": "https://crm.example.com/x", "event_types": ["property.scored"]},
    ).json()
    hook_id = hook["webhook_id"]
    made = analyst("POST", SEARCHES, json=SMALL | {"webhook_id": hook_id}).json()
    homes = {add_home(market), add_home(market)}
    assert look(parts) == 2
    with parts.transaction(tenant_of(parts, "north")) as session:
        query = sa.select(Delivery).where(Delivery.webhook_id == uuid.UUID(hook_id))
        bodies = [each.body for each in session.scalars(query) if each.body["type"] == alerts.KIND]
    assert len(bodies) == 1
    assert {event["property_id"] for event in bodies[0]["events"]} == homes
    analyst("DELETE", f"{SEARCHES}/{made['search_id']}")


def test_a_search_belongs_to_a_person_and_shared_to_a_tenant(market, analyst, stranger, as_role, kept):
    path = f"{SEARCHES}/{kept['search_id']}"
    colleague = as_role("underwriter")
    assert colleague("GET", path).status_code == 404
    assert analyst("PATCH", path, json={"is_shared": True}).json()["is_shared"]
    assert colleague("GET", f"{path}/results").status_code == 200
    assert colleague("PATCH", path, json={"name": "Mine"}).status_code == 403
    assert colleague("DELETE", path).status_code == 403
    for end in ("", "/results", "/matches"):
        assert stranger("GET", path + end).status_code == 404
    assert stranger("DELETE", path).status_code == 404
    assert stranger("GET", SEARCHES).json()["items"] == []


def test_a_county_that_is_taken_away_is_told_no_more(parts, market, analyst, kept):
    add_home(market)
    run_sql(market, "update app.county_entitlements set until = now() where county = 'king-wa'")
    assert look(parts) == 0
    run_sql(market, "update app.county_entitlements set until = null where county = 'king-wa'")
    assert look(parts) == 1


BAD = [
    SMALL | {"county": "travis-tx"},
    SMALL | {"sentence": None},
    SMALL | {"filters": {"min_bedrooms": 2}},
    SMALL | {"sentence": "cozy"},
    SMALL | {"sentence": None, "filters": {}},
    SMALL | {"sentence": None, "filters": {"owner": "x"}},
    SMALL | {"webhook_id": str(uuid.uuid4())},
    SMALL | {"frequency": "hourly"},
]


@pytest.mark.parametrize("body", BAD)
def test_what_cannot_be_kept_is_a_problem(market, analyst, body):
    assert analyst("POST", SEARCHES, json=body).status_code == 422


def test_filters_are_kept_and_run_as_those_of_a_list(market, analyst):
    body = {
        "name": "F",
        "county": "cook-il",
        "filters": {"property_type": ["condo"], "max_price_usd": 600000},
    }
    made = analyst("POST", SEARCHES, json=body).json()
    found = analyst("GET", f"{SEARCHES}/{made['search_id']}/results", params={"limit": 100}).json()["items"]
    homes = market.newest(["cook-il"])
    right = homes[(homes["property_type"] == "condo") & (homes["asking_price_usd"] <= 600_000)]
    assert {each["property_id"] for each in found} == set(right["property_id"])


def mark(asker, home, value):
    path = f"/api/v1/properties/{home}/mark"
    return asker("PUT", path, json={"mark": value}) if value else asker("DELETE", path)


def recommended(asker, **params):
    answer = asker("GET", "/api/v1/recommendations", params={"limit": 50, **params})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_recommendations_follow_the_marks_and_never_show_what_is_marked(market, as_role):
    viewer = as_role("viewer")
    first = recommended(viewer)
    assert first["basis"] == "best_scores"
    assert {each["county"] for each in first["items"]} <= {"king-wa", "cook-il"}
    homes = [row["property_id"] for row in first["items"] if row["county"] == "king-wa"]
    dismissed, saved = homes[0], homes[1]
    assert mark(viewer, dismissed, "dismissed").status_code == 204
    assert dismissed not in {each["property_id"] for each in recommended(viewer)["items"]}
    assert mark(viewer, saved, "saved").status_code == 204
    found = recommended(viewer)
    assert found["basis"] == "saved_homes"
    ids = {each["property_id"] for each in found["items"]}
    assert ids
    assert not ids & {saved, dismissed}
    street = next(row["street"] for row in first["items"] if row["property_id"] == saved)
    assert {each["reason"].split(" that ")[0] for each in found["items"]} == {f"like {street}"}
    likeness = [each["likeness"] for each in found["items"]]
    assert likeness == sorted(likeness, reverse=True)
    assert recommended(as_role("ops"))["basis"] == "best_scores"
    assert mark(viewer, saved, None).status_code == 204
    assert mark(viewer, saved, None).status_code == 404
    assert recommended(viewer)["basis"] == "best_scores"


def test_a_home_of_another_tenants_county_is_neither_marked_nor_recommended(market, stranger):
    home = market.scores["king-wa"]["property_id"].iloc[1]
    assert mark(stranger, home, "saved").status_code == 404
    assert recommended(stranger, county="king-wa")["items"] == []
    assert {each["county"] for each in recommended(stranger)["items"]} == {"travis-tx"}
