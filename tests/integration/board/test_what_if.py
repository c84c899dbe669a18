"""The board's what-if panel in a real Chromium: the platform's formulas, a reader's own figures."""

import re
from collections.abc import Iterator
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.board.whatif import INPUTS, STRESS_HEADS, script_cases, script_terms
from realestate_assets.domain.core import formats
from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.counties.underwriting import Stress, Underwriting
from realestate_assets.domain.scoring.costs import Home
from realestate_assets.domain.scoring.stress import Deal, Outcome, stress_table
from tests.examples import examples
from tests.integration.board.board_page import Board, a_lake
from tests.unit.domain.board.board_rows import HOSTILE, deal
from tests.unit.domain.scoring.test_properties import maybe, number
from tests.unit.domain.scoring.test_stress import DEALS

pytestmark = pytest.mark.integration

KING = load_counties(None)["king-wa"].underwriting
HOME = {
    "asking_price_usd": 201_000.0,
    "repair_estimate_usd": 24_600.0,
    "tax_annual_usd": 2_345.67,
    "hoa_monthly_usd": 45.5,
    "rent_monthly_usd": 1_500.25,
    "arv_usd": 320_000.4,
}
BARE = {"repair_estimate_usd": None, "tax_annual_usd": None, "rent_monthly_usd": None, "arv_usd": None}

TERMS = st.builds(
    Underwriting,
    property_tax_rate=st.floats(0, 0.1),
    tax_after_sale=st.sampled_from(["price", "value", "kept", None]),
    insurance_rate=st.floats(0, 0.1),
    rebuilding_usd_per_sqft=maybe(number(1, 2_000)),
    vacancy_rate=st.floats(0, 0.99),
    maintenance_rate=st.floats(0, 0.5),
    reserve_rate=st.floats(0, 0.5),
    management_rate=st.floats(0, 0.5),
    turnover_rent_months=st.floats(0, 12),
    tenancy_years=st.floats(0.25, 50),
    rental_utilities_monthly_usd=st.floats(0, 5_000),
    flip_utilities_monthly_usd=st.floats(0, 5_000),
    down_payment_share=st.floats(0.01, 1),
    interest_rate=st.just(0.0) | st.floats(0.001, 0.5),
    loan_term_years=st.integers(1, 50),
    closing_cost_share=st.floats(0, 0.5),
    selling_cost_share=st.floats(0, 0.5),
    holding_months=st.integers(0, 60),
    mao_factor=st.floats(0.01, 1),
    stress=st.builds(
        Stress,
        price_drop_share=st.floats(0, 0.99),
        vacancy_points=st.floats(0, 0.99),
        repairs_rise_share=st.floats(0, 5),
        interest_points=st.just(0.0) | st.floats(0.001, 0.5),
    ),
)


def script_deal(one: Deal) -> dict:
    """A deal as the script takes it."""
    home = one.home
    found = (
        *(home.price_usd, home.value_usd, home.living_area_sqft, home.repairs_usd),
        *(home.tax_annual_usd, home.hoa_monthly_usd, one.rent_monthly_usd, one.arv_usd),
    )
    return dict(zip(INPUTS, found, strict=True))


def bought(price: float | None = None, **changes: object) -> Deal:
    """The first home of the board, at a price of one's own."""
    row = deal(1, **HOME) | changes
    home = Home(
        price_usd=row["asking_price_usd"] if price is None else price,
        value_usd=round(row["market_value_p50_usd"], 2),
        living_area_sqft=row["living_area_sqft"],
        repairs_usd=row["repair_estimate_usd"],
        tax_annual_usd=row["tax_annual_usd"],
        hoa_monthly_usd=row["hoa_monthly_usd"],
    )
    return Deal(home, row["rent_monthly_usd"], row["arv_usd"])


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    rows = [deal(1, **HOME), deal(2, **BARE), deal(3, **HOME, property=HOSTILE["script"])]
    return a_lake(tmp_path_factory.mktemp("what-if"), rows)


@pytest.fixture(scope="module")
def script(browser, lake) -> Iterator:
    opened = Board(browser, lake)
    yield opened.page
    opened.context.close()


@pytest.fixture
def panel(browser, lake) -> Iterator[Board]:
    opened = Board(browser, lake)
    opened.page.click("#rows tr[data-at='0'] .what-if")
    yield opened
    faults = opened.faults
    opened.context.close()
    assert faults == []


@given(st.lists(st.tuples(DEALS, TERMS), min_size=10, max_size=40))
@examples(15)
def test_the_page_computes_what_the_platform_does_to_the_cent(script, pairs):
    sent = [[script_deal(one), script_terms(terms), script_cases(terms)] for one, terms in pairs]
    told = script.evaluate("(sent) => sent.map((each) => stressTable(...each))", sent)
    for (one, terms), tables in zip(pairs, told, strict=True):
        for (code, row), found in zip(stress_table(one, terms).items(), tables, strict=True):
            assert found.keys() == asdict(row).keys()
            for name, value in asdict(row).items():
                wanted = pytest.approx(float(value), rel=1e-9, abs=0.005, nan_ok=True)
                assert found[name] == wanted, (code, name)


def figures(board: Board) -> dict[str, list[str]]:
    """The table of measures: label -> as listed, as set."""
    rows = board.page.locator("#if-figures tr").all()
    return {row.locator("th").inner_text(): row.locator("td").all_inner_texts() for row in rows}


def written(row: Outcome) -> list[str]:
    """The figures of an outcome as people read them, in the order of the panel."""
    return [
        formats.percent(float(row.cap_rate_pct)),
        formats.usd(float(row.noi_usd)),
        formats.decimal(float(row.dscr)),
        formats.percent(float(row.cash_on_cash_pct)),
        formats.usd(float(row.flip_profit_usd)),
        formats.percent(float(row.flip_roi_pct)),
        formats.usd(float(row.max_allowable_offer_usd)),
    ]


def test_the_panel_opens_with_the_listed_figures_and_no_memo(panel):
    assert panel.page.url.endswith("index.html")
    assert panel.page.locator("#if-title").inner_text() == "What if: 101 Elm St"
    assert panel.page.input_value("#if-price") == "201000"
    assert panel.page.input_value("#if-rent") == "1500.25"
    assert panel.page.input_value("#if-rate") == "7"
    listed = written(stress_table(bought(), KING)["base"])
    assert list(figures(panel).values()) == [[text, text] for text in listed]


def test_figures_and_stress_follow_what_is_set_at_once(panel):
    panel.page.fill("#if-price", "180000")
    panel.page.fill("#if-rent", "1725.5")
    panel.page.fill("#if-repairs", "31000")
    panel.page.fill("#if-rate", "5.25")
    mine = bought(price=180_000.0, rent_monthly_usd=1_725.5, repair_estimate_usd=31_000.0)
    terms = KING.model_copy(update={"interest_rate": 0.0525})
    table = stress_table(mine, terms)
    listed = written(stress_table(bought(), KING)["base"])
    found = [list(pair) for pair in zip(listed, written(table["base"]), strict=True)]
    assert list(figures(panel).values()) == found
    rows = panel.page.locator("#if-stress tr").all()
    assert [row.locator("td").all_inner_texts() for row in rows] == [
        written(row)[1:] for row in table.values()
    ]
    assert rows[-1].locator("th").inner_text() == "All of it together"
    heads = panel.page.locator(".panel-stress thead th").all_inner_texts()
    assert heads[1:] == list(STRESS_HEADS)
    assert rows[0].locator("td").first.get_attribute("data-label") == STRESS_HEADS[0]
    panel.page.click("#if-reset")
    assert list(figures(panel).values()) == [[text, text] for text in listed]


@pytest.mark.parametrize("text", ["", "-5"])
def test_what_is_no_amount_leaves_its_figures_open_and_is_marked(panel, text):
    panel.page.fill("#if-rent", text)
    mine = {label: texts[1] for label, texts in figures(panel).items()}
    assert mine["Cap rate"] == mine["Cash on cash"] == "–"
    assert mine["Flip profit"] == formats.usd(float(stress_table(bought(), KING)["base"].flip_profit_usd))
    assert panel.page.get_attribute("#if-rent", "aria-invalid") == ("true" if text else "false")


def test_a_home_of_which_little_is_known_can_be_told_the_rest(browser, lake):
    board = Board(browser, lake)
    board.page.click("#rows tr[data-at='1'] .what-if")
    assert set(figures(board)["Cap rate"]) == {"–"}
    board.page.fill("#if-rent", "1400")
    board.page.fill("#if-repairs", "10000")
    row = deal(2, **BARE)
    mine = bought(price=row["asking_price_usd"], rent_monthly_usd=1_400.0)
    mine = replace(mine, home=replace(mine.home, tax_annual_usd=None, hoa_monthly_usd=None, repairs_usd=1e4))
    base = stress_table(mine, KING)["base"]
    assert figures(board)["Net operating income"][1] == formats.usd(float(base.noi_usd))
    assert figures(board)["Flip profit"][1] == "–"
    assert board.faults == []
    board.context.close()


def test_the_panel_is_worked_by_the_keyboard_and_gives_the_focus_back(browser, lake):
    board = Board(browser, lake)
    page = board.page
    page.focus("#rows tr[data-at='0'] .what-if")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "if-title"
    for name in ("if-reset", "if-close", "if-price"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == name
    page.keyboard.press("Control+A")
    page.keyboard.type("150000")
    page.keyboard.press("Enter")
    wanted = written(stress_table(bought(price=150_000.0), KING)["base"])
    assert figures(board)["Cap rate"][1] == wanted[0]
    # Told to those who do not see, once the keys rest.
    page.wait_for_timeout(1_000)
    assert f"Cap rate {wanted[0]}" in page.locator("#if-said").inner_text()
    page.keyboard.press("Escape")
    assert not page.locator("#what-if").is_visible()
    assert page.evaluate("document.activeElement.className") == "what-if"
    assert board.faults == []
    board.context.close()


def test_every_field_has_a_name(panel):
    for name in ("Offer price, $", "Rent a month, $", "Repairs, $", "Interest rate, %"):
        assert panel.page.get_by_label(name).count() == 1
    assert panel.page.get_by_role("dialog", name=re.compile("What if")).count() == 1


@pytest.mark.parametrize("width", [320, 375, 700, 701, 800, 1280])
def test_the_panel_fits_its_window(browser, lake, width):
    board = Board(browser, lake, viewport={"width": width, "height": 760})
    assert board.page.evaluate("document.documentElement.scrollWidth") <= width
    board.page.click("#rows tr[data-at='0'] .what-if")
    board.page.fill("#if-price", "98765432")
    board.page.evaluate("document.querySelector('#what-if details').open = true")
    assert board.page.evaluate("(() => { const d = document.getElementById('what-if');"
                               "return d.scrollWidth - d.clientWidth; })()") <= 0  # fmt: skip
    box = board.page.locator("#what-if").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width
    assert board.faults == []
    board.context.close()


def test_hostile_text_in_the_panel_is_text(browser, lake):
    board = Board(browser, lake)
    board.page.click("#rows tr[data-at='2'] .what-if")
    assert board.page.locator("#if-property").inner_text() == HOSTILE["script"]
    assert board.page.evaluate("window.hostile") is None
    assert board.faults == []
    board.context.close()


def test_paper_gets_the_panel_alone_while_it_is_open(panel):
    panel.page.emulate_media(media="print")
    assert panel.page.locator("#if-figures").is_visible()
    assert not panel.page.locator("#rows").is_visible()
    assert not panel.page.locator("#if-close").is_visible()
    panel.page.emulate_media(media="screen")
    panel.page.click("#if-close")
    panel.page.emulate_media(media="print")
    assert panel.page.locator("#rows").is_visible()
