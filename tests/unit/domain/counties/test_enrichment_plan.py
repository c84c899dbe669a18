"""The order in which the chains of all groups are walked."""

from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.counties.enrichment_plan import Ask, ask_order
from realestate_assets.domain.tables import ENRICHMENT_GROUPS

NAMES = ("a", "b", "c", "d")


def test_a_provider_of_several_groups_is_asked_once_for_all_of_them():
    chains = {"building": ("roll", "paid"), "owner": ("roll", "paid"), "tax": ("sales",)}
    order = ask_order(chains, {"roll", "paid", "sales"})
    assert sorted(order, key=lambda ask: ask.provider) == [
        Ask("paid", ("building", "owner")),
        Ask("roll", ("building", "owner")),
        Ask("sales", ("tax",)),
    ]


def test_a_provider_waits_until_its_turn_has_come_in_every_chain():
    chains = {"building": ("paid",), "owner": ("roll", "paid"), "parcel": ("map", "roll", "paid")}
    assert [ask.provider for ask in ask_order(chains, set(chains["parcel"]))] == ["map", "roll", "paid"]


def test_opposite_orders_cost_one_more_ask_and_nothing_else():
    order = ask_order({"building": ("a", "b"), "owner": ("b", "a")}, {"a", "b"})
    assert len(order) == 3


def test_the_location_chain_is_walked_before_anybody_else_is_asked():
    chains = {"flood": ("fema",), "location": ("files", "geocoder")}
    order = ask_order(chains, {"fema", "files", "geocoder"})
    assert [ask.provider for ask in order] == ["files", "geocoder", "fema"]


def test_a_provider_that_is_switched_off_is_passed_over():
    assert ask_order({"flood": ("off", "fema")}, {"fema"}) == [Ask("fema", ("flood",))]


def test_an_ask_knows_the_fields_of_its_groups():
    assert Ask("x", ("flood", "tax")).fields[:2] == ("flood_zone_code", "is_flood_hazard_area")
    assert "tax_sale_year" in Ask("x", ("flood", "tax")).fields


@given(
    st.dictionaries(st.sampled_from(sorted(ENRICHMENT_GROUPS)), st.permutations(NAMES).map(lambda p: p[:3]))
)
def test_every_chain_is_walked_whole_and_in_its_own_order(chains):
    order = ask_order(chains, NAMES)
    for group, chain in chains.items():
        assert [ask.provider for ask in order if group in ask.groups] == list(chain)
    assert all(ask.groups for ask in order)
