"""What a memo says of a home on offer, of one that was sold, and of one that is not known to pay."""

from datetime import date

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.memo.context import build_memo_context
from resources.documents.templating import render
from resources.home import PROJECT_ROOT
from tests.unit.domain.memo.memo_records import property_row, record, score_row

TEMPLATES = PROJECT_ROOT / "templates"
KING = load_counties(None)["king-wa"]


def context(**parts: object) -> dict:
    return build_memo_context(record(**parts), KING, "abcdef012345")


def test_the_range_of_the_likely_sale_value_stands_below_it():
    (tile,) = (figure for figure in context()["key_figures"] if figure.label == "Likely sale value")
    assert tile.note == "$470,000 to $520,000"


def test_a_memo_of_a_sale_says_so_and_claims_no_chance():
    score = score_row(offer_state="retrospective", asking_price_usd=410_000.0)
    page = context(score=score, property=property_row(sale_date=date(2015, 3, 12)))
    assert page["document"]["retrospective"] == "sold for $410,000 on 12 March 2015"
    assert ", sold at $410,000" in page["summary"]
    labels = [figure.label for figure in page["key_figures"]]
    assert labels[0] == "Recorded price"
    assert "Price below value" in labels
    assert not any("Ask" in label for label in labels)
    told = {figure.label for figure in page["key_figures"]}
    assert not told & {"Likely sale value", "Sells above its ask", "Resold with a gain"}
    text = render(TEMPLATES, "memo/base.html.j2", page)
    assert text.count("RETROSPECTIVE") == 2 and "Four sales in five" not in text
    assert "probability" not in text.lower()


def test_a_home_that_is_not_known_to_pay_says_so_first():
    limit = "No way is known in which it pays: rent unknown; flip -4.0%, 0.0% wanted."
    assert context(score=score_row(class_limit=limit))["summary"].startswith(f"{limit} A single-family")
