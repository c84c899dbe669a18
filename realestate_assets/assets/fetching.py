"""Fetching the API sources of a county before its landed files are read, where their APIs may be asked."""

import dagster as dg

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.provider_policies import load_policies, policy_of
from realestate_assets.fetch.snapshots import fetch_months
from realestate_assets.settings import get_settings
from resources.http.client import HttpClientResource
from resources.lake.store import StoreResource


def fetch_sources(
    context: dg.AssetExecutionContext,
    county: County,
    months: list[str],
    landing: StoreResource,
    http: HttpClientResource,
) -> bool:
    """Land the records of these months from every API source that may be asked.

    Returns:
        Whether there is one: a county that is fetched has no sample, even in a month without records.

    Raises:
        PermanentError: a source has changed, lacks its key, or its budget is spent.
        TransientError: a source does not answer; what was landed before stays.
    """
    settings = get_settings()
    asked = [source for source in county.api_sources if settings.asks_api(source.api, source.enabled)]
    for source in asked:
        policy = policy_of(load_policies(settings.county_config_dir), source.api, county_slug=county.slug)
        with http.session(policy, source.name, context.run.run_id, county.slug) as client:
            counts = fetch_months(client, county, source, months, landing)
        span = f"{min(months)} to {max(months)}"
        context.log.info(f"{county.slug}/{source.name}: {sum(counts.values()):,} records fetched, {span}")
        if full := [m for m, count in counts.items() if count == county.max_rows_per_month]:
            context.log.warning(f"{county.slug}/{source.name}: max_rows_per_month cut {', '.join(full)}")
    return bool(asked)
