"""Freshness that was lost, told to people: of counties by checks, of what people read by its policies."""

from collections.abc import Mapping, Sequence

import dagster as dg

from resources.alerts import Alert, AlertsResource

PREFIX = "stale:"


def build_staleness_sensor(
    county_checks: Mapping[str, dg.AssetCheckKey], watched: Sequence[dg.AssetKey]
) -> dg.SensorDefinition:
    """A sensor that tells of stale counties and assets, all in one message.

    Args:
        county_checks: the freshness check of each county.
        watched: assets with a freshness policy.
    """

    @dg.sensor(
        name="lost_freshness",
        minimum_interval_seconds=300,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells of counties that stopped delivering and of assets past their freshness policy, "
        "through ALERT_URLS. Running: it does nothing without ALERT_URLS. Each is told once "
        "until it is fresh.",
    )
    def lost_freshness(context: dg.SensorEvaluationContext, alerts: AlertsResource) -> dg.SkipReason:
        if not alerts.is_on:
            return dg.SkipReason("ALERT_URLS is not set.")
        counties, undecided = stale_counties(context.instance, county_checks, alerts)
        stale = [*counties, *stale_assets(context.instance, watched, alerts)]
        alerts.close(PREFIX, {alert.key for alert in stale} | undecided)
        sent = alerts.tell(stale)
        return dg.SkipReason(f"{len(stale)} stale, {sent} told now.")

    return lost_freshness


def stale_counties(
    instance: dg.DagsterInstance, checks: Mapping[str, dg.AssetCheckKey], alerts: AlertsResource
) -> tuple[list[Alert], set[str]]:
    """An alert for each county whose newest evaluation did not pass; keys of those being evaluated now."""
    records = instance.event_log_storage.get_latest_asset_check_execution_by_key(list(checks.values()))
    found, undecided = [], set()
    for county_slug, key in checks.items():
        record = records.get(key)
        check = evaluation_of(record.event if record else None)
        if check is None:
            # Planned, and not evaluated yet: what was told of it before is neither over nor news.
            undecided.add(f"{PREFIX}county:{county_slug}")
        elif not check.passed:
            reason = check.metadata["reason"].value
            link = alerts.link(f"assets/{key.asset_key.to_user_string()}?view=checks")
            found.append(Alert(f"{PREFIX}county:{county_slug}", f"{county_slug} is stale", str(reason), link))
    return found, undecided


def evaluation_of(entry: dg.EventLogEntry | None) -> dg.AssetCheckEvaluation | None:
    """The evaluation an entry of the event log holds; None for one that is planned, and without an entry."""
    event = entry.dagster_event if entry else None
    if event is None or event.event_type != dg.DagsterEventType.ASSET_CHECK_EVALUATION:
        return None
    return event.asset_check_evaluation_data


def stale_assets(
    instance: dg.DagsterInstance, watched: Sequence[dg.AssetKey], alerts: AlertsResource
) -> list[Alert]:
    """An alert for each asset whose freshness policy is not kept."""
    records = instance.get_freshness_state_records(list(watched))
    return [
        Alert(
            f"{PREFIX}asset:{key.to_user_string()}",
            f"{key.to_user_string()} is stale",
            "It was not made within the window of its freshness policy.",
            alerts.link(f"assets/{key.to_user_string()}"),
        )
        for key, record in sorted(records.items())
        if record.freshness_state.value == "FAIL"
    ]
