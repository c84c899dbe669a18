"""Underwriting at the asking price: a year of rental, a flip, the measures and the assumptions used."""

from typing import SupportsFloat

from realestate_assets.domain.core import formats
from realestate_assets.domain.counties.county import Underwriting
from realestate_assets.domain.memo.figures import Figure, Figures
from realestate_assets.domain.memo.scenarios import scenarios
from realestate_assets.domain.memo.sources import TERMS
from realestate_assets.domain.scoring.measures import Costs, costs

RENT = "rent_monthly_usd"


def underwriting(figures: Figures, terms: Underwriting) -> dict | None:
    """Income, debt and flip with the assumptions used; None without an asking price."""
    price = figures.number("asking_price_usd")
    if price is None:
        return None
    known = costs(
        price,
        figures.number("living_area_sqft"),
        figures.number("condition_code"),
        figures.number("tax_annual_usd"),
        terms,
    )
    return {
        "assumptions": _assumptions(terms, figures),
        "sources": ", ".join(source.letter for source in figures.footnotes.behind((TERMS,))),
        "rental": _rental(figures, terms, known),
        "rental_measures": figures.known(
            figures.percent("Cap rate", "cap_rate_pct"),
            figures.percent("Cash on cash", "cash_on_cash_pct"),
            figures.decimal("Debt coverage (DSCR)", "dscr"),
            figures.yes_no("1% rule met", "meets_one_percent_rule"),
        ),
        "flip": _flip(figures, terms, known, price),
        "flip_measures": figures.known(
            figures.percent("Return on cash", "flip_roi_pct"),
            figures.usd("Maximum offer", "max_allowable_offer_usd"),
            figures.usd("Left in after refinancing", "brrrr_cash_left_usd"),
        ),
        "scenarios": scenarios(figures, terms, known),
    }


def _line(
    figures: Figures, label: str, amount: SupportsFloat | None, *like: str, sign: int = 1
) -> Figure | None:
    text = None if amount is None else formats.usd(sign * float(amount))
    return figures.shown(label, "", text, like=like)


def _rental(figures: Figures, terms: Underwriting, known: Costs) -> list[Figure] | None:
    """A year of rental; the lines add up to the NOI and cash flow of the warehouse."""
    noi, rent = figures.number("noi_usd"), figures.number(RENT)
    if noi is None or rent is None:
        return None
    gross = rent * 12
    collected = gross * (1 - terms.vacancy_rate)
    fee = figures.number("hoa_monthly_usd")
    tax = ("tax_annual_usd",) if figures.raw("tax_annual_usd") is not None else ("asking_price_usd", TERMS)
    priced = ("asking_price_usd", TERMS)
    return figures.known(
        _line(figures, "Gross rent", gross, RENT),
        _line(figures, "Vacancy", gross * terms.vacancy_rate, RENT, TERMS, sign=-1),
        _line(figures, "Property tax", known.tax_usd, *tax, sign=-1),
        _line(figures, "Insurance", known.insurance_usd, *priced, sign=-1),
        _line(figures, "Maintenance", gross * terms.maintenance_rate, RENT, TERMS, sign=-1),
        _line(figures, "Management", collected * terms.management_rate, RENT, TERMS, sign=-1),
        _line(figures, "Association fee", fee and fee * 12, "hoa_monthly_usd", sign=-1),
        figures.usd("Net operating income", "noi_usd"),
        _line(figures, "Debt service", known.debt_service_usd, *priced, sign=-1),
        _line(figures, "Cash flow a year", noi - float(known.debt_service_usd), "noi_usd"),
        _line(figures, "Cash invested", known.rental_cash_usd, *priced),
    )


def _flip(figures: Figures, terms: Underwriting, known: Costs, price: float) -> list[Figure] | None:
    """A flip bought without a loan; the lines add up to the profit of the warehouse."""
    arv = figures.number("arv_usd")
    if arv is None or figures.number("flip_profit_usd") is None:
        return None
    held = (float(known.tax_usd) + float(known.insurance_usd)) * terms.holding_months / 12
    carried = f"Holding, {terms.holding_months} months"
    return figures.known(
        figures.usd("After-repair value", "arv_usd"),
        _line(figures, "Selling costs", arv * terms.selling_cost_share, "arv_usd", TERMS, sign=-1),
        _line(figures, "Purchase price", price, "asking_price_usd", sign=-1),
        _line(figures, "Closing costs", price * terms.closing_cost_share, "asking_price_usd", TERMS, sign=-1),
        _line(figures, "Repairs", known.repairs_usd, "repair_estimate_usd", sign=-1),
        _line(figures, carried, held, "tax_annual_usd", "asking_price_usd", TERMS, sign=-1),
        figures.usd("Flip profit", "flip_profit_usd"),
    )


def _assumptions(terms: Underwriting, figures: Figures) -> list[tuple[str, str]]:
    repairs = ", ".join(
        f"{code}: {formats.usd(rate)}" for code, rate in sorted(terms.repair_usd_per_sqft.items())
    )
    tax = "the recorded bill" if figures.raw("tax_annual_usd") is not None else None
    return [
        ("Property tax", tax or f"{formats.share(terms.property_tax_rate, 2)} of price a year"),
        ("Insurance", f"{formats.share(terms.insurance_rate, 2)} of price a year"),
        ("Vacancy", f"{formats.share(terms.vacancy_rate, 1)} of rent"),
        ("Maintenance", f"{formats.share(terms.maintenance_rate, 1)} of rent"),
        ("Management", f"{formats.share(terms.management_rate, 1)} of collected rent"),
        ("Rent range", f"rent -/+ {formats.share(terms.rent_range_share, 1)}"),
        ("Down payment", f"{formats.share(terms.down_payment_share, 1)} of price"),
        ("Loan", f"{formats.share(terms.interest_rate, 2)} over {terms.loan_term_years} years"),
        ("Closing costs", f"{formats.share(terms.closing_cost_share, 1)} of price"),
        ("Selling costs", f"{formats.share(terms.selling_cost_share, 1)} of ARV"),
        ("Maximum offer", f"ARV x {formats.decimal(terms.mao_factor)} less repairs"),
        ("Flip", f"no loan, held {terms.holding_months} months"),
        (
            "Held",
            f"{terms.hold_years} years, NOI {formats.share(terms.noi_growth_rate, 1)} a year, value "
            + ", ".join(formats.share(rate, 1) or "" for _, rate in terms.appreciation_rates),
        ),
        (
            "Refinancing",
            f"{formats.share(terms.refinance_ltv)} of ARV, "
            f"costs {formats.share(terms.refinance_cost_share, 1)}",
        ),
        ("Repairs per sq ft by condition", repairs),
    ]
