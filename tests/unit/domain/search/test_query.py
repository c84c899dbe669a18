"""Filters said in a search sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.search.query import ParsedQuery, parse_query


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("brick craftsman near water under 600k", ParsedQuery("brick craftsman near water", None, 600_000.0)),
        ("view home over 300k", ParsedQuery("view home", 300_000.0)),
        ("3br condo under $1.2m", ParsedQuery("3br condo", None, 1_200_000.0, 3.0)),
        ("big lot between 300 and 600k", ParsedQuery("big lot", 300_000.0, 600_000.0)),
        ("from 300k to 1m with garage", ParsedQuery("with garage", 300_000.0, 1_000_000.0)),
        ("four bedrooms below 450,000 dollars", ParsedQuery("four bedrooms", None, 450_000.0, 4.0)),
        ("at least 4 bedrooms", ParsedQuery("at least 4 bedrooms", None, None, 4.0)),
        ("over 200k and under 400k, quiet", ParsedQuery("and , quiet", 200_000.0, 400_000.0)),
        ("UNDER 600K", ParsedQuery("UNDER 600K", None, 600_000.0)),
        ("between 600k and 300k", ParsedQuery("between 600k and 300k", 300_000.0, 600_000.0)),
    ],
)
def test_prices_and_bedrooms_in_a_sentence_are_filters(sentence, expected):
    assert parse_query(sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "lot over 12000 sqft",
        "under 5 miles from a school",
        "built from 1950",
        "over 15,000 square feet of land",
        "under 30 minutes to work",
        "brick craftsman",
        "",
    ],
)
def test_figures_that_are_no_price_stay_words(sentence):
    assert parse_query(sentence) == ParsedQuery(sentence)


@given(st.text(max_size=200))
def test_any_sentence_is_parsed_without_an_error(sentence):
    parsed = parse_query(sentence)
    for bound in (parsed.min_price, parsed.max_price):
        assert bound is None or bound > 0
