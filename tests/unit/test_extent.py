"""What the platform is about is the same for commands, which ask no Dagster, as for Dagster's partitions."""

import pytest

from realestate_assets.extent import all_months, counties, month_range, platform_months
from realestate_assets.partitions import COUNTY_MONTH
from resources.errors import PermanentError


def test_counties_and_months_are_those_of_the_partitions():
    months = COUNTY_MONTH.get_partitions_def_for_dimension("month").get_partition_keys()
    assert list(all_months()) == list(months)
    assert platform_months() == (months[0], months[-1])
    assert list(counties()) == COUNTY_MONTH.get_partitions_def_for_dimension("county").get_partition_keys()


def test_a_range_goes_over_the_turn_of_a_year_and_holds_both_its_ends():
    assert month_range("2014-11:2015-02") == ["2014-11", "2014-12", "2015-01", "2015-02"]


@pytest.mark.parametrize("text", ["2013-12", "2014-13", "2015-02:2014-02", "2014-1", ""])
def test_what_is_no_month_of_the_platform_is_refused(text):
    with pytest.raises(PermanentError):
        month_range(text)
