"use strict";
// The measures of a deal, as the platform computes them (domain/scoring: carrying, cashflow, costs, stress), so that
// a reader's own price, rent, repairs and rate go through the same formulas. A test holds both equal to the cent:
// a change here is a change there. What is not known is NaN, and so is all that is made of it.

function amount(value) {
  return value === null || value === undefined ? NaN : value;
}

function ratio(top, bottom) {
  return bottom > 0 ? top / bottom : NaN;
}

function annualDebtService(loan, interestRate, years) {
  const months = years * 12;
  const rate = interestRate / 12;
  const factor = rate === 0 ? 1 / months : rate / (1 - (1 + rate) ** -months);
  return loan * factor * 12;
}

function propertyTax(bill, price, value, terms) {
  if (terms.tax_after_sale === "price") return price * terms.property_tax_rate;
  const anew = value * terms.property_tax_rate;
  return terms.tax_after_sale === "value" || Number.isNaN(bill) ? anew : bill;
}

function insuredValue(area, value, terms) {
  if (terms.rebuilding_usd_per_sqft === null) return value;
  const rebuilding = area * terms.rebuilding_usd_per_sqft;
  return Number.isNaN(rebuilding) ? value : rebuilding;
}

function costsOf(deal, terms) {
  const price = amount(deal.asking_price_usd);
  const repairs = amount(deal.repair_estimate_usd);
  const known = amount(deal.market_value_p50_usd);
  const value = Number.isNaN(known) ? price : known;
  const tax = propertyTax(amount(deal.tax_annual_usd), price, value, terms);
  const insurance = insuredValue(amount(deal.living_area_sqft), value, terms) * terms.insurance_rate;
  const association = (deal.hoa_monthly_usd ?? 0) * 12;
  const owned = tax + insurance + association;
  const held = (owned + terms.flip_utilities_monthly_usd * 12) * terms.holding_months / 12;
  const loan = price * (1 - terms.down_payment_share);
  return {
    fixed: owned + terms.rental_utilities_monthly_usd * 12,
    debtService: annualDebtService(loan, terms.interest_rate, terms.loan_term_years),
    rentalCash: price * (terms.down_payment_share + terms.closing_cost_share) + repairs,
    flipCash: price * (1 + terms.closing_cost_share) + repairs + held,
  };
}

function netOperatingIncome(rent, fixed, terms) {
  const gross = rent * 12;
  const collected = gross * (1 - terms.vacancy_rate);
  const upkeep = gross * (terms.maintenance_rate + terms.reserve_rate) + collected * terms.management_rate;
  return collected - fixed - upkeep - (rent * terms.turnover_rent_months) / terms.tenancy_years;
}

// What a deal comes to in a case of the stress table.
function outcomeOf(deal, terms, moves) {
  const repairs = amount(deal.repair_estimate_usd) * (1 + moves.repairs_rise_share);
  const arv = amount(deal.arv_usd) * (1 - moves.price_drop_share);
  const moved = {
    ...terms,
    vacancy_rate: Math.min(terms.vacancy_rate + moves.vacancy_points, 1),
    interest_rate: terms.interest_rate + moves.interest_points,
  };
  const costs = costsOf({ ...deal, repair_estimate_usd: repairs }, moved);
  const income = netOperatingIncome(amount(deal.rent_monthly_usd), costs.fixed, moved);
  const profit = arv * (1 - terms.selling_cost_share) - costs.flipCash;
  return {
    noi_usd: income,
    cap_rate_pct: 100 * ratio(income, amount(deal.asking_price_usd)),
    dscr: ratio(income, costs.debtService),
    cash_on_cash_pct: 100 * ratio(income - costs.debtService, costs.rentalCash),
    flip_profit_usd: profit,
    flip_roi_pct: 100 * ratio(profit, costs.flipCash),
    max_allowable_offer_usd: arv * terms.mao_factor - repairs,
  };
}

function stressTable(deal, terms, cases) {
  return cases.map((moves) => outcomeOf(deal, terms, moves));
}
