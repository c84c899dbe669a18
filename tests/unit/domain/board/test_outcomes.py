"""What became of a county's offers: counted once, watched long enough, no chance told in retrospect."""

from datetime import date

import pytest

from realestate_assets.domain.board.outcomes import build_outcomes, wilson
from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.offers.params import load_offer_params
from resources.documents.inline_page import render_inline
from resources.home import PROJECT_ROOT

KING = load_counties()["king-wa"]
GAIN = load_offer_params().gain
LAST_DAY = "2016-06-30"


def purchase(name: str, **changes: object) -> dict:
    row = {
        "month": "2015-01",
        "property_id": name,
        "property": f"{name} MAIN ST",
        "link": "month=2015-01/index.html",
        "offer_state": "on_offer",
        "is_top_tenth": False,
        "is_simulated": False,
        "asking_price_usd": 400_000.0,
        "market_value_p10_usd": 380_000.0,
        "market_value_p50_usd": 440_000.0,
        "market_value_p90_usd": 500_000.0,
        "likely_sale_p10_usd": 390_000.0,
        "likely_sale_p50_usd": 400_000.0,
        "likely_sale_p90_usd": 410_000.0,
        "gain_probability": 0.02,
        "sale_price_usd": 404_000.0,
        "sale_date": date(2015, 2, 10),
        "resale_price_usd": None,
        "resale_date": None,
    }
    return row | changes


def page(*rows: dict) -> dict:
    return build_outcomes(KING, rows, LAST_DAY, GAIN, "t1")


def cells(found: dict, group: int = 0) -> list[str]:
    return [text for _, text in found["groups"][group]["cells"]]


GAINED = {"resale_price_usd": 520_000.0, "resale_date": date(2015, 9, 1)}


def test_four_sales_worked_by_hand():
    found = page(
        purchase("a"),
        purchase("b", sale_price_usd=420_000.0, is_top_tenth=True, **GAINED),
        purchase("c", sale_price_usd=370_000.0),
        purchase("d", sale_price_usd=400_000.0),
    )
    assert cells(found) == ["4", "1.005", "1.005", "50%", "0.914", "75%", "1", "30.0%", "4", "25.0%"]
    assert [group["name"] for group in found["groups"]][1].startswith("Top tenth")
    assert cells(found, 1)[:2] == ["1", "1.050"]
    assert [miss["property"] for miss in found["misses"]][:2] == ["c MAIN ST", "b MAIN ST"]
    assert found["misses"][0]["off"] == "-7.5%"


def test_a_home_on_several_boards_before_its_sale_is_one_deal():
    found = page(purchase("a", month="2015-02"), purchase("a", month="2015-01"))
    assert cells(found)[0] == "1"
    assert found["misses"][0]["month"] == "2015-01"


LATE = {"sale_date": date(2016, 1, 10)}
IN_TIME = {"resale_price_usd": 5e5, "resale_date": date(2016, 6, 1)}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (LATE, ["0", "–", "0", "–"]),
        # A gain before the time is over is told, and makes no share: the others have yet to come.
        (LATE | IN_TIME, ["1", "25.0%", "0", "–"]),
        ({"resale_price_usd": 499_000.0, "resale_date": date(2015, 9, 1)}, ["0", "–", "1", "0.0%"]),
        ({"resale_price_usd": 900_000.0, "resale_date": date(2016, 6, 1)}, ["0", "–", "1", "0.0%"]),
    ],
)
def test_a_gain_is_large_enough_and_in_time_and_its_share_is_of_those_whose_time_is_over(changes, told):
    assert cells(page(purchase("a", **changes)))[6:] == told


def test_a_retrospective_page_tells_no_chance():
    rows = [purchase(f"p{k}", offer_state="retrospective", gain_probability=0.5) for k in range(200)]
    found = page(*rows)
    assert found["is_back_test"] and found["reliability"] is None
    assert "no chance was told" in rendered(found)


def test_the_picture_of_the_chances_says_what_it_shows():
    rows = [
        purchase(f"p{k:03d}", gain_probability=(k + 0.5) / 1000, **(GAINED if k % 10 == 0 else {}))
        for k in range(200)
    ]
    picture = str(page(*rows)["reliability"])
    assert picture.count("<circle") == 5
    assert "2.0 told, 10.0 came" in picture
    assert page(*rows[:40])["reliability"] is None


def test_nothing_sold_yet_is_said():
    assert "No home of these boards is known to have been sold yet" in rendered(page())


def test_names_of_homes_cannot_become_markup():
    assert "<b>x" not in rendered(page(purchase("a", property="<b>x</b>")))


def rendered(context: dict) -> str:
    return render_inline(PROJECT_ROOT / "templates", "board/outcomes.html.j2", context, ("board/board.css",))


def test_a_share_of_none_and_of_all_has_an_interval():
    assert wilson(0, 100) == pytest.approx((0, 0.0370), abs=1e-4)
    assert wilson(100, 100) == pytest.approx((0.9630, 1), abs=1e-4)
