"""What providers know of a property, field by field, and what ownership says."""

from realestate_assets.domain.tables.columns import (
    BY_PROPERTY,
    COUNTY,
    MAX_BEDROOMS,
    MAX_LIVING_AREA_SQFT,
    MONTH,
    PROPERTY_ID,
    flag,
    price,
    share,
)
from resources.http.api import Failure
from resources.warehouse.table_spec import Column, TableSpec

# Enrichment fields by group: the group is the unit of a provider chain.
ENRICHMENT_GROUPS: dict[str, tuple[Column, ...]] = {
    "demographics": (
        Column("zip_population", "float", "Population of the ZIP.", minimum=0),
        price("zip_median_income_usd", "Median household income of the ZIP, USD a year."),
        price("zip_median_home_value_usd", "Median home value of the ZIP, USD."),
        Column("zip_median_age_years", "float", "Median age in the ZIP, years.", minimum=0, maximum=120),
        Column("zip_owner_occupied_pct", "float", "Owner-occupied housing units, %.", minimum=0, maximum=100),
        Column("zip_unemployment_pct", "float", "Unemployment rate, %.", minimum=0, maximum=100),
    ),
    "rent": (
        price("zip_median_rent_usd", "Median gross rent of the ZIP, USD a month."),
        price("bedroom_rent_usd", "Fair market rent for the bedroom count in the ZIP, USD a month."),
    ),
    "assessor": (
        price("assessed_value_usd", "Assessed value, USD."),
        price("roll_market_value_usd", "Market value of the roll, USD."),
        Column("tax_annual_usd", "float", "Property tax, USD a year.", minimum=0),
        price("last_sale_price_usd", "Last recorded sale price before the month, USD."),
        Column("last_sale_date", "date", "Date of that sale."),
    ),
    "building": (
        Column(
            "roll_living_area_sqft",
            "float",
            "Living area of the roll, sq ft.",
            minimum=1,
            maximum=MAX_LIVING_AREA_SQFT,
        ),
        Column("roll_year_built", "integer", "Year of construction of the roll.", minimum=1600, maximum=2200),
        Column("roll_bedrooms", "float", "Bedrooms of the roll.", minimum=0, maximum=MAX_BEDROOMS),
        Column("roll_bathrooms", "float", "Bathrooms of the roll.", minimum=0, maximum=40),
        Column("roll_use_code", "text", "Class or use code of the roll."),
    ),
    "owner": (
        Column("owner_name", "text", "Owner of record.", is_personal=True),
        Column("owner_mailing_address", "text", "Owner's mailing address, one line.", is_personal=True),
        Column("owner_mailing_state", "text", "State of the owner's mailing address, two letters."),
        Column(
            "owner_since_date",
            "date",
            "Earliest date of the owner's unbroken tenure as far as the source reaches.",
        ),
        flag("owner_occupied", "True where the provider says that the owner lives at the property."),
    ),
    "tax": (
        flag("is_tax_delinquent", "True where unpaid taxes of the property were offered at a tax sale."),
        Column("tax_delinquent_usd", "float", "Taxes unpaid and offered, USD.", minimum=0),
        Column("tax_sale_year", "integer", "Latest tax year offered.", minimum=1900, maximum=2200),
    ),
    "flood": (
        Column("flood_zone_code", "text", "FEMA flood zone; null is unknown, not low risk."),
        flag("is_flood_hazard_area", "True inside a special flood hazard area."),
        Column("base_flood_elevation_ft", "float", "Static base flood elevation, feet."),
    ),
    "parcel": (
        Column("parcel_area_sqft", "float", "Parcel area, sq ft.", minimum=1),
        Column("zoning_code", "text", "Zoning code."),
    ),
    "location": (
        Column(
            "geocoded_latitude",
            "float",
            "Degrees north, WGS 84, where the record had none.",
            minimum=-90,
            maximum=90,
        ),
        Column(
            "geocoded_longitude",
            "float",
            "Degrees east, WGS 84, where the record had none.",
            minimum=-180,
            maximum=180,
        ),
        Column("census_tract", "text", "Census tract, 11 digits."),
    ),
}
ENRICHMENT_FIELDS: tuple[Column, ...] = tuple(c for group in ENRICHMENT_GROUPS.values() for c in group)

ENRICHMENTS = TableSpec(
    schema="raw",
    name="enrichments",
    grain="One row a property and month.",
    description="The value used for each enriched field; null where none was found.",
    key=("county", "month", "property_id"),
    columns=(
        COUNTY,
        MONTH,
        PROPERTY_ID,
        *ENRICHMENT_FIELDS,
        Column("filled_count", "integer", "Enriched fields that have a value.", nullable=False, minimum=0),
        Column(
            "simulated_count", "integer", "Of those, values that were simulated.", nullable=False, minimum=0
        ),
    ),
    indexes=(BY_PROPERTY,),
)

ENRICHMENT_FACTS = TableSpec(
    schema="raw",
    name="enrichment_facts",
    grain="One row a property, month, field and provider asked.",
    description="Provenance of each field: what each provider said, used or not, and why not.",
    key=("county", "month", "property_id", "field", "provider"),
    columns=(
        COUNTY,
        MONTH,
        PROPERTY_ID,
        Column("field", "text", "Enriched field.", nullable=False),
        Column("provider", "text", "Provider asked; `none` where no provider is configured.", nullable=False),
        Column("value", "text", "Value as text; null where there is none.", is_personal=True),
        flag("is_used", "True where this value stands in enrichments.", nullable=False),
        Column(
            "reason_code",
            "text",
            "Why there is no usable value; null where there is one.",
            allowed=(
                "NO_PROVIDER",
                "NOT_NEEDED",
                "REFERENCE_MISSING",
                "NO_MATCH",
                "NO_KEY",
                "NULL_IN_SOURCE",
                "OUT_OF_RANGE",
                "VINTAGE_TOO_LATE",
                "LOWER_PRIORITY",
                "LOW_CONFIDENCE",
                "NO_COVERAGE",
                "OPEN_ENDED",
                "TOO_FEW_ANSWERS",
                "NOT_APPLICABLE",
                *(failure.value for failure in Failure),
            ),
        ),
        Column("source_url", "text", "Where the value came from, without any key."),
        Column("retrieved_at", "timestamp", "When it was retrieved."),
        Column("vintage", "date", "Last day of the period the value describes."),
        flag(
            "is_later_vintage",
            "True where the vintage lies after the month and the county allows that.",
            False,
        ),
        share("confidence", "Confidence in the value."),
        Column("cost_usd", "float", "What the answer cost, USD.", nullable=False, minimum=0),
        flag("simulated", "True where the value was generated.", nullable=False),
    ),
    indexes=(BY_PROPERTY,),
)

OWNER_TYPES = ("person", "company", "trust", "bank", "government", "unknown")
OCCUPANCIES = ("owner_occupied", "absentee_in_state", "absentee_out_of_state", "absentee", "unknown")

OWNER_SIGNALS = TableSpec(
    schema="raw",
    name="owner_signals",
    grain="One row a property and month.",
    description="What name and mailing address say of its owner: kind, whether at home, how long.",
    key=("county", "month", "property_id"),
    columns=(
        COUNTY,
        MONTH,
        PROPERTY_ID,
        Column("owner_type", "text", "Kind of owner by name.", nullable=False, allowed=OWNER_TYPES),
        Column(
            "occupancy",
            "text",
            "Where the owner lives; `absentee` where only the state is unknown.",
            nullable=False,
            allowed=OCCUPANCIES,
        ),
        flag("is_absentee_owner", "True where the owner lives elsewhere; null where unknown."),
        flag("is_absentee_out_of_state", "True where the owner lives in another state; null where unknown."),
        Column(
            "owner_tenure_years",
            "float",
            "Years from owner_since_date to the first of the month, of 365.25 days; a lower bound.",
            minimum=0,
        ),
    ),
    indexes=(BY_PROPERTY,),
)
