"""Which providers a county asks for which enrichment fields, as configuration."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from realestate_assets.domain.core.strict_model import StrictModel
from realestate_assets.domain.counties.enrichment_rules import Rules
from realestate_assets.domain.counties.providers.kinds import HttpProvider
from realestate_assets.domain.tables import ENRICHMENT_FIELDS, ENRICHMENT_GROUPS

SIMULATED_PROVIDER = "simulated"
ALL_GROUPS = "default"
ENOUGH_CONFIDENCE = 0.7


class TableProvider(StrictModel):
    """A user-supplied reference file joined by ZIP or APN.

    `fields` names the enrichment field and the file's column; `bedroom_rents` lists rent columns for
    0, 1, 2 … bedrooms (the last one serves all above) and fills bedroom_rent_usd.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")
    file: str = Field(description="Path below the reference folder; CSV or Parquet.")
    join: str = Field(pattern=r"^(zip|apn)$")
    key_column: str
    vintage: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="Last day the figures describe.")
    source_url: str | None = None
    confidence: float = Field(default=0.9, ge=0, le=1)
    # For figures that barely move: used even where they describe a later time than the month, and marked.
    allow_later_vintage: bool = False
    fields: dict[str, str] = Field(default_factory=dict)
    bedroom_rents: tuple[str, ...] = ()

    @field_validator("file")
    @classmethod
    def _inside(cls, value: str) -> str:
        if Path(value).is_absolute() or ".." in Path(value).parts:
            raise ValueError("file must lie below the reference folder")
        return value

    @model_validator(mode="after")
    def _known_fields(self) -> "TableProvider":
        if unknown := set(self.fields) - {column.name for column in ENRICHMENT_FIELDS}:
            raise ValueError(f"fields {sorted(unknown)} are not enrichment fields")
        if not self.fields and not self.bedroom_rents:
            raise ValueError("fields or bedroom_rents must name at least one column")
        return self


class Enrichment(StrictModel):
    """Which providers are asked for which group of fields, in order."""

    tables: tuple[TableProvider, ...] = ()
    providers: tuple[HttpProvider, ...] = ()
    # group of tables.ENRICHMENT_GROUPS -> provider names in order; `simulated` serves the sample only.
    chains: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    # Confidence from which a value settles its field, so that nobody else is asked: one number for all
    # groups, or `default` and groups by name.
    enough_confidence: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    # A chain that asks a paid provider before a free one is refused unless this says so.
    paid_first: bool = False

    @field_validator("enough_confidence", mode="before")
    @classmethod
    def _one_for_all(cls, value: object) -> object:
        return {ALL_GROUPS: value} if isinstance(value, int | float) else value

    @property
    def rules(self) -> Rules:
        """Whom the county believes."""
        plain = self.enough_confidence.get(ALL_GROUPS, ENOUGH_CONFIDENCE)
        every = (*self.tables, *self.providers)
        return Rules(
            chains=self.chains,
            enough_confidence=dict.fromkeys(ENRICHMENT_GROUPS, plain) | self.enough_confidence,
            later_vintage=frozenset(p.name for p in every if p.allow_later_vintage),
        )

    @model_validator(mode="after")
    def _groups_are_known(self) -> "Enrichment":
        if unknown := set(self.enough_confidence) - {*ENRICHMENT_GROUPS, ALL_GROUPS}:
            raise ValueError(
                f"enough_confidence names {sorted(unknown)}; groups: {sorted(ENRICHMENT_GROUPS)}"
            )
        return self

    @model_validator(mode="after")
    def _chains_are_known(self) -> "Enrichment":
        names = [provider.name for provider in (*self.tables, *self.providers)]
        if len(set(names)) != len(names) or SIMULATED_PROVIDER in names:
            raise ValueError(f"provider names must differ from each other and from {SIMULATED_PROVIDER!r}")
        if unknown := set(self.chains) - set(ENRICHMENT_GROUPS):
            raise ValueError(f"chains {sorted(unknown)} are not groups; groups: {sorted(ENRICHMENT_GROUPS)}")
        asked = {name for chain in self.chains.values() for name in chain}
        if unknown := asked - {*names, SIMULATED_PROVIDER}:
            raise ValueError(f"chains name the providers {sorted(unknown)}, which there are not")
        return self
