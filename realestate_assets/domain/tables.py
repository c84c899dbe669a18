"""The layout of every warehouse table written by Python: the one source for DDL, IO and schema checks.

What dbt builds is described in dbt_project, not here.
"""

from realestate_assets.domain.valuation.codes import PROMOTION_DECISIONS, RATIO_GROUPINGS
from resources.api import Failure
from resources.table_spec import Column, TableSpec

PROPERTY_TYPES = ("single_family", "condo", "townhouse", "multi_family", "manufactured", "land", "other")
LISTING_STATUSES = ("active", "pending", "sold", "off_market")
MAX_PRICE_USD = 100_000_000
MAX_LIVING_AREA_SQFT = 100_000
MAX_BEDROOMS = 20

COUNTY = Column("county", "text", "County slug, the first partition dimension.", nullable=False)
MONTH = Column("month", "text", "Month as YYYY-MM, the second partition dimension.", nullable=False)
PROPERTY_ID = Column(
    "property_id",
    "text",
    "uuid5 of county FIPS and normalised APN, or of the normalised address where there is no APN.",
    nullable=False,
)


def _price(name: str, description: str) -> Column:
    return Column(name, "float", description, minimum=0.01, maximum=MAX_PRICE_USD)


def _flag(name: str, description: str, nullable: bool = True) -> Column:
    return Column(name, "boolean", description, nullable=nullable)


def _share(name: str, description: str) -> Column:
    return Column(name, "float", description, minimum=0.0, maximum=1.0)


PROPERTIES = TableSpec(
    schema="raw",
    name="properties",
    description="Canonical records: mapped, typed, normalised, de-duplicated; one row a property and month.",
    key=("county", "month", "property_id"),
    columns=(
        COUNTY,
        MONTH,
        PROPERTY_ID,
        Column("source", "text", "Name of the source in the county's YAML.", nullable=False),
        Column("source_id", "text", "The source's own id of the record."),
        Column("source_file", "text", "File name the record came from; `sample` for generated records."),
        Column("source_row", "integer", "Row number in the file, the first data row being 1.", minimum=1),
        _flag("is_simulated", "True where the record was generated, not observed.", nullable=False),
        Column("url", "text", "Address of the listing page."),
        Column("apn", "text", "Assessor's parcel number, normalised, leading zeros kept."),
        Column("street", "text", "Street line, normalised to USPS abbreviations, upper case."),
        Column("unit", "text", "Unit designator and number, normalised."),
        Column("city", "text", "City, upper case."),
        Column("state", "text", "Two-letter state code."),
        Column("zip", "text", "Five-digit ZIP code."),
        Column("latitude", "float", "Degrees north, WGS 84.", minimum=-90, maximum=90),
        Column("longitude", "float", "Degrees east, WGS 84.", minimum=-180, maximum=180),
        Column("property_type", "text", "Kind of property.", allowed=PROPERTY_TYPES),
        Column("listing_status", "text", "State of the listing.", allowed=LISTING_STATUSES),
        _price("list_price_usd", "Asking price, USD."),
        _flag("is_list_price_assumed", "True where the recorded price serves as asking price too.", False),
        _price("sale_price_usd", "Price of the sale this record reports, USD."),
        Column("sale_date", "date", "Date of that sale."),
        Column("sale_document_id", "text", "Number of the recorded document of that sale."),
        Column("deed_type", "text", "Kind of deed of that sale, as the source calls it."),
        Column("seller_name", "text", "Seller of that sale."),
        Column("buyer_name", "text", "Buyer of that sale."),
        Column(
            "parcels_in_sale",
            "integer",
            "Parcels sold by the same document; 1 is a sale of its own.",
            minimum=1,
        ),
        Column("observed_date", "date", "Date the record describes; it decides the month.", nullable=False),
        Column("list_date", "date", "Date the property was listed."),
        Column("bedrooms", "float", "Bedrooms.", minimum=0, maximum=MAX_BEDROOMS),
        Column("bathrooms", "float", "Bathrooms, quarters allowed.", minimum=0, maximum=40),
        Column(
            "living_area_sqft",
            "float",
            "Finished living area, sq ft.",
            minimum=1,
            maximum=MAX_LIVING_AREA_SQFT,
        ),
        Column("lot_area_sqft", "float", "Lot area, sq ft.", minimum=1),
        Column("basement_sqft", "float", "Basement area, sq ft.", minimum=0),
        Column("year_built", "integer", "Year of construction.", minimum=1600, maximum=2200),
        Column(
            "year_renovated",
            "integer",
            "Year of the last renovation; null where none.",
            minimum=1600,
            maximum=2200,
        ),
        Column("stories", "float", "Floors above ground.", minimum=0.5, maximum=200),
        Column("garage_spaces", "float", "Garage spaces.", minimum=0, maximum=100),
        Column("condition_code", "integer", "Condition, 1 poor to 5 very good.", minimum=1, maximum=5),
        Column(
            "quality_code", "integer", "Construction grade, 1 to 13, 7 is average.", minimum=1, maximum=13
        ),
        Column("view_code", "integer", "View, 0 none to 4 excellent.", minimum=0, maximum=4),
        _flag("is_waterfront", "True where the lot lies on water."),
        Column(
            "nearby_living_area_sqft",
            "float",
            "Mean living area of the nearest 15 homes as delivered, sq ft.",
            minimum=1,
        ),
        Column(
            "nearby_lot_area_sqft",
            "float",
            "Mean lot area of the nearest 15 homes as delivered, sq ft.",
            minimum=1,
        ),
        Column("hoa_monthly_usd", "float", "Association fee, USD a month.", minimum=0),
        Column("days_on_market", "integer", "Days between listing and observation.", minimum=0),
        Column("owner_name", "text", "Owner of record."),
        Column("owner_mailing_address", "text", "Owner's mailing address, one line."),
        _flag("owner_occupied", "True where the owner lives at the property."),
        _price("last_sale_price_usd", "Price of the sale before this record, USD."),
        Column("last_sale_date", "date", "Date of that earlier sale."),
        _price("assessed_value_usd", "Assessed value of the roll, USD."),
        Column("tax_annual_usd", "float", "Property tax, USD a year.", minimum=0),
        Column("description", "text", "Remarks as delivered."),
    ),
)

PROPERTY_REJECTS = TableSpec(
    schema="raw",
    name="property_rejects",
    description="Every received row that did not become a property: refused, or a duplicate of another.",
    key=("county", "month", "source", "source_file", "source_row"),
    columns=(
        COUNTY,
        MONTH,
        Column("source", "text", "Name of the source.", nullable=False),
        Column("source_file", "text", "File name the row came from.", nullable=False),
        Column("file_sha256", "text", "SHA-256 of that file.", nullable=False),
        Column("source_row", "integer", "Row number in the file.", nullable=False, minimum=1),
        Column(
            "disposition", "text", "Why the row is here.", nullable=False, allowed=("rejected", "duplicate")
        ),
        Column("reason_code", "text", "Code of the first fault found.", nullable=False),
        Column("reason_codes", "text", "Codes of all faults found, comma-separated.", nullable=False),
        Column("field", "text", "Canonical field at fault; null where the whole row is."),
        Column("reason", "text", "The fault in a sentence.", nullable=False),
        Column("duplicate_of", "text", "property_id of the record that was kept, for a duplicate."),
        Column("raw_record", "json", "The row as received, as a JSON object of text values.", nullable=False),
        # Null in rows that were written before it was kept.
        Column("map_version", "text", "Hash of the map and bounds the row was judged by."),
    ),
)

SOURCE_FILES = TableSpec(
    schema="raw",
    name="source_files",
    description="What was received: rows per source file and partition, with the file's hash.",
    key=("county", "month", "source", "source_file"),
    columns=(
        COUNTY,
        MONTH,
        Column("source", "text", "Name of the source.", nullable=False),
        Column("source_file", "text", "File name.", nullable=False),
        Column("file_sha256", "text", "SHA-256 of the file.", nullable=False),
        Column("rows_received", "integer", "Rows of the file in this partition.", nullable=False, minimum=1),
        Column("file_rows", "integer", "Rows of the whole file, all months.", nullable=False, minimum=1),
        _flag("is_simulated", "True where the rows were generated.", nullable=False),
    ),
)

# Enrichment fields by group: the group is the unit of a provider chain.
ENRICHMENT_GROUPS: dict[str, tuple[Column, ...]] = {
    "demographics": (
        Column("zip_population", "float", "Population of the ZIP.", minimum=0),
        _price("zip_median_income_usd", "Median household income of the ZIP, USD a year."),
        _price("zip_median_home_value_usd", "Median home value of the ZIP, USD."),
        Column("zip_median_age_years", "float", "Median age in the ZIP, years.", minimum=0, maximum=120),
        Column("zip_owner_occupied_pct", "float", "Owner-occupied housing units, %.", minimum=0, maximum=100),
        Column("zip_unemployment_pct", "float", "Unemployment rate, %.", minimum=0, maximum=100),
    ),
    "rent": (
        _price("zip_median_rent_usd", "Median gross rent of the ZIP, USD a month."),
        _price("bedroom_rent_usd", "Fair market rent for the bedroom count in the ZIP, USD a month."),
    ),
    "assessor": (
        _price("assessed_value_usd", "Assessed value, USD."),
        _price("roll_market_value_usd", "Market value of the roll, USD."),
        Column("tax_annual_usd", "float", "Property tax, USD a year.", minimum=0),
        _price("last_sale_price_usd", "Last recorded sale price before the month, USD."),
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
        Column("owner_name", "text", "Owner of record."),
        Column("owner_mailing_address", "text", "Owner's mailing address, one line."),
        Column("owner_mailing_state", "text", "State of the owner's mailing address, two letters."),
        Column(
            "owner_since_date",
            "date",
            "Earliest date of the owner's unbroken tenure as far as the source reaches.",
        ),
        _flag("owner_occupied", "True where the provider says that the owner lives at the property."),
    ),
    "tax": (
        _flag("is_tax_delinquent", "True where unpaid taxes of the property were offered at a tax sale."),
        Column("tax_delinquent_usd", "float", "Taxes unpaid and offered, USD.", minimum=0),
        Column("tax_sale_year", "integer", "Latest tax year offered.", minimum=1900, maximum=2200),
    ),
    "flood": (
        Column("flood_zone_code", "text", "FEMA flood zone; null is unknown, not low risk."),
        _flag("is_flood_hazard_area", "True inside a special flood hazard area."),
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
    description="One row a property: the value used for each enriched field; null where none was found.",
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
)

ENRICHMENT_FACTS = TableSpec(
    schema="raw",
    name="enrichment_facts",
    description="Provenance per field, long form: what each provider said, used or not, and why not.",
    key=("county", "month", "property_id", "field", "provider"),
    columns=(
        COUNTY,
        MONTH,
        PROPERTY_ID,
        Column("field", "text", "Enriched field.", nullable=False),
        Column("provider", "text", "Provider asked; `none` where no provider is configured.", nullable=False),
        Column("value", "text", "Value as text; null where there is none."),
        _flag("is_used", "True where this value stands in enrichments.", nullable=False),
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
                "VINTAGE_TOO_LATE",
                "LOWER_PRIORITY",
                "LOW_CONFIDENCE",
                "NO_COVERAGE",
                *(failure.value for failure in Failure),
            ),
        ),
        Column("source_url", "text", "Where the value came from, without any key."),
        Column("retrieved_at", "timestamp", "When it was retrieved."),
        Column("vintage", "date", "Last day of the period the value describes."),
        _flag(
            "is_later_vintage",
            "True where the vintage lies after the month and the county allows that.",
            False,
        ),
        _share("confidence", "Confidence in the value."),
        Column("cost_usd", "float", "What the answer cost, USD.", nullable=False, minimum=0),
        _flag("simulated", "True where the value was generated.", nullable=False),
    ),
)

NEARBY_SALES = TableSpec(
    schema="raw",
    name="nearby_sales",
    description="Figures of the nearest earlier sales around each property; sales before the month only.",
    key=("county", "month", "property_id"),
    columns=(
        COUNTY,
        MONTH,
        PROPERTY_ID,
        Column("nearby_sale_count", "integer", "Earlier sales used.", nullable=False, minimum=0),
        _price("nearby_price_per_sqft_usd", "Distance-weighted price per sq ft of those sales, USD."),
        _price("nearby_median_price_usd", "Median price of those sales, USD."),
        Column("nearby_mean_distance_mi", "float", "Mean distance of those sales, miles.", minimum=0),
    ),
)

COMPARABLES = TableSpec(
    schema="raw",
    name="comparables",
    description="Up to 8 earlier sales per property, with the adjustments that bring each to the subject.",
    key=("county", "month", "property_id", "comp_rank"),
    columns=(
        COUNTY,
        MONTH,
        PROPERTY_ID,
        Column("comp_rank", "integer", "1 is the most alike.", nullable=False, minimum=1, maximum=8),
        Column("comp_property_id", "text", "property_id of the sale.", nullable=False),
        Column("comp_street", "text", "Street line of the sale."),
        Column("comp_zip", "text", "ZIP of the sale."),
        Column("comp_latitude", "float", "Degrees north.", minimum=-90, maximum=90),
        Column("comp_longitude", "float", "Degrees east.", minimum=-180, maximum=180),
        Column("comp_sale_date", "date", "Date of the sale.", nullable=False),
        Column("comp_sale_price_usd", "float", "Price of the sale, USD.", nullable=False, minimum=0.01),
        Column("comp_living_area_sqft", "float", "Living area of the sale, sq ft.", minimum=1),
        Column("comp_bedrooms", "float", "Bedrooms of the sale.", minimum=0),
        Column("comp_bathrooms", "float", "Bathrooms of the sale.", minimum=0),
        Column("comp_year_built", "integer", "Year of construction of the sale."),
        Column("distance_mi", "float", "Distance to the subject, miles.", nullable=False, minimum=0),
        Column(
            "months_ago",
            "float",
            "Months from the sale to the first of the month.",
            nullable=False,
            minimum=0,
        ),
        Column("similarity", "float", "0 unlike to 1 alike.", nullable=False, minimum=0, maximum=1),
        Column("adj_time_usd", "float", "Time adjustment, USD.", nullable=False),
        Column("adj_living_area_usd", "float", "Living-area adjustment, USD.", nullable=False),
        Column("adj_lot_area_usd", "float", "Lot-area adjustment, USD.", nullable=False),
        Column("adj_bedrooms_usd", "float", "Bedroom adjustment, USD.", nullable=False),
        Column("adj_bathrooms_usd", "float", "Bathroom adjustment, USD.", nullable=False),
        Column("adj_age_usd", "float", "Age adjustment, USD.", nullable=False),
        Column("adj_quality_usd", "float", "Construction-grade adjustment, USD.", nullable=False),
        Column("adj_condition_usd", "float", "Condition adjustment, USD.", nullable=False),
        Column(
            "adj_repair_usd", "float", "What good condition would add, USD; in the ARV alone.", nullable=False
        ),
        Column(
            "adj_gross_pct",
            "float",
            "Sum of absolute adjustments, % of the price.",
            nullable=False,
            minimum=0,
        ),
        Column("adj_net_pct", "float", "Sum of the adjustments with their signs, % of the price."),
        Column("adjusted_price_usd", "float", "Price after adjustments, USD.", nullable=False, minimum=0.01),
        Column("weight", "float", "Weight in the reconciled value.", nullable=False, minimum=0, maximum=1),
        _flag("is_simulated", "True where the sale was generated.", nullable=False),
    ),
)

SCORE_COMPONENTS = (
    "undervaluation",
    "yield",
    "equity",
    "motivation",
    "market",
    "condition",
    "data_confidence",
)

SCORES = TableSpec(
    schema="raw",
    name="scores",
    description="Market value, investment measures and bird_dog_score of each property, with reasons.",
    key=("county", "month", "property_id"),
    columns=(
        COUNTY,
        MONTH,
        PROPERTY_ID,
        Column(
            "value_status",
            "text",
            "valued, or why there is no value.",
            nullable=False,
            allowed=("valued", "INSUFFICIENT_SALES", "MISSING_INPUTS"),
        ),
        Column("model_kind", "text", "Model that made the value.", allowed=("county", "pooled")),
        Column("model_id", "text", "Fingerprint of that model."),
        _price("market_value_p10_usd", "Market value, lower bound of the 80 % interval, USD."),
        _price("market_value_p50_usd", "Market value, median, USD."),
        _price("market_value_p90_usd", "Market value, upper bound of the 80 % interval, USD."),
        _price("asking_price_usd", "List price, or the recorded price where it serves as one, USD."),
        _flag("is_asking_price_assumed", "True where the recorded price serves as asking price.", False),
        Column("discount_to_value_pct", "float", "(P50 - asking price) / P50, %."),
        _share("discount_probability", "Probability that the value is above the asking price."),
        _price("arv_usd", "After-repair value reconciled from comparables, USD."),
        _price("arv_low_usd", "Lower end of the ARV range, USD."),
        _price("arv_high_usd", "Upper end of the ARV range, USD."),
        Column(
            "comparable_count", "integer", "Comparables behind the ARV.", nullable=False, minimum=0, maximum=8
        ),
        Column("repair_estimate_usd", "float", "Repairs by condition and area, USD.", minimum=0),
        Column("max_allowable_offer_usd", "float", "ARV x factor - repairs, USD; may be negative."),
        _price("rent_monthly_usd", "Rent estimate, USD a month."),
        _price("rent_low_usd", "Lower end of the rent range, USD a month."),
        _price("rent_high_usd", "Upper end of the rent range, USD a month."),
        Column("noi_usd", "float", "Net operating income, USD a year."),
        Column("cap_rate_pct", "float", "NOI / asking price, %."),
        Column("cash_on_cash_pct", "float", "Cash flow after debt service / cash invested, %."),
        Column("dscr", "float", "NOI / debt service."),
        Column("gross_rent_multiplier", "float", "Asking price / gross annual rent.", minimum=0),
        _flag("meets_one_percent_rule", "True where a month's rent is at least 1 % of the asking price."),
        Column(
            "brrrr_cash_left_usd", "float", "Cash left in after refinancing at ARV, USD; below 0 paid out."
        ),
        *(
            Column(f"irr_{case}_pct", "float", f"IRR of holding and selling, {case} case, %.")
            for case in ("bear", "base", "bull")
        ),
        Column("flip_profit_usd", "float", "ARV less price, repairs, holding and selling costs, USD."),
        Column("flip_roi_pct", "float", "Flip profit / cash invested, %."),
        Column("equity_usd", "float", "P50 less the loan, where a loan is known, USD."),
        Column("ltv_pct", "float", "Loan to value, where a loan is known, %.", minimum=0),
        *(
            _share(f"component_{name}", f"Score component {name.replace('_', ' ')}; null where unknown.")
            for name in SCORE_COMPONENTS
        ),
        _share("confidence", "Confidence in the score, from data completeness and interval width."),
        Column("bird_dog_score", "float", "0 to 100; null where there is no value.", minimum=0, maximum=100),
        Column("score_class", "text", "Class.", allowed=("excellent", "good", "fair", "poor")),
        Column("points", "json", "Points of each part as JSON; they add up to the score. Null without one."),
        Column("reasons", "json", "Up to 5 positive and 5 negative reasons, as JSON.", nullable=False),
        Column("neighborhood", "text", "Target neighbourhood the ZIP lies in."),
        Column("neighborhood_multiplier", "float", "Its multiplier; 1 outside.", nullable=False, minimum=0),
        Column("config_version", "text", "Hash of the scoring and county settings used.", nullable=False),
        _flag("is_simulated", "True where the property was generated.", nullable=False),
    ),
)

VALUE_CONTRIBUTIONS = TableSpec(
    schema="raw",
    name="value_contributions",
    description="What moves each value away from the county's median, in dollars that add up to the cent.",
    key=("county", "month", "property_id", "contribution_rank"),
    columns=(
        COUNTY,
        MONTH,
        PROPERTY_ID,
        Column(
            "contribution_rank",
            "integer",
            "0 the base, then the causes by size, last the rest.",
            nullable=False,
            minimum=0,
            maximum=11,
        ),
        Column(
            "kind",
            "text",
            "base: median P50 of the model's training sales at the valued month; feature; other: the rest.",
            nullable=False,
            allowed=("base", "feature", "other"),
        ),
        Column("feature", "text", "The cause: a column of features, or several of one kind.", nullable=False),
        Column("feature_value", "text", "The property's own value of it, with its unit; null where unknown."),
        Column("contribution_usd", "float", "USD; base, causes and rest add up to P50.", nullable=False),
        Column("model_id", "text", "Fingerprint of the model that gave the value.", nullable=False),
        _flag("is_simulated", "True where the property was generated.", nullable=False),
    ),
)

MEMOS = TableSpec(
    schema="raw",
    name="memos",
    description="Manifest of the investor memos in the lake.",
    key=("county", "month", "property_id"),
    columns=(
        COUNTY,
        MONTH,
        PROPERTY_ID,
        Column("memo_rank", "integer", "Rank by score in the partition.", nullable=False, minimum=1),
        Column("bird_dog_score", "float", "Score on the memo.", nullable=False, minimum=0, maximum=100),
        Column("pdf_path", "text", "Path of the PDF below the lake.", nullable=False),
        Column("html_path", "text", "Path of the HTML below the lake.", nullable=False),
        Column("pdf_sha256", "text", "SHA-256 of the PDF.", nullable=False),
        Column("html_sha256", "text", "SHA-256 of the HTML.", nullable=False),
        Column("template_version", "text", "Hash of templates and styles.", nullable=False),
        # Null in rows that were written before it was kept.
        Column("render_key", "text", "SHA-256 of page, templates and renderer; equal keys are equal PDFs."),
        Column("model_id", "text", "Model behind the value."),
        _flag("is_simulated", "True where the property was generated.", nullable=False),
    ),
)

SALE_VALIDITY = TableSpec(
    schema="raw",
    name="sale_validity",
    description="Every reported sale with date and price, and whether it says something about market prices.",
    key=("county", "month", "property_id"),
    columns=(
        COUNTY,
        MONTH,
        PROPERTY_ID,
        _flag("is_simulated", "True where the sale was generated, not observed.", nullable=False),
        Column("sale_date", "date", "Date of the sale that the record reports.", nullable=False),
        Column("sale_price_usd", "float", "Price of that sale, USD.", nullable=False, minimum=0.01),
        Column("sale_validity", "text", "VALID, or the code of the first fault found.", nullable=False),
        Column("sale_faults", "text", "Codes of all faults found, comma-separated; null where valid."),
        _flag(
            "is_arms_length",
            "True where the price was paid on the market for this property: valid, or only resold soon.",
            nullable=False,
        ),
        Column("earlier_sale_date", "date", "Date of the same property's earlier sale within the window."),
    ),
)

OWNER_TYPES = ("person", "company", "trust", "bank", "government", "unknown")
OCCUPANCIES = ("owner_occupied", "absentee_in_state", "absentee_out_of_state", "absentee", "unknown")

OWNER_SIGNALS = TableSpec(
    schema="raw",
    name="owner_signals",
    description="What name and mailing address say of each owner: kind, whether at home, how long.",
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
        _flag("is_absentee_owner", "True where the owner lives elsewhere; null where unknown."),
        _flag("is_absentee_out_of_state", "True where the owner lives in another state; null where unknown."),
        Column(
            "owner_tenure_years",
            "float",
            "Years from owner_since_date to the first of the month, of 365.25 days; a lower bound.",
            minimum=0,
        ),
    ),
)

MODEL_PROMOTIONS = TableSpec(
    schema="raw",
    name="model_promotions",
    description="Which model values a county's month: the candidate, or the one in use before; and why.",
    key=("county", "month"),
    columns=(
        COUNTY,
        MONTH,
        Column("candidate_id", "text", "Fingerprint of the model trained for the month; null without one."),
        Column("candidate_kind", "text", "Its kind.", allowed=("county", "pooled")),
        Column("champion_id", "text", "Fingerprint of the model in use before; null without one."),
        Column("champion_month", "text", "Month that one was trained for, as YYYY-MM."),
        Column("used_id", "text", "Fingerprint of the model that values the month; null without one."),
        Column("used_month", "text", "Month that one was trained for, as YYYY-MM."),
        _flag("promoted", "True where the candidate values the month.", nullable=False),
        Column("decision", "text", "Code of the decision.", nullable=False, allowed=PROMOTION_DECISIONS),
        Column("reasons", "json", "Why, in sentences with figures, as a JSON array.", nullable=False),
        Column("judged_sales", "integer", "Sales the candidate was judged by.", nullable=False, minimum=0),
        Column("compared_sales", "integer", "Sales both were judged by.", nullable=False, minimum=0),
        Column("candidate_metrics", "json", "Its figures: own sales, and those compared.", nullable=False),
        Column("champion_metrics", "json", "The champion's: own sales, and those compared.", nullable=False),
        _flag("is_simulated", "True where the properties of the month are generated.", nullable=False),
    ),
)

_STUDY_FIGURES = (
    ("median_ratio", "Median of value / price.", True),
    ("cod", "Coefficient of dispersion, %.", True),
    ("prd", "Price-related differential; null within a price decile, as the next four.", True),
    ("prb", "Price-related bias.", True),
    ("ki", "Kakwani index.", False),
    ("mki", "Modified Kakwani index.", True),
    ("log_r2", "Share of the variance of the log price explained.", False),
    ("mdape_pct", "Median absolute error, %.", False),
    ("interval_coverage", "Share of the prices between P10 and P90.", False),
)

RATIO_STUDIES = TableSpec(
    schema="raw",
    name="ratio_studies",
    description="Values against the month's valid sales, by group; null below the least number of sales.",
    key=("county", "month", "grouping", "group_value"),
    columns=(
        COUNTY,
        MONTH,
        Column("grouping", "text", "What the sales are grouped by.", nullable=False, allowed=RATIO_GROUPINGS),
        Column("group_value", "text", "`all`, decile of price 01 to 10, ZIP or type.", nullable=False),
        Column("n", "integer", "Sales with a value.", nullable=False, minimum=0),
        *(
            column
            for name, meaning, has_interval in _STUDY_FIGURES
            for column in (
                Column(name, "float", meaning),
                *(
                    Column(f"{name}_{end}", "float", f"{end.capitalize()} end of its 95 % interval.")
                    for end in (("low", "high") if has_interval else ())
                ),
            )
        ),
        _flag("is_simulated", "True where all properties of the month are generated.", nullable=False),
    ),
)

TABLES: dict[str, TableSpec] = {
    spec.name: spec
    for spec in (
        PROPERTIES,
        PROPERTY_REJECTS,
        SOURCE_FILES,
        ENRICHMENTS,
        ENRICHMENT_FACTS,
        NEARBY_SALES,
        COMPARABLES,
        SCORES,
        VALUE_CONTRIBUTIONS,
        MEMOS,
        SALE_VALIDITY,
        OWNER_SIGNALS,
        MODEL_PROMOTIONS,
        RATIO_STUDIES,
    )
}
