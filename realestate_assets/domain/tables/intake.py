"""What was received: properties, rejects and the files they came from."""

from realestate_assets.domain.tables.columns import (
    BY_PROPERTY,
    COUNTY,
    LISTING_STATUSES,
    MAX_BEDROOMS,
    MAX_LIVING_AREA_SQFT,
    MONTH,
    PROPERTY_ID,
    PROPERTY_TYPES,
    flag,
    price,
)
from resources.warehouse.table_spec import Column, TableSpec

# Below are nightly and weekly rates, above deposits and prices of sales.
MIN_RENT_USD, MAX_RENT_USD = 100, 100_000

PROPERTIES = TableSpec(
    schema="raw",
    name="properties",
    grain="One row a property and month.",
    description="Canonical records: mapped, typed, normalised, de-duplicated.",
    key=("county", "month", "property_id"),
    columns=(
        COUNTY,
        MONTH,
        PROPERTY_ID,
        Column("source", "text", "Name of the source in the county's YAML.", nullable=False),
        Column("source_id", "text", "The source's own id of the record."),
        Column("source_file", "text", "File name the record came from; `sample` for generated records."),
        Column("source_row", "integer", "Row number in the file, the first data row being 1.", minimum=1),
        flag("is_simulated", "True where the record was generated, not observed.", nullable=False),
        Column("url", "text", "Address of the listing page."),
        Column("apn", "text", "Assessor's parcel number, normalised, leading zeros kept."),
        Column("street", "text", "Street line, normalised to USPS abbreviations, upper case."),
        Column("unit", "text", "Unit designator and number, normalised."),
        Column("city", "text", "City, upper case."),
        Column("state", "text", "Two-letter state code."),
        Column("zip", "text", "Five-digit ZIP code."),
        Column(
            "place_code",
            "text",
            "Neighbourhood or district by the source's own code; the place of a home without a ZIP.",
        ),
        Column("latitude", "float", "Degrees north, WGS 84.", minimum=-90, maximum=90),
        Column("longitude", "float", "Degrees east, WGS 84.", minimum=-180, maximum=180),
        Column("property_type", "text", "Kind of property.", allowed=PROPERTY_TYPES),
        Column("listing_status", "text", "State of the listing.", allowed=LISTING_STATUSES),
        price("list_price_usd", "Asking price, USD."),
        flag("is_list_price_assumed", "True where the recorded price serves as asking price too.", False),
        price("sale_price_usd", "Price of the sale this record reports, USD."),
        Column("sale_date", "date", "Date of that sale."),
        Column("sale_document_id", "text", "Number of the recorded document of that sale."),
        Column("deed_type", "text", "Kind of deed of that sale, as the source calls it."),
        Column(
            "sale_verdict",
            "text",
            "What the source itself says of that sale.",
            allowed=("market", "not_market"),
        ),
        Column("seller_name", "text", "Seller of that sale.", is_personal=True),
        Column("buyer_name", "text", "Buyer of that sale.", is_personal=True),
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
        flag("is_waterfront", "True where the lot lies on water."),
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
        Column("owner_name", "text", "Owner of record.", is_personal=True),
        Column("owner_mailing_address", "text", "Owner's mailing address, one line.", is_personal=True),
        flag("owner_occupied", "True where the owner lives at the property."),
        price("last_sale_price_usd", "Price of the sale before this record, USD."),
        Column("last_sale_date", "date", "Date of that earlier sale."),
        price("assessed_value_usd", "Assessed value of the roll, USD."),
        Column("tax_annual_usd", "float", "Property tax, USD a year.", minimum=0),
        Column("description", "text", "Remarks as delivered."),
        Column("photo_urls", "text", "Addresses of photos as delivered, a blank or comma between them."),
        Column(
            "extra_features",
            "json",
            "Facts of the source's own that the value model may use, as a JSON object; null where none.",
        ),
    ),
    indexes=(BY_PROPERTY,),
)

RENTS = TableSpec(
    schema="raw",
    name="rents",
    grain="One row a rent asked in a month, whatever number of advertisements tell of it.",
    description="Rental advertisements: mapped, typed, reposts of one home taken together. Neither property "
    "nor offer comes of them.",
    key=("county", "month", "source", "source_file", "source_row"),
    columns=(
        COUNTY,
        MONTH,
        Column("source", "text", "Name of the source in the county's YAML.", nullable=False),
        Column("source_file", "text", "File name the advertisement came from.", nullable=False),
        Column("source_row", "integer", "Its row in the file, the first being 1.", nullable=False, minimum=1),
        Column("source_id", "text", "The source's own id of the advertisement."),
        flag("is_simulated", "True where the row was generated, not observed.", nullable=False),
        Column("url", "text", "Address of the advertisement."),
        Column("observed_date", "date", "Day it was posted or seen; it decides the month.", nullable=False),
        Column(
            "rent_monthly_usd",
            "float",
            "Rent asked, USD a month.",
            nullable=False,
            minimum=MIN_RENT_USD,
            maximum=MAX_RENT_USD,
        ),
        Column("property_type", "text", "Kind of home.", allowed=PROPERTY_TYPES),
        Column("bedrooms", "float", "Bedrooms; 0 a studio.", minimum=0, maximum=MAX_BEDROOMS),
        Column("bathrooms", "float", "Bathrooms, quarters allowed.", minimum=0, maximum=40),
        Column("living_area_sqft", "float", "Living area, sq ft.", minimum=1, maximum=MAX_LIVING_AREA_SQFT),
        Column("street", "text", "Street line, normalised; most advertisements have none."),
        Column("unit", "text", "Unit designator and number, normalised."),
        Column("city", "text", "City, town or part of it as the advertisement calls it, upper case."),
        Column("state", "text", "Two-letter state code."),
        Column("zip", "text", "Five-digit ZIP code."),
        Column("place_code", "text", "Neighbourhood or district by the source's own code."),
        Column("latitude", "float", "Degrees north, WGS 84.", minimum=-90, maximum=90),
        Column("longitude", "float", "Degrees east, WGS 84.", minimum=-180, maximum=180),
        Column("title", "text", "Title of the advertisement as delivered."),
        Column(
            "advertisements",
            "integer",
            "Advertisements of the month that tell of this rent, itself included.",
            nullable=False,
            minimum=1,
        ),
    ),
)

PROPERTY_REJECTS = TableSpec(
    schema="raw",
    name="property_rejects",
    grain="One row a received row that became no property and no rent.",
    description="Rows that were refused, and duplicates of others.",
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
        Column(
            "duplicate_of", "text", "property_id of the record that was kept, for a duplicate of a property."
        ),
        Column(
            "raw_record",
            "json",
            "The row as received, as a JSON object of text values.",
            nullable=False,
            is_personal=True,
        ),
        # Null in rows that were written before it was kept.
        Column("map_version", "text", "Hash of the map and bounds the row was judged by."),
    ),
)

SOURCE_FILES = TableSpec(
    schema="raw",
    name="source_files",
    grain="One row a source file and partition it was read for.",
    description="What was received: rows of each file, with its hash. Those of the partition, those of other "
    "months and those without a date are all that it sent.",
    key=("county", "month", "source", "source_file"),
    columns=(
        COUNTY,
        MONTH,
        Column("source", "text", "Name of the source.", nullable=False),
        Column("source_file", "text", "File name.", nullable=False),
        Column("file_sha256", "text", "SHA-256 of the file.", nullable=False),
        Column("rows_received", "integer", "Rows of the file in this partition.", nullable=False, minimum=0),
        Column("file_rows", "integer", "Rows of the whole file, all months.", nullable=False, minimum=1),
        flag("is_simulated", "True where the rows were generated.", nullable=False),
        # Null in rows that were written before they were kept.
        Column("rows_of_other_months", "integer", "Rows with a date that lie in other months.", minimum=0),
        Column(
            "rows_undated", "integer", "Rows without a readable date, refused in another month.", minimum=0
        ),
        Column(
            "file_offers",
            "integer",
            "Records beside the rows of the file: a row that tells of a listing and of its sale is an offer "
            "in the month of the listing, too.",
            minimum=0,
        ),
    ),
)
