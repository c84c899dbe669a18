"""A memo says whose figure the rent is, how old, and whether that is later than its month."""

from datetime import date

import pytest

from realestate_assets.domain.memo.facts import rent_basis
from tests.unit.domain.memo.memo_records import score_row
from tests.unit.domain.memo.test_memo import context

ADVERTISED = {"rent_source": "learned", "rent_vintage": date(2015, 2, 27), "rent_cases": 1_842}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (ADVERTISED, "1,842 rents asked, to 27 February 2015; the range holds 8 of 10"),
        (
            {"rent_source": "hud", "rent_vintage": date(2018, 9, 30), "is_rent_later_vintage": True},
            "rent by bedrooms of 30 September 2018, later than the month, less utilities",
        ),
        ({"rent_source": "acs"}, "ZIP median, by bedrooms, less utilities"),
        ({}, None),
    ],
)
def test_the_basis_of_a_rent_in_words(row, said):
    assert rent_basis(row.get) == said


def test_a_learned_rent_has_the_advertisements_as_its_source():
    page = context(score=score_row(**ADVERTISED))
    (source,) = [each for each in page["sources"] if each.provider.startswith("Rental advertisements")]
    figures = {figure.label: figure for figure in page["rent"]}
    assert figures["Rent a month"].sources == source.letter
    assert "1,842 rents asked" in figures["Taken from"].value


def test_rent_to_price_is_of_the_rent_that_the_memo_names_and_not_of_the_published_one():
    changed = score_row(rent_monthly_usd=2_400.0, asking_price_usd=500_000.0)
    figures = {figure.label: figure for figure in context(score=changed)["rent"]}
    assert (figures["Rent a month"].value, figures["Rent to price"].value) == ("$2,400", "0.48% a month")
    unpriced = context(score=score_row(asking_price_usd=None))["rent"]
    assert "Rent to price" not in {figure.label for figure in unpriced}
