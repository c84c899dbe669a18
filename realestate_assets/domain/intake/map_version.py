"""A version of what decides whether a received row is accepted: the source's map and the county's bounds."""

import hashlib
import json

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.intake.mapping import Layout

VERSION_LENGTH = 12


def map_version(county: County, source: str, layout: Layout) -> str:
    """Short SHA-256 of everything in the county's YAML that can change the verdict on rows of a source.

    Args:
        county: the county.
        source: name of one of its sources, or `sample`.
        layout: how rows of that source are mapped.
    """
    configured = next((s for s in county.landed_sources if s.name == source), None)
    told = {
        "columns": {name: rule.model_dump(mode="json") for name, rule in sorted(layout.columns.items())},
        "list_price_from_sale": layout.list_price_from_sale,
        "source": configured.model_dump(mode="json") if configured else None,
        "county": county.model_dump(mode="json", include={"slug", "state", "fips", "bounds"}),
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:VERSION_LENGTH]
