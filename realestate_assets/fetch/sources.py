"""The API sources of a county: which of them may be asked, and the records of a run's months from each."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from realestate_assets.domain.counties.api_sources import ApiSource, ArcgisSource, ResoSource, SocrataSource
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.provider_policies import load_policies, policy_of
from realestate_assets.fetch.arcgis import fetch_arcgis
from realestate_assets.fetch.months import Row, Wanted
from realestate_assets.fetch.reso import fetch_reso
from realestate_assets.fetch.socrata import fetch_socrata
from realestate_assets.settings import get_settings
from resources.http.api import ApiClient
from resources.http.client import HttpClientResource

# A new kind of API is a module of this package and an entry here.
FETCHERS: dict[type[ApiSource], Callable[[ApiClient, Any, list[str]], dict[str, list[Row]]]] = {
    SocrataSource: fetch_socrata,
    ArcgisSource: fetch_arcgis,
    ResoSource: fetch_reso,
}


def fetch_sources(
    http: HttpClientResource, county: County, months: Sequence[str], run_id: str
) -> Iterator[tuple[ApiSource, dict[str, list[Row]]]]:
    """Each source that may be asked with its records by month; the next one is asked when it is wanted.

    Raises:
        PermanentError: a source has changed, lacks its key, or its budget is spent; names it.
        TransientError: a source does not answer.
    """
    settings = get_settings()
    asked = [source for source in county.api_sources if settings.asks_api(source.api, source.enabled)]
    for source in asked:
        policy = policy_of(load_policies(settings.county_config_dir), source.api, county_slug=county.slug)
        with http.session(policy, source.name, run_id, county.slug) as client:
            found = fetch_months(client, county, source, months)
        yield source, found


def fetch_months(
    client: ApiClient, county: County, source: ApiSource, months: Sequence[str]
) -> dict[str, list[Row]]:
    """The records of each of these months; all of them come, or none.

    Raises:
        PermanentError: the source has changed or cannot be asked; names it.
        TransientError: it does not answer.
    """
    return FETCHERS[type(source)](client, Wanted(county, source), list(months))
