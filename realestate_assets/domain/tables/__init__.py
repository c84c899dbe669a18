"""The layout of every warehouse table written by Python: the one source for DDL, IO and schema checks.

What dbt builds is described in dbt_project, not here.
"""

from realestate_assets.domain.tables.columns import (
    COUNTY,
    LISTING_STATUSES,
    MAX_BEDROOMS,
    MAX_LIVING_AREA_SQFT,
    MAX_PRICE_USD,
    MONTH,
    PROPERTY_ID,
    PROPERTY_TYPES,
)
from realestate_assets.domain.tables.enriched import (
    ENRICHMENT_FACTS,
    ENRICHMENT_FIELDS,
    ENRICHMENT_GROUPS,
    ENRICHMENTS,
    OCCUPANCIES,
    OWNER_SIGNALS,
    OWNER_TYPES,
)
from realestate_assets.domain.tables.intake import PROPERTIES, PROPERTY_REJECTS, RENTS, SOURCE_FILES
from realestate_assets.domain.tables.models import EQUITY_STUDIES, MODEL_PROMOTIONS, RATIO_STUDIES
from realestate_assets.domain.tables.sales import COMPARABLES, NEARBY_SALES, SALE_VALIDITY
from realestate_assets.domain.tables.scored import (
    MEMOS,
    OFFER_COLUMNS,
    RENT_AMOUNTS,
    RENT_BASIS_COLUMNS,
    RENT_ESTIMATES,
    SCORE_COMPONENTS,
    SCORES,
    VALUE_BAND_COLUMNS,
    VALUE_CONTRIBUTIONS,
)
from resources.warehouse.table_spec import TableSpec

TABLES: dict[str, TableSpec] = {
    spec.name: spec
    for spec in (
        PROPERTIES,
        PROPERTY_REJECTS,
        RENTS,
        SOURCE_FILES,
        ENRICHMENTS,
        ENRICHMENT_FACTS,
        NEARBY_SALES,
        COMPARABLES,
        RENT_ESTIMATES,
        SCORES,
        VALUE_CONTRIBUTIONS,
        MEMOS,
        SALE_VALIDITY,
        OWNER_SIGNALS,
        MODEL_PROMOTIONS,
        RATIO_STUDIES,
        EQUITY_STUDIES,
    )
}

__all__ = [
    "COMPARABLES",
    "COUNTY",
    "ENRICHMENTS",
    "ENRICHMENT_FACTS",
    "ENRICHMENT_FIELDS",
    "ENRICHMENT_GROUPS",
    "EQUITY_STUDIES",
    "LISTING_STATUSES",
    "MAX_BEDROOMS",
    "MAX_LIVING_AREA_SQFT",
    "MAX_PRICE_USD",
    "MEMOS",
    "MODEL_PROMOTIONS",
    "MONTH",
    "NEARBY_SALES",
    "OCCUPANCIES",
    "OFFER_COLUMNS",
    "OWNER_SIGNALS",
    "OWNER_TYPES",
    "PROPERTIES",
    "PROPERTY_ID",
    "PROPERTY_REJECTS",
    "PROPERTY_TYPES",
    "RATIO_STUDIES",
    "RENTS",
    "RENT_AMOUNTS",
    "RENT_BASIS_COLUMNS",
    "RENT_ESTIMATES",
    "SALE_VALIDITY",
    "SCORES",
    "SCORE_COMPONENTS",
    "SOURCE_FILES",
    "TABLES",
    "VALUE_BAND_COLUMNS",
    "VALUE_CONTRIBUTIONS",
]
