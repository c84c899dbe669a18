"""What earlier sales say of a property: which of them count, those nearby, and those alike."""

from realestate_assets.domain.tables.columns import BY_PROPERTY, COUNTY, MONTH, PROPERTY_ID, flag, price
from resources.warehouse.table_spec import Column, TableSpec

SALE_VALIDITY = TableSpec(
    schema="raw",
    name="sale_validity",
    grain="One row a record that reports a sale with date and price.",
    description="Whether the sale says something about market prices.",
    key=("county", "month", "property_id"),
    columns=(
        COUNTY,
        MONTH,
        PROPERTY_ID,
        flag("is_simulated", "True where the sale was generated, not observed.", nullable=False),
        Column("sale_date", "date", "Date of the sale that the record reports.", nullable=False),
        Column("sale_price_usd", "float", "Price of that sale, USD.", nullable=False, minimum=0.01),
        Column("sale_validity", "text", "VALID, or the code of the first fault found.", nullable=False),
        Column("sale_faults", "text", "Codes of all faults found, comma-separated; null where valid."),
        flag(
            "is_arms_length",
            "True where the price was paid on the market for this property: valid, or only resold soon.",
            nullable=False,
        ),
        Column("earlier_sale_date", "date", "Date of the same property's earlier sale within the window."),
    ),
    indexes=(BY_PROPERTY,),
)

NEARBY_SALES = TableSpec(
    schema="raw",
    name="nearby_sales",
    grain="One row a property and month.",
    description="Figures of the nearest earlier sales around it; sales before the month only.",
    key=("county", "month", "property_id"),
    columns=(
        COUNTY,
        MONTH,
        PROPERTY_ID,
        Column("nearby_sale_count", "integer", "Earlier sales used.", nullable=False, minimum=0),
        price("nearby_price_per_sqft_usd", "Distance-weighted price per sq ft of those sales, USD."),
        price("nearby_median_price_usd", "Median price of those sales, USD."),
        Column("nearby_mean_distance_mi", "float", "Mean distance of those sales, miles.", minimum=0),
    ),
    indexes=(BY_PROPERTY,),
)

COMPARABLES = TableSpec(
    schema="raw",
    name="comparables",
    grain="One row a property and comparable, up to 8.",
    description="Earlier sales alike, with the adjustments that bring each to the subject.",
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
        Column(
            "distance_mi",
            "float",
            "Distance to the subject, miles; null where the county knows places and no coordinates.",
            minimum=0,
        ),
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
        flag("is_simulated", "True where the sale was generated.", nullable=False),
    ),
    indexes=(BY_PROPERTY,),
)
