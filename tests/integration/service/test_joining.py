"""People come by links in mails, set their passwords by them, and nobody learns who has an account."""

import threading
import uuid

import pytest
from starlette.testclient import TestClient

from realestate_assets.operations.accounts.first import add_person
from realestate_assets.service.application import create_app
from realestate_assets.service.security import limits
from resources.warehouse import migration
from tests.integration.service.a_mailbox import Mailbox
from tests.integration.service.conftest import PASSWORD, Asker

pytestmark = pytest.mark.integration

BASE, AUTH = "/api/v1", "/api/v1/auth"
NEW = "another horse battery"


@pytest.fixture
def mail(parts):
    run_sql(parts, "delete from work.mails")
    return Mailbox(parts)


@pytest.fixture
def email():
    return f"{uuid.uuid4().hex}@north.example.com"


@pytest.fixture
def ann(parts, email):
    """An account of a test's own."""
    return add_person(
        parts.transaction, parts.sealer, email=email, name="Ann", slug="north", roles=["analyst"],
        password=PASSWORD, counties=(),
    )  # fmt: skip


@pytest.fixture
def open_north(parts):
    run_sql(parts, "update app.tenants set allows_registration = true where slug = 'north'")
    yield
    run_sql(parts, "update app.tenants set allows_registration = false where slug = 'north'")


def run_sql(parts, sql):
    with migration.engine(parts.resources["warehouse"].database_url()).begin() as owner:
        owner.exec_driver_sql(sql)


def log_in(client, email, password, path="login"):
    return client.post(f"{AUTH}/{path}", json={"email": email, "password": password})


def invited(as_role, email, **more):
    body = {"email": email, "roles": ["analyst", "ops"], **more}
    return as_role("admin")("POST", f"{BASE}/invitations", json=body)


def accept(client, token, name="Ann", password=PASSWORD):
    body = {"token": token, "name": name, "password": password}
    return client.post(f"{AUTH}/invitation", json=body)


def reset(client, token, password=NEW):
    return client.post(f"{AUTH}/password/reset", json={"token": token, "password": password})


def forgot(client, email, **more):
    return client.post(f"{AUTH}/password/forgot", json={"email": email, **more})


def page(client, path, token):
    return client.get(path, params={"token": token}, headers={"Accept": "text/html"})


def test_who_is_invited_chooses_name_and_password_behind_a_link_that_holds_once(client, as_role, mail, email):
    made = invited(as_role, email)
    assert made.status_code == 201
    assert (made.json()["state"], made.json()["roles"]) == ("invited", ["analyst", "ops"])
    assert log_in(client, email, PASSWORD).status_code == 401
    token = mail.link_to(email)
    # Opened by a program that follows all links, it is not used.
    assert page(client, "/invitation", token).status_code == 200
    assert accept(client, token).status_code == 204
    again = accept(client, token, password=NEW)
    assert (again.status_code, again.json()["type"]) == (410, "urn:realestate-os:problem:link-over")
    assert page(client, "/invitation", token).status_code == 410
    token = log_in(client, email, PASSWORD).json()["access_token"]
    me = Asker(client, token)("GET", f"{AUTH}/me").json()
    assert (me["name"], me["roles"]) == ("Ann", ["analyst", "ops"])


def test_an_invitation_that_is_sent_again_ends_the_one_before(client, as_role, mail, email):
    user_id = invited(as_role, email).json()["user_id"]
    first = mail.link_to(email)
    assert as_role("admin")("POST", f"{BASE}/invitations/{user_id}").status_code == 202
    second = mail.link_to(email)
    assert accept(client, first).status_code == 410
    assert accept(client, second).status_code == 204
    again = as_role("admin")("POST", f"{BASE}/invitations/{user_id}")
    assert (again.status_code, again.json()["type"]) == (409, "urn:realestate-os:problem:not-invited")


def test_an_invitation_is_of_its_tenant(client, as_role, mail, email):
    user_id = invited(as_role, email).json()["user_id"]
    assert as_role("admin", "south")("POST", f"{BASE}/invitations/{user_id}").status_code == 404
    assert invited(as_role, email).status_code == 409
    body = {"email": email, "roles": ["viewer"]}
    assert as_role("admin", "south")("POST", f"{BASE}/invitations", json=body).status_code == 201


def test_two_who_use_a_link_at_once_are_one(client, as_role, mail, email):
    invited(as_role, email)
    token, found, start = mail.link_to(email), [], threading.Barrier(4)

    def work(number):
        start.wait()
        found.append(accept(client, token, password=f"{PASSWORD} {number}").status_code)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [204, 410, 410, 410]


@pytest.mark.parametrize("name", ["Ann\r\nBcc: x@y.example", "", " ", "a\x00b"])
def test_a_name_that_is_none_is_refused(client, as_role, email, name):
    assert invited(as_role, email, name=name).status_code == 422


def test_a_forgotten_password_is_set_anew_by_a_link_and_ends_all_sign_ins(client, mail, email, ann):
    before = log_in(client, email, PASSWORD).json()
    for _ in range(5):
        log_in(client, email, "hunter2")
    assert forgot(client, email).status_code == 202
    token = mail.link_to(email)
    assert reset(client, token, "short").status_code == 422
    assert reset(client, token).status_code == 204
    assert reset(client, token).status_code == 410
    # Who waited after five failures is let in.
    assert log_in(client, email, PASSWORD).status_code == 401
    assert log_in(client, email, NEW).status_code == 200
    assert Asker(client, before["access_token"])("GET", f"{AUTH}/me").status_code == 401
    refreshed = client.post(f"{AUTH}/refresh", json={"refresh_token": before["refresh_token"]})
    assert refreshed.status_code == 401
    (told,) = mail.to(email)
    assert told.subject.startswith("Your password was changed")


def test_who_asks_for_a_link_learns_nothing_of_who_has_an_account(client, mail, email, ann):
    nobody = f"nobody-{email}"
    answers = [forgot(client, address) for address in (email, nobody)]
    assert [(a.status_code, a.json()) for a in answers] == [(202, {"status": "accepted"})] * 2
    assert answers[0].headers.keys() == answers[1].headers.keys()
    assert len(mail.to(email)) == 1
    assert mail.to(nobody) == []


def test_a_mail_box_is_not_filled_with_links(client, mail, email, ann):
    for _ in range(5):
        assert forgot(client, email).status_code == 202
    letters = mail.to(email)
    assert len(letters) == 3


def test_each_account_of_an_address_gets_its_own_link(parts, client, mail, email, ann):
    add_person(
        parts.transaction, parts.sealer, email=email, name="Ann", slug="south", roles=["viewer"],
        password=PASSWORD, counties=(),
    )  # fmt: skip
    forgot(client, email)
    assert sorted(letter.subject for letter in mail.to(email)) == [
        "Set your password anew (north)", "Set your password anew (south)",
    ]  # fmt: skip
    forgot(client, email, tenant="south")
    assert [letter.subject for letter in mail.to(email)] == ["Set your password anew (south)"]


def test_who_is_disabled_neither_gets_a_link_nor_uses_one(client, as_role, mail, email, ann):
    forgot(client, email)
    token = mail.link_to(email)
    as_role("admin")("PATCH", f"{BASE}/users/{ann.user_id}", json={"state": "disabled"})
    assert reset(client, token).status_code == 410
    forgot(client, email)
    assert mail.to(email) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("used_at = now()", "used already"),
        ("expires_at = now() - interval '1 s'", "time of this link is over"),
    ],
)
def test_a_link_that_is_over_says_so_and_what_to_do_next(parts, client, mail, email, ann, change, words):
    forgot(client, email)
    token = mail.link_to(email)
    run_sql(parts, f"update app.account_links set {change} where user_id = '{ann.user_id}'")
    shown = page(client, "/reset-password", token)
    assert shown.status_code == 410
    assert words in shown.text and 'href="/forgotten-password"' in shown.text
    refused = reset(client, token)
    assert (refused.status_code, words in refused.json()["detail"]) == (410, True)


@pytest.mark.parametrize("token", ["", "x", "rol_" + "A" * 86, "rol_ü", "rss_" + "A" * 86])
def test_what_is_no_link_opens_nothing(client, token):
    assert page(client, "/reset-password", token).status_code == 410
    if token:
        assert reset(client, token).status_code == 410
        assert accept(client, token).status_code == 410


def test_a_link_of_one_kind_opens_nothing_of_another(client, as_role, mail, email, ann):
    forgot(client, email)
    token = mail.link_to(email)
    assert accept(client, token).status_code == 410
    other = f"other-{email}"
    invited(as_role, other)
    invitation = mail.link_to(other)
    assert reset(client, invitation).status_code == 410
    assert accept(client, invitation).status_code == 204


def test_a_links_page_tells_its_address_to_no_other(client, mail, email, ann):
    forgot(client, email)
    shown = page(client, "/reset-password", mail.link_to(email))
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert shown.headers["Cache-Control"] == "no-store"


def test_ones_own_password_is_changed_by_who_knows_it_and_other_sign_ins_end(parts, client, mail, email, ann):
    other = log_in(client, email, PASSWORD).json()
    own = Asker(client, log_in(client, email, PASSWORD).json()["access_token"])
    path = f"{AUTH}/password"
    wrong = own("POST", path, json={"current_password": "hunter2", "password": NEW})
    assert (wrong.status_code, wrong.json()["type"]) == (403, "urn:realestate-os:problem:wrong-password")
    short = own("POST", path, json={"current_password": PASSWORD, "password": "short"})
    assert short.status_code == 422
    assert own("POST", path, json={"current_password": PASSWORD, "password": NEW}).status_code == 204
    assert own("GET", f"{AUTH}/me").status_code == 200
    assert Asker(client, other["access_token"])("GET", f"{AUTH}/me").status_code == 401
    assert log_in(client, email, NEW).status_code == 200
    (told,) = mail.to(email)
    assert told.subject == "Your password was changed (north)"


def test_guesses_at_ones_own_password_lock_the_account_too(client, email, ann):
    own = Asker(client, log_in(client, email, PASSWORD).json()["access_token"])
    body = {"current_password": "hunter2", "password": NEW}
    for _ in range(5):
        assert own("POST", f"{AUTH}/password", json=body).status_code == 403
    right = own("POST", f"{AUTH}/password", json={**body, "current_password": PASSWORD})
    assert right.status_code == 403
    assert log_in(client, email, PASSWORD).status_code == 401


def test_a_key_changes_no_password(client, as_role):
    made = as_role("analyst")("POST", f"{BASE}/keys", json={"name": "k", "scopes": ["me:write"]}).json()
    body = {"current_password": PASSWORD, "password": NEW}
    refused = Asker(client, made["key"])("POST", f"{AUTH}/password", json=body)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:realestate-os:problem:not-by-key")


def register(client, email, tenant="north", name="Ann"):
    return client.post(f"{AUTH}/register", json={"tenant": tenant, "email": email, "name": name})


def test_who_registers_is_a_viewer_once_the_address_is_shown_to_be_theirs(client, mail, email, open_north):
    assert register(client, email).status_code == 202
    token = mail.link_to(email)
    assert accept(client, token).status_code == 204
    signed_in = log_in(client, email, PASSWORD).json()
    me = Asker(client, signed_in["access_token"])("GET", f"{AUTH}/me").json()
    assert (me["roles"], me["tenant"]) == (["viewer"], "north")


def test_whoever_registers_with_an_address_that_has_an_account_learns_nothing(
    client, mail, email, ann, open_north
):
    answers = [register(client, address) for address in (email, f"new-{email}")]
    assert [(a.status_code, a.json()) for a in answers] == [(202, {"status": "accepted"})] * 2
    (told,) = mail.to(email)
    assert told.subject == "You have an account on Real Estate OS already"
    assert "token=" not in told.text
    assert log_in(client, email, PASSWORD).status_code == 200


def test_a_registration_that_is_not_confirmed_can_be_begun_again_but_not_for_ever(
    client, mail, email, open_north
):
    for _ in range(6):
        assert register(client, email).status_code == 202
    *earlier, last = mail.to(email)
    assert len(earlier) == 2
    assert last.subject == "Confirm your account of north on Real Estate OS"


@pytest.mark.parametrize("tenant", ["south", "nowhere"])
def test_a_tenant_that_allows_no_registration_and_one_that_is_none_are_told_alike(client, email, tenant):
    refused = register(client, email, tenant)
    assert (refused.status_code, refused.json()["type"]) == (
        403,
        "urn:realestate-os:problem:no-registration",
    )


def test_an_address_that_is_none_is_refused(client, open_north):
    assert register(client, "no address").status_code == 422


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("password/forgot", {"email": "nobody@example.com"}),
        ("password/reset", {"token": "x", "password": PASSWORD}),
        ("invitation", {"token": "x", "name": "A", "password": PASSWORD}),
        ("register", {"tenant": "nowhere", "email": "nobody@example.com", "name": "A"}),
    ],
)
def test_guesses_are_limited_by_address_as_sign_ins_are(client, monkeypatch, path, body):
    monkeypatch.setattr(limits, "ADDRESS_LOGINS", 0)
    assert client.post(f"{AUTH}/{path}", json=body).status_code == 429


def test_links_lie_in_no_table_as_they_are(parts, client, mail, email, ann):
    import sqlalchemy as sa

    forgot(client, email)
    token = mail.link_to(email)
    with migration.engine(parts.resources["warehouse"].database_url()).connect() as owner:
        for table in ("app.account_links", "app.audit_log", "work.mails"):
            text = "\n".join(owner.execute(sa.text(f"select t::text from {table} t")).scalars())
            assert token[-40:] not in text and email not in text


def test_administration_invites_and_shows_where_people_register(parts, open_north):
    with TestClient(create_app(parts), raise_server_exceptions=False) as browser:
        log_in(browser, "admin@north.example.com", PASSWORD, "session")
        shown = browser.get("/admin", headers={"Accept": "text/html"}).text
    assert 'data-api="/invitations"' in shown
    assert "/register?tenant=north" in shown


def test_the_pages_of_links_hold_no_inline_script(client, mail, email, ann):
    forgot(client, email)
    token = mail.link_to(email)
    for path in (f"/reset-password?token={token}", "/register?tenant=<b>", "/forgotten-password"):
        text = client.get(path, headers={"Accept": "text/html"}).text
        assert "<script>" not in text and "style=" not in text and "<b>" not in text
