"""Freshness that was lost, told to people: of counties by checks, of what people read by its policies."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import dagster as dg

from resources.alerts.alert import Alert
from resources.alerts.resource import AlertsResource
from resources.errors import TransientError
from resources.telemetry.ticks import observed

PREFIX = "stale:"
# Owners of an asset, by its name.
OwnersOf = Callable[[str], tuple[str, ...]]


@dataclass
class Freshness:
    """What is stale, what is fresh again with how, and keys of what is being judged now."""

    stale: list[Alert] = field(default_factory=list)
    fresh: dict[str, str] = field(default_factory=dict)
    undecided: set[str] = field(default_factory=set)
    # False where no county is asked to be current: old months alone were landed, or nothing.
    is_asked: bool = True


def build_staleness_sensor(
    county_checks: Mapping[str, dg.AssetCheckKey],
    watched: Sequence[dg.AssetKey],
    owners_of: OwnersOf = lambda _: (),
) -> dg.SensorDefinition:
    """A sensor that tells of stale counties and assets, all in one message.

    Args:
        county_checks: the freshness check of each county.
        watched: assets with a freshness policy.
        owners_of: owners of an asset.
    """

    @dg.sensor(
        name="lost_freshness",
        minimum_interval_seconds=300,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells of counties that stopped delivering and of assets past their freshness policy, "
        "through ALERT_URLS. Running: it does nothing without ALERT_URLS. Each is told once, and when it "
        "is fresh again.",
    )
    @observed("lost_freshness")
    def lost_freshness(context: dg.SensorEvaluationContext, alerts: AlertsResource) -> dg.SkipReason:
        if not alerts.is_on:
            return dg.SkipReason("ALERT_URLS is not set.")
        found = judge_counties(context.instance, county_checks, alerts, owners_of)
        if found.is_asked:
            judge_assets(found, context.instance, watched, alerts, owners_of)
        alerts.begin(found.stale)
        alerts.end(_over(found, {kept.alert.key for kept in alerts.lasting(PREFIX)}))
        try:
            alerts.deliver()
        except TransientError as error:
            # Nothing is lost: the next look tells it.
            context.log.error(str(error))
        return dg.SkipReason(f"{len(found.stale)} stale.")

    return lost_freshness


def _over(found: Freshness, lasting: set[str]) -> dict[str, str]:
    still = {alert.key for alert in found.stale} | found.undecided
    else_how = "It is no longer watched." if found.is_asked else "No county is asked to be current."
    return {key: found.fresh.get(key, else_how) for key in lasting - still}


def judge_counties(
    instance: dg.DagsterInstance,
    checks: Mapping[str, dg.AssetCheckKey],
    alerts: AlertsResource,
    owners_of: OwnersOf,
) -> Freshness:
    """Each county by its newest evaluation."""
    records = instance.event_log_storage.get_latest_asset_check_execution_by_key(list(checks.values()))
    found, asked = Freshness(), []
    for county_slug, check_key in checks.items():
        key = f"{PREFIX}county:{county_slug}"
        record = records.get(check_key)
        check = evaluation_of(record.event if record else None)
        if check is None:
            # Planned, and not evaluated yet: what was told of it before is neither over nor news.
            found.undecided.add(key)
            asked.append(True)
            continue
        reason = str(check.metadata["reason"].value)
        asked.append("is_asked" not in check.metadata or bool(check.metadata["is_asked"].value))
        if check.passed:
            found.fresh[key] = f"{reason[:1].upper()}{reason[1:]}"
        else:
            name = check_key.asset_key.to_user_string()
            link = alerts.link(f"assets/{name}?view=checks")
            title = f"{county_slug} is stale"
            found.stale.append(
                Alert(key, title, reason, link, owners=owners_of(name), counties=(county_slug,))
            )
    found.is_asked = any(asked) or not checks
    return found


def evaluation_of(entry: dg.EventLogEntry | None) -> dg.AssetCheckEvaluation | None:
    """The evaluation an entry of the event log holds; None for one that is planned, and without an entry."""
    event = entry.dagster_event if entry else None
    if event is None or event.event_type != dg.DagsterEventType.ASSET_CHECK_EVALUATION:
        return None
    return event.asset_check_evaluation_data


def judge_assets(
    found: Freshness,
    instance: dg.DagsterInstance,
    watched: Sequence[dg.AssetKey],
    alerts: AlertsResource,
    owners_of: OwnersOf,
) -> None:
    """Each asset by whether its freshness policy is kept; what Dagster does not know yet is undecided."""
    records = instance.get_freshness_state_records(list(watched))
    for asset_key in sorted(watched):
        name, key = asset_key.to_user_string(), f"{PREFIX}asset:{asset_key.to_user_string()}"
        record = records.get(asset_key)
        state = record.freshness_state.value if record else "UNKNOWN"
        if state == "FAIL":
            body = "It was not made within the window of its freshness policy."
            link = alerts.link(f"assets/{name}")
            found.stale.append(
                Alert(key, f"{name} is stale", body, link, owners=owners_of(asset_key.path[-1]))
            )
        elif state in ("PASS", "WARN"):
            found.fresh[key] = "It was made again."
        else:
            found.undecided.add(key)
