"""What the tables have in common: keys, bounds, lists of codes, and the columns written most often."""

from resources.warehouse.table_spec import Column, Index

PROPERTY_TYPES = ("single_family", "condo", "townhouse", "multi_family", "manufactured", "land", "other")
LISTING_STATUSES = ("coming_soon", "active", "pending", "sold", "withdrawn", "expired", "off_market")
# What a record is to a buyer: on offer, spoken for, gone, or a sale of a source that has no offers at all.
OFFER_STATES = ("on_offer", "under_contract", "gone", "retrospective")
# What a record says of its sale: of one deed, and known by it alone.
SALE_COLUMNS = (
    "sale_price_usd",
    "sale_date",
    "sale_document_id",
    "deed_type",
    "sale_verdict",
    "seller_name",
    "buyer_name",
    "parcels_in_sale",
)
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

# The key begins with the partition; a property's history is looked up by its id alone.
BY_PROPERTY = Index("property_id", ("property_id",))


def price(name: str, description: str) -> Column:
    """A column of dollars above zero."""
    return Column(name, "float", description, minimum=0.01, maximum=MAX_PRICE_USD)


def flag(name: str, description: str, nullable: bool = True) -> Column:
    """A column of true and false; null is unknown."""
    return Column(name, "boolean", description, nullable=nullable)


def share(name: str, description: str) -> Column:
    """A column of shares, 0 to 1."""
    return Column(name, "float", description, minimum=0.0, maximum=1.0)
