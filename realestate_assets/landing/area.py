"""The landing area of this installation: watch and inspector, given its counties, months and limits."""

from datetime import UTC, datetime, timedelta

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.sources import FileSource
from realestate_assets.domain.intake.watch import is_landed, left_out
from realestate_assets.landing.inspection import Inspector
from realestate_assets.landing.ledger import LandingLedger, known_files
from realestate_assets.landing.reading import Contents, contents_of, read_file
from realestate_assets.landing.watch import LandingWatch, Limits
from realestate_assets.partitions import counties, get_county, platform_months
from realestate_assets.settings import get_settings
from resources.errors import PermanentError
from resources.lake.listing import StoredFile, list_page
from resources.lake.store import StoreResource
from resources.warehouse.resource import WarehouseResource

# A file nobody has looked at yet is left out of automatic runs while it is younger: the sensor looks twice
# a minute and decides.
YOUNG = timedelta(minutes=2)
PAGE = 10_000


def file_sources() -> dict[str, tuple[str, ...]]:
    """Names of the file sources by county; what is fetched is landed by the runs themselves."""
    return {slug: tuple(source.name for source in county.file_sources) for slug, county in counties().items()}


def limits_of(landing: StoreResource) -> Limits:
    """Bounds of a look. Objects of S3 appear whole: they need not settle."""
    return Limits(settle=timedelta(seconds=0 if landing.is_s3 else get_settings().landing_settle_seconds))


def inspector(landing: StoreResource, warehouse: WarehouseResource) -> Inspector:
    """What decides about landed files."""

    def read(path: str) -> Contents:
        slug, name = path.split("/")[:2]
        return contents_of(read_file(landing, slug, _source(get_county(slug), name), path, platform_months()))

    return Inspector(landing, LandingLedger(warehouse), read)


def watch(landing: StoreResource, warehouse: WarehouseResource) -> LandingWatch:
    """What looks at the landing area."""
    return LandingWatch(inspector(landing, warehouse), file_sources(), limits_of(landing))


def files_left_out(landing: StoreResource, warehouse: WarehouseResource, county: str) -> dict[str, str]:
    """Landed files of a county that an automatic run does not read, with the reason."""
    listed = [f for f in _all_files(landing, county) if is_landed(f.path, file_sources())]
    known = known_files(warehouse, {file.path for file in listed})
    return left_out(listed, known, datetime.now(UTC), YOUNG)


def _all_files(landing: StoreResource, folder: str) -> list[StoredFile]:
    found: list[StoredFile] = []
    after: str | None = ""
    while after is not None:
        page = list_page(landing, folder, after, PAGE)
        found += page.files
        after = page.next_after
    return found


def _source(county: County, name: str) -> FileSource:
    for source in county.file_sources:
        if source.name == name:
            return source
    raise PermanentError(f"There is no file source {name!r}.", county=county.slug)
