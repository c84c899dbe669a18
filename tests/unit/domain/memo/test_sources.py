"""Footnotes: every figure names its provider and date; what is generated or later than the month is said."""

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.memo.context import build_memo_context
from realestate_assets.domain.memo.figures import Figure
from realestate_assets.domain.memo.sources import letter
from tests.unit.domain.memo.memo_records import fact, features_row, property_row, record, score_row

KING = load_counties(None)["king-wa"]


def context(**parts: object) -> dict:
    return build_memo_context(record(**parts), KING, "abcdef012345")


def named(page: dict, figure: Figure) -> list[str]:
    """The providers behind a figure."""
    by_letter = {source.letter: source.provider for source in page["sources"]}
    return [by_letter[one] for one in figure.sources.split(", ")]


def figure(figures: list[Figure], label: str) -> Figure:
    return next(f for f in figures if f.label == label)


def test_sources_are_named_with_their_date_and_the_unused_are_not():
    sources = context()["sources"]
    assert [source.letter for source in sources] == list("abcdef")
    assert [source.provider for source in sources] == [
        "king_county_sales",
        "Value model 9f8e7d6c5b4a",
        "Sales recorded in King County, WA",
        "Assumptions set for the county",
        "hud_fmr",
        "us_zip_demographics",
    ]
    assert [source.date for source in sources] == [
        "14 March 2015",
        "sales before 1 March 2015",
        "sold before 1 March 2015",
        "settings 0123456789ab",
        "31 December 2014",
        "31 December 2013",
    ]
    assert sources[5].fields == "household income, median rent, population"


def test_every_figure_of_the_memo_has_a_footnote():
    page = context()
    figures = [*page["key_figures"], *page["facts"], *page["location"], *page["owner"], *page["rent"]]
    figures += [*page["underwriting"]["rental"], *page["underwriting"]["flip"]]
    figures += [row["head"] for row in page["underwriting"]["scenarios"]["rows"]]
    figures += page["underwriting"]["stress"]["heads"]
    figures += [mark["figure"] for mark in page["value"]["marks"]]
    known = {source.letter for source in page["sources"]}
    assert figures
    assert all(f.sources and set(f.sources.split(", ")) <= known for f in figures)


def test_a_figure_made_of_others_names_the_sources_of_all():
    page = context()
    assert named(page, figure(page["key_figures"], "Cap rate")) == [
        "king_county_sales",
        "Value model 9f8e7d6c5b4a",
        "Assumptions set for the county",
        "hud_fmr",
    ]
    assert named(page, figure(page["key_figures"], "Ask below market value")) == [
        "king_county_sales",
        "Value model 9f8e7d6c5b4a",
    ]
    assert named(page, figure(page["location"], "ZIP population")) == ["us_zip_demographics"]


def test_without_a_rent_by_bedrooms_the_rent_is_the_zips():
    page = context(facts=[fact("zip_median_rent_usd")])
    assert named(page, figure(page["key_figures"], "Rent a month")) == ["us_zip_demographics"]


def test_a_value_of_the_record_goes_before_a_providers():
    own = context(property=property_row(assessed_value_usd=455_000.0), facts=[fact("assessed_value_usd")])
    assert named(own, figure(own["owner"], "Assessed value")) == ["king_county_sales"]
    given = context(facts=[fact("assessed_value_usd")])
    assert named(given, figure(given["owner"], "Assessed value")) == ["us_zip_demographics"]


def test_an_earlier_sale_that_nobody_reported_comes_from_the_sales():
    page = context()
    assert named(page, figure(page["owner"], "Last sale price")) == ["Sales recorded in King County, WA"]


def test_a_source_without_a_vintage_is_dated_by_its_retrieval():
    sources = context(facts=[fact("zip_population", vintage=None)])["sources"]
    assert sources[-1].date == "2 January 2024"


def test_a_source_of_a_later_time_is_marked_and_named_among_the_risks():
    page = context(facts=[fact("zip_population", is_later_vintage=True)])
    assert page["sources"][-1].is_later
    said = [risk.text for risk in page["risks"]]
    assert "Figures of source e describe a time after the month of this memo." in said
    assert not any("describe a time after" in risk.text for risk in context()["risks"])


def test_real_and_simulated_values_of_one_provider_are_two_sources():
    page = context(facts=[fact("zip_population"), fact("zip_median_income_usd", simulated=True)])
    assert [s.is_simulated for s in page["sources"][-2:]] == [False, True]


def test_assumptions_are_no_source_without_an_underwriting():
    page = context(score=score_row(asking_price_usd=None))
    assert not any(s.provider.startswith("Assumptions") for s in page["sources"])


def test_letters_go_on_after_z():
    assert [letter(k) for k in (0, 25, 26, 51, 52)] == ["a", "z", "aa", "az", "ba"]


def test_risks_are_said_with_their_figures():
    page = context(
        score=score_row(discount_to_value_pct=-4.21, flip_profit_usd=-12_345.6, confidence=0.5, dscr=1.1),
        features=features_row(is_flood_hazard_area=True, is_tax_delinquent=True, sale_validity="BULK_SALE"),
    )
    said = " ".join(risk.text for risk in page["risks"])
    for words in (
        *("4.2% above the market value", "loses $12,346", "only 50%", "hardly covers", "coverage 1.10"),
        *("flood hazard area", "taxes are unpaid", "bulk sale", "Built in 1951", "asking price is assumed"),
    ):
        assert words in said, words


def test_a_sound_property_has_few_risks():
    page = context(
        score=score_row(dscr=1.5, is_asking_price_assumed=False), features=features_row(year_built=1999)
    )
    assert page["risks"] == []


def test_a_risk_of_a_simulated_figure_is_marked():
    page = context(facts=[fact("bedroom_rent_usd", simulated=True)])
    marked = [risk.text for risk in page["risks"] if risk.is_simulated]
    assert len(marked) == 1
    assert "debt service" in marked[0]
