"""Tenants as the operator looks after them, their teams, and the log of who did what."""

import uuid

import pytest

from realestate_assets.service.security.permissions import ROLES
from tests.integration.service.conftest import PASSWORD, Asker

pytestmark = pytest.mark.integration

EAST = {
    "slug": "east", "name": "East Homes", "plan": "free", "counties": ["cook-il"],
    "admin": {"email": "ada@east.example.com", "name": "Ada", "roles": ["viewer"], "password": PASSWORD},
}  # fmt: skip


def sign_in(client, email, password=PASSWORD):
    return client.post("/api/v1/auth/login", json={"email": email, "password": password})


@pytest.fixture(scope="module")
def operator(as_role):
    """An admin of the first tenant, which looks after the installation."""
    return as_role("admin", "north")


@pytest.fixture(scope="module")
def east(operator):
    answer = operator("POST", "/api/v1/tenants", json=EAST)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def admin_of_east(client, east):
    return Asker(client, sign_in(client, "ada@east.example.com").json()["access_token"])


def test_a_tenant_is_made_with_its_first_admin_who_signs_in(admin_of_east, east):
    own = admin_of_east("GET", "/api/v1/tenant").json()
    assert (own["slug"], own["plan"], own["counties"]) == ("east", "free", ["cook-il"])
    assert east["people_count"] == 1
    assert "tenant:manage" in admin_of_east("GET", "/api/v1/auth/me").json()["permissions"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"slug": "north"}, 409),
        ({"slug": "no/slash"}, 422),
        ({"counties": ["nowhere-wa"]}, 422),
        ({"plan": "golden"}, 422),
        ({"admin": {**EAST["admin"], "email": "none"}}, 422),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_tenant_that_cannot_be_is_refused_and_leaves_nothing(operator, change, status):
    before = operator("GET", "/api/v1/tenants", params={"with_total": True}).json()["total"]
    assert operator("POST", "/api/v1/tenants", json=EAST | {"slug": "west"} | change).status_code == status
    assert operator("GET", "/api/v1/tenants", params={"with_total": True}).json()["total"] == before


def test_only_the_operator_sees_and_changes_other_tenants(admin_of_east, as_role, east):
    for asked in (admin_of_east, as_role("admin", "south"), as_role("ops", "north")):
        for method, path in (
            ("GET", "/api/v1/tenants"),
            ("GET", f"/api/v1/tenants/{east['tenant_id']}"),
            ("PATCH", f"/api/v1/tenants/{east['tenant_id']}"),
            ("POST", "/api/v1/tenants"),
            ("GET", "/api/v1/tenants-usage"),
        ):
            body = {"json": EAST} if method in ("POST", "PATCH") else {}
            assert asked(method, path, **body).status_code == 403


def test_the_function_behind_the_list_shows_nothing_to_any_other_tenant(parts, east):
    with parts.transaction(uuid.UUID(east["tenant_id"])) as session:
        for call in ("app.all_tenants()", "app.all_usage('2026-11')"):
            assert session.connection().exec_driver_sql(f"select count(*) from {call}").scalar() == 0
    with parts.transaction(None) as session:
        assert session.connection().exec_driver_sql("select count(*) from app.all_tenants()").scalar() == 0


def test_plan_and_counties_are_changed_and_a_suspended_tenant_is_shut_out(client, operator, east):
    asked = Asker(client, sign_in(client, "ada@east.example.com").json()["access_token"])
    path = f"/api/v1/tenants/{east['tenant_id']}"
    changed = operator("PATCH", path, json={"plan": "professional", "counties": ["king-wa", "travis-tx"]})
    assert changed.json()["counties"] == ["king-wa", "travis-tx"]
    assert asked("GET", "/api/v1/tenant").json()["plan"] == "professional"
    assert operator("PATCH", path, json={"state": "suspended"}).json()["state"] == "suspended"
    assert asked("GET", "/api/v1/tenant").status_code == 401
    assert sign_in(client, "ada@east.example.com").status_code == 401
    operator("PATCH", path, json={"state": "active", "counties": ["cook-il"], "plan": "free"})
    assert asked("GET", "/api/v1/tenant").json()["counties"] == ["cook-il"]


def test_the_operator_cannot_shut_itself_out(operator):
    own = operator("GET", "/api/v1/tenant").json()["tenant_id"]
    assert operator("PATCH", f"/api/v1/tenants/{own}", json={"state": "suspended"}).status_code == 409


def test_an_admin_changes_name_and_registration_but_neither_plan_nor_counties(admin_of_east):
    changed = admin_of_east("PATCH", "/api/v1/tenant", json={"name": " East ", "allows_registration": True})
    assert (changed.json()["name"], changed.json()["allows_registration"]) == ("East", True)
    for more in ({"plan": "enterprise"}, {"counties": ["king-wa"]}, {"state": "active"}, {"name": " "}):
        assert admin_of_east("PATCH", "/api/v1/tenant", json=more).status_code == 422


def test_what_the_operator_did_stands_in_the_tenants_own_log(operator, admin_of_east, east):
    operator("PATCH", f"/api/v1/tenants/{east['tenant_id']}", json={"plan": "enterprise"})
    newest = admin_of_east(
        "GET", "/api/v1/audit", params={"object_kind": "tenants", "action": "update"}
    ).json()["items"][0]
    assert (newest["before"]["plan"], newest["after"]["plan"]) == ("free", "enterprise")
    assert newest["user_id"] == operator("GET", "/api/v1/auth/me").json()["user_id"]
    operator("PATCH", f"/api/v1/tenants/{east['tenant_id']}", json={"plan": "free"})


def test_a_team_is_made_joined_left_renamed_and_dissolved(as_role, parts):
    admin, viewer = as_role("admin", "south"), as_role("viewer", "south")
    me = viewer("GET", "/api/v1/auth/me").json()["user_id"]
    made = admin("POST", "/api/v1/teams", json={"name": "Buyers"})
    assert made.status_code == 201
    path = f"/api/v1/teams/{made.json()['team_id']}"
    assert admin("POST", "/api/v1/teams", json={"name": "Buyers"}).status_code == 409
    for _ in range(2):
        assert admin("PUT", f"{path}/members/{me}").json()["members"] == [me]
    assert [team["name"] for team in viewer("GET", "/api/v1/teams").json()["items"]] == ["Buyers"]
    assert viewer("DELETE", path).status_code == 403
    assert admin("PATCH", path, json={"name": "Sellers"}).json()["name"] == "Sellers"
    assert admin("DELETE", f"{path}/members/{me}").json()["members"] == []
    assert admin("DELETE", path).status_code == 204
    assert admin("GET", path).status_code == 404


def test_a_team_is_another_tenants_neither_by_id_nor_by_member(as_role):
    north, south = as_role("admin", "north"), as_role("admin", "south")
    team = north("POST", "/api/v1/teams", json={"name": "Buyers"}).json()["team_id"]
    stranger = south("GET", "/api/v1/auth/me").json()["user_id"]
    for method, path in (
        ("GET", f"/api/v1/teams/{team}"),
        ("PATCH", f"/api/v1/teams/{team}"),
        ("DELETE", f"/api/v1/teams/{team}"),
        ("PUT", f"/api/v1/teams/{team}/members/{stranger}"),
    ):
        body = {"json": {"name": "Ours"}} if method == "PATCH" else {}
        assert south(method, path, **body).status_code == 404
    assert north("PUT", f"/api/v1/teams/{team}/members/{stranger}").status_code == 404
    assert south("GET", "/api/v1/teams").json()["items"] == []
    # The name is free in the other tenant, so that none can be inferred from a refusal.
    assert south("POST", "/api/v1/teams", json={"name": "Buyers"}).status_code == 201


def test_the_log_is_filtered_and_paged_without_losing_an_entry(as_role):
    admin = as_role("admin", "south")
    whole = admin("GET", "/api/v1/audit", params={"limit": 200, "sort": "entry_id"}).json()["items"]
    seen, cursor = [], None
    while True:
        params = {"limit": 7, "sort": "entry_id", **({"cursor": cursor} if cursor else {})}
        answer = admin("GET", "/api/v1/audit", params=params).json()
        seen += answer["items"]
        cursor = answer["next_cursor"]
        if cursor is None or len(seen) >= len(whole):
            break
    assert [each["entry_id"] for each in seen][: len(whole)] == [each["entry_id"] for each in whole]
    inserts = admin("GET", "/api/v1/audit", params={"action": "insert", "object_kind": "memberships"}).json()
    assert {(each["action"], each["object_kind"]) for each in inserts["items"]} == {("insert", "memberships")}
    until = whole[0]["at"]
    assert admin("GET", "/api/v1/audit", params={"until": until}).json()["items"] == []
    assert admin("GET", "/api/v1/audit", params={"since": "yesterday"}).status_code == 422


def test_roles_are_told_with_their_permissions(as_role):
    told = {
        each["role"]: set(each["permissions"]) for each in as_role("viewer")("GET", "/api/v1/roles").json()
    }
    assert told == {role: set(held) for role, held in ROLES.items()}
