"""What stands before every endpoint: permissions by role, limits, requests that come again, the audit log."""

import re
import threading
import uuid
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from fastapi.routing import APIRoute

from realestate_assets.service.dependencies import Requires
from realestate_assets.service.routers import events
from realestate_assets.service.security import limits
from realestate_assets.service.security.permissions import ROLES, permissions_of
from tests.integration.service.conftest import Asker

pytestmark = pytest.mark.integration

# Endpoints that anybody may ask, or everybody who is signed in.
OPEN = {
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/docs"),
    ("POST", "/api/v1/auth/login"),
    ("POST", "/api/v1/auth/refresh"),
    ("POST", "/api/v1/auth/session"),
    ("GET", "/api/v1/auth/session"),
    ("GET", "/api/v1/auth/ways"),
    ("POST", "/api/v1/auth/password/forgot"),
    ("POST", "/api/v1/auth/register"),
    # The token in the body is the permission.
    ("POST", "/api/v1/auth/password/reset"),
    ("POST", "/api/v1/auth/invitation"),
    ("POST", "/api/v1/auth/logout"),
    # Its token is the permission.
    ("GET", "/api/v1/documents/shared/{token}"),
}


@pytest.fixture(autouse=True)
def _streams_end(monkeypatch):
    """A stream is read to its end here."""
    monkeypatch.setattr(events, "STREAM_SECONDS", 0.1)


def routes(app):
    found = []
    stack = list(app.routes)
    while stack:
        route = stack.pop()
        if isinstance(route, APIRoute):
            found.append(route)
        elif (inner := getattr(route, "original_router", None)) is not None:
            stack.extend(inner.routes)
    return found


def permission_of(route):
    stack, found = [route.dependant], []
    while stack:
        dependant = stack.pop()
        stack.extend(dependant.dependencies)
        if isinstance(dependant.call, Requires):
            found.append(dependant.call.permission)
    return found


def endpoints(client):
    """Method, path and permissions of everything that the document tells of."""
    document = client.app.openapi()["paths"]
    known = {(method.upper(), path) for path, methods in document.items() for method in methods}
    by_name = {}
    for route in routes(client.app):
        for method in route.methods - {"HEAD"}:
            for path in (route.path, f"/api/v1{route.path}"):
                if (method, path) in known:
                    by_name[method, path] = permission_of(route)
    assert by_name.keys() == known
    return by_name


def test_every_endpoint_asks_for_a_permission_or_is_open_on_purpose(client):
    found = endpoints(client)
    assert {each for each, permissions in found.items() if not permissions} == OPEN & found.keys()


@pytest.mark.parametrize("role", ROLES)
def test_every_endpoint_lets_a_role_in_where_the_table_says_so(client, as_role, role):
    asked = as_role(role)
    wrong = []
    for (method, path), permissions in endpoints(client).items():
        if not permissions:
            continue
        # A body and an id that fit nothing: who may pass is told so, and nothing is changed.
        url = re.sub(r"\{[^}]+\}", str(uuid.uuid4()), path)
        status = asked(method, url, json={}).status_code
        let_in = status != 403
        if let_in != (set(permissions) <= asked_permissions(role)) or status in (401, 500):
            wrong.append((method, path, status))
        assert Asker(client)(method, url, json={}).status_code == 401
    assert wrong == []


def asked_permissions(role):
    # The tenant north was made first and looks after the installation.
    return permissions_of(frozenset({role}), is_operator=True)


def test_a_user_is_answered_so_often_a_minute_and_told_when_again(parts, client, as_role, monkeypatch):
    monkeypatch.setattr(limits, "USER_REQUESTS", 3)
    asked = as_role("underwriter", "south")
    monkeypatch.setattr(limits, "time", SimpleNamespace(time=lambda: 2_000_000_000.0))
    answers = [asked("GET", "/api/v1/auth/me") for _ in range(5)]
    monkeypatch.undo()
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[0].headers["RateLimit"] == '"user";r=2;t=40'
    assert answers[3].headers["Retry-After"] == "40"
    assert answers[3].headers["content-type"] == "application/problem+json"


def test_requests_at_once_are_all_counted(parts):
    whose, found = uuid.uuid4().hex, []

    def ask():
        found.append(limits.count(parts.counts, "test", whose, 10, now=2_000_000_000.0).is_over)

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [False] * 10 + [True] * 6
    assert not limits.count(parts.counts, "test", whose, 10, now=2_000_000_060.0).is_over


def test_log_ins_are_limited_by_address(client, monkeypatch):
    monkeypatch.setattr(limits, "ADDRESS_LOGINS", 2)
    monkeypatch.setattr(limits, "time", SimpleNamespace(time=lambda: 2_100_000_000.0))
    body = {"email": "nobody@example.com", "password": "hunter2"}
    statuses = [client.post("/api/v1/auth/login", json=body).status_code for _ in range(3)]
    assert statuses == [401, 401, 429]


def test_a_post_with_a_key_is_done_once_and_answered_alike(as_role):
    asked, key = as_role("analyst"), uuid.uuid4().hex
    body = {"name": f"once {key}", "scopes": ["me:read"]}
    first, again = (
        asked("POST", "/api/v1/keys", json=body, headers={"Idempotency-Key": key}) for _ in range(2)
    )
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    names = [each["name"] for each in asked("GET", "/api/v1/keys?limit=200").json()["items"]]
    assert names.count(body["name"]) == 1
    other = asked("POST", "/api/v1/keys", json={**body, "days": 7}, headers={"Idempotency-Key": key})
    assert (other.status_code, other.json()["type"]) == (422, "urn:realestate-os:problem:idempotency-key")
    stranger = as_role("viewer")("POST", "/api/v1/keys", json=body, headers={"Idempotency-Key": key})
    assert stranger.json()["key"] != first.json()["key"]


def test_posts_at_once_with_one_key_do_it_once(as_role):
    asked, key, statuses = as_role("analyst"), uuid.uuid4().hex, []
    body = {"name": f"together {key}", "scopes": ["me:read"]}

    def post():
        headers = {"Idempotency-Key": key}
        statuses.append(asked("POST", "/api/v1/keys", json=body, headers=headers).status_code)

    threads = [threading.Thread(target=post) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {201, 409} and 201 in statuses
    names = [each["name"] for each in asked("GET", "/api/v1/keys?limit=200").json()["items"]]
    assert names.count(body["name"]) == 1


def test_writes_and_reads_of_persons_are_written_down_with_who_and_what(parts, as_role):
    admin = as_role("admin")
    user = {
        "email": "audited@north.example.com",
        "name": "A",
        "roles": ["viewer"],
        "password": "s3cret twelve ok",
    }
    made = admin("POST", "/api/v1/users", json=user)
    user_id = made.json()["user_id"]
    changed = admin("PATCH", f"/api/v1/users/{user_id}", json={"roles": ["ops"]})
    assert changed.json()["roles"] == ["ops"]
    assert admin("DELETE", f"/api/v1/users/{user_id}").status_code == 204
    assert admin("GET", f"/api/v1/users/{user_id}").status_code == 404
    who = admin("GET", "/api/v1/auth/me").json()
    with parts.transaction(uuid.UUID(who["tenant_id"])) as session:
        entries = session.execute(
            sa.text("select * from app.audit_log where object_id like :id order by entry_id"),
            {"id": f"%{user_id}%"},
        ).all()
    told = {(entry.object_kind, entry.action) for entry in entries}
    assert {("users", "insert"), ("users", "read"), ("memberships", "update"), ("users", "update")} <= told
    assert {str(entry.user_id) for entry in entries} == {who["user_id"]}
    roles = next(entry for entry in entries if (entry.object_kind, entry.action) == ("memberships", "update"))
    assert (roles.before["roles"], roles.after["roles"]) == (["viewer"], ["ops"])
    assert roles.request_id == changed.headers["X-Request-ID"]
    inserted = next(entry for entry in entries if (entry.object_kind, entry.action) == ("users", "insert"))
    assert inserted.after["password_hash"] == "***"
    assert "audited@" not in str(entries)


@pytest.mark.parametrize("statement", ["delete from app.audit_log", "update app.audit_log set action = 'x'"])
def test_the_service_cannot_change_what_was_written_down(parts, statement):
    with (
        pytest.raises(sa.exc.ProgrammingError, match="permission denied"),
        parts.transaction(None) as session,
    ):
        session.execute(sa.text(statement))


def test_a_tenant_keeps_one_admin(as_role):
    admin = as_role("admin", "south")
    own = admin("GET", "/api/v1/auth/me").json()["user_id"]
    refused = admin("PATCH", f"/api/v1/users/{own}", json={"roles": ["viewer"]})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:realestate-os:problem:last-admin")
    assert admin("DELETE", f"/api/v1/users/{own}").status_code == 409


def test_who_is_disabled_is_out_at_once(client, as_role):
    admin, user = as_role("admin", "south"), as_role("ops", "south")
    user_id = user("GET", "/api/v1/auth/me").json()["user_id"]
    assert admin("PATCH", f"/api/v1/users/{user_id}", json={"state": "disabled"}).status_code == 200
    assert user("GET", "/api/v1/auth/me").status_code == 401


def test_one_tenant_neither_finds_nor_changes_people_of_another(as_role):
    north, south = as_role("admin"), as_role("admin", "south")
    other = south("GET", "/api/v1/auth/me").json()["user_id"]
    assert north("GET", f"/api/v1/users/{other}").status_code == 404
    assert north("PATCH", f"/api/v1/users/{other}", json={"state": "disabled"}).status_code == 404
    emails = {each["email"] for each in north("GET", "/api/v1/users?limit=200").json()["items"]}
    assert emails and not any("south" in email for email in emails)
    # An address that is known elsewhere is no conflict: that would tell of it.
    body = {
        "email": "admin@south.example.com",
        "name": "S",
        "roles": ["viewer"],
        "password": "s3cret twelve ok",
    }
    assert north("POST", "/api/v1/users", json=body).status_code == 201


def test_pages_of_a_list_hold_every_row_once_and_sparse_fields_alone(as_role):
    asked, found, cursor = as_role("admin"), [], ""
    total = asked("GET", "/api/v1/users?limit=1&with_total=true").json()["total"]
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        page = asked("GET", f"/api/v1/users?limit=2&sort=-created_at&fields=user_id{more}").json()
        found += [each["user_id"] for each in page["items"]]
        assert all(each.keys() == {"user_id"} for each in page["items"])
        cursor = page["next_cursor"]
    assert len(found) == len(set(found)) == total


@pytest.mark.parametrize(
    "query", ["cursor=abc", "sort=email", "limit=0", "limit=201", "fields=password_hash"]
)
def test_a_list_refuses_what_it_does_not_know(as_role, query):
    answer = as_role("admin")("GET", f"/api/v1/users?{query}")
    assert answer.status_code == 422 and answer.json()["errors"]


def test_a_cursor_of_another_sort_is_refused(as_role):
    asked = as_role("admin")
    cursor = asked("GET", "/api/v1/users?limit=1").json()["next_cursor"]
    assert asked("GET", f"/api/v1/users?limit=1&cursor={cursor}").status_code == 200
    assert asked("GET", f"/api/v1/users?limit=1&sort=-created_at&cursor={cursor}").status_code == 422
