"""Whose account opens by the word of a provider, and who may come in by it."""

import re
import threading
import uuid

import pytest
import sqlalchemy as sa

from realestate_assets.app.people import User
from realestate_assets.operations.accounts import people
from realestate_assets.operations.accounts.identities import account_of
from realestate_assets.operations.accounts.people import change_user
from resources.http.openid import Vouched
from tests.integration.service.openid.a_browser import (
    AUTH,
    a_browser,
    add_member,
    come_back,
    heading,
    me,
    path_of,
    refused,
    run_sql,
)
from tests.integration.service.openid.a_provider import (
    needs_provider,
)

pytestmark = [pytest.mark.integration, needs_provider]


def test_who_has_no_account_is_refused(browser, provider, person):
    refused(come_back(browser, provider, person[0]), 403, "There is no account for you", browser)
    refused(come_back(browser, provider, person[0], tenant="north"), 403, "no account", browser)
    refused(come_back(browser, provider, person[0], tenant="nowhere"), 403, "no account", browser)


def test_a_new_person_comes_into_a_tenant_that_lets_people_register_where_it_is_named(
    browser, provider, person, open_north
):
    refused(come_back(browser, provider, person[0]), 403, "no account", browser)
    assert come_back(browser, provider, person[0], tenant="north").status_code == 303
    found = me(browser).json()
    assert (found["roles"], found["tenant"], found["email"]) == (["viewer"], "north", person[1])
    assert found["name"] == "Ann Example"


def test_a_new_person_who_comes_several_times_at_once_has_one_account(parts, person, open_north):
    vouched = Vouched("https://login.example.com", person[0], person[1], True, "Ann")
    together, found = threading.Barrier(4), []

    def come():
        together.wait()
        found.append(account_of(parts.transaction, parts.sealer, vouched, "north"))

    threads = [threading.Thread(target=come) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and len(set(found)) == 1


def test_a_new_person_who_comes_once_more_while_the_account_is_made_has_that_account(
    parts, person, open_north, monkeypatch
):
    vouched, first, add = Vouched("https://login.example.com", *person[:2], True, "Ann"), [], people.add_user

    def while_it_is_made(*given, **more):
        monkeypatch.setattr(people, "add_user", add)
        first.append(account_of(parts.transaction, parts.sealer, vouched, "north"))
        return add(*given, **more)

    monkeypatch.setattr(people, "add_user", while_it_is_made)
    assert account_of(parts.transaction, parts.sealer, vouched, "north") == first[0]


def test_an_invitation_is_taken_up_by_the_address_it_was_sent_to_while_its_link_holds(
    parts, as_role, browser, provider, person
):
    made = as_role("admin")("POST", "/api/v1/invitations", json={"email": person[1], "roles": ["ops"]}).json()
    run_sql(parts, f"update app.account_links set expires_at = now() where user_id = '{made['user_id']}'")
    refused(come_back(browser, provider, person[0]), 403, "no account", browser)
    assert as_role("admin")("POST", f"/api/v1/invitations/{made['user_id']}").status_code == 202
    assert come_back(browser, provider, person[0]).status_code == 303
    found = me(browser).json()
    assert (found["user_id"], found["roles"], found["name"]) == (made["user_id"], ["ops"], "Ann Example")
    with parts.transaction(uuid.UUID(found["tenant_id"])) as session:
        open_links = "select count(*) from app.account_links where user_id = :id and used_at is null"
        assert session.execute(sa.text(open_links), {"id": made["user_id"]}).scalar_one() == 0
        assert session.get_one(User, uuid.UUID(made["user_id"])).password_hash is None


@pytest.mark.parametrize("said", [{"email_verified": False}, {"email_verified": None}, {"email": None}])
def test_an_address_that_the_provider_does_not_vouch_for_opens_nothing(
    browser, provider, person, member, open_north, said
):
    provider.people[person[0]] |= said
    answer = come_back(browser, provider, person[0], tenant="north")
    refused(answer, 403, "does not say that your address is yours", browser)


def test_a_disabled_account_is_refused_and_no_other_is_made_in_its_place(
    parts, browser, provider, person, member, open_north
):
    come_back(browser, provider, person[0])
    with parts.transaction(member.tenant_id) as session:
        change_user(session, member.user_id, state="disabled")
    assert me(browser).status_code == 401
    refused(come_back(browser, provider, person[0]), 403, "Your account is closed", browser)
    # Nor by another address of theirs.
    provider.people[person[0]]["email"] = f"other-{person[1]}"
    refused(come_back(browser, provider, person[0], tenant="north"), 403, "is closed", browser)


def test_an_account_that_was_disabled_before_it_was_tied_stays_closed(
    parts, browser, provider, person, member, open_north
):
    with parts.transaction(member.tenant_id) as session:
        change_user(session, member.user_id, state="disabled")
    refused(come_back(browser, provider, person[0], tenant="north"), 403, "no account", browser)


def test_an_account_that_waits_after_wrong_passwords_waits_for_the_provider_too(
    browser, provider, person, member
):
    body = {"email": person[1], "password": "hunter2"}
    for _ in range(5):
        assert browser.post(f"{AUTH}/session", json=body).status_code == 401
    refused(come_back(browser, provider, person[0]), 403, "Your account waits", browser)


def test_who_changes_their_address_at_the_provider_keeps_their_account_and_gets_nobody_elses(
    parts, browser, app, provider, person, member
):
    come_back(browser, provider, person[0])
    victim = f"victim-{person[1]}"
    add_member(parts, victim)
    provider.people[person[0]]["email"] = victim
    other = a_browser(app)
    come_back(other, provider, person[0])
    assert me(other).json()["user_id"] == str(member.user_id)


def test_who_is_given_an_address_that_another_had_does_not_get_their_account(
    as_role, app, browser, provider, person, member
):
    come_back(browser, provider, person[0])
    heir = f"heir-{person[0]}"
    provider.people[heir] = {"email": person[1], "email_verified": True}
    other = a_browser(app)
    refused(come_back(other, provider, heir), 403, "belongs to somebody else", other)
    path = f"/api/v1/users/{member.user_id}/identities"
    (tied,) = as_role("admin")("GET", path).json()["items"]
    assert tied["issuer"] == provider.issuer and tied["last_used_at"]
    # Until who manages the tenant says so; the one before is out.
    assert as_role("analyst")("DELETE", path).status_code == 403
    assert as_role("admin", "south")("DELETE", path).status_code == 404
    button = f'data-call="/users/{member.user_id}/identities" data-method="DELETE"'
    assert button in as_role("admin")("GET", "/admin").text
    assert as_role("admin")("DELETE", path).status_code == 204
    assert button not in as_role("admin")("GET", "/admin").text
    assert me(browser).status_code == 401
    assert come_back(other, provider, heir).status_code == 303
    assert me(other).json()["user_id"] == str(member.user_id)


def test_who_has_accounts_in_two_tenants_chooses_one(parts, browser, provider, person, member):
    second = add_member(parts, person[1], "south")
    answer = come_back(browser, provider, person[0], next="/boards")
    assert (answer.status_code, heading(answer)) == (409, "Which tenant?")
    links = re.findall(r'<li><a href="(/sign-in/provider[^"]*)">(\w+)</a>', answer.text)
    assert [slug for _, slug in links] == ["north", "south"]
    address = browser.get(links[1][0].replace("&amp;", "&")).headers["location"]
    assert browser.get(path_of(provider.sign_in(address))).headers["location"] == "/boards"
    assert me(browser).json()["user_id"] == str(second.user_id)


def test_who_is_erased_is_untied(parts, as_role, browser, provider, person, member):
    come_back(browser, provider, person[0])
    from realestate_assets.app.erasure import erase_account

    with parts.transaction(member.tenant_id) as session:
        found = erase_account(session, member.user_id, is_done=True)
        assert ("app.identities", "removed", 1) in [(each.place, each.deed, each.rows) for each in found]
        left = sa.text("select count(*) from app.identities where user_id = :id")
        assert session.execute(left, {"id": member.user_id}).scalar_one() == 0
