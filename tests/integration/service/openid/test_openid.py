"""Sign-in by OpenID Connect with a provider of somebody else's making: the way there and back."""

import logging
import re
import time
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from realestate_assets.app.people import User
from realestate_assets.operations.accounts.provider import try_provider
from realestate_assets.service.application import create_app
from realestate_assets.service.security import flow as flows
from realestate_assets.service.security import limits
from resources.errors import PermanentError
from resources.http.openid import Provider
from resources.warehouse import migration
from tests.integration.service.conftest import PASSWORD
from tests.integration.service.openid.a_browser import (
    AUTH,
    PAGE,
    START,
    a_browser,
    add_member,
    begin,
    come_back,
    copy_of,
    heading,
    me,
    path_of,
    refused,
)
from tests.integration.service.openid.a_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    HERE,
    needs_provider,
    running,
)

pytestmark = [pytest.mark.integration, needs_provider]


def test_a_member_signs_in_by_the_provider_and_goes_on_to_where_they_wanted(
    browser, provider, person, member
):
    answer = come_back(browser, provider, person[0], next="/properties?county=king-wa")
    assert (answer.status_code, answer.headers["location"]) == (303, "/properties?county=king-wa")
    assert me(browser).json()["user_id"] == str(member.user_id)
    assert browser.get("/account").status_code == 200
    # Who is signed in is not sent there again.
    assert begin(browser, next="/boards") == "/boards"


def test_it_is_the_session_of_a_password_and_ends_as_one(parts, browser, provider, person, member):
    come_back(browser, provider, person[0])
    token = browser.get(f"{AUTH}/session").json()["csrf_token"]
    assert browser.post(f"{AUTH}/logout", headers={"X-CSRF-Token": token}).status_code == 204
    assert me(browser).status_code == 401
    with parts.transaction(member.tenant_id) as session:
        assert session.get_one(User, member.user_id).last_login_at is not None
        log = sa.text(
            "select object_kind, action, user_id from app.audit_log where after ->> 'user_id' = :id "
            "and object_kind in ('sign_ins', 'identities') order by object_kind"
        )
        rows = session.execute(log, {"id": str(member.user_id)}).all()
    assert [tuple(row)[:2] for row in rows] == [("identities", "insert"), ("sign_ins", "insert")]
    assert rows[1].user_id == member.user_id


def test_what_is_asked_of_the_provider_has_state_nonce_and_the_hash_of_a_verifier(browser):
    asked = parse_qs(urlsplit(begin(browser)).query)
    assert asked["response_type"] == ["code"] and asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{HERE}/sign-in/provider/back"]
    assert set(asked["scope"][0].split()) == {"openid", "email", "profile"}
    other = parse_qs(urlsplit(begin(browser)).query)
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[name][0]) >= 43 and asked[name] != other[name]


def test_cookies_are_for_this_site_alone_and_no_script_and_by_tls_encrypted(
    parts, provider, person, no_limits
):
    add_member(parts, person[1])
    secure = create_app(copy_of(parts, provider, service_base_url="https://realestate.example.com"))
    with a_browser(secure, "https://realestate.example.com") as browser:
        begun = browser.get(START)
        kept = begun.headers["set-cookie"]
        assert kept.startswith("__Host-realestate-flow=") and "Max-Age=600" in kept and "Path=/;" in kept
        provider.steer(person[0])
        ended = browser.get(path_of(provider.sign_in(begun.headers["location"])))
        session, forgotten = sorted(ended.headers.get_list("set-cookie"), key=lambda each: "flow" in each)
    assert session.startswith("__Host-realestate=rss_") and "Max-Age=43200" in session
    assert forgotten.startswith('__Host-realestate-flow=""') and "Max-Age=0" in forgotten
    for cookie in (kept, session, forgotten):
        assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" in cookie


def test_the_browser_can_read_nothing_of_a_sign_in_that_is_under_way(browser):
    asked = parse_qs(urlsplit(begin(browser, next="/properties")).query)
    (kept,) = [cookie.value for cookie in browser.cookies.jar if cookie.name == "realestate-flow"]
    for value in (asked["state"][0], asked["nonce"][0], "properties", "verifier"):
        assert value not in kept


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "/sign-in"]
)
def test_nobody_is_sent_elsewhere_after_it(browser, provider, person, member, elsewhere):
    assert come_back(browser, provider, person[0], next=elsewhere).headers["location"] == "/"


def test_two_copies_of_the_service_share_a_sign_in(parts, provider, person, member, app, no_limits):
    one, other = a_browser(app), a_browser(create_app(copy_of(parts, provider)))
    address = begin(one)
    provider.steer(person[0])
    other.cookies = one.cookies
    assert other.get(path_of(provider.sign_in(address))).status_code == 303
    one.cookies = other.cookies
    assert me(one).json()["user_id"] == str(member.user_id)


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(app, browser, provider, person, member):
    attacker = a_browser(app)
    address = begin(attacker)
    provider.steer(person[0])
    back = path_of(provider.sign_in(address))
    refused(browser.get(back), 400, "not begun here", browser)
    begin(browser)
    refused(browser.get(back), 400, "not begun here", browser)
    without_state = re.sub(r"state=[^&]*&?", "", back)
    refused(attacker.get(without_state), 400, "not begun here", attacker)


def test_an_answer_that_names_another_provider_is_refused(browser, provider, person, member):
    address = begin(browser)
    provider.steer(person[0])
    back = path_of(provider.sign_in(address))
    assert "iss=" in back
    refused(browser.get(re.sub(r"iss=[^&]*", "iss=https://evil.example", back)), 400, "not begun", browser)


def test_a_code_that_comes_again_is_refused(app, browser, provider, person, member):
    address = begin(browser)
    kept = {cookie.name: cookie.value for cookie in browser.cookies.jar}
    provider.steer(person[0])
    back = path_of(provider.sign_in(address))
    assert browser.get(back).status_code == 303
    thief = a_browser(app)
    thief.cookies.update(kept)
    refused(thief.get(back), 400, "used already", thief)


def test_a_code_of_another_browser_is_refused_by_its_verifier(app, browser, provider, person, member):
    """A stolen code under the thief's own state: the provider compares the verifier."""
    provider.steer(person[0])
    stolen = parse_qs(urlsplit(provider.sign_in(begin(browser))).query)["code"][0]
    thief = a_browser(app)
    state = parse_qs(urlsplit(begin(thief)).query)["state"][0]
    answer = thief.get(f"{START}/back", params={"code": stolen, "state": state})
    refused(answer, 400, "used already, or is over", thief)


def test_a_sign_in_that_took_longer_than_ten_minutes_is_refused(
    browser, provider, person, member, monkeypatch
):
    address = begin(browser)
    provider.steer(person[0])
    back = path_of(provider.sign_in(address))
    later = time.time() + flows.FLOW_SECONDS + 5
    with monkeypatch.context() as patch:
        patch.setattr("cryptography.fernet.time.time", lambda: later)
        answer = browser.get(back)
    assert (answer.status_code, heading(answer)) == (400, "This sign-in was not begun here, or is over")


@pytest.mark.parametrize(
    "wrong",
    [
        {"claims": {"aud": "another-service"}},
        {"claims": {"aud": [CLIENT_ID, "another-service"]}},
        {"claims": {"azp": "another-service"}},
        {"claims": {"iss": "https://evil.example"}},
        {"claims": {"nonce": "of another sign-in"}},
        {"claims": {"nonce": None}},
        {"claims": {"exp": 1_600_000_000}},
        {"claims": {"iat": 4_000_000_000}},
        {"claims": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}},
        {"claims": {"sub": None}},
        {"claims": {"sub": ""}},
        {"key": "stranger"},
        {"header": {"alg": "none"}},
        {"header": {"alg": "HS256"}},
        {"header": {"kid": "unheard-of"}},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(browser, provider, person, member, wrong):
    answer = come_back(browser, provider, person[0], how=wrong)
    refused(answer, 403, "cannot be trusted", browser)


def test_what_is_told_of_another_person_is_refused(browser, provider, person, member):
    """The ID token names somebody else than who the access token is of."""
    answer = come_back(browser, provider, person[0], how={"claims": {"sub": "somebody-else"}})
    refused(answer, 403, "cannot be trusted", browser)


def test_who_does_not_agree_at_the_provider_is_told_what_to_do(browser, provider, person, member):
    answer = come_back(browser, provider, person[0], how={"error": "access_denied"}, next="/boards")
    refused(answer, 403, "did not sign you in", browser)
    assert (
        'href="/sign-in/provider?next=%2Fboards&amp;anew=1"' in answer.text
        and 'href="/sign-in"' in answer.text
    )
    assert "did not agree to it" in answer.text and "the person did not agree" not in answer.text
    answer = come_back(browser, provider, person[0], how={"error": "temporarily_unavailable"})
    refused(answer, 503, "cannot sign anybody in now", browser)


@pytest.mark.parametrize(
    ("known", "prompt"),
    [(None, "login"), (["none", "login"], "login"), (["select_account"], "select_account")],
)
def test_who_was_refused_is_asked_at_the_provider_who_they_are(browser, provider, person, known, prompt):
    answer = come_back(browser, provider, person[0])
    refused(answer, 403, "There is no account for you", browser)
    again = re.search(r'href="(/sign-in/provider[^"]*)"', answer.text).group(1)
    with pytest.MonkeyPatch.context() as patched:
        told = Provider.metadata
        patched.setattr(Provider, "metadata", lambda it: {**told(it), "prompt_values_supported": known})
        location = browser.get(again, follow_redirects=False).headers["location"]
    assert parse_qs(urlsplit(location).query)["prompt"] == [prompt]
    assert "prompt" not in parse_qs(urlsplit(begin(browser)).query)


def test_a_provider_that_changed_its_keys_is_believed_by_the_new_ones(browser, provider, person, member, app):
    come_back(browser, provider, person[0])
    provider.stop()
    provider.start("second")
    other = a_browser(app)
    assert come_back(other, provider, person[0]).status_code == 303
    assert me(other).json()["user_id"] == str(member.user_id)


def test_a_provider_that_is_away_is_said_to_be_and_passwords_go_on(
    parts, provider, person, member, no_limits
):
    fresh = a_browser(create_app(copy_of(parts, provider)))
    address = begin(fresh)
    provider.steer(person[0])
    back = path_of(provider.sign_in(address))
    provider.stop()
    try:
        answer = fresh.get(back)
        refused(answer, 503, "does not answer", fresh)
        assert answer.headers["retry-after"]
        cold = a_browser(create_app(copy_of(parts, provider)))
        refused(cold.get(START), 503, "does not answer", cold)
        with pytest.raises(PermanentError, match="does not answer") as failed:
            try_provider(copy_of(parts, provider).settings)
        assert "OIDC_ISSUER" in failed.value.remedy
        body = {"email": person[1], "password": PASSWORD}
        assert fresh.post(f"{AUTH}/session", json=body).status_code == 200
    finally:
        provider.start()


def test_a_provider_under_another_name_is_not_believed(parts, provider, no_limits):
    other = copy_of(parts, provider, oidc_issuer=provider.issuer + "/")
    browser = a_browser(create_app(other))
    assert browser.get(START).status_code == 503
    with pytest.raises(PermanentError, match="another name than OIDC_ISSUER"):
        try_provider(other.settings)


def test_a_secret_that_the_provider_does_not_take_is_told_to_be_of_the_settings(
    parts, provider, person, member, no_limits
):
    browser = a_browser(create_app(copy_of(parts, provider, oidc_client_secret="hunter2")))
    refused(come_back(browser, provider, person[0]), 502, "does not take this service", browser)


def test_a_provider_that_wants_the_secret_in_the_body_gets_it_there(parts, tmp_path, person, no_limits):
    add_member(parts, person[1])
    with running(tmp_path / "log", "client_secret_post") as posted:
        posted.people[person[0]] = {"email": person[1], "email_verified": True}
        browser = a_browser(create_app(copy_of(parts, posted)))
        assert come_back(browser, posted, person[0]).status_code == 303


def test_doctor_says_that_the_provider_answers_and_where_it_sends_people(parts, with_provider):
    said = try_provider(with_provider.settings)
    assert "answers, 1 keys" in said and f"{HERE}/sign-in/provider/back" in said
    assert try_provider(parts.settings).startswith("off")


def test_nothing_of_code_token_or_address_stands_in_the_log_or_a_table(
    parts, browser, provider, person, member, caplog
):
    with caplog.at_level(logging.DEBUG):
        address = begin(browser)
        provider.steer(person[0], claims={"nonce": "wrong"})
        back = path_of(provider.sign_in(address))
        answer = browser.get(back)
        come_back(browser, provider, person[0])
    asked = parse_qs(urlsplit(back).query)
    ours = [each for each in caplog.records if each.name.startswith(("realestate_assets", "resources"))]
    assert any("refused: token" in each.getMessage() for each in ours)
    said = "\n".join(f"{each.getMessage()} {vars(each)}" for each in ours)
    with migration.engine(parts.resources["warehouse"].database_url()).connect() as owner:
        for table in ("app.identities", "app.audit_log"):
            said += "\n".join(owner.execute(sa.text(f"select t::text from {table} t")).scalars())
    for value in (asked["code"][0], asked["state"][0], person[0], person[1], CLIENT_SECRET):
        assert value not in said and value not in answer.text


def test_the_page_shows_the_button_where_a_provider_is_set_and_only_there(browser, client):
    shown = browser.get("/sign-in", params={"next": "/boards"}).text
    assert '<a class="button main" href="/sign-in/provider?next=%2Fboards">Sign in with Example</a>' in shown
    ways = browser.get(f"{AUTH}/ways").json()
    assert ways == {"provider": {"name": "Example", "path": "/sign-in/provider"}}
    assert (
        'href="/sign-in/provider?tenant=north"' in browser.get("/register", params={"tenant": "north"}).text
    )
    without = client.get("/sign-in", headers=PAGE).text
    assert "/sign-in/provider" not in without
    assert client.get(f"{AUTH}/ways").json() == {"provider": None}
    for path in (START, f"{START}/back"):
        assert client.get(path, headers=PAGE).status_code == 404


def test_answers_of_the_provider_are_limited_by_address_as_sign_ins_are(browser, monkeypatch):
    monkeypatch.setattr(limits, "ADDRESS_LOGINS", 0)
    assert browser.get(f"{START}/back").status_code == 429
