"""Filters between the address, the form and the words for them."""

from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.operations.market.filters import LISTS, PropertyFilter
from realestate_assets.service.pages import properties

NAMES = sorted(PropertyFilter.model_fields)
VALUES = st.one_of(
    st.sampled_from(
        [
            "1",
            "98004",
            "true",
            "condo",
            "king-wa",
            "good",
            "2015-04",
            "47.6,-122.3",
            "-122.3,47.5,-122.1,47.6",
        ]
    ),
    st.text(max_size=12),
)
ASKED = st.dictionaries(st.sampled_from(NAMES), st.lists(VALUES, min_size=1, max_size=3), max_size=6)


@given(ASKED)
def test_whatever_the_address_says_there_is_a_list_and_what_was_wrong_is_named(asked):
    chosen, wrong = properties.chosen_filter(asked)
    assert set(wrong) <= set(asked) | {"near"}
    kept = chosen.model_dump(exclude_defaults=True)
    assert set(kept) <= set(asked)
    assert not set(kept) & set(wrong)


@given(ASKED)
def test_an_address_of_the_list_leads_to_the_same_filters(asked):
    chosen, _ = properties.chosen_filter(asked)
    query = parse_qs(urlsplit(properties.address(properties.pairs(chosen))).query, keep_blank_values=True)
    again, wrong = properties.chosen_filter(query)
    assert again == chosen
    assert wrong == {}


@given(ASKED)
def test_each_chip_takes_its_filter_away_and_leaves_the_others(asked):
    chosen, _ = properties.chosen_filter(asked)
    held = properties.pairs(chosen)
    chips = properties.chips(held, "-bird_dog_score")
    assert len(chips) == len([name for name, _ in held if name != "radius_miles"])
    for chip in chips:
        query = parse_qs(urlsplit(chip["address"]).query, keep_blank_values=True)
        left, wrong = properties.chosen_filter(query)
        assert wrong == {}
        assert left != chosen or len(held) > len(set(held))


def test_a_heading_sorts_as_one_reads_it_first_and_then_the_other_way():
    ask = properties.headings([("county", "king-wa")], "-bird_dog_score")[1]
    assert (ask["address"], ask["state"]) == ("/properties?county=king-wa&sort=asking_price_usd", "none")
    ask = properties.headings([], "asking_price_usd")[1]
    assert (ask["address"], ask["state"]) == ("/properties?sort=-asking_price_usd", "ascending")
    score = properties.headings([], "bird_dog_score")[4]
    assert score["address"] == "/properties"


def test_every_list_filter_and_range_has_a_name():
    assert set(properties.FACET_NAMES) == set(LISTS)
    assert set(properties.RANGE_NAMES) == set(properties.RANGES)
