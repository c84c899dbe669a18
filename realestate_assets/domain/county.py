"""A county as configuration: one YAML each, validated, and nothing else to touch when one is added."""

from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from realestate_assets.domain.sources import FileSource, Source, StrictModel
from realestate_assets.domain.tables import PROPERTY_TYPES
from realestate_assets.errors import PermanentError

BUILT_IN_DIR = Path(__file__).resolve().parent.parent / "config" / "counties"


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
    """Level and mood of the market: starting values to be overridden."""

    provenance: str
    median_price_usd: float = Field(gt=0)
    heat: float = Field(gt=0, description="Below 1 cooling, above 1 hot.")
    appreciation_rate: float = Field(gt=-1, lt=1, description="Yearly share.")
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


class Underwriting(StrictModel):
    """Assumptions of the investment measures; all are printed on the memo. Rates are shares a year."""

    property_tax_rate: float = Field(default=0.011, ge=0, le=0.1)
    insurance_rate: float = Field(default=0.005, ge=0, le=0.1)
    vacancy_rate: float = Field(default=0.05, ge=0, lt=1)
    maintenance_rate: float = Field(default=0.08, ge=0, lt=1, description="Share of rent.")
    management_rate: float = Field(default=0.08, ge=0, lt=1, description="Share of collected rent.")
    down_payment_share: float = Field(default=0.25, gt=0, le=1)
    interest_rate: float = Field(default=0.07, ge=0, lt=1)
    loan_term_years: int = Field(default=30, ge=1, le=50)
    closing_cost_share: float = Field(default=0.03, ge=0, lt=1)
    selling_cost_share: float = Field(default=0.08, ge=0, lt=1)
    holding_months: int = Field(default=6, ge=0, le=60)
    mao_factor: float = Field(default=0.70, gt=0, le=1)
    repair_usd_per_sqft: dict[int, float] = Field(
        default={1: 60.0, 2: 35.0, 3: 15.0, 4: 6.0, 5: 0.0},
        description="By condition code, 1 poor to 5 very good.",
    )
    rent_range_share: float = Field(default=0.10, ge=0, lt=1, description="Half width of the rent range.")


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
    fields: dict[str, str] = Field(default_factory=dict)
    bedroom_rents: tuple[str, ...] = ()

    @field_validator("file")
    @classmethod
    def _inside(cls, value: str) -> str:
        if Path(value).is_absolute() or ".." in Path(value).parts:
            raise ValueError("file must lie below the reference folder")
        return value


class Enrichment(StrictModel):
    """Which providers are asked for which group of fields, in order."""

    tables: tuple[TableProvider, ...] = ()
    # group of tables.ENRICHMENT_GROUPS -> provider names in order; `simulated` serves the sample only.
    chains: dict[str, tuple[str, ...]] = Field(default_factory=dict)


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


class County(StrictModel):
    """One county: identity, market, sources, enrichment, underwriting, sample."""

    slug: str = Field(pattern=r"^[a-z]+(-[a-z]+)*-[a-z]{2}$")
    name: str
    state: str = Field(pattern=r"^[A-Z]{2}$")
    fips: str = Field(pattern=r"^\d{5}$")
    timezone: str
    bounds: Bounds
    market: Market
    neighborhoods: tuple[Neighborhood, ...] = ()
    underwriting: Underwriting = Underwriting()
    assessment_ratio: float = Field(default=1.0, gt=0, le=1, description="Assessed / market value by law.")
    sources: tuple[Source, ...]
    enrichment: Enrichment = Enrichment()
    sample: SampleProfile | None = None
    max_rows_per_month: int | None = Field(default=None, ge=1, description="Fetch limit; none by default.")

    @property
    def file_sources(self) -> tuple[FileSource, ...]:
        """The sources that read landed files."""
        return tuple(s for s in self.sources if isinstance(s, FileSource))

    def neighborhood_of(self, zip_code: str) -> Neighborhood | None:
        """The target neighbourhood of a ZIP; of several, the one with the higher multiplier."""
        found = [n for n in self.neighborhoods if zip_code in n.zips]
        return max(found, key=lambda n: n.multiplier, default=None)


def read_county(path: Path) -> County:
    """Read and validate one county file.

    Raises:
        PermanentError: the file is not valid YAML or not a valid county; names file and field.
    """
    try:
        county = County.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise PermanentError(f"{path.name} is not valid YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise PermanentError(
            f"{path.name} is not a valid county file: {where}: {first['msg']}.",
            remedy="Compare it with the files under realestate_assets/config/counties.",
        ) from error
    if county.slug != path.stem:
        raise PermanentError(f"{path.name} describes {county.slug}: file name and slug must agree.")
    return county


@lru_cache(maxsize=8)
def load_counties(extra_dir: Path | None = None) -> dict[str, County]:
    """All counties by slug, in alphabetical order; files in `extra_dir` add to or replace the built-in."""
    folders = [BUILT_IN_DIR] + ([extra_dir] if extra_dir else [])
    counties = {}
    for folder in folders:
        for path in sorted(folder.glob("*.yaml")):
            counties[path.stem] = read_county(path)
    return dict(sorted(counties.items()))
