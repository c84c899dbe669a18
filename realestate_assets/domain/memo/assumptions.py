"""The county's assumptions behind a memo's underwriting, in words; a deal board says them too."""

from realestate_assets.domain.core import formats
from realestate_assets.domain.counties.underwriting import Underwriting


def assumptions(terms: Underwriting, has_tax_bill: bool | None = None) -> list[tuple[str, str]]:
    """Label and words of each assumption.

    Args:
        terms: the county's.
        has_tax_bill: whether a bill is recorded; None for homes in general.
    """
    share = formats.share
    repairs = ", ".join(
        f"{code}: {formats.usd(rate)}" for code, rate in sorted(terms.repair_usd_per_sqft.items())
    )
    return [
        ("Property tax", property_tax_words(terms, has_tax_bill)),
        ("Insurance", f"{share(terms.insurance_rate, 2)} of {_insured(terms)} a year"),
        ("Vacancy", f"{share(terms.vacancy_rate, 1)} of rent"),
        ("Maintenance", f"{share(terms.maintenance_rate, 1)} of rent"),
        ("Reserve", f"{share(terms.reserve_rate, 1)} of rent, for replacements"),
        ("Management", f"{share(terms.management_rate, 1)} of collected rent"),
        (
            "Re-letting",
            f"{_plural(terms.turnover_rent_months, 'month')} of rent every "
            f"{_plural(terms.tenancy_years, 'year')}",
        ),
        ("Owner's utilities", _utilities(terms)),
        ("Rent range", f"published rent -/+ {share(terms.rent_range_share, 1)}"),
        ("Utilities in a published rent", f"{_by_bedrooms(terms.tenant_utilities_usd)} by bedrooms"),
        ("Down payment", f"{share(terms.down_payment_share, 1)} of price"),
        ("Loan", f"{share(terms.interest_rate, 2)} over {terms.loan_term_years} years"),
        ("Closing costs", f"{share(terms.closing_cost_share, 1)} of price"),
        ("Selling costs", f"{share(terms.selling_cost_share, 1)} of ARV"),
        ("Maximum offer", f"ARV x {formats.decimal(terms.mao_factor)} less repairs"),
        ("Flip", f"no loan, held {terms.holding_months} months"),
        (
            "Held",
            f"{terms.hold_years} years, NOI {share(terms.noi_growth_rate, 1)} a year, value "
            + ", ".join(share(rate, 1) or "" for _, rate in terms.appreciation_rates),
        ),
        (
            "Refinancing",
            f"{share(terms.refinance_ltv)} of ARV, costs {share(terms.refinance_cost_share, 1)}",
        ),
        ("Repairs per sq ft by condition", repairs),
    ]


def property_tax_words(terms: Underwriting, has_tax_bill: bool | None = None) -> str:
    """What the property tax is taken to be after the sale."""
    rate = formats.share(terms.property_tax_rate, 2)
    if terms.after_sale == "price":
        return f"{rate} of price a year: a sale resets it"
    if terms.after_sale == "value":
        return f"{rate} of market value a year: a sale resets it"
    if has_tax_bill:
        return "the recorded bill"
    assumed = f"{rate} of market value a year"
    return assumed if has_tax_bill is False else f"the recorded bill, else {assumed}"


def _plural(number: float, unit: str) -> str:
    return f"{formats.compact(number)} {unit}{'' if number == 1 else 's'}"


def _insured(terms: Underwriting) -> str:
    rebuilding = terms.rebuilding_usd_per_sqft
    return f"rebuilding at {formats.usd(rebuilding)} per sq ft" if rebuilding else "market value"


def _by_bedrooms(amounts: dict[int, float]) -> str:
    return ", ".join(f"{count}: {formats.usd(amount)}" for count, amount in sorted(amounts.items()))


def _utilities(terms: Underwriting) -> str:
    let, flip = terms.rental_utilities_monthly_usd, terms.flip_utilities_monthly_usd
    return f"let {formats.usd(let)}, flip {formats.usd(flip)} a month"
