"""Selections of the command line, and what they need."""

import dagster as dg
import pytest

from realestate_assets.cli.options import check_upstream, select_assets
from resources.errors import PermanentError
from resources.partition import Partition

MARCH, APRIL = Partition("king-wa", "2015-03"), Partition("king-wa", "2015-04")


def names(selection):
    return {key.path[-1] for key in select_assets(selection)}


def test_tables_of_one_step_are_selected_together():
    assert names("properties") == {"properties", "property_rejects", "rents"}


def test_the_models_between_come_along_and_what_python_makes_does_not():
    selected = names("features")
    assert {"features", "stg_raw__properties", "int_zip__market_stats"} <= selected
    assert not {"properties", "enrichments", "nearby_sales"} & selected


@pytest.mark.parametrize("selection", ["no_such_asset", "tag:", "dbt_docs"])
def test_a_selection_of_nothing_is_refused_with_the_option(selection):
    with pytest.raises(PermanentError, match="--select"):
        select_assets(selection)


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def report(instance, name, *partitions):
    for partition in partitions:
        instance.report_runless_asset_event(dg.AssetMaterialization(name, partition=partition.key))


def test_what_has_not_been_made_is_named_with_the_command_that_makes_it(instance):
    report(instance, "enrichments", MARCH)
    report(instance, "properties", MARCH)
    wanted = select_assets("owner_signals")
    check_upstream(instance, wanted, [MARCH])
    with pytest.raises(PermanentError, match=r"owner_signals needs .*king-wa\|2015-04.*\+owner_signals"):
        check_upstream(instance, wanted, [MARCH, APRIL])


def test_what_is_selected_too_is_made_by_the_run_itself(instance):
    check_upstream(instance, select_assets("raw_listings,source_files,properties"), [MARCH, APRIL])
