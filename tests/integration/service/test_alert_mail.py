"""Kept searches write: one mail a look, in its transaction, ended by one click without signing in."""

import re
import threading
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from realestate_assets.app.searches import SearchLook
from realestate_assets.operations.kept import alerts
from realestate_assets.operations.kept.letters import SHOWN, AlertWriter
from realestate_assets.service.background import Background, Bell
from tests.integration.service.a_mailbox import Mailbox
from tests.integration.service.test_row_security import tenant_of
from tests.integration.service.test_searches import SEARCHES, SMALL, add_home, ask_price, run_sql

pytestmark = pytest.mark.integration

READER = "analyst@north.example.com"


@pytest.fixture
def mail(parts, market):
    run_sql(market, "delete from work.mails")
    return Mailbox(parts)


@pytest.fixture
def kept(market, analyst):
    made = analyst("POST", SEARCHES, json=SMALL)
    assert made.status_code == 201, made.text
    yield made.json()
    analyst("DELETE", f"{SEARCHES}/{made.json()['search_id']}")


def make_due(parts):
    with parts.transaction(tenant_of(parts, "north")) as session:
        session.execute(sa.update(SearchLook).values(next_at=sa.func.now() - sa.text("interval '1 hour'")))


def look(parts, writer=None):
    make_due(parts)
    write = writer or AlertWriter(parts.mailer, parts.secret)
    return alerts.look_at_due(parts.transaction, parts.county_files, write)


def unsubscribe_path(letter):
    url = re.fullmatch("<(.+)>", letter.headers["List-Unsubscribe"]).group(1)
    assert url in letter.text
    return urlsplit(url).path


def test_what_a_look_finds_is_one_mail_with_each_home(parts, market, kept, mail):
    assert look(parts) == 0
    cheaper, new = add_home(market), None
    assert look(parts) == 1
    mail.to(READER)
    new = add_home(market, price=480_000.0)
    ask_price(market, cheaper, 430_000.0)
    assert look(parts) == 2
    (letter,) = mail.to(READER)
    assert letter.subject == "1 new home and 1 price cut: Small"
    assert letter.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for part in (letter.text, letter.html):
        assert "$480,000" in part and "$430,000" in part and "$450,000" in part
        for home in (cheaper, new):
            assert f"http://localhost:8000/properties/{home}" in part
    assert look(parts) == 0
    assert mail.to(READER) == []


def test_a_mail_shows_some_homes_and_says_how_many_there_are(parts, market, kept, mail):
    for _ in range(SHOWN + 3):
        add_home(market)
    assert look(parts) == SHOWN + 3
    (letter,) = mail.to(READER)
    assert letter.text.count("/properties/") == SHOWN
    assert "And 3 more" in letter.text and letter.subject.startswith(f"{SHOWN + 3} new homes")


def test_names_of_searches_are_text(parts, market, analyst, kept, mail):
    analyst("PATCH", f"{SEARCHES}/{kept['search_id']}", json={"name": "<script>alert(1)</script> & 'x'"})
    add_home(market)
    look(parts)
    (letter,) = mail.to(READER)
    assert "<script>" not in letter.html and "&lt;script&gt;" in letter.html
    assert "<script>alert(1)</script> & 'x'" in letter.text


def test_a_look_that_is_rolled_back_writes_nothing_and_the_next_writes_once(parts, market, kept, mail):
    add_home(market)
    write = AlertWriter(parts.mailer, parts.secret)

    def killed(session, search, found):
        write(session, search, found)
        session.execute(sa.text("select pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(sa.exc.OperationalError):
        look(parts, killed)
    assert mail.to(READER) == []
    assert look(parts) == 1
    assert len(mail.to(READER)) == 1


def test_several_that_look_at_once_write_once(parts, market, kept, mail):
    add_home(market)
    make_due(parts)
    start, write = threading.Barrier(4), AlertWriter(parts.mailer, parts.secret)

    def work():
        start.wait()
        alerts.look_at_due(parts.transaction, parts.county_files, write)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mail.to(READER)) == 1


def test_mail_is_ended_by_one_post_without_signing_in_and_not_by_opening_the_link(
    parts, client, market, analyst, kept, mail
):
    add_home(market)
    look(parts)
    (letter,) = mail.to(READER)
    path, browser = unsubscribe_path(letter), {"Accept": "text/html"}
    asked = client.get(path, headers=browser)
    assert asked.status_code == 200 and "Small" in asked.text and '<form method="post">' in asked.text
    add_home(market)
    look(parts)
    assert len(mail.to(READER)) == 1
    ended = client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert ended.status_code == 200
    own = analyst("GET", f"{SEARCHES}/{kept['search_id']}").json()
    assert (own["email"], own["is_alerted"]) == (False, True)
    home = add_home(market)
    assert look(parts) == 1
    assert mail.to(READER) == []
    found = analyst("GET", f"{SEARCHES}/{kept['search_id']}/matches?limit=200").json()["items"]
    assert home in {each["property_id"] for each in found}
    assert client.post(path).status_code == 200
    analyst("PATCH", f"{SEARCHES}/{kept['search_id']}", json={"email": True})
    add_home(market)
    look(parts)
    assert len(mail.to(READER)) == 1


def test_a_link_of_a_search_that_is_gone_and_one_that_is_none_say_so(parts, client, market, analyst, mail):
    made = analyst("POST", SEARCHES, json=SMALL).json()
    add_home(market)
    look(parts)
    path = unsubscribe_path(mail.to(READER)[0])
    analyst("DELETE", f"{SEARCHES}/{made['search_id']}")
    assert "kept no more" in client.post(path).text
    for altered in (path[:-3] + "abc", "/unsubscribe/x"):
        assert client.post(altered).status_code == 404
        assert client.get(altered, headers={"Accept": "text/html"}).status_code == 404


def test_who_wants_no_mail_and_who_is_gone_gets_none(parts, market, as_role, mail):
    asked = as_role("underwriter")
    made = asked("POST", SEARCHES, json=SMALL | {"email": False}).json()
    other = asked("POST", SEARCHES, json=SMALL | {"name": "Other"}).json()
    assert (made["email"], other["email"]) == (False, True)
    user_id = asked("GET", "/api/v1/auth/me").json()["user_id"]
    add_home(market)
    look(parts)
    assert [letter.subject for letter in mail.to("underwriter@north.example.com")] == ["1 new home: Other"]
    run_sql(market, f"update app.users set state = 'disabled' where user_id = '{user_id}'")
    add_home(market)
    look(parts)
    run_sql(market, f"update app.users set state = 'active' where user_id = '{user_id}'")
    assert mail.to("underwriter@north.example.com") == []
    for each in (made, other):
        asked("DELETE", f"{SEARCHES}/{each['search_id']}")


def test_the_service_looks_and_writes_by_itself(parts, market, kept, mail):
    add_home(market)
    make_due(parts)
    Background(parts, Bell()).look()
    assert len(mail.to(READER)) == 1
