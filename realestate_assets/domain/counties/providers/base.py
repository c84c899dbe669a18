"""What the configuration of every provider says."""

from pydantic import Field

from realestate_assets.domain.core.strict_model import StrictModel


class ProviderConfig(StrictModel):
    """Name, trust and vintage rule of a provider.

    `name` is what chains, facts and the ledger call it; `api` names its entry in providers.yaml (address,
    key, limits, budget) and is the kind's own name unless said otherwise.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")
    api: str | None = Field(default=None, description="Entry of providers.yaml.")
    # Off by default: a run opens no connection unless the county says so here, or ENABLED_APIS names the API.
    enabled: bool = False
    confidence: float = Field(default=0.9, ge=0, le=1)
    # For facts that barely move (flood maps, parcel shapes): used even where they describe a later time
    # than the month, and then marked.
    allow_later_vintage: bool = False
