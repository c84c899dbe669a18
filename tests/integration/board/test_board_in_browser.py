"""The deal board in a real Chromium, opened from a folder: clicks, keys, and hostile text."""

import csv
import io
import re
from urllib.parse import unquote

import pytest

from realestate_assets.domain.board.csv import board_csv
from resources.partition import Partition
from tests.integration.board.board_page import MEMO, PLAIN, Board, a_lake, rows
from tests.unit.domain.board.board_rows import HOSTILE, deal

pytestmark = pytest.mark.integration

SORTABLE = ("bird_dog_score", "market_value_p50_usd", "discount_to_value_pct", "cap_rate_pct", "zip")


def test_opening_the_board_asks_for_nothing_but_its_own_file(board):
    board.page.mouse.move(500, 500)
    assert len(board.requests) == 1
    assert len(board.cells("property")) == 50


@pytest.mark.parametrize("name", SORTABLE)
def test_a_heading_sorts_and_a_second_click_turns_the_order(board, name):
    def shown() -> list[float]:
        texts = board.cells(name)
        return [
            float(re.sub(r"[^0-9.-]", "", text.split("\n")[0]))
            for text in texts
            if text[:1] in "$-0123456789"
        ]

    heading = board.page.locator(f'th[data-name="{name}"]')
    board.page.fill("[name=text]", "elm")
    assert board.count() == PLAIN - 1
    heading.locator("button").click()
    first, order = shown(), heading.get_attribute("aria-sort")
    heading.locator("button").click()
    second = shown()
    assert heading.get_attribute("aria-sort") != order
    assert first == sorted(first, reverse=order == "descending")
    assert second == sorted(second, reverse=order == "ascending")
    assert board.page.locator('th[aria-sort="none"]').count() == 13


def test_status_type_and_beds_filter_and_a_row_says_its_status(board):
    board.page.select_option("[name=status]", "coming_soon")
    assert board.count() == 1
    assert "Condominium · 1 bd" in board.cells("property")[0]
    assert board.cells("asking_price_usd")[0].split("\n")[1:] == ["Coming soon", "12 days"]
    board.page.select_option("[name=status]", "active")
    board.page.fill("[name=beds]", "3")
    everything_else = board.count()
    board.page.select_option("[name=type]", "condo")
    assert board.count() == 0
    assert everything_else == len(rows()) - 1


def test_a_reader_opens_what_is_on_offer_and_can_look_at_what_is_gone(browser, tmp_path):
    sold = {"offer_state": "gone", "listing_status": "sold", "sale_price_usd": 258_000.0}
    cut = {"first_seen_month": "2015-01", "first_asking_price_usd": 250_000.0, "asking_price_cut_pct": 19.2}
    deals = [deal(1, **cut), deal(2, offer_state="under_contract", listing_status="pending")]
    opened = Board(browser, a_lake(tmp_path, [*deals, deal(3, sale_date="2015-03-12", **sold)]))
    assert opened.count() == 1
    assert "cut 19.2% since 2015-01" in opened.cells("asking_price_usd")[0]
    opened.page.select_option("[name=list]", "gone")
    assert opened.count() == 1 and opened.page.url.endswith("#list=gone")
    assert "Sold for $258,000 on 2015-03-12" in opened.cells("asking_price_usd")[0]
    opened.page.select_option("[name=list]", "under_contract")
    assert opened.count() == 1
    assert "Sale pending" in opened.cells("asking_price_usd")[0]
    opened.page.select_option("[name=list]", "all")
    assert opened.count() == 3
    assert opened.faults == []
    opened.context.close()


def test_the_filters_stand_in_the_address_and_are_set_by_it(board, browser, folder):
    board.page.select_option("[name=zip]", "98103")
    board.page.fill("[name=text]", "elm st")
    board.page.check("[name=class][value=poor]")
    found, address = board.count(), board.page.url
    assert address.endswith("#text=elm+st&zip=98103&class=poor")
    other = browser.new_context().new_page()
    other.goto(address)
    assert other.locator("#count").inner_text() == board.page.locator("#count").inner_text()
    assert other.input_value("[name=zip]") == "98103" and other.is_checked("[name=class][value=poor]")
    other.goto(address.split("#")[0] + "#zip=elsewhere&score=high&unheard=1")
    other.wait_for_timeout(250)
    assert other.locator("#count").inner_text() == f"{len(rows())} deals"
    other.context.close()
    # The link that skips to the deals is no filter, and takes none away.
    board.page.evaluate("location.hash = 'deals'")
    assert board.count() == found
    board.page.click("button[type=reset]")
    assert board.count() == len(rows()) > found
    assert "#" not in board.page.url


def test_what_is_not_known_stands_last_in_both_orders(board):
    board.page.select_option("[name=zip]", "98103")
    board.page.fill("[name=priceMin]", "")
    total = board.count()
    for _ in range(2):
        board.page.click('th[data-name="cap_rate_pct"] button')
        assert board.cells("cap_rate_pct")[total - 1] == "–"


@pytest.mark.parametrize(
    ("field", "value", "fits"),
    [
        ("score", "60", lambda d: d["bird_dog_score"] >= 60),
        ("discount", "10", lambda d: d["discount_to_value_pct"] >= 10),
        ("cap", "5.4", lambda d: d["cap_rate_pct"] is not None and round(d["cap_rate_pct"], 1) >= 5.4),
        ("priceMin", "250000", lambda d: (d["asking_price_usd"] or 0) >= 250_000),
        (
            "priceMax",
            "210000",
            lambda d: d["asking_price_usd"] is not None and d["asking_price_usd"] <= 210_000,
        ),
        ("valueMin", "300002", lambda d: False),
        ("valueMax", "300001", lambda d: True),
        ("text", "115 elm", lambda d: d["property"] == "115 Elm St"),
    ],
)
def test_each_field_keeps_the_deals_that_fit(board, field, value, fits):
    board.page.fill(f"[name={field}]", value)
    assert board.count() == sum(fits(d) for d in rows())


def test_class_zip_and_memo_narrow_the_deals_and_clear_brings_all_back(board):
    board.page.check("[name=class][value=excellent]")
    board.page.check("[name=class][value=good]")
    classes = [d["score_class"] for d in rows()]
    assert board.count() == classes.count("excellent") + classes.count("good")
    board.page.select_option("[name=zip]", "98101")
    assert 0 < board.count() < PLAIN
    assert set(board.cells("zip")) == {"98101"}
    board.page.check("[name=memo]")
    assert board.count() == 1
    board.page.click("[type=reset]")
    assert board.count() == len(rows())


def test_filters_that_no_deal_fits_are_said_and_cleared(board):
    board.page.fill("[name=score]", "99")
    assert board.count() == 0
    assert board.page.locator("#nothing").is_visible()
    board.page.click("#clear")
    assert board.count() == len(rows())


@pytest.mark.parametrize("target", ["#rows tr[data-at='0'] a", "#rows tr[data-at='0'] td.c-zip"])
def test_a_row_opens_its_memo(board, target):
    board.page.click(target)
    board.page.wait_for_url("**/a.html")
    assert board.page.title() == "The memo"
    assert unquote(board.page.url).endswith(MEMO)


def test_a_dot_of_the_scatter_leads_to_its_row(board):
    spot = board.page.evaluate(
        "(() => { const d = document.querySelector('#scatter .dot.poor').getAttribute('d');"
        "const m = /M([0-9.]+) ([0-9.]+)/.exec(d); return {x: +m[1], y: +m[2]}; })()"
    )
    board.page.hover("#scatter svg", position=spot)
    assert board.page.locator("#scatter .tip").is_visible()
    board.page.click("#scatter svg", position=spot)
    assert board.page.locator("#rows tr.chosen").count() == 1


def test_the_csv_of_all_is_the_file_beside_the_page(board, folder):
    assert board.downloaded("text=CSV of all") == (folder / "deals.csv").read_bytes()


def test_the_csv_of_the_shown_deals_is_what_the_file_says_of_them(board, folder):
    board.page.fill("[name=text]", "elm")
    assert board.count() == PLAIN - 1
    wanted = board_csv(
        Partition("king-wa", "2015-03"), [d for d in rows() if d["property"] and "Elm" in d["property"]]
    )
    assert board.downloaded("#csv-shown") == wanted


def test_no_cell_of_the_downloaded_csv_is_a_formula(board):
    text = board.downloaded("#csv-shown").decode("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(found) == len(rows())
    for row in found:
        assert not row["property"].lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\uff1d"))
        assert row["cash_on_cash_pct"] == "-3.8"


def test_everything_can_be_done_with_the_keyboard_alone(board):
    page = board.page

    def tab_to(test: str) -> None:
        for _ in range(200):
            page.keyboard.press("Tab")
            if page.evaluate(f"(() => {{ const e = document.activeElement; return {test}; }})()"):
                return
        raise AssertionError(test)

    tab_to("e.className === 'skip'")
    tab_to("e.name === 'text'")
    page.keyboard.type("101 elm")
    assert board.count() == 1
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    assert board.count() == len(rows())
    tab_to("e.value === 'fair'")
    page.keyboard.press("Space")
    assert board.count() == sum(d["score_class"] == "fair" for d in rows())
    page.keyboard.press("Space")
    tab_to("e.closest('th')?.dataset.name === 'asking_price_usd'")
    page.keyboard.press("Enter")
    assert page.locator('th[data-name="asking_price_usd"]').get_attribute("aria-sort") == "descending"
    page.keyboard.press("Enter")
    tab_to("e.closest('#rows a') !== null")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**/a.html")


def test_pages_of_rows_turn(board):
    board.page.click("#next")
    assert board.cells("rank_in_partition")[0] == "51"
    board.page.click("#previous")
    assert board.cells("rank_in_partition")[0] == "1"
    assert board.page.locator("#previous").is_disabled()


def test_simulated_deals_and_assumed_prices_are_marked(board):
    row = board.page.locator("#rows tr[data-at='1']")
    assert "SIMULATED" in row.inner_text()
    assert row.locator(".star").count() == 1
    assert board.page.locator("#simulated").is_visible()
    assert board.page.locator("#assumed").is_visible()


def test_hostile_text_is_shown_as_text_and_runs_nothing(board):
    board.page.fill("[name=score]", "")
    board.page.click('th[data-name="rank_in_partition"] button')
    board.page.wait_for_timeout(200)
    assert board.page.evaluate("window.hostile") is None
    assert board.page.locator("main img, main b, main iframe").count() == 0
    shown = " ".join(board.cells("property"))
    assert HOSTILE["tag"] in shown
    assert "{{ 7 * 7 }}" in shown
    heights = board.page.evaluate("[...document.querySelectorAll('#rows tr')].map(r => r.offsetHeight)")
    assert max(heights) < 300


def test_a_mark_of_writing_direction_does_not_turn_the_figures_behind_it(board):
    board.page.click("#next")
    board.page.click("#next")
    assert any("\u202e" in text for text in board.page.locator("#rows small bdi").all_inner_texts())
    outside = board.page.evaluate(
        "[...document.querySelectorAll('td.c-property small')].map(s => [...s.childNodes]"
        ".filter(n => n.nodeType === 3).map(n => n.data).join('')).join('')"
    )
    assert "1,640 sq ft" in outside
    assert "\u202e" not in outside


def test_a_script_that_got_into_the_page_would_not_run(board):
    board.page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.hostile = 1';"
        "document.body.append(s); }"
    )
    assert board.page.evaluate("window.hostile") is None
    assert (
        board.page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'refused')") == "refused"
    )
    assert all("Content Security Policy" in fault for fault in board.faults)
    board.faults.clear()
    board.requests.clear()


def test_a_row_tells_the_market_of_its_month_with_what_it_rests_on_or_as_unknown(browser, tmp_path):
    known = {
        "zip_offer_count": 12,
        "zip_months_of_supply": 1.5,
        "market_appreciation_pct": 4.26,
        "market_appreciation_basis": "outside_later",
        "market_appreciation_month": "2024-01",
        "market_heat_pct": 98.94,
        "market_heat_basis": "county",
        "market_heat_sales": 1_300,
    }
    opened = Board(browser, a_lake(tmp_path, [deal(1, **known), deal(2)]))
    told = opened.page.locator("td.reasons").all_inner_texts()
    opened.context.close()
    assert (
        "Market before 2015-03: supply 1.5 months (ZIP, 12 on offer); prices 4.3% in 12 months (from "
        "outside, 2024-01, not before the month); sold for 98.9% of the ask (county, 1,300 sales)" in told[0]
    )
    assert (
        "Market before 2015-03: supply unknown; change of prices in 12 months unknown; heat unknown"
        in told[1]
    )
