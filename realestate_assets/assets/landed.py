"""How the rows of each source of a county are mapped: the landed files' maps, and the sample's."""

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.intake.mapping import Layout
from realestate_assets.sample.generator import SAMPLE_COLUMNS

SAMPLE = "sample"


def layouts(county: County) -> dict[str, Layout]:
    """How the rows of each source of a county are mapped."""
    found = {s.name: Layout(s.columns, s.list_price_from_sale) for s in county.landed_sources}
    return {**found, SAMPLE: Layout(SAMPLE_COLUMNS, is_simulated=True)}
