"""Underwriting at the asking price: a year of rental, a flip, the measures and the assumptions used."""

from typing import SupportsFloat

from realestate_assets.domain.core import formats
from realestate_assets.domain.counties.underwriting import Underwriting
from realestate_assets.domain.memo.assumptions import assumptions
from realestate_assets.domain.memo.figures import Figure, Figures
from realestate_assets.domain.memo.scenarios import scenarios
from realestate_assets.domain.memo.sources import TERMS
from realestate_assets.domain.memo.stress import stress
from realestate_assets.domain.scoring import carrying
from realestate_assets.domain.scoring.costs import Costs, Home, costs

RENT = "rent_monthly_usd"


def underwriting(figures: Figures, terms: Underwriting) -> dict | None:
    """Income, debt and flip with the assumptions used; None without an asking price."""
    price = figures.number("asking_price_usd")
    if price is None:
        return None
    home = home_of(figures)
    known = costs(home, terms)
    return {
        "assumptions": assumptions(terms, figures.raw("tax_annual_usd") is not None),
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
        "stress": stress(figures, terms, home),
    }


def home_of(figures: Figures) -> Home:
    """The property as the costs take it: bought at the ask, repaired as estimated."""
    number = figures.number_or_nan
    return Home(
        price_usd=number("asking_price_usd"),
        value_usd=number("market_value_p50_usd"),
        living_area_sqft=number("living_area_sqft"),
        repairs_usd=number("repair_estimate_usd"),
        tax_annual_usd=number("tax_annual_usd"),
        hoa_monthly_usd=number("hoa_monthly_usd"),
    )


def _tax_basis(figures: Figures, terms: Underwriting) -> tuple[str, ...]:
    """What the property tax rests on."""
    if terms.after_sale == "price":
        return ("asking_price_usd", TERMS)
    if terms.after_sale == "kept" and figures.raw("tax_annual_usd") is not None:
        return ("tax_annual_usd",)
    return ("market_value_p50_usd", TERMS)


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
    fee = float(known.association_usd) or None
    utilities = known.let_utilities_usd or None
    relet = carrying.turnover_cost(rent, terms.turnover_rent_months, terms.tenancy_years)
    priced = ("asking_price_usd", TERMS)
    return figures.known(
        _line(figures, "Gross rent", gross, RENT),
        _line(figures, "Vacancy", gross * terms.vacancy_rate, RENT, TERMS, sign=-1),
        _line(figures, "Property tax", known.tax_usd, *_tax_basis(figures, terms), sign=-1),
        _line(figures, "Insurance", known.insurance_usd, "living_area_sqft", TERMS, sign=-1),
        _line(figures, "Maintenance", gross * terms.maintenance_rate, RENT, TERMS, sign=-1),
        _line(figures, "Reserve", gross * terms.reserve_rate, RENT, TERMS, sign=-1),
        _line(figures, "Management", collected * terms.management_rate, RENT, TERMS, sign=-1),
        _line(figures, "Re-letting", relet, RENT, TERMS, sign=-1),
        _line(figures, "Association fee", fee, "hoa_monthly_usd", sign=-1),
        _line(figures, "Utilities", utilities, TERMS, sign=-1),
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
    carried = f"Holding, {terms.holding_months} months"
    return figures.known(
        figures.usd("After-repair value", "arv_usd"),
        _line(figures, "Selling costs", arv * terms.selling_cost_share, "arv_usd", TERMS, sign=-1),
        _line(figures, "Purchase price", price, "asking_price_usd", sign=-1),
        _line(figures, "Closing costs", price * terms.closing_cost_share, "asking_price_usd", TERMS, sign=-1),
        _line(figures, "Repairs", known.repairs_usd, "repair_estimate_usd", sign=-1),
        _line(figures, carried, known.flip_holding_usd, *_tax_basis(figures, terms), TERMS, sign=-1),
        figures.usd("Flip profit", "flip_profit_usd"),
    )
