"""The pages in a real browser: from signing in to the memo, by mouse and keyboard, on desktop and phone."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from realestate_assets.operations.kept.alerts import look_at_due
from tests.integration.service.a_mailbox import Mailbox, token_in
from tests.integration.service.a_market import fill_index
from tests.integration.service.conftest import PASSWORD

pytestmark = pytest.mark.integration

AXE = (Path(__file__).parents[3] / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
SERIOUS = ("serious", "critical")
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


class Walk:
    """A browser of one person that remembers what went wrong and whom it asked."""

    def __init__(self, browser, site: str, **options: object) -> None:
        self.site = site
        self.context = browser.new_context(**{"viewport": DESKTOP, **options})
        self.faults: list[str] = []
        self.requests: list[str] = []
        self.context.on("page", self._watch)
        self.page = self.context.new_page()

    def _watch(self, page) -> None:
        page.on("console", lambda message: self.faults.append(message.text))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("dialog", lambda dialog: (self.faults.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: self.requests.append(request.url))

    def open(self, path: str) -> None:
        self.page.goto(self.site + path)
        self.page.wait_for_load_state("networkidle")

    def sign_in(self, role: str, password: str = PASSWORD) -> None:
        self.page.fill("#email", f"{role}@north.example.com")
        self.page.fill("#password", password)
        self.page.click("button[type=submit]")

    def serious(self) -> list[str]:
        """Findings of axe that matter; its script comes in by the debugger, which no policy stops."""
        self.context.new_cdp_session(self.page).send("Runtime.evaluate", {"expression": AXE})
        found = self.page.evaluate("() => axe.run()")["violations"]
        return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found if each["impact"] in SERIOUS]

    def overflow(self) -> int:
        """Pixels by which the page is wider than the window."""
        return self.page.evaluate("document.documentElement.scrollWidth - innerWidth")


@pytest.fixture
def walk(browser, site) -> Iterator[Walk]:
    opened = Walk(browser, site)
    yield opened
    faults, asked = opened.faults, opened.requests
    opened.context.close()
    assert faults == []
    assert [url for url in asked if not url.startswith((site, "data:"))] == []


def test_from_signing_in_to_the_memo(walk, market):
    walk.open("/properties?county=king-wa&sort=-bird_dog_score")
    assert walk.page.locator("#sent-here").is_visible()
    walk.sign_in("admin")
    walk.page.wait_for_url("**/properties?county=king-wa&sort=-bird_dog_score")
    walk.page.wait_for_load_state("networkidle")
    assert walk.page.inner_text("#map-said") == "60 on the map"
    # A filter goes into the address, and the button for going back takes it out again.
    walk.page.fill("#min_price_usd", "300000")
    walk.page.click("button:has-text('Show')")
    walk.page.wait_for_url("**min_price_usd=300000**")
    assert "max_price_usd" not in walk.page.url
    walk.page.go_back()
    walk.page.wait_for_load_state("networkidle")
    assert "min_price_usd" not in walk.page.url
    assert walk.page.input_value("#min_price_usd") == ""
    # A row and its pin show each other.
    row = walk.page.locator(f'tr[data-id="{market.chosen}"]')
    row.hover()
    assert walk.page.locator("path.pin.lit").count() == 1
    row.locator("a").click()
    walk.page.wait_for_load_state("networkidle")
    assert market.chosen in walk.page.url
    # One's own assumptions.
    yours = walk.page.locator("#if-figures td:last-child")
    before = yours.all_inner_texts()
    assert before == walk.page.locator("#if-figures td:nth-child(2)").all_inner_texts()
    walk.page.fill("#if-price", "200000")
    assert yours.all_inner_texts() != before
    walk.page.click("#if-reset")
    assert yours.all_inner_texts() == before
    with walk.context.expect_page() as opened:
        walk.page.click("#memo")
    assert opened.value.inner_text("h1") == "Investor memo"
    opened.value.close()
    walk.page.click("#back")
    walk.page.wait_for_url("**/properties?county=king-wa&sort=-bird_dog_score")
    walk.page.click("#account summary")
    walk.page.click("#sign-out")
    walk.page.wait_for_url("**/sign-in")
    walk.open("/properties")
    assert "/sign-in" in walk.page.url


def test_from_a_sentence_to_a_saved_search_that_tells_of_a_price_cut(walk, market, parts):
    fill_index(parts.resources, market.market)
    walk.open("/search")
    walk.sign_in("analyst")
    walk.page.wait_for_url("**/search")
    walk.page.fill("#q", "condo under 600k with a pool")
    walk.page.select_option("#county", "king-wa")
    walk.page.click("main button:has-text('Search')")
    walk.page.wait_for_url("**/search?q=*")
    narrow = walk.page.locator("tr[data-id]").count()
    assert 0 < narrow < 60
    assert "pool" in walk.page.inner_text("main .notice")
    # A fact that is taken away finds more, and can be put back.
    walk.page.click('.filter-chip[href*="property_type"]')
    walk.page.wait_for_url("**without=property_type*")
    assert walk.page.locator("tr[data-id]").count() > narrow
    walk.page.click("a:has-text('Put them back')")
    walk.page.wait_for_load_state("networkidle")
    assert walk.page.locator("tr[data-id]").count() == narrow
    cheapest = walk.page.locator("tr[data-id]").first.get_attribute("data-id")
    walk.page.click("summary:has-text('Save this search')")
    walk.page.fill("#save-name", "Condos <b>cheap</b>")
    walk.page.click("form.stacked button:has-text('Save')")
    walk.page.wait_for_url("**/searches")
    walk.page.wait_for_load_state("networkidle")
    card = walk.page.locator("section", has_text="Condos <b>cheap</b>")
    assert "Nothing new since it was saved" in card.inner_text()
    cut = "update raw.scores set asking_price_usd = asking_price_usd - 1000 where property_id = :id"
    with market.market.engine.begin() as connection:
        connection.execute(sa.text(cut), {"id": cheapest})
        connection.execute(sa.text("update work.search_looks set next_at = now()"))
    assert look_at_due(parts.transaction, parts.county_files) >= 1
    walk.open("/searches")
    card = walk.page.locator("section", has_text="Condos <b>cheap</b>")
    assert "price cut" in card.inner_text()
    assert card.locator(f'a[href="/properties/{cheapest}"]').count() == 1
    assert walk.serious() == []
    card.locator("button:has-text('Switch the alert off')").click()
    walk.page.locator("section", has_text="alert off").wait_for()
    walk.page.click("button:has-text('Delete')")
    walk.page.wait_for_selector("h2:has-text('None yet')")


def test_filters_of_the_list_are_saved_and_lead_back_to_the_same_list(walk, market):
    walk.open("/properties?county=cook-il&max_price_usd=900000&needs_review=false")
    walk.sign_in("admin")
    walk.page.wait_for_url("**/properties?**")
    walk.page.wait_for_load_state("networkidle")
    shown = [row.get_attribute("data-id") for row in walk.page.locator("tr[data-id]").all()]
    walk.page.click("summary:has-text('Save this search')")
    walk.page.fill("#save-name", "Cook, sound")
    walk.page.click("form.stacked button:has-text('Save')")
    walk.page.wait_for_url("**/searches")
    walk.page.wait_for_load_state("networkidle")
    assert "To be reviewed: no" in walk.page.inner_text("main")
    walk.page.click("a:has-text('Cook, sound')")
    walk.page.wait_for_url("**/properties?**")
    walk.page.wait_for_load_state("networkidle")
    assert [row.get_attribute("data-id") for row in walk.page.locator("tr[data-id]").all()] == shown


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_page_has_a_serious_fault_for_who_sees_or_hears_it_otherwise(browser, site, market, scheme, size):
    walk = Walk(browser, site, viewport=size, color_scheme=scheme)
    walk.open("/sign-in")
    found = {"/sign-in": walk.serious()}
    walk.sign_in("admin")
    walk.page.wait_for_url(f"{site}/")
    pages = (
        "/",
        "/properties?property_type=condo",
        f"/properties/{market.chosen}",
        "/search",
        "/searches",
        "/boards",
        "/data",
        "/admin",
        "/account",
    )
    open_ones = ("/forgotten-password", "/register", "/reset-password?token=x", "/unsubscribe/x")
    for path in (*pages, "/admin/tenant", "/admin/teams", "/admin/tenants", "/admin/audit", *open_ones):
        walk.open(path)
        found[path] = walk.serious()
        assert walk.overflow() <= 0, path
    walk.open("/properties")
    walk.page.click(".more > summary")
    found["open filters"] = walk.serious()
    # Links that open nothing are answered with their status, which the browser tells too.
    faults = [fault for fault in walk.faults if "410 (Gone)" not in fault and "404 (Not Found)" not in fault]
    walk.context.close()
    assert {path: serious for path, serious in found.items() if serious} == {}
    assert faults == []


def test_the_keyboard_reaches_the_content_the_menu_and_the_account(walk):
    walk.open("/sign-in")
    walk.page.keyboard.press("Tab")
    assert walk.page.evaluate("document.activeElement.className") == "skip"
    walk.page.focus("#email")
    walk.page.keyboard.type("viewer@north.example.com")
    walk.page.keyboard.press("Tab")
    walk.page.keyboard.type(PASSWORD)
    walk.page.keyboard.press("Enter")
    walk.page.wait_for_url(f"{walk.site}/")
    walk.page.keyboard.press("Tab")
    walk.page.keyboard.press("Enter")
    assert walk.page.evaluate("document.activeElement.id") == "main"
    walk.page.focus("#account summary")
    walk.page.keyboard.press("Enter")
    assert walk.page.locator("#sign-out").is_visible()
    walk.page.keyboard.press("Escape")
    assert not walk.page.locator("#sign-out").is_visible()


def test_the_theme_is_kept_over_pages(walk):
    walk.open("/sign-in")
    dark = "getComputedStyle(document.body).backgroundColor"
    light_colour = walk.page.evaluate(dark)
    walk.page.click("#theme")
    walk.page.click("#theme")
    assert walk.page.evaluate("document.documentElement.dataset.theme") == "dark"
    walk.open("/forgotten-password")
    assert walk.page.evaluate(dark) != light_colour
    walk.page.click("#theme")
    assert walk.page.evaluate(dark) == light_colour


def test_a_wrong_password_and_a_lost_connection_are_said_politely(browser, site):
    walk = Walk(browser, site)
    walk.open("/sign-in")
    walk.sign_in("ops", "not the password")
    walk.page.wait_for_selector("#said:not([hidden])")
    assert "After five failures" in walk.page.inner_text("#said")
    walk.context.set_offline(True)
    walk.sign_in("ops")
    walk.page.wait_for_function("document.getElementById('said').textContent.includes('connection is lost')")
    walk.context.set_offline(False)
    walk.sign_in("ops")
    walk.page.wait_for_url(f"{site}/")
    walk.context.close()


def test_who_is_invited_comes_in_by_the_link_and_sets_a_forgotten_password_anew(browser, site, parts):
    mail, email = Mailbox(parts), f"{uuid.uuid4().hex}@north.example.com"
    admin = Walk(browser, site)
    admin.open("/admin")
    admin.sign_in("admin")
    admin.page.wait_for_url("**/admin")
    admin.page.fill("#invite-email", email)
    with admin.page.expect_navigation():
        admin.page.click("section:has(#h-invite) button.main")
    assert admin.page.locator("tr", has_text=email).locator("text=Invite again").count() == 1
    walk = Walk(browser, site)
    walk.open(f"/invitation?token={mail.link_to(email)}")
    assert walk.serious() == []
    walk.page.fill("#name", "Ann")
    walk.page.fill("#password", "a first good password")
    walk.page.click("button.main")
    walk.page.wait_for_selector("#done:not([hidden])")
    assert not walk.page.locator("form").is_visible()
    walk.open("/forgotten-password")
    walk.page.fill("#email", email)
    walk.page.click("button.main")
    walk.page.wait_for_selector("#done:not([hidden])")
    # The mail is written after the answer.
    letters: list = []
    while not letters:
        walk.page.wait_for_timeout(50)
        letters = mail.to(email)
    token = token_in(letters[0])
    walk.open(f"/reset-password?token={token}")
    assert walk.serious() == []
    walk.page.fill("#password", "another good password")
    walk.page.click("button.main")
    walk.page.click("#done a")
    walk.page.fill("#email", email)
    walk.page.fill("#password", "another good password")
    walk.page.click("button[type=submit]")
    walk.page.wait_for_url(f"{site}/")
    walk.open("/account")
    walk.page.fill("#current", "another good password")
    walk.page.fill("#new", "a third good password")
    walk.page.click("section:has(#h-password) button")
    walk.page.wait_for_selector("#changed:not([hidden])")
    assert walk.faults == admin.faults == []
    walk.open(f"/reset-password?token={token}")
    assert "used already" in walk.page.inner_text("main")
    for each in (walk, admin):
        each.context.close()


def test_an_administrator_makes_a_key_and_a_person_and_takes_roles_back(walk):
    walk.open("/account")
    walk.sign_in("admin")
    walk.page.wait_for_url("**/account")
    walk.page.fill("#key-name", "nightly")
    walk.page.click("button:has-text('Make')")
    walk.page.wait_for_selector("#made:not([hidden])")
    assert walk.page.inner_text("#made-key").startswith("reo_")
    walk.open("/admin")
    walk.page.fill("#new-email", "bea@north.example.com")
    walk.page.fill("#new-name", "Bea")
    walk.page.fill("#new-password", "another long password")
    walk.page.click("button:has-text('Add')")
    bea = walk.page.locator("tr", has_text="bea@north.example.com")
    bea.wait_for()
    bea.locator("button:has-text('Disable')").click()
    bea.locator("button:has-text('Enable')").wait_for()
    walk.open("/admin/teams")
    walk.page.fill("#team-name", "Buyers")
    walk.page.click("button:has-text('Make')")
    walk.page.click("section:has-text('Buyers') button:has-text('Put Bea in')")
    walk.page.wait_for_selector("button:has-text('take out')")
    walk.open("/admin/audit")
    assert "insert users" in walk.page.inner_text("main")
