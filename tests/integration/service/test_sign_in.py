"""Signing in: lockout, refresh tokens used once, sign-out, cookies with their token, keys with scopes."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from realestate_assets.app.people import User
from realestate_assets.operations.accounts.first import add_person
from realestate_assets.operations.accounts.sign_in import check_password
from realestate_assets.service.application import create_app
from resources.warehouse import migration
from tests.integration.service.conftest import PASSWORD, Asker

pytestmark = pytest.mark.integration

AUTH = "/api/v1/auth"


@pytest.fixture
def ann(parts, request):
    """An account of a test's own."""
    email = f"{abs(hash(request.node.name))}@north.example.com"
    added = add_person(
        parts.transaction, parts.sealer, email=email, name="Ann", slug="north", roles=["analyst"],
        password=PASSWORD, counties=(),
    )  # fmt: skip
    return email, added


def log_in(client, email, password=PASSWORD, path="login"):
    return client.post(f"{AUTH}/{path}", json={"email": email, "password": password})


def me(client, token):
    return client.get(f"{AUTH}/me", headers={"Authorization": f"Bearer {token}"})


def test_five_failures_lock_an_account_and_each_further_one_for_twice_as_long(parts, ann):
    email, added = ann
    at = datetime.now(UTC)

    def try_(password, minutes=0.0):
        moment = at + timedelta(minutes=minutes)
        return check_password(parts.transaction, parts.sealer, email, password, now=moment)

    for _ in range(4):
        assert try_("hunter2") is None
    assert try_(PASSWORD) is not None
    for _ in range(5):
        assert try_("hunter2") is None
    assert try_(PASSWORD) is None
    assert try_(PASSWORD, minutes=0.9) is None
    # After the wait one more wrong guess waits twice as long.
    assert try_("hunter2", minutes=1.1) is None
    assert try_(PASSWORD, minutes=2.9) is None
    assert try_(PASSWORD, minutes=3.2) is not None
    with parts.transaction(added.tenant_id) as session:
        user = session.get_one(User, added.user_id)
        assert (user.failed_logins, user.locked_until) == (0, None)


def test_a_locked_account_is_told_like_a_wrong_password(client, ann):
    email, _ = ann
    wrong = [log_in(client, email, "hunter2") for _ in range(5)]
    locked = log_in(client, email)
    assert locked.status_code == wrong[0].status_code == 401
    assert {**locked.json(), "request_id": ""} == {**wrong[0].json(), "request_id": ""}


def test_a_refresh_token_is_used_once_and_its_reuse_ends_the_sign_in_for_both(client, ann):
    first = log_in(client, ann[0]).json()
    second = client.post(f"{AUTH}/refresh", json={"refresh_token": first["refresh_token"]}).json()
    assert me(client, second["access_token"]).status_code == 200
    stolen = client.post(f"{AUTH}/refresh", json={"refresh_token": first["refresh_token"]})
    assert stolen.status_code == 401
    owner = client.post(f"{AUTH}/refresh", json={"refresh_token": second["refresh_token"]})
    assert owner.status_code == 401
    assert me(client, second["access_token"]).status_code == 401


@pytest.mark.parametrize("text", ["x", "ror_", "ror_" + "A" * 86, "reo_" + "A" * 86, "ror_ü"])
def test_what_is_no_refresh_token_is_refused(client, text):
    assert client.post(f"{AUTH}/refresh", json={"refresh_token": text}).status_code == 401


def test_who_signs_out_is_out_at_once(client, ann):
    tokens = log_in(client, ann[0]).json()
    header = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert client.post(f"{AUTH}/logout", headers=header).status_code == 204
    assert me(client, tokens["access_token"]).status_code == 401
    assert client.post(f"{AUTH}/refresh", json={"refresh_token": tokens["refresh_token"]}).status_code == 401


def test_a_cookie_reads_and_writes_with_the_token_of_our_pages_alone(parts, no_limits, ann):
    with TestClient(create_app(parts), raise_server_exceptions=False) as browser:
        begun = log_in(browser, ann[0], path="session")
        cookie = begun.headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" not in cookie
        assert browser.get(f"{AUTH}/me").status_code == 200
        body = {"name": "n", "scopes": ["properties:read"]}
        refused = browser.post("/api/v1/keys", json=body)
        assert (refused.status_code, refused.json()["type"]) == (403, "urn:realestate-os:problem:csrf")
        wrong = browser.post("/api/v1/keys", json=body, headers={"X-CSRF-Token": "0" * 64})
        assert wrong.status_code == 403
        token = browser.get(f"{AUTH}/session").json()["csrf_token"]
        assert token == begun.json()["csrf_token"]
        assert browser.post("/api/v1/keys", json=body, headers={"X-CSRF-Token": token}).status_code == 201
        assert browser.post(f"{AUTH}/logout", headers={"X-CSRF-Token": token}).status_code == 204
        browser.cookies.clear()
        stale = {"Cookie": cookie.partition(";")[0]}
        assert browser.get(f"{AUTH}/me", headers=stale).status_code == 401


def test_a_key_does_what_it_was_made_for_and_no_more(client, as_role):
    asked = as_role("analyst")
    made = asked("POST", "/api/v1/keys", json={"name": "report", "scopes": ["me:read"], "days": 1})
    assert made.status_code == 201
    by_key = Asker(client, made.json()["key"])
    assert by_key("GET", f"{AUTH}/me").json()["permissions"] == ["me:read"]
    assert by_key("GET", "/api/v1/keys").status_code == 403
    assert asked("DELETE", f"/api/v1/keys/{made.json()['key_id']}").status_code == 204
    assert by_key("GET", f"{AUTH}/me").status_code == 401


def test_a_key_holds_no_more_than_its_maker(as_role):
    asked = as_role("viewer")
    refused = asked("POST", "/api/v1/keys", json={"name": "report", "scopes": ["users:manage"]})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "body.scopes")


def test_a_key_that_is_over_is_refused(parts, client, as_role):
    made = as_role("analyst")("POST", "/api/v1/keys", json={"name": "old", "scopes": ["me:read"]}).json()
    parts.resources["warehouse"].execute(
        "update app.api_keys set expires_at = now() - interval '1 s' where key_id = $1::text::uuid",
        (made["key_id"],),
    )
    assert Asker(client, made["key"])("GET", f"{AUTH}/me").status_code == 401


def test_keys_and_tokens_lie_in_no_table_as_they_are(parts, client, as_role, ann):
    key = as_role("analyst")("POST", "/api/v1/keys", json={"name": "k", "scopes": ["me:read"]}).json()["key"]
    refresh = log_in(client, ann[0]).json()["refresh_token"]
    url = parts.resources["warehouse"].database_url()
    with migration.engine(url).connect() as owner:
        for table in ("app.api_keys", "app.refresh_tokens", "app.audit_log", "work.idempotent_requests"):
            text = "\n".join(owner.execute(sa.text(f"select t::text from {table} t")).scalars())
            assert key[-40:] not in text and refresh[-40:] not in text and PASSWORD not in text
