"""A partition's key, folder and SQL parameter: each leads back to the partition, and nothing else is one."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.extent import counties
from realestate_assets.partitions import COUNTY_MONTH
from resources.errors import PermanentError
from resources.partition import COUNTY_SLUG, MONTH, Partition, checked_county, partitions_json

SLUGS = st.from_regex(COUNTY_SLUG, fullmatch=True)
MONTHS = st.from_regex(MONTH, fullmatch=True)
PARTITIONS = st.builds(Partition, SLUGS, MONTHS)


@given(PARTITIONS)
def test_the_key_of_a_partition_leads_back_to_it(partition):
    assert Partition.parse(partition.key) == partition


@given(
    PARTITIONS, st.sampled_from(["", "boards/", "lake/raw_listings/"]), st.sampled_from(["", "/x.parquet"])
)
def test_the_folder_of_a_partition_leads_back_to_it_wherever_it_lies(partition, above, below):
    assert Partition.of_path(f"{above}{partition.hive_path}{below}") == partition


@given(st.lists(PARTITIONS))
def test_keys_are_parsed_into_the_order_of_counties_and_months(partitions):
    parsed = Partition.parse_all([partition.key for partition in partitions])
    assert parsed == sorted(partitions, key=lambda each: (each.county_slug, each.month))


@given(st.lists(PARTITIONS))
def test_the_parameter_of_sql_holds_each_partition_once(partitions):
    bound = json.loads(partitions_json(partitions))
    assert [Partition.of(row) for row in bound] == sorted(set(partitions))


@given(st.one_of(st.text(), st.from_regex(r"[a-z./'\\-]{1,12}\|[0-9./'-]{1,9}", fullmatch=True)))
def test_whatever_is_parsed_is_safe_in_a_path_and_in_sql_text(key):
    try:
        partition = Partition.parse(key)
    except PermanentError:
        return
    assert partition.key == key
    assert re.fullmatch(r"county=[a-z-]+/month=[0-9-]+", partition.hive_path)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("", "'' is not a partition key"),
        ("king-wa", "'king-wa' is not a partition key"),
        ("king-wa|", "'' is not a month"),
        ("|2015-03", "'' is not a county slug"),
        ("king-wa|2015-13", "'2015-13' is not a month as YYYY-MM"),
        ("king-wa|2015-03\n", "is not a month"),
        ("king-wa|２０１５-03", "is not a month"),
        ("king-wa|2015-03|2015-04", "'2015-03|2015-04' is not a month"),
        ("../king-wa|2015-03", "'../king-wa' is not a county slug"),
        ("king-wa'|2015-03", "is not a county slug"),
        ("King-WA|2015-03", "is not a county slug"),
        ("king|2015-03", "'king' is not a county slug"),
    ],
)
def test_a_key_that_is_none_is_refused_with_what_to_give(key, message):
    with pytest.raises(PermanentError, match="such as king-wa") as caught:
        Partition.parse(key)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "boards/index.html",
        "county=king-wa",
        "county=king-wa/month=2015-13/x",
        "county=../month=2015-03",
        "acounty=king-wa/month=2015-03",
        "county=king-wa/month=2015-03x/y",
    ],
)
def test_a_path_outside_of_a_partition_lies_in_none(path):
    assert Partition.of_path(path) is None


@pytest.mark.parametrize("slug", ["", "..", "king-wa/..", "king_wa", "king-wa\n", "king'-wa"])
def test_a_slug_that_could_leave_its_folder_is_refused(slug):
    with pytest.raises(PermanentError, match="not a county slug"):
        checked_county(slug)


def test_messages_name_a_partition_by_county_and_month():
    assert f"{Partition('king-wa', '2015-03')}: 12 rows" == "king-wa 2015-03: 12 rows"


def test_every_partition_of_the_platform_has_its_key():
    keys = COUNTY_MONTH.get_partition_keys()
    assert [partition.key for partition in Partition.parse_all(keys)] == sorted(keys)
    assert all(checked_county(slug) == slug for slug in counties())
