"""What a county says of sale validity beside the rules that ship."""

from pydantic import Field, field_validator

from realestate_assets.domain.core.strict_model import StrictModel


class SaleRuleChanges(StrictModel):
    """A county's own rules; what it does not say stays as it ships.

    Args:
        minimum_price_usd: below this a price is nominal.
        resale_window_days: a second sale within so many days is no witness of value.
        more_deeds: words of a deed type that say the parties did not meet on the market.
        market_deeds: words that ship among those and mean a market sale here.
    """

    minimum_price_usd: float | None = Field(default=None, gt=0, le=1_000_000)
    resale_window_days: int | None = Field(default=None, ge=1, le=3_650)
    more_deeds: tuple[str, ...] = ()
    market_deeds: tuple[str, ...] = ()

    @field_validator("more_deeds", "market_deeds", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return tuple(str(words).lower() for words in value) if isinstance(value, list | tuple) else value
