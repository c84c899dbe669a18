"""Risks and gaps of a memo in plain sentences, each with its figure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from realestate_assets.domain.core import formats
from realestate_assets.domain.core.formats import is_missing, known
from realestate_assets.domain.memo.figures import Figures
from realestate_assets.domain.memo.text import line
from realestate_assets.domain.scoring.reviews import LARGE_GROSS_PCT

# A lender asks for income above the debt service; most set the line at 1.20 or 1.25.
LENDERS_COVERAGE = 1.2
FEW_COMPARABLES = 3
# P90 - P10 above two fifths of the value: the ends then lie about 20 % off, where most deals are decided.
WIDE_RANGE_SHARE = 0.4
LOW_CONFIDENCE = 0.6
# 24 CFR 35: lead-based paint must be disclosed for housing built before 1978.
LEAD_PAINT_BEFORE = 1978

# Of a clearance, which a person wrote.
MAX_NAME, MAX_WHY = 60, 400

# What a reader would look for, with what its absence means for the figures.
UNKNOWNS: tuple[tuple[str, str], ...] = (
    ("asking_price_usd", "The asking price: discount, yields and flip are not stated."),
    ("arv_usd", "Comparable earlier sales: no after-repair value, maximum offer or flip is stated."),
    ("condition_code", "The condition: no repair estimate can be made."),
    ("rent_monthly_usd", "The rent: income, cap rate and cash flow are not stated."),
    ("tax_annual_usd", "The tax bill: the county's rate stands in for it."),
    ("hoa_monthly_usd", "Association fees: none are deducted from the income."),
    ("equity_usd", "Loans on the property: equity and loan to value are not stated."),
    ("is_flood_hazard_area", "The flood zone: unknown is not the same as low risk."),
    ("last_sale_price_usd", "What the owner paid, and when."),
    ("is_absentee_owner", "Whether the owner lives at the property."),
    ("is_tax_delinquent", "Whether property taxes are unpaid."),
    ("days_on_market", "How long the property has been on the market."),
    ("assessed_value_usd", "The assessed value."),
    ("lot_area_sqft", "The lot area."),
    ("year_built", "The year of construction."),
    ("bedrooms", "The number of bedrooms."),
    ("bathrooms", "The number of bathrooms."),
    ("latitude", "The exact location."),
)


@dataclass(frozen=True)
class Risk:
    """A sentence, marked where a figure in it is simulated."""

    text: str
    is_simulated: bool


def unknowns(figures: Figures) -> list[str]:
    """What is not known, and what that means."""
    said = [sentence for name, sentence in UNKNOWNS if is_missing(figures.raw(name))]
    return [*said, "The interior: nobody has inspected it for this memo."]


def risks(figures: Figures, gross_adjustments_pct: Sequence[float | None]) -> list[Risk]:
    """What speaks against relying on the figures, or against the deal.

    Args:
        figures: the property's values.
        gross_adjustments_pct: of its comparables.
    """
    found = [
        *_of_price(figures),
        *_of_value(figures),
        *_of_comparables(gross_adjustments_pct),
        *_of_income(figures),
        *_of_property(figures),
    ]
    said = []
    for text, names in found:
        behind = figures.footnotes.behind(names) if names else []
        said.append(Risk(text, figures.all_simulated or any(source.is_simulated for source in behind)))
    return said


def cleared_reviews(review_reasons: str | None) -> list[str]:
    """What was in doubt and a person has cleared: the doubt, then who, when and why.

    Args:
        review_reasons: JSON of scores; None in rows that were written before reviews were kept.
    """
    return [
        f"{reason['text']} Looked into by {line(cleared['by'], MAX_NAME)} on {cleared['when']}: "
        f"{line(cleared['why'], MAX_WHY)}"
        for reason in json.loads(review_reasons or "[]")
        if (cleared := reason["cleared"])
    ]


Found = list[tuple[str, tuple[str, ...]]]


def _of_price(figures: Figures) -> Found:
    found: Found = []
    if figures.raw("is_asking_price_assumed"):
        found.append(
            ("The asking price is assumed: the recorded sale price stands in for it.", ("asking_price_usd",))
        )
    verdict = figures.raw("sale_validity")
    if verdict is not None and verdict != "VALID":
        reason = str(verdict).lower().replace("_", " ")[:60]
        found.append((f"The recorded sale is not taken as a market price: {reason}.", ()))
    discount = figures.number("discount_to_value_pct")
    if discount is not None and discount < 0:
        found.append(
            (
                f"The asking price is {formats.percent(-discount)} above the market value.",
                ("discount_to_value_pct",),
            )
        )
    return found


def _of_value(figures: Figures) -> Found:
    found: Found = []
    low, value, high = (figures.number(f"market_value_{p}_usd") for p in ("p10", "p50", "p90"))
    if low is not None and value is not None and high is not None and high - low > WIDE_RANGE_SHARE * value:
        share = formats.share((high - low) / value)
        found.append(
            (f"The value is uncertain: its 80% range spans {share} of it.", ("market_value_p50_usd",))
        )
    if figures.raw("model_kind") == "pooled":
        found.append(("The value comes from a model of several counties: too few sales in this one.", ()))
    confidence = figures.number("confidence")
    if confidence is not None and confidence < LOW_CONFIDENCE:
        found.append((f"Confidence in the score is only {formats.share(confidence)}.", ()))
    return found


def _of_comparables(gross_adjustments_pct: Sequence[float | None]) -> Found:
    gross = [pct for given in gross_adjustments_pct if (pct := known(given)) is not None]
    found: Found = []
    if 0 < len(gross) < FEW_COMPARABLES:
        found.append((f"Only {len(gross)} comparable sale{'s' if len(gross) > 1 else ''}.", ("arv_usd",)))
    large = sum(pct > LARGE_GROSS_PCT for pct in gross)
    if large:
        limit, most = formats.percent(LARGE_GROSS_PCT, 0), formats.percent(max(gross))
        text = f"{large} of {len(gross)} comparables are adjusted by more than {limit} of their price"
        found.append((f"{text}, up to {most}.", ("arv_usd",)))
    return found


def _of_income(figures: Figures) -> Found:
    coverage = figures.number("dscr")
    found: Found = []
    if coverage is not None and coverage < LENDERS_COVERAGE:
        gap = "does not cover" if coverage < 1 else "hardly covers"
        text = f"The income {gap} the debt service: coverage {formats.decimal(coverage)}, lenders ask for "
        found.append((f"{text}{formats.decimal(LENDERS_COVERAGE)} or more.", ("dscr",)))
    profit = figures.number("flip_profit_usd")
    if profit is not None and profit < 0:
        found.append((f"A flip at this price loses {formats.usd(-profit)}.", ("flip_profit_usd",)))
    return [*found, *_of_stress(figures)]


def _of_stress(figures: Figures) -> Found:
    """What pays as assumed, and no longer when everything goes worse at once."""
    found: Found = []
    coverage, stressed = figures.number("dscr"), figures.number("stressed_dscr")
    if coverage is not None and stressed is not None and stressed < 1 <= coverage:
        text = "Under stress the income does not cover the debt service: coverage "
        found.append((f"{text}{formats.decimal(stressed)}.", ("stressed_dscr",)))
    flip, worse = figures.number("flip_roi_pct"), figures.number("stressed_flip_roi_pct")
    if flip is not None and worse is not None and worse < 0 <= flip:
        text = f"Under stress the flip loses {formats.percent(-worse)} of the cash put in."
        found.append((text, ("stressed_flip_roi_pct",)))
    return found


def _of_property(figures: Figures) -> Found:
    found: Found = []
    if figures.raw("is_flood_hazard_area"):
        found.append(
            (
                "It lies in a special flood hazard area: lenders require flood insurance, not priced here.",
                ("is_flood_hazard_area",),
            )
        )
    if figures.raw("is_tax_delinquent"):
        found.append(("Property taxes are unpaid and were offered at a tax sale.", ("is_tax_delinquent",)))
    condition = figures.number("condition_code")
    if condition is not None and condition <= 2:
        found.append((f"The condition is {int(condition)} of 5: repairs may exceed the estimate.", ()))
    built = figures.number("year_built")
    if built is not None and built < LEAD_PAINT_BEFORE:
        text = f"Built in {int(built)}: lead-based paint must be disclosed for homes before "
        found.append((f"{text}{LEAD_PAINT_BEFORE}.", ()))
    later = [s.letter for s in figures.footnotes.listed() if s.is_later]
    if later:
        found.append(
            (f"Figures of source {', '.join(later)} describe a time after the month of this memo.", ())
        )
    return found
