"""What is left of a deal when it goes worse: a lower resale, more vacancy, dearer repairs, a higher rate.

Each case moves one assumption, the last one all of them, and everything goes through the same formulas as the
measures (`costs`, `cashflow`). The board's script computes the same table (templates/board/underwriting.js),
and a test holds the two equal to the cent: a change here is a change there.
"""

from dataclasses import dataclass, replace

from realestate_assets.domain.counties.underwriting import Stress, Underwriting
from realestate_assets.domain.scoring import cashflow
from realestate_assets.domain.scoring.cashflow import Floats, Values, as_floats
from realestate_assets.domain.scoring.costs import Home, costs, rental_income


@dataclass(frozen=True)
class Deal:
    """A home, what it lets for and what it resells for after repairs; arrays or scalars alike."""

    home: Home
    rent_monthly_usd: Values
    arv_usd: Values


@dataclass(frozen=True)
class Outcome:
    """What a deal comes to; arrays of the deal's shape."""

    noi_usd: Floats
    cap_rate_pct: Floats
    dscr: Floats
    cash_on_cash_pct: Floats
    flip_profit_usd: Floats
    flip_roi_pct: Floats
    max_allowable_offer_usd: Floats


@dataclass(frozen=True)
class Case:
    """One row of the table: how far it moves what."""

    code: str
    price_drop_share: float = 0.0
    vacancy_points: float = 0.0
    repairs_rise_share: float = 0.0
    interest_points: float = 0.0


def cases(stress: Stress) -> tuple[Case, ...]:
    """The deal as it is, each stress alone, then all together."""
    moves = stress.model_dump()
    alone = [Case(code, **{name: moves[name]}) for code, name in ALONE]
    return (Case("base"), *alone, Case("all", **moves))


ALONE = (
    ("price", "price_drop_share"),
    ("vacancy", "vacancy_points"),
    ("repairs", "repairs_rise_share"),
    ("rate", "interest_points"),
)


def outcome(deal: Deal, terms: Underwriting, case: Case | None = None) -> Outcome:
    """The measures of a deal in a case, or as it is.

    Prices fall after the purchase: the resale brings less, and what the buyer pays, owes, insures and is
    taxed on stays. A flip is bought without a loan, so that the rate leaves it alone.
    """
    moved = case or Case("base")
    repairs = as_floats(deal.home.repairs_usd) * (1 + moved.repairs_rise_share)
    arv = as_floats(deal.arv_usd) * (1 - moved.price_drop_share)
    stressed = terms.model_copy(
        update={
            # More than all of the year no home stands empty.
            "vacancy_rate": min(terms.vacancy_rate + moved.vacancy_points, 1.0),
            "interest_rate": terms.interest_rate + moved.interest_points,
        }
    )
    home = replace(deal.home, repairs_usd=repairs)
    cost = costs(home, stressed)
    noi = rental_income(deal.rent_monthly_usd, cost, stressed)
    profit = cashflow.flip_profit(arv, cost.flip_cash_usd, terms.selling_cost_share)
    return Outcome(
        noi_usd=noi,
        cap_rate_pct=cashflow.cap_rate_pct(noi, home.price_usd),
        dscr=cashflow.debt_service_coverage(noi, cost.debt_service_usd),
        cash_on_cash_pct=cashflow.cash_on_cash_pct(noi, cost.debt_service_usd, cost.rental_cash_usd),
        flip_profit_usd=profit,
        flip_roi_pct=cashflow.return_on_investment_pct(profit, cost.flip_cash_usd),
        max_allowable_offer_usd=cashflow.max_allowable_offer(arv, repairs, terms.mao_factor),
    )


def stress_table(deal: Deal, terms: Underwriting) -> dict[str, Outcome]:
    """What the deal comes to in each case, by its code."""
    return {case.code: outcome(deal, terms, case) for case in cases(terms.stress)}


def worst(deal: Deal, terms: Underwriting) -> Outcome:
    """What the deal comes to when everything goes worse at once."""
    return outcome(deal, terms, cases(terms.stress)[-1])


def case_names(stress: Stress) -> dict[str, str]:
    """The cases in words, by their code."""

    def number(value: float) -> str:
        return f"{100 * value:.4g}"

    points = number(stress.vacancy_points), number(stress.interest_points)
    return {
        "base": "As assumed",
        "price": f"Resale {number(stress.price_drop_share)}% lower",
        "vacancy": f"Vacancy +{points[0]} {_points(points[0])}",
        "repairs": f"Repairs {number(stress.repairs_rise_share)}% dearer",
        "rate": f"Interest +{points[1]} {_points(points[1])}",
        "all": "All of it together",
    }


def _points(number: str) -> str:
    return "point" if number == "1" else "points"
