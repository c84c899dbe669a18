"""The assumptions behind the investment measures, and how far a stress moves them. All stand on the memo.

Defaults are starting values: each says where it comes from, and a county's YAML overrides it.
"""

from pydantic import Field, field_validator, model_validator

from realestate_assets.domain.core.strict_model import StrictModel
from realestate_assets.domain.counties.tax_rules import TaxAfterSale


class Cases(StrictModel):
    """A yearly rate in three cases."""

    bear: float = Field(gt=-1, lt=1)
    base: float = Field(gt=-1, lt=1)
    bull: float = Field(gt=-1, lt=1)

    @model_validator(mode="after")
    def _ordered(self) -> "Cases":
        if not self.bear <= self.base <= self.bull:
            raise ValueError("bear <= base <= bull is needed")
        return self


class Stress(StrictModel):
    """How far each stress moves a deal; see `scoring.stress`."""

    # A tenth is what prices lost in the mild slumps; 2007-11 took a quarter to a half of them in hard places.
    price_drop_share: float = Field(default=0.10, ge=0, lt=1, description="What a resale brings less.")
    vacancy_points: float = Field(default=0.05, ge=0, lt=1, description="Added to the vacancy rate.")
    repairs_rise_share: float = Field(default=0.25, ge=0, le=5, description="What repairs cost more.")
    # A point is about what rates move between an offer's first sum and a slow closing.
    interest_points: float = Field(default=0.01, ge=0, lt=1, description="Added to the interest rate.")


class Underwriting(StrictModel):
    """Assumptions of the investment measures; all are printed on the memo. Rates are shares a year."""

    property_tax_rate: float = Field(
        default=0.011, ge=0, le=0.1, description="Of the price or the market value, see tax_after_sale."
    )
    tax_after_sale: TaxAfterSale | None = Field(
        default=None,
        description="What a sale does to the tax: `price` or `value` is the new base, or the bill is `kept`; "
        "the state's rule by default.",
    )
    insurance_rate: float = Field(default=0.005, ge=0, le=0.1, description="Of the cost of rebuilding.")
    # New homes cost 162 USD a sq ft to build in 2024 (NAHB, Cost of Constructing a Home); a single house on
    # its lot, cleared of the old one and built to today's code, costs about a quarter more.
    rebuilding_usd_per_sqft: float | None = Field(
        default=200.0, gt=0, le=2000, description="Null: the market value is insured instead."
    )
    vacancy_rate: float = Field(default=0.05, ge=0, lt=1)
    maintenance_rate: float = Field(default=0.08, ge=0, lt=1, description="Share of rent.")
    # Roof, heating, water heater, kitchen, floors, each over its life: investors set 5 to 10 % of the rent
    # aside beside the upkeep. The low end, as the upkeep of 8 % is a full one.
    reserve_rate: float = Field(default=0.05, ge=0, lt=1, description="For replacements, share of rent.")
    management_rate: float = Field(default=0.08, ge=0, lt=1, description="Share of collected rent.")
    # Managers take half a month's rent to a whole one for a new tenant; cleaning and paint are the rest.
    turnover_rent_months: float = Field(
        default=1.0, ge=0, le=12, description="Cost of a change of tenants, months of rent."
    )
    # Tenants of single homes stay about three years, those of flats two.
    tenancy_years: float = Field(default=3.0, ge=0.25, le=50, description="Years a tenant stays.")
    # Tenants of single homes pay their own.
    rental_utilities_monthly_usd: float = Field(
        default=0.0, ge=0, le=5000, description="Paid by the owner while the home is let."
    )
    # Power, heat, water and yard of an empty home under repair.
    flip_utilities_monthly_usd: float = Field(
        default=200.0, ge=0, le=5000, description="Paid by the owner while a flip is held."
    )
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
    rent_range_share: float = Field(
        default=0.10, ge=0, lt=1, description="Half width of the range of a published rent."
    )
    # Longview WA, housing authority, schedule of 2018-12 (form HUD-52667): all electric, apartments built
    # before 1991. Published rents are gross; what a tenant pays for utilities is no income of the owner.
    tenant_utilities_usd: dict[int, float] = Field(
        default={0: 73.0, 1: 92.0, 2: 112.0, 3: 132.0, 4: 161.0},
        description="By bedrooms, USD a month: taken out of published gross rents.",
    )
    # Median ratio to two bedrooms of HUD's small-area fair market rents of fiscal year 2018, 25,838 ZIPs.
    rent_by_bedrooms: dict[int, float] = Field(
        default={0: 0.70, 1: 0.80, 2: 1.0, 3: 1.33, 4: 1.56},
        description="By bedrooms, share of the ZIP's median rent where no rent by bedrooms is published.",
    )
    hold_years: int = Field(default=5, ge=1, le=30, description="Years a rental is held for its IRR.")
    noi_growth_rate: float = Field(default=0.02, gt=-1, lt=1)
    # Not the market's appreciation_rate: what prices did of late is no assumption for the next five years.
    appreciation_rates: Cases = Cases(bear=0.0, base=0.03, bull=0.05)
    refinance_ltv: float = Field(default=0.75, ge=0, le=1, description="Loan of a refinancing, share of ARV.")
    refinance_cost_share: float = Field(
        default=0.02, ge=0, lt=1, description="Its costs, share of that loan."
    )
    stress: Stress = Stress()

    @field_validator("tenant_utilities_usd", "rent_by_bedrooms")
    @classmethod
    def _by_bedrooms(cls, value: dict[int, float]) -> dict[int, float]:
        if sorted(value) != list(range(len(value))) or not value:
            raise ValueError("one amount for each number of bedrooms from 0 up, without a gap, is needed")
        if any(not 0 <= amount <= 5_000 for amount in value.values()):
            raise ValueError("amounts by bedrooms lie between 0 and 5,000")
        return value

    @property
    def after_sale(self) -> TaxAfterSale:
        """What a sale does to the tax; without a state nothing."""
        return self.tax_after_sale or "kept"
