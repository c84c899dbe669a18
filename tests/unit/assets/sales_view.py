"""The valid sales of the warehouse, as dbt would have made them: what the market trend of the memos reads."""

from resources.warehouse.resource import WarehouseResource
from resources.warehouse.table_spec import Column, TableSpec

SALES = TableSpec(
    "intermediate",
    "int_sales__valid",
    "Valid sales.",
    ("county", "month", "property_id"),
    (
        Column("county", "text", "County.", nullable=False),
        Column("month", "text", "Month.", nullable=False),
        Column("property_id", "text", "Property.", nullable=False),
        Column("is_simulated", "boolean", "Generated.", nullable=False),
        Column("zip", "text", "ZIP."),
        Column("sale_date", "date", "Date."),
        Column("sale_price_usd", "float", "Price."),
        Column("sale_price_per_sqft_usd", "float", "Price per sq ft."),
    ),
)


def ensure_sales(warehouse: WarehouseResource) -> None:
    """The empty table."""
    warehouse.ensure_tables([SALES])
