"""What analytics answer: figures of counties and months, never a home or a person."""

from pydantic import BaseModel, Field


class OfMonth(BaseModel):
    """A county's month."""

    county: str
    month: str


class Throughput(OfMonth):
    """Rows received in a county's month, and what became of them."""

    received_count: int | None = Field(description="Null where the month was never read.")
    accepted_count: int | None
    duplicate_count: int | None
    rejected_count: int | None


class Quality(OfMonth):
    """How good a county's month is."""

    passed_count: int = Field(description="Measures that hold.")
    failed_count: int
    filled_pct: float | None = Field(description="Over the fields that count, on average.")
    rejected_pct: float | None = Field(description="Of the rows received.")


class Cost(OfMonth):
    """What a provider gave and was paid in a county's month."""

    provider: str
    fact_count: int
    used_count: int = Field(description="Facts that were believed.")
    cost_usd: float
    cost_per_used_fact_usd: float | None


class Market(OfMonth):
    """A market in its newest month; `ALL` is the county."""

    zip: str
    is_simulated: bool
    property_count: int | None
    active_listing_count: int | None
    sale_count: int | None
    median_sale_price_usd: float | None
    median_sale_price_year_change_pct: float | None = Field(
        description="Against the same month a year before."
    )
    median_price_per_sqft_usd: float | None
    median_price_per_sqft_year_change_pct: float | None
    median_days_on_market: float | None


class Funnel(OfMonth):
    """From all homes of a county's newest month to those with a memo; each step is of the one before it."""

    home_count: int
    on_offer_count: int
    valued_count: int
    scored_count: int
    score_50_count: int
    score_65_count: int
    score_80_count: int
    memo_count: int = Field(description="Of those scored.")
    median_score: float | None = Field(description="Of all homes that are scored, on offer or not.")
