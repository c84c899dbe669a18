"""Ranges, months and error texts of the run command."""

from types import SimpleNamespace

import pytest

from realestate_assets.cli.options import select_assets
from realestate_assets.extent import month_range
from realestate_assets.operations.in_process import Outcome, county_groups, readable_error, record_event
from resources.errors import PermanentError


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
            "resources.errors.PermanentError: county king-wa: a.csv has no column price\n",
        ),
    )
    assert readable_error(chain) == "county king-wa: a.csv has no column price"


def test_of_a_foreign_error_chain_the_innermost_message_is_shown():
    chain = link("DagsterExecutionStepExecutionError", "outer", link("ValueError", "ValueError: inner\n"))
    assert readable_error(chain) == "ValueError: inner"


def test_a_plus_before_a_name_selects_all_that_stands_before_it_as_in_the_ui():
    chosen = {key.to_user_string() for key in select_assets("+enrichments")}
    assert {"raw_listings", "properties", "enrichments"} <= chosen
    assert "scores" not in chosen


def test_what_is_made_in_one_step_is_selected_together():
    chosen = {key.to_user_string() for key in select_assets("properties")}
    assert chosen == {"properties", "property_rejects", "rents"}


def test_a_run_that_fails_outside_of_its_steps_says_why():
    error = link("ProgrammingError", "ProgrammingError: the table is gone\n")
    failure = SimpleNamespace(
        event_type_value="PIPELINE_FAILURE", step_key=None, job_failure_data=SimpleNamespace(error=error)
    )
    outcome = Outcome()
    record_event(outcome, SimpleNamespace(dagster_event=failure))
    assert outcome.errors == ["ProgrammingError: the table is gone"]
    told = Outcome(errors=["the step's own error"])
    record_event(told, SimpleNamespace(dagster_event=failure))
    assert told.errors == ["the step's own error"]
