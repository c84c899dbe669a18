"""One landed file as rows with their months, as discovery and the replay of rejects read it."""

import pyarrow as pa

from realestate_assets.domain.county import County
from realestate_assets.domain.landing import Place
from realestate_assets.domain.mapping import Layout
from realestate_assets.domain.months import assign_months
from realestate_assets.domain.reading import read_landed
from realestate_assets.domain.sources import LandedSource
from realestate_assets.partitions import COUNTY_MONTH
from realestate_assets.sample.generator import SAMPLE_COLUMNS
from resources.store import StoreResource

SAMPLE = "sample"


def landed_rows(county: County, source: LandedSource, path: str, landing: StoreResource) -> pa.Table:
    """All rows of a landed file, each with county and month.

    Args:
        county: the county.
        source: the source it was landed under.
        path: where it lies below the landing root.
        landing: the landing folder.

    Raises:
        PermanentError: the file is not what its source says, or there is none.
    """
    name = path.removeprefix(f"{county.slug}/{source.name}/")
    with landing.open_input(path) as stream:
        table = read_landed(county.slug, source, name, stream, landing.size(path))
    first, last = platform_months()
    return assign_months(table, source, first, last, Place(county.slug, source.name, name))


def platform_months() -> tuple[str, str]:
    """First and latest month of the platform's partitions."""
    months = COUNTY_MONTH.get_partitions_def_for_dimension("month").get_partition_keys()
    return months[0], months[-1]


def layouts(county: County) -> dict[str, Layout]:
    """How the rows of each source of a county are mapped."""
    found = {s.name: Layout(s.columns, s.list_price_from_sale) for s in county.landed_sources}
    return {**found, SAMPLE: Layout(SAMPLE_COLUMNS, is_simulated=True)}
