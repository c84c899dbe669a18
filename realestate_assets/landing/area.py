"""The landing area of this installation: what runs and sensors ask for, given its counties and limits."""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.sample_source import SampleSource
from realestate_assets.domain.counties.sources import RENTALS
from realestate_assets.domain.intake.raw_rows import RawRows
from realestate_assets.extent import counties, get_county, unusable_counties
from realestate_assets.landing.fetched import months_of
from realestate_assets.landing.inspection import Inspector
from realestate_assets.landing.ledger import LandingLedger, known_files
from realestate_assets.landing.paths import is_landed, place_of
from realestate_assets.landing.reading import TableRows, inspect, joined_tables, read
from realestate_assets.landing.states import left_out
from realestate_assets.landing.watch import LandingWatch, Limits
from realestate_assets.sample.generator import generate
from realestate_assets.settings import get_settings
from resources.lake.files import Store
from resources.lake.listing import StoredFile
from resources.warehouse.warehouse import Warehouse

# A file nobody has looked at yet is left out of automatic runs while it is younger: the sensor looks twice
# a minute and decides.
YOUNG = timedelta(minutes=2)


def received_rows(
    landing: Store,
    county: County,
    months: Sequence[str],
    *,
    files: Collection[StoredFile],
    left_out: Collection[str] = (),
    fetched: bool = False,
) -> Iterator[RawRows]:
    """The rows of these months in each landed file that concerns them; the sample's where nothing has landed.

    Args:
        landing: the landing area.
        county: whose rows.
        months: months of the run; of a source that is fetched the files that concern none are left alone.
        files: the files that lie there for the county.
        left_out: paths of those that are not read.
        fetched: an API was asked: then no records means no records.

    Raises:
        PermanentError: a file is not what its source says; names it.
    """
    yield from landed_rows(landing, county, months, files, left_out)
    # Rents beside a county tell of no home: its sample goes on.
    of_rents = {source.name for source in county.landed_sources if source.holds == RENTALS}
    has_homes = any(place_of(file.path).source not in of_rents for file in files)
    if not (has_homes or fetched):
        yield from sample_rows(county, months)


def landed_rows(
    landing: Store,
    county: County,
    months: Sequence[str],
    files: Collection[StoredFile],
    left_out: Collection[str] = (),
) -> Iterator[RawRows]:
    """The rows of landed files alone; see `received_rows`."""
    apis = {source.name for source in county.api_sources}
    for file in files:
        place = place_of(file.path)
        concerned = months_of(place.file) if place.source in apis else None
        told = [month for month in months if concerned is None or month in concerned]
        if told and file.path not in left_out:
            yield read(landing, county, place).of_months(months, told)


def sample_rows(county: County, months: Sequence[str]) -> Iterator[RawRows]:
    """The generated rows of these months; none where the county has no sample."""
    if any(isinstance(source, SampleSource) for source in county.sources):
        settings = get_settings()
        for rows in generate(county, months, settings.sample_seed, settings.sample_rows_per_month):
            yield rows.of_months(months)


def files_left_out(warehouse: Warehouse, files: Collection[StoredFile]) -> dict[str, str]:
    """Which of these files an automatic run does not read, by path with the reason."""
    sources = file_sources()
    put_there = [file for file in files if is_landed(file.path, sources)]
    known = known_files(warehouse, {file.path for file in put_there})
    return left_out(put_there, known, datetime.now(UTC), YOUNG)


def inspector(landing: Store, warehouse: Warehouse) -> Inspector:
    """What decides about landed files."""
    ledger = LandingLedger(warehouse)

    def look_into(path: str) -> RawRows | TableRows:
        place = place_of(path)
        return inspect(landing, get_county(place.county_slug), place, ledger.months_of)

    return Inspector(landing, ledger, look_into)


def watch(landing: Store, warehouse: Warehouse) -> LandingWatch:
    """What looks at the landing area."""
    return LandingWatch(
        inspector(landing, warehouse),
        watched_folders(),
        limits_of(landing),
        folders=all_folders(),
        unusable=unusable_counties(),
    )


def file_sources() -> dict[str, tuple[str, ...]]:
    """Names of the file sources by county; what is fetched is landed by the runs themselves."""
    return {slug: tuple(source.name for source in county.file_sources) for slug, county in counties().items()}


def watched_folders() -> dict[str, tuple[str, ...]]:
    """Folders by county whose files make runs: those of its sources, and of the tables joined to them."""
    return {
        slug: tuple(
            dict.fromkeys(
                name
                for source in county.file_sources
                for name in (source.name, *(table.name for table in joined_tables(source)))
            )
        )
        for slug, county in counties().items()
    }


def all_folders() -> dict[str, tuple[str, ...]]:
    """Folders by county that files may lie in: those that are watched, and those that runs fill."""
    return {
        slug: (*names, *(source.name for source in counties()[slug].api_sources))
        for slug, names in watched_folders().items()
    }


def limits_of(landing: Store) -> Limits:
    """Bounds of a look. Objects of S3 appear whole: they need not settle."""
    return Limits(settle=timedelta(seconds=0 if landing.is_s3 else get_settings().landing_settle_seconds))
