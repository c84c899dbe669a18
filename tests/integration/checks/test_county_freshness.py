"""A county that stops delivering: its check fails and names it, the others pass, and people are told once."""

from datetime import UTC, datetime, timedelta

import dagster as dg
import pyarrow as pa
import pytest

from realestate_assets.checks.freshness import FRESHNESS_CHECKS, check_name, counties_deliver
from realestate_assets.domain.calendar.staleness import Delivered, staleness_of
from realestate_assets.domain.tables import PROPERTIES
from realestate_assets.extent import counties
from resources.partition import Partition
from resources.readable import IS_OF_TODAY
from sensors.staleness import build_staleness_sensor
from tests.integration.sensors.conftest import channel, instance  # noqa: F401

pytestmark = pytest.mark.integration

NOW = datetime.now(UTC)


def deliver(warehouse, **ages: int) -> None:
    """One real record a county, observed so many days ago."""
    warehouse.ensure_tables([PROPERTIES])
    for slug, age in ages.items():
        county, day = slug.replace("_", "-"), (NOW - timedelta(days=age)).date()
        row = {
            "county": county, "month": f"{day:%Y-%m}", "property_id": county, "source": "listings",
            "is_simulated": False, "is_list_price_assumed": False, "observed_date": day,
        }  # fmt: skip
        columns = {c.name: pa.array([row.get(c.name)], c.arrow_type) for c in PROPERTIES.columns}
        warehouse.replace_partitions(PROPERTIES, pa.table(columns), [Partition(county, row["month"])])


def evaluate(warehouse, instance) -> dict[str, dg.AssetCheckEvaluation]:  # noqa: F811
    @dg.asset
    def properties() -> None:
        """Stands for the asset the checks are about."""

    result = dg.materialize(
        [properties, counties_deliver],
        selection=dg.AssetSelection.checks(*FRESHNESS_CHECKS),
        instance=instance,
        resources={"warehouse": warehouse},
    )
    assert result.success, "a stale county stops no run"
    return {check.check_name: check for check in result.get_asset_check_evaluations()}


def test_a_county_that_stopped_delivering_is_named_and_told_once(warehouse, instance, channel):  # noqa: F811
    sensor = build_staleness_sensor(
        {slug: dg.AssetCheckKey(dg.AssetKey("properties"), check_name(slug)) for slug in counties()}, []
    )

    def tick() -> None:
        resources = {"alerts": channel.alerts}
        with dg.build_sensor_context(instance=instance, resources=resources) as context:
            assert isinstance(sensor(context), dg.SkipReason)

    deliver(warehouse, king_wa=3, cook_il=40, clark_nv=5)
    assert all(check.passed for check in evaluate(warehouse, instance).values())
    tick()
    assert channel.messages == []
    # Sixty days on, Cook County has sent nothing.
    deliver(warehouse, cook_il=60)
    warehouse.execute(
        "delete from raw.properties where county = 'cook-il' and observed_date > now() - interval '50 days'"
    )
    checks = evaluate(warehouse, instance)
    assert [name for name, check in checks.items() if not check.passed] == ["is_fresh_cook_il"]
    failed = checks["is_fresh_cook_il"]
    assert failed.severity == dg.AssetCheckSeverity.WARN
    assert failed.metadata["county"].value == "cook-il"
    assert failed.metadata[IS_OF_TODAY].value
    assert failed.metadata["age_days"].value >= 59
    assert (
        "60 days ago" in failed.metadata["reason"].value or "59 days ago" in failed.metadata["reason"].value
    )
    for _ in range(3):
        evaluate(warehouse, instance)
        tick()
    assert [m["title"] for m in channel.messages] == ["Real Estate OS: cook-il is stale"]
    assert "/assets/properties?view=checks" in channel.messages[0]["message"]
    # While the checks are under way again nothing is over, and nothing is news.
    plan = dg.Definitions(asset_checks=[counties_deliver], resources={"warehouse": warehouse}, jobs=[
        dg.define_asset_job("check", selection=dg.AssetSelection.checks(*FRESHNESS_CHECKS))
    ])  # fmt: skip
    instance.create_run_for_job(plan.resolve_job_def("check"))
    tick()
    evaluate(warehouse, instance)
    tick()
    assert len(channel.messages) == 1
    # It delivers again, and stops again later: that is news.
    deliver(warehouse, cook_il=1)
    evaluate(warehouse, instance)
    tick()
    warehouse.execute(
        "delete from raw.properties where county = 'cook-il' and observed_date > now() - interval '50 days'"
    )
    evaluate(warehouse, instance)
    tick()
    titles = ["cook-il is stale", "over: cook-il is stale", "cook-il is stale"]
    assert [m["title"] for m in channel.messages] == [f"Real Estate OS: {title}" for title in titles]
    assert "is of" in channel.messages[1]["message"]


def test_a_back_fill_of_old_months_is_not_asked_to_be_current_and_an_api_is(warehouse, instance, channel):  # noqa: F811
    stale = dg.AssetKey("boards")
    keys = {slug: dg.AssetCheckKey(dg.AssetKey("properties"), check_name(slug)) for slug in counties()}
    deliver(warehouse, king_wa=4564)
    checks = evaluate(warehouse, instance)
    assert checks["is_fresh_king_wa"].passed
    assert "back-fill of old months" in checks["is_fresh_king_wa"].metadata["reason"].value
    with dg.build_sensor_context(instance=instance, resources={"alerts": channel.alerts}) as context:
        build_staleness_sensor(keys, [stale])(context)
    assert channel.messages == []
    king, old = counties()["king-wa"], Delivered("2014-05", NOW.date() - timedelta(days=4564))
    assert not staleness_of(king, old, is_fetched=True, now=NOW).is_fresh
    assert not staleness_of(king, old, is_fetched=False, now=NOW).is_asked
    late = Delivered("2026-01", NOW.date() - timedelta(days=200))
    assert not staleness_of(king, late, is_fetched=False, now=NOW).is_fresh


def test_simulated_records_and_promised_dates_are_no_delivery(warehouse, instance):  # noqa: F811
    deliver(warehouse, king_wa=60, clark_nv=60)
    warehouse.execute("update raw.properties set is_simulated = true where county = 'clark-nv'")
    row = "update raw.properties set observed_date = now()::date + 3 where county = 'king-wa'"
    warehouse.execute(row)
    checks = evaluate(warehouse, instance)
    for name in ("is_fresh_clark_nv", "is_fresh_king_wa"):
        assert checks[name].passed
        assert "none are expected" in checks[name].metadata["reason"].value


def test_the_age_is_counted_by_the_countys_own_day():
    king = counties()["king-wa"]
    # Half past four in the morning in Greenwich: still the day before in Seattle.
    late = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)
    edge = Delivered("2026-10", late.date() - timedelta(days=46))
    assert staleness_of(king, edge, is_fetched=False, now=late).age_days == 45
    assert staleness_of(king, edge, is_fetched=False, now=late).is_fresh
    assert not staleness_of(king, edge, is_fetched=False, now=late + timedelta(hours=12)).is_fresh


def test_a_county_that_is_fetched_has_to_deliver_and_one_that_is_not_watched_has_not():
    king = counties()["king-wa"]
    assert not staleness_of(king, Delivered(), is_fetched=True, now=NOW).is_fresh
    unwatched = king.model_copy(
        update={"freshness": king.freshness.model_copy(update={"max_age_days": None})}
    )
    assert staleness_of(unwatched, Delivered(), is_fetched=True, now=NOW).is_fresh
