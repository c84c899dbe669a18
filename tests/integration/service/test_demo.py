"""The tenant for demonstrations: labelled simulated wherever it shows; filled again, the same."""

import pytest

from realestate_assets.app.sign_in import tenant_named
from realestate_assets.operations.demo import LABEL, PEOPLE, SEARCHES, fill
from resources.errors import PermanentError
from tests.integration.service.conftest import Asker

pytestmark = pytest.mark.integration

COUNTIES = ("king-wa", "cook-il")


def filled(parts):
    return fill(parts.transaction, parts.sealer, parts.county_files, COUNTIES)


@pytest.fixture(scope="module")
def first(market, parts):
    return filled(parts)


def signed_in(client, first, role):
    email = f"{role}@demo.example.com"
    body = {"email": email, "password": first.passwords[email]}
    return Asker(client, client.post("/api/v1/auth/login", json=body).json()["access_token"])


def test_everything_that_was_made_up_says_so(client, first):
    admin, analyst = signed_in(client, first, "admin"), signed_in(client, first, "analyst")
    assert LABEL[1:-1] in admin("GET", "/api/v1/tenant").json()["name"]
    people = admin("GET", "/api/v1/users").json()["items"]
    assert len(people) == len(PEOPLE)
    searches = analyst("GET", "/api/v1/searches").json()["items"]
    assert len(searches) == first.searches == len(SEARCHES) * len(COUNTIES)
    teams = analyst("GET", "/api/v1/teams").json()["items"]
    assert all(LABEL in each["name"] for each in (*people, *searches, *teams))
    assert [len(team["members"]) for team in teams] == [3]


def test_it_sees_the_market_and_each_saved_search_can_be_run(client, first):
    analyst = signed_in(client, first, "analyst")
    counties = {each["county"] for each in analyst("GET", "/api/v1/counties").json()["items"]}
    assert counties == set(COUNTIES)
    marks = analyst("GET", "/api/v1/marks").json()["items"]
    assert len(marks) == first.marks
    assert {each["mark"] for each in marks} == {"saved", "dismissed"}
    deals = next(s for s in analyst("GET", "/api/v1/searches").json()["items"] if s["filters"])
    found = analyst("GET", f"/api/v1/searches/{deals['search_id']}/results").json()["items"]
    assert found and all(row["county"] == deals["county"] for row in found)


def test_filled_again_it_adds_nothing_and_passwords_stay(client, parts, first):
    again = filled(parts)
    assert (dict(again.passwords), again.searches, again.marks) == ({}, 0, 0)
    assert signed_in(client, first, "viewer")("GET", "/api/v1/auth/me").status_code == 200


def test_without_any_data_it_says_what_to_do_first_and_leaves_nothing(parts, first, monkeypatch):
    monkeypatch.setattr("realestate_assets.operations.demo.SLUG", "demo-2")
    with pytest.raises(PermanentError, match="No county has data"):
        fill(parts.transaction, parts.sealer, parts.county_files, ())
    with parts.transaction(None) as session:
        assert tenant_named(session, "demo-2") is None
