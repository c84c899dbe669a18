"""Pages by role, what stands in them and in their addresses, and what they refuse."""

import re

import pytest
from markupsafe import escape

from realestate_assets.operations.market import counts
from realestate_assets.operations.pipelines.runs import Run
from realestate_assets.service.pages.sign_in import own_path
from realestate_assets.service.security.permissions import ROLES
from tests.integration.service.pages.a_site import HOSTILE

pytestmark = pytest.mark.integration

PAGES = {
    "/": "counties:read",
    "/properties": "properties:read",
    "/search": "search:run",
    "/searches": "searches:read",
    "/boards": "documents:read",
    "/data": "quality:read",
    "/account": "me:read",
    "/admin": "users:read",
    "/admin/tenant": "users:read",
    "/admin/teams": "teams:manage",
    "/admin/audit": "audit:read",
    "/admin/tenants": "tenants:manage",
}
SHOWN = re.compile(r'<tr data-id="([0-9a-f-]{36})"')


def ids(page) -> list[str]:
    return SHOWN.findall(page.text)


def next_address(page) -> str | None:
    found = re.search(r'href="([^"]+)" rel="next"', page.text)
    return found.group(1).replace("&amp;", "&") if found else None


@pytest.mark.parametrize("role", ROLES)
def test_each_role_reads_the_pages_of_its_permissions_and_is_led_to_no_other(as_reader, role):
    read = as_reader(role)
    menu = read("/").text.partition('aria-label="Pages"')[2].partition("</nav>")[0]
    for path, permission in PAGES.items():
        answer = read(path)
        # The north was made first and looks after the installation.
        may = permission in ROLES[role] or (role, permission) == ("admin", "tenants:manage")
        assert answer.status_code == (200 if may else 403), path
        assert answer.headers["content-type"].startswith("text/html")
        assert "unsafe-inline" not in answer.headers["content-security-policy"]
        if path in ("/properties", "/search", "/searches", "/boards", "/data", "/admin"):
            assert (f'href="{path}"' in menu) == may
        if not may:
            assert permission not in answer.text


@pytest.mark.parametrize("path", [*PAGES, "/properties/00000001-0000-5000-8000-000000000661"])
def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(stranger, path):
    answer = stranger(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")
    assert path == "/" or answer.headers["location"].endswith(f"next={path.replace('/', '%2F')}")


def test_a_session_that_has_ended_leads_to_sign_in(as_reader):
    read = as_reader("viewer", "south")
    token = re.search(r'name="csrf-token" content="([0-9a-f]+)"', read("/").text).group(1)
    ended = read.client.post("/api/v1/auth/logout", headers={"X-CSRF-Token": token})
    assert ended.status_code == 204
    assert read("/properties?zip=98004").headers["location"] == "/sign-in?next=%2Fproperties%3Fzip%3D98004"


@pytest.mark.parametrize(
    ("given", "followed"),
    [
        ("/properties?zip=98004", "/properties?zip=98004"),
        ("https://elsewhere.example", "/"),
        ("//elsewhere.example", "/"),
        ("/\\elsewhere.example", "/"),
        ("/\telsewhere", "/"),
        ("javascript:alert(1)", "/"),
        ("/sign-in?next=/", "/"),
    ],
)
def test_signing_in_leads_to_addresses_of_ours_alone(stranger, given, followed):
    assert own_path(given) == followed
    assert (
        'data-next="' + followed.replace("&", "&amp;") + '"'
        in stranger("/sign-in", params={"next": given}).text
    )


def test_a_write_by_cookie_needs_the_token_of_the_page(as_reader):
    read = as_reader("admin")
    body = {"name": "report", "scopes": ["properties:read"], "days": 1}
    assert read.client.post("/api/v1/keys", json=body).status_code == 403
    token = re.search(r'name="csrf-token" content="([0-9a-f]+)"', read("/account").text).group(1)
    headers = {"X-CSRF-Token": token, "Idempotency-Key": "pages-key-1"}
    assert read.client.post("/api/v1/keys", json=body, headers=headers).status_code == 201
    assert "report" in read("/account").text


def test_the_list_shows_what_the_api_finds_by_the_same_filters(as_reader):
    read = as_reader("analyst")
    for params in (
        {},
        {"property_type": "condo", "min_price_usd": "400000"},
        {"county": "king-wa", "offer_state": ["on_offer", "gone"], "sort": "street"},
        {"box": "-122.3,47.5,-122.1,47.65", "waterfront": "false"},
    ):
        page = read("/properties", params=params)
        found = read.client.get("/api/v1/properties", params={**params, "with_total": True}).json()
        assert ids(page) == [row["property_id"] for row in found["items"]]
        assert f"of <strong>{found['total']}</strong>" in page.text


def test_the_best_deals_of_the_overview_leave_out_what_is_to_be_looked_into_first(as_reader):
    read = as_reader("analyst")
    shown = re.findall(r'href="/properties/([0-9a-f-]{36})"', read("/").text)
    asked = {"offer_state": "on_offer", "min_score": 0, "limit": 200}
    on_offer = read.client.get("/api/v1/properties", params=asked).json()["items"]
    barred = {row["property_id"] for row in on_offer if row["needs_review"]}
    sound = [row["property_id"] for row in on_offer if not row["needs_review"]]
    assert barred
    assert list(dict.fromkeys(shown)) == sound[: len(set(shown))]
    page = read("/properties", params={"needs_review": "false"})
    assert "To be reviewed: no" in page.text
    assert not barred & set(ids(page))


def test_the_pages_of_the_list_visit_each_property_once(as_reader):
    read = as_reader("analyst")
    seen, address, ends = [], "/properties?sort=-year_built", []
    while address:
        page = read(address)
        seen += ids(page)
        ends.append(re.search(r"<strong>(\d+)–(\d+)</strong>", page.text).groups())
        address = next_address(page)
    assert len(seen) == len(set(seen)) == 120
    assert ends == [("1", "50"), ("51", "100"), ("101", "120")]


def test_empty_fields_of_the_form_are_no_filters_and_stay_out_of_the_addresses(as_reader):
    page = as_reader("viewer")("/properties?min_price_usd=&max_price_usd=900000&waterfront=&sort=street")
    assert page.status_code == 200
    assert "min_price_usd=&" not in next_address(page)
    assert "max_price_usd=900000" in next_address(page)


def test_a_filter_that_cannot_be_is_left_out_and_said_and_not_repeated(as_reader):
    page = as_reader("viewer")("/properties", params={"min_price_usd": "<b>cheap", "property_type": "condo"})
    assert page.status_code == 200
    assert "Left out" in page.text
    assert "<b>cheap" not in page.text
    assert all(row in page.text for row in ("Condominium", "filter-chip"))


def test_a_cursor_of_another_list_shows_the_first_page(as_reader):
    read = as_reader("viewer")
    other = next_address(read("/properties?sort=street")).replace("sort=street", "sort=-year_built")
    assert ids(read(other)) == ids(read("/properties?sort=-year_built"))


def test_text_of_the_data_is_text_wherever_it_stands(as_reader, market):
    read = as_reader("admin")
    for path in (
        "/properties?limit=&sort=street",
        f"/properties/{market.hostile}",
        f"/properties/{market.chosen}",
    ):
        page = read(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in read(f"/properties/{market.hostile}").text


def test_a_page_holds_no_inline_script_and_no_inline_style(as_reader, market):
    read = as_reader("admin")
    for path in (
        *PAGES,
        "/sign-in",
        "/forgotten-password",
        "/register",
        "/unsubscribe/x",
        f"/properties/{market.chosen}",
        "/nothing",
    ):
        text = read(path).text
        scripts = re.findall(r"<script([^>]*)>", text)
        assert all("src=" in each or "application/json" in each for each in scripts), path
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text), path


def test_a_property_shows_value_interval_drivers_comparables_and_memo(as_reader, market):
    text = as_reader("admin")(f"/properties/{market.chosen}").text
    row = as_reader("admin").client.get(f"/api/v1/properties/{market.chosen}").json()
    for name in (
        "market_value_p10_usd",
        "market_value_p50_usd",
        "market_value_p90_usd",
        "likely_sale_p50_usd",
    ):
        assert f"${row[name]:,.0f}" in text
    for heading in (
        "What drives the value",
        "Comparables",
        "Underwriting with your own",
        "History",
        "Where each field",
    ):
        assert heading in text
    # Who owns it is known and not shown; the same words as the value of another field are.
    assert text.count("personal, not shown") == text.count("Jane Doe") == 1
    assert f'href="/api/v1/documents/memos/{market.chosen}?format=html' in text


def test_notes_stand_on_the_page_as_text_with_forms_for_who_may_write(as_reader, parts, market):
    writer = as_reader("analyst")
    token = re.search(r'name="csrf-token" content="([0-9a-f]+)"', writer("/").text).group(1)
    address = f"/api/v1/properties/{market.chosen}/notes"
    headers = {"X-CSRF-Token": token}
    hostile = f"note {HOSTILE}"
    for body in ({"text": hostile}, {"text": "for me alone", "is_private": True}):
        assert writer.client.post(address, json=body, headers=headers).status_code == 201
    own = writer(f"/properties/{market.chosen}").text
    read = as_reader("viewer")(f"/properties/{market.chosen}").text
    assert escape(hostile) in read and HOSTILE not in read and "for me alone" not in read
    assert "for me alone" in own and own.count('data-method="PATCH"') == 2
    assert "Write down" in own and "Write down" not in read and 'data-method="PATCH"' not in read


def test_a_memo_is_offered_to_none_who_may_not_read_its_owner(as_reader, market):
    text = as_reader("viewer")(f"/properties/{market.chosen}").text
    assert "owners:read" in ROLES["viewer"] or "/api/v1/documents/memos/" not in text


def test_another_tenants_property_is_not_there(as_reader, market):
    answer = as_reader("analyst", "south")(f"/properties/{market.chosen}")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


def test_simulated_homes_are_said_to_be(as_reader, market):
    read = as_reader("analyst")
    page = read("/properties?county=cook-il")
    assert page.text.count(">SIMULATED<") == len(ids(page)) == 50
    assert "SIMULATED DATA" in page.text
    assert "SIMULATED" not in read("/properties?county=king-wa").text
    assert "SIMULATED DATA" in read(f"/properties/{ids(page)[0]}").text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/properties/none", 422),
        ("/admin/audit?before=x", 422),
        ("/properties?cursor=" + "x" * 9000, 422),
    ],
)
def test_an_error_page_tells_nothing_but_a_number(as_reader, path, status):
    answer = as_reader("admin")(path)
    assert answer.status_code == status
    assert "Traceback" not in answer.text
    assert "realestate_assets" not in answer.text
    assert answer.headers["x-request-id"] in answer.text


def test_programs_are_answered_with_problems_as_before(as_reader):
    answer = as_reader("admin").client.get("/nothing")
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_fails_unforeseen_is_a_page_too(as_reader, monkeypatch):
    read = as_reader("analyst")
    monkeypatch.setattr("realestate_assets.service.pages.overview.best_deals", lambda *_: 1 / 0)
    answer = read("/")
    assert answer.status_code == 500
    assert "should not have" in answer.text
    assert "ZeroDivision" not in answer.text


def test_static_files_are_kept_by_their_mark_and_templates_are_not_served(stranger):
    marked = re.search(r'href="(/static/web\.css\?v=[0-9a-f]+)"', stranger("/sign-in").text).group(1)
    assert "immutable" in stranger(marked).headers["cache-control"]
    assert "no-cache" in stranger("/static/web.css").headers["cache-control"]
    for path in (
        "pages/base.html.j2",
        "../board/board.html.j2",
        "board/board.html.j2",
        "%2e%2e/board/board.html.j2",
    ):
        assert stranger(f"/static/{path}").status_code == 404


def test_administration_reads_are_written_down_and_shown(as_reader):
    read = as_reader("admin")
    read("/admin")
    log = read("/admin/audit").text
    assert "read users" in log
    assert "admin of north" in log
    assert "password_hash" not in log.replace("password hash", "password_hash") or "***" in log


def test_boards_show_what_passes_and_what_fails(as_reader):
    text = as_reader("viewer")("/boards").text
    assert ">1.010<small>passes" in text
    assert ">0.200<small>fails" in text
    assert "Zip: 98103" in text
    assert "/api/v1/documents/boards/king-wa" in text


def test_data_show_what_does_not_hold_and_the_overview_says_how_many(as_reader):
    read = as_reader("viewer")
    text = read("/data?county=king-wa").text
    for words in ("does not hold", "Price nominal: 7", "scores.are_complete", "58 of 60", "96%"):
        assert words in text
    assert "2 failed" in read("/").text
    # A county that is not the tenant's is none of the page.
    assert "Travis" not in read("/data?county=travis-tx").text


def test_counties_without_a_scored_month_stand_together_after_those_with_one(as_reader, monkeypatch):
    known = counts.list_counties
    clark = {"county": "clark-nv", "name": "Clark County", "state": "NV", "newest_month": None}
    monkeypatch.setattr(counts, "list_counties", lambda session: [clark, *known(session)])
    read = as_reader("analyst", "south")
    boards, data = read("/boards").text, read("/data").text
    assert (
        boards.index("h-travis-tx") < boards.index("No scored month yet") < boards.index("Clark County, NV")
    )
    assert 'href="/data?county=travis-tx" aria-current="page"' in data


def test_runs_are_shown_to_who_may_see_them(as_reader, monkeypatch):
    run = Run(
        "0123456789ab", "nightly", "FAILURE", "king-wa|2015-04", None, [], None, None, None, None, None, {}
    )
    monkeypatch.setattr("realestate_assets.service.pages.data.newest_runs", lambda *_: [run])
    assert "king-wa 2015-04" in as_reader("ops")("/data").text
    assert "nightly" not in as_reader("viewer")("/data").text
    monkeypatch.setattr("realestate_assets.service.pages.data.newest_runs", lambda *_: None)
    assert "does not answer" in as_reader("ops")("/data").text


def test_a_property_of_two_months_has_a_line_and_each_month_a_page(as_reader, market):
    read = as_reader("analyst")
    text = read(f"/properties/{market.chosen}").text
    assert "Value and ask from March 2015 to April 2015" in text
    assert "month=2015-03" in text
    assert "· March 2015" in read(f"/properties/{market.chosen}?month=2015-03").text
    assert read(f"/properties/{market.chosen}?month=2001-01").status_code == 404


def test_a_document_that_is_not_there_is_told_on_a_page_and_to_programs_as_a_problem(as_reader, stranger):
    read, path = as_reader("analyst"), "/api/v1/documents/boards/king-wa"
    assert "There is nothing here" in read(path).text
    assert read.client.get(path).headers["content-type"] == "application/problem+json"
    assert stranger(path).headers["location"] == "/sign-in?next=%2Fapi%2Fv1%2Fdocuments%2Fboards%2Fking-wa"
