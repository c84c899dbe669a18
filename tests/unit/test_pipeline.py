"""Ranges, months and error texts of the run command."""

from types import SimpleNamespace

import pytest

from realestate_assets.errors import PermanentError
from realestate_assets.pipeline import county_groups, month_range, readable_error


def test_neighbouring_counties_share_a_run_and_others_do_not():
    assert county_groups(["cook-il", "clark-nv", "king-wa"]) == [
        ("clark-nv", "cook-il"),
        ("king-wa", "king-wa"),
    ]


def test_a_month_range_holds_both_its_ends():
    assert month_range("2014-11:2015-02") == ["2014-11", "2014-12", "2015-01", "2015-02"]
    assert month_range("2015-03") == ["2015-03"]


@pytest.mark.parametrize(
    "text", ["2015-13", "1999-01:2015-01", "15-03", "2015-03:", "2015-03:2014-03", "x' or 1=1"]
)
def test_a_range_that_is_none_is_refused_with_what_to_give(text):
    if text == "2015-03:":
        assert month_range(text) == ["2015-03"]
        return
    with pytest.raises(PermanentError, match="--months"):
        month_range(text)


def link(cls_name, message, cause=None):
    return SimpleNamespace(cls_name=cls_name, message=message, cause=cause)


def test_of_an_error_chain_our_own_message_is_shown():
    chain = link(
        "DagsterExecutionStepExecutionError",
        "Error occurred while executing op",
        link(
            "PermanentError",
            "realestate_assets.errors.PermanentError: county king-wa: a.csv has no column price\n",
        ),
    )
    assert readable_error(chain) == "county king-wa: a.csv has no column price"


def test_of_a_foreign_error_chain_the_innermost_message_is_shown():
    chain = link("DagsterExecutionStepExecutionError", "outer", link("ValueError", "ValueError: inner\n"))
    assert readable_error(chain) == "ValueError: inner"
