"""What a deal board says, its CSV file, its quality strip and the index."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.board.columns import COLUMNS, MAX_TEXT, TABLE_COLUMNS, BoardColumn
from realestate_assets.domain.board.context import build_board, lake_link, month_name, trend_series
from realestate_assets.domain.board.csv import board_csv, cell, safe_text
from realestate_assets.domain.board.index import board_folder, build_index, partition_of
from realestate_assets.domain.board.quality import field_name, quality_strip
from realestate_assets.domain.counties.county import load_counties
from resources.partition import Partition
from tests.unit.domain.board.board_rows import HOSTILE, deal, metric, trend

COUNTIES = load_counties()
MARCH = Partition("king-wa", "2015-03")


def board(deals: list[dict], trends: list[dict] | None = None, quality: list[dict] | None = None) -> dict:
    return build_board(COUNTIES["king-wa"], "2015-03", deals, trends or [], quality or [], "v1")


def read_csv(data: bytes) -> list[dict]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_the_head_says_county_month_and_medians():
    context = board(
        [deal(1), deal(2, memo_pdf_path="memos/a.pdf"), deal(21, needs_review=True, score_class="fair")]
    )
    assert context["title"] == "Deal board: King County, WA, March 2015"
    assert dict(context["figures"]) == {
        "On offer": "3",
        "Good or excellent": "2",
        "To be reviewed": "1",
        "With a memo": "1",
        "Median asking": "$202,000",
        "Median value": "$300,001",
        "Median below value": "31.2%",
        "Median cap rate": "5.1%",
    }


def test_the_head_and_the_first_list_are_of_what_is_on_offer():
    gone = {"offer_state": "gone", "listing_status": "sold", "sale_price_usd": 9.0, "sale_date": "2015-03-02"}
    context = board([deal(1), deal(2, offer_state="under_contract"), deal(3, **gone), deal(4, **gone)])
    assert dict(context["figures"])["On offer"] == "1"
    assert dict(context["figures"])["Median asking"] == "$201,000"
    assert context["lists"] == [
        ("on_offer", "On offer", "1"),
        ("under_contract", "Under contract", "1"),
        ("gone", "Gone", "2"),
    ]
    assert context["data"]["firstList"] == "on_offer"
    assert context["data"]["deals"]["sale_date"] == [None, None, "2015-03-02", "2015-03-02"]


def test_a_board_of_sales_alone_is_a_back_test():
    sales = [deal(at, offer_state="retrospective", is_asking_price_assumed=True) for at in (1, 2)]
    context = board(sales)
    assert context["is_back_test"] and context["data"]["firstList"] == "retrospective"
    assert dict(context["figures"])["Scored sales"] == "2"
    assert not board([*sales, deal(3)])["is_back_test"]


def test_a_figure_that_no_deal_has_is_left_out():
    labels = dict(board([deal(1, cap_rate_pct=None)])["figures"])
    assert "Median cap rate" not in labels


def test_a_score_is_cut_and_never_rounded_into_the_next_class():
    assert BoardColumn("bird_dog_score", "score").value(79.96) == 79.9


@pytest.mark.parametrize("kind", ["usd", "pct", "score", "number", "text"])
@pytest.mark.parametrize("missing", [None, float("nan"), float("inf")])
def test_what_is_missing_or_not_finite_is_no_value(kind, missing):
    assert BoardColumn("x", kind).value(missing) is None


def test_simulated_deals_and_assumed_prices_are_counted_at_the_head():
    two = [deal(1, is_simulated=True, is_asking_price_assumed=True), deal(2, is_asking_price_assumed=True)]
    context = board(two)
    assert (context["simulated"], context["assumed"]) == ("1 of 2", "All")
    assert (board([deal(1)])["simulated"], board([deal(1)])["assumed"]) == (None, None)


def test_a_month_without_a_deal_is_a_board_too():
    context = board([], [trend()], [metric("received", 5.0)])
    assert not context["has_deals"]
    assert context["data"]["links"] == []
    assert context["data"]["trends"] == {"ALL": [["2015-03", 244.5, 12]]}


def test_every_column_of_the_table_is_in_the_data():
    assert {name for name, _, _ in TABLE_COLUMNS} <= {column.name for column in COLUMNS}


def test_long_text_is_cut_on_the_page_and_whole_in_the_file():
    row = deal(1, property="x" * 5000)
    assert len(board([row])["data"]["deals"]["property"][0]) == MAX_TEXT + 1
    assert read_csv(board_csv(MARCH, [row]))[0]["property"] == "x" * 5000


def test_a_memo_is_linked_relative_to_the_board():
    row = deal(1, memo_pdf_path="memos/county=king-wa/month=2015-03/a b#.pdf")
    link = board([row])["data"]["links"][0]
    assert link == "../../../memos/county=king-wa/month=2015-03/a%20b%23.pdf"
    assert lake_link(None) is None


def test_the_trend_is_of_real_records_where_there_are_any():
    rows = [trend("2015-03"), trend("2015-02"), trend("2015-03", is_simulated=True, sale_count=99)]
    series, simulated = trend_series(rows, real=True)
    assert [month for month, _, _ in series["ALL"]] == ["2015-02", "2015-03"]
    assert not simulated
    assert trend_series(rows, real=False)[0]["ALL"][0][2] == 99


def test_a_trend_of_generated_records_alone_is_marked_simulated():
    series, simulated = trend_series([trend(is_simulated=True)], real=True)
    assert simulated
    assert len(series["ALL"]) == 1


def test_the_strip_says_where_the_rows_went_and_how_full_the_fields_are():
    strip = quality_strip(
        [
            metric("received", 1200.0),
            metric("accepted", 1190.0),
            metric("duplicates", 4.0),
            metric("rejected", 6.0),
            metric("adds_up", 0.0, is_passed=True),
            metric("rejected_for", 2.0, "BAD_DATE"),
            metric("rejected_for", 4.0, "BAD_PRICE"),
            metric("filled_pct", 99.96, "zip_median_rent_usd"),
        ]
    )
    assert strip["counts"][0] == ("Received", "1,200")
    assert strip["adds_up"]
    assert strip["reasons"] == [("BAD_PRICE", "4"), ("BAD_DATE", "2")]
    assert strip["fields"] == [{"name": "ZIP median rent", "filled": 99.9, "text": "99%"}]


def test_rows_that_went_nowhere_are_said():
    assert not quality_strip([metric("adds_up", 3.0, is_passed=False)])["adds_up"]
    assert quality_strip([]) is None


def test_fields_are_called_without_their_units():
    assert field_name("lot_area_sqft") == "lot area"
    assert field_name("flood_zone_code") == "flood zone"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_comes_back_from_the_csv_as_text_that_is_no_formula(name):
    text = HOSTILE[name]
    row = read_csv(board_csv(MARCH, [deal(1, property=text)]))[0]
    assert row["property"] in (text, f"'{text}")
    assert not row["property"].lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d"))


@given(st.text())
def test_any_text_is_one_cell_that_begins_no_formula(text):
    row = read_csv(board_csv(MARCH, [deal(1, property=text)]))
    assert len(row) == 1
    assert row[0]["property"] in (text, f"'{text}")
    assert not safe_text(text).lstrip().startswith(("=", "+", "-", "@"))


def test_a_negative_figure_stays_a_number():
    assert cell(BoardColumn("cash_on_cash_pct", "pct").value(-3.84)) == "-3.8"


def test_the_csv_has_every_deal_and_column_and_the_figures_of_the_page():
    rows = read_csv(board_csv(MARCH, [deal(1), deal(2)]))
    assert list(rows[0]) == ["county", "month", *(column.name for column in COLUMNS)]
    assert rows[0]["market_value_p50_usd"] == "300001"
    assert rows[0]["discount_probability"] == "0.912"
    assert rows[0]["is_simulated"] == "false"
    assert rows[0]["arv_usd"] == ""


def test_the_index_lists_the_newest_month_first_and_marks_simulated_boards():
    boards = [
        Partition("king-wa", "2015-02"),
        Partition("king-wa", "2015-03"),
        Partition("old-xx", "2014-01"),
    ]
    summary = {
        "county": "king-wa",
        "month": "2015-03",
        "offer_count": 1234,
        "contract_count": 5,
        "gone_count": 77,
        "retrospective_count": 0,
        "good_count": 3,
        "memo_count": 2,
        "best_score": 79.96,
        "median_discount_pct": 1.26,
        "simulated_count": 1,
    }
    king, old = build_index(boards, [summary], COUNTIES, "v1")["counties"]
    assert [line["month"] for line in king["boards"]] == ["March 2015", "February 2015"]
    assert king["boards"][0] == {
        "month": "March 2015",
        "link": "county=king-wa/month=2015-03/index.html",
        "offers": "1,234",
        "contracts": "5",
        "gone": "77",
        "is_back_test": False,
        "good": "3",
        "memos": "2",
        "best": "79.9",
        "discount": "1.3%",
        "is_simulated": True,
    }
    assert king["boards"][1]["best"] == "–"
    assert old["name"] == "old-xx"


def test_only_a_boards_own_page_is_a_board():
    assert partition_of(f"{board_folder(MARCH)}/index.html") == MARCH
    assert partition_of(f"{board_folder(MARCH)}/deals.csv") is None
    assert partition_of("boards/index.html") is None
    assert partition_of("boards/a/b/index.html") is None
    assert month_name("2014-12") == "December 2014"
