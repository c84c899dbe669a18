"""A county as configuration: one YAML each, validated, and nothing else to touch when one is added."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from realestate_assets.domain.core.config_file import CONFIG_DIR, validated
from realestate_assets.domain.core.states import STATE_FIPS
from realestate_assets.domain.core.strict_model import StrictModel
from realestate_assets.domain.core.timezone import TimezoneName
from realestate_assets.domain.counties.api_sources import ApiSource, Source
from realestate_assets.domain.counties.county_files import (
    PROVIDERS_FILE,
    REFERENCE_FILE,
    REVIEWS_FILE,
    expand,
)
from realestate_assets.domain.counties.enrichment_config import Enrichment
from realestate_assets.domain.counties.sale_rule_changes import SaleRuleChanges
from realestate_assets.domain.counties.sample_source import SAMPLE, RawSource, SampleSource
from realestate_assets.domain.counties.sources import FileSource, LandedSource
from realestate_assets.domain.counties.tax_rules import tax_after_sale
from realestate_assets.domain.counties.underwriting import Underwriting
from realestate_assets.domain.tables import PROPERTY_TYPES
from resources.errors import PermanentError

BUILT_IN_DIR = CONFIG_DIR / "counties"


class Bounds(StrictModel):
    """The county's box; coordinates outside it are refused."""

    south: float = Field(ge=-90, le=90)
    north: float = Field(ge=-90, le=90)
    west: float = Field(ge=-180, le=180)
    east: float = Field(ge=-180, le=180)

    @model_validator(mode="after")
    def _ordered(self) -> "Bounds":
        if self.south >= self.north or self.west >= self.east:
            raise ValueError("south < north and west < east are needed")
        return self


class Market(StrictModel):
    """Level of the market as of a month, and the buying filter: starting values to be overridden."""

    provenance: str
    as_of_month: str = Field(
        default="2024-01",
        pattern=r"^\d{4}-(0[1-9]|1[0-2])$",
        description="Month of the median price and of the appreciation rate.",
    )
    median_price_usd: float = Field(gt=0)
    heat: float | None = Field(
        default=None,
        gt=0,
        description="Read no more: heat is measured from the county's own listings. Older files may keep it.",
    )
    appreciation_rate: float = Field(
        gt=-1,
        lt=1,
        description="Yearly share. Scores take it where own sales are too few, in the year after its month.",
    )
    allow_later_vintage: bool = Field(
        default=False,
        description="Let the appreciation rate count for its own month and those before, marked as later.",
    )
    target_days_on_market: int = Field(gt=0)
    min_price_usd: float = Field(ge=0)
    max_price_usd: float = Field(gt=0)
    min_bedrooms: float = 2
    min_bathrooms: float = 1.5
    property_types: tuple[str, ...] = ("single_family", "townhouse", "condo")

    @field_validator("property_types")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := set(value) - set(PROPERTY_TYPES):
            raise ValueError(f"property types {sorted(unknown)} are not known")
        return value

    @property
    def dated_month(self) -> str | None:
        """Month of the figures, YYYY-MM; None where the file names none: a default dates nothing."""
        return self.as_of_month if "as_of_month" in self.model_fields_set else None

    def median_price_at(self, month: str) -> float:
        """The median price carried to a month (YYYY-MM) by the appreciation rate, compounded monthly."""
        months = [int(m[:4]) * 12 + int(m[5:7]) for m in (self.as_of_month, month)]
        return self.median_price_usd * (1 + self.appreciation_rate) ** ((months[1] - months[0]) / 12)


class Neighborhood(StrictModel):
    """A target neighbourhood: its ZIPs and what it multiplies the market component by."""

    name: str
    multiplier: float = Field(gt=0, le=3)
    zips: tuple[str, ...]

    @field_validator("zips")
    @classmethod
    def _five_digits(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if bad := [z for z in value if len(z) != 5 or not z.isdigit()]:
            raise ValueError(f"ZIPs {bad} are not five digits; quote them in YAML")
        return value


class NamedPlace(StrictModel):
    """A place that a search may name: where it is and how far it reaches."""

    name: str = Field(min_length=2)
    kind: Literal["city", "area", "landmark"] = Field(
        default="area", description="A landmark has homes near it and none in it."
    )
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    radius_miles: float = Field(default=1.0, gt=0, le=30, description="What counts as being there.")


class SampleProfile(StrictModel):
    """What the county's generated sample looks like."""

    zips: dict[str, tuple[float, float, float]] = Field(
        description="ZIP -> latitude and longitude of its middle, price level against the county's."
    )
    cities: dict[str, str] = Field(default_factory=dict, description="ZIP -> city.")
    living_area_sqft: float = Field(default=1800, gt=200)
    lot_area_sqft: float = Field(default=7000, gt=500)
    year_built_median: int = Field(default=1985, ge=1850, le=2020)
    condo_share: float = Field(default=0.15, ge=0, le=1)
    waterfront_share: float = Field(default=0.01, ge=0, le=1)
    # Digits between the hyphens of a parcel number; together at least 8 to be unique.
    apn_groups: tuple[int, ...] = (3, 3, 4)

    @model_validator(mode="after")
    def _usable(self) -> "SampleProfile":
        if not self.zips:
            raise ValueError("zips must not be empty")
        if missing := set(self.zips) - set(self.cities):
            raise ValueError(f"cities lacks the ZIPs {sorted(missing)}")
        if not 8 <= sum(self.apn_groups) <= 14:
            raise ValueError("apn_groups must add up to 8 to 14 digits")
        return self


class Freshness(StrictModel):
    """When a county counts as stale: it has stopped delivering, or its source has changed unnoticed."""

    # Recorders publish a sale two to four weeks after it; a month without a record is worth a look.
    max_age_days: int | None = Field(
        default=45, ge=1, description="Days since the newest real observation; null: not watched."
    )
    # Months that were landed a year after they were over are history; a county that delivered until then was
    # told to be stale for most of that year.
    backfill_age_days: int = Field(
        default=365,
        ge=1,
        description="Landed files whose newest record is older are a back-fill, not asked to be current.",
    )


class County(StrictModel):
    """One county: identity, market, sources, enrichment, underwriting, sample."""

    slug: str = Field(pattern=r"^[a-z]+(-[a-z]+)*-[a-z]{2}$")
    name: str
    state: str = Field(pattern=r"^[A-Z]{2}$")
    fips: str = Field(pattern=r"^\d{5}$")
    timezone: TimezoneName
    bounds: Bounds
    market: Market
    neighborhoods: tuple[Neighborhood, ...] = ()
    places: tuple[NamedPlace, ...] = Field(
        default=(), description="Cities, neighbourhoods and landmarks that a search may name."
    )
    underwriting: Underwriting = Field(default=Underwriting(), validate_default=True)
    assessment_ratio: float = Field(default=1.0, gt=0, le=1, description="Assessed / market value by law.")
    sources: tuple[Source, ...]
    sale_validity: SaleRuleChanges = SaleRuleChanges()
    enrichment: Enrichment = Enrichment()
    sample: SampleProfile | None = None
    max_rows_per_month: int | None = Field(default=None, ge=1, description="Fetch limit; none by default.")
    freshness: Freshness = Freshness()

    @field_validator("underwriting", mode="after")
    @classmethod
    def _taxed_by_its_state(cls, value: Underwriting, info: ValidationInfo) -> Underwriting:
        """What the county leaves open about a sale's tax, its state decides."""
        if value.tax_after_sale is not None or "state" not in info.data:
            return value
        return value.model_copy(update={"tax_after_sale": tax_after_sale(info.data["state"])})

    @model_validator(mode="after")
    def _identity_agrees(self) -> "County":
        if self.slug[-2:] != self.state.lower():
            raise ValueError(f"slug {self.slug} must end in the state, -{self.state.lower()}")
        if STATE_FIPS.get(self.state) != self.fips[:2]:
            raise ValueError(f"fips {self.fips} is not a county of {self.state}")
        return self

    @model_validator(mode="after")
    def _sources_are_ordered(self) -> "County":
        names = [source.name for source in self.sources]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"sources {repeated} are named twice")
        if any(isinstance(source, SampleSource) for source in self.sources[:-1]):
            raise ValueError("the sample must be the last source: it serves only where no other has data")
        if any(isinstance(source, SampleSource) for source in self.sources) and self.sample is None:
            raise ValueError("the sample source needs a `sample` profile")
        return self

    @property
    def file_sources(self) -> tuple[FileSource, ...]:
        """The sources of files that somebody lands."""
        return tuple(s for s in self.sources if isinstance(s, FileSource))

    @property
    def api_sources(self) -> tuple[ApiSource, ...]:
        """The sources that are fetched, where their API may be asked."""
        return tuple(s for s in self.sources if isinstance(s, ApiSource))

    @property
    def landed_sources(self) -> tuple[LandedSource, ...]:
        """The sources whose rows lie in the landing folder, put there or fetched."""
        return tuple(s for s in self.sources if isinstance(s, LandedSource))

    @property
    def raw_sources(self) -> dict[str, RawSource]:
        """By name the sources a raw row may come from: the sample's may be there from before other data."""
        sources: tuple[RawSource, ...] = (*self.landed_sources, SAMPLE)
        return {source.name: source for source in sources}

    def neighborhood_of(self, zip_code: str) -> Neighborhood | None:
        """The target neighbourhood of a ZIP; of several, the one with the higher multiplier."""
        found = [n for n in self.neighborhoods if zip_code in n.zips]
        return max(found, key=lambda n: n.multiplier, default=None)


def read_county(path: Path) -> County:
    """Read and validate one county file.

    Raises:
        PermanentError: the file is not valid YAML or not a valid county; names file and field.
    """
    county = validated(path, expand(path), County, "the files under realestate_assets/config/counties")
    if county.slug != path.stem:
        raise PermanentError(f"{path.name} describes {county.slug}: file name and slug must agree.")
    return county


def load_counties(extra_dir: Path | None = None) -> dict[str, County]:
    """The usable counties by slug, in alphabetical order; files in `extra_dir` add to or replace others.

    `extra_dir` may hold `layouts/`, a `reference.yaml` and a `providers.yaml` of its own too. A county whose
    file is not valid is left out, see `broken_counties`: the others go on.

    Raises:
        PermanentError: no county is usable.
    """
    counties, broken = _read_all(extra_dir)
    if not counties and broken:
        raise next(iter(broken.values()))
    return counties


def broken_counties(extra_dir: Path | None = None) -> dict[str, PermanentError]:
    """What is wrong with the files that are no usable county, by file name without its ending."""
    return _read_all(extra_dir)[1]


@lru_cache(maxsize=8)
def _read_all(extra_dir: Path | None) -> tuple[dict[str, County], dict[str, PermanentError]]:
    files: dict[str, Path] = {}
    for folder in [BUILT_IN_DIR] + ([extra_dir] if extra_dir else []):
        for path in sorted(folder.glob("*.yaml")):
            if path.name not in (REFERENCE_FILE, PROVIDERS_FILE, REVIEWS_FILE):
                files[path.stem] = path
    counties: dict[str, County] = {}
    broken: dict[str, PermanentError] = {}
    slugs: dict[str, str] = {}
    for slug, path in files.items():
        try:
            county = read_county(path)
            # The FIPS code goes into property_id: shared, it would make two properties one.
            if slugs.setdefault(county.fips, slug) != slug:
                raise PermanentError(
                    f"FIPS code {county.fips} is used by {slugs[county.fips]} too.", county=slug, field="fips"
                )
            counties[slug] = county
        except PermanentError as error:
            broken[slug] = error
    return dict(sorted(counties.items())), broken
