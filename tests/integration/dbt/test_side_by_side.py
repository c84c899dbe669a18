"""Builds of different partitions beside each other, and those that need the warehouse for themselves."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import dagster as dg
import psycopg2
import pytest

from realestate_assets.assets.transform import dbt_marts, dbt_transform
from realestate_assets.dbt import relations
from realestate_assets.dbt.build import run_dbt
from realestate_assets.dbt.project import dbt_manifest
from resources.errors import LockHeldError
from tests.conftest import _fresh_warehouse
from tests.integration.dbt.conftest import COOK, KING, SUBJECT, load_market
from tests.integration.dbt.raw import sale, snapshot
from tests.integration.dbt.test_dagster_runs import materialize

pytestmark = [pytest.mark.integration]

ALL = sorted(key.path[-1] for key in {*dbt_transform.keys, *dbt_marts.keys})
NO_CHECKS = dg.AssetSelection.assets(*dbt_transform.keys, *dbt_marts.keys).without_checks()
VIEWS_SQL = (
    "select c.relname::text as name, r.xmin::text as made "
    "from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace "
    "where n.nspname in ('staging', 'intermediate', 'marts')"
)


@pytest.fixture(scope="module")
def market(postgres_root):
    """Two counties, whose relations a first build of one month has made."""
    for warehouse in _fresh_warehouse(postgres_root):
        load_market(warehouse, [SUBJECT], [], [sale("cook_a", "2015-03-03", 100_000.0)])
        assert not relations.stand(warehouse, relations.contracts(dbt_manifest(), ALL))
        assert build(warehouse, (KING[0], KING[0])).success
        yield warehouse


def build(warehouse, span):
    return materialize(warehouse, [dbt_transform, dbt_marts], NO_CHECKS, span)


def made(warehouse):
    names = ("marts.features", "marts.deal_board", "marts.market_trends", "marts.quality_measures")
    return {name: snapshot(warehouse, name) for name in names}


def test_what_one_build_made_stands_for_the_next(market):
    assert relations.stand(market, relations.contracts(dbt_manifest(), ALL))


def test_two_counties_built_at_once_are_as_one_after_the_other(market):
    for span in ((KING[0], KING[-1]), (COOK, COOK)):
        assert build(market, span).success
    expected = made(market)
    assert set(expected["marts.features"]["county"]) == {"king-wa", "cook-il"}
    # As if neither had been built, which empties what the builds must fill.
    market.execute("delete from marts.features")
    market.execute("delete from marts.deal_board")
    with ThreadPoolExecutor(2) as pool:
        spans = [(KING[0], KING[-1]), (COOK, COOK)]
        results = list(pool.map(lambda span: build(market, span).success, spans))
    assert results == [True, True]
    for name, frame in made(market).items():
        assert frame.equals(expected[name]), name


WAITERS_SQL = "select count(*) as n from pg_locks where not granted"
# As another build would have it: the next version of every measure, each of another value.
NEXT_VERSIONS_SQL = """
insert into marts.data_quality_history
select (jsonb_populate_record(h, jsonb_build_object(
    'version_number', h.version_number + 1, 'metric_value', coalesce(h.metric_value, 0) + 1))).*
from marts.data_quality_history h
"""


def test_two_builds_of_a_history_at_once_give_each_version_one_number(market):
    def versions():
        return market.read("select version_number from marts.data_quality_history").num_rows

    before = versions()
    with closing(psycopg2.connect(market.database_url())) as other, ThreadPoolExecutor(1) as pool:
        other.cursor().execute(NEXT_VERSIONS_SQL)
        args = ["run", "--select", "data_quality_history"]
        build = pool.submit(run_dbt, market, args, [KING[0]])
        deadline = time.monotonic() + 60
        while market.read(WAITERS_SQL)["n"][0].as_py() == 0:
            assert time.monotonic() < deadline and not build.done(), "the second build does not wait"
            time.sleep(0.1)
        other.commit()
        assert build.result()["results"]
    assert before > 0 and versions() > 2 * before


def test_a_build_goes_beside_one_that_is_under_way(market):
    with market.lock(relations.LOCK, shared=True):
        assert build(market, (COOK, COOK)).success


def test_a_relation_that_is_missing_or_lacks_a_column_is_made_by_a_build_alone(market, monkeypatch):
    monkeypatch.setattr(relations, "LOCK_SECONDS", 0.5)
    names = ["market_trends"]
    with market.lock(relations.LOCK, shared=True):
        with relations.turn(market, dbt_manifest(), names) as beside:
            assert beside
        market.execute("alter table marts.market_trends rename column sale_count to sales")
        try:
            with pytest.raises(LockHeldError), relations.turn(market, dbt_manifest(), names):
                pass
        finally:
            market.execute("alter table marts.market_trends rename column sales to sale_count")
        with pytest.raises(LockHeldError), relations.turn(market, dbt_manifest(), None):
            pass
    with relations.turn(market, dbt_manifest(), None) as beside:
        assert not beside


def test_a_view_that_stands_as_its_model_says_is_left_alone_and_another_made_anew(market):
    def views():
        return {row["name"]: row["made"] for row in market.read(VIEWS_SQL).to_pylist()}

    before = views()
    assert len(before) > 5 and build(market, (COOK, COOK)).success
    assert views() == before
    market.execute("comment on rule \"_RETURN\" on marts.deals is 'of an earlier version'")
    assert build(market, (COOK, COOK)).success
    assert {name for name, made_at in views().items() if made_at != before[name]} == {"deals"}
