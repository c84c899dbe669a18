"""What stands on paper is what stands in the warehouse: 20 memos, every figure, at its rounding.

The expected texts are written here once more, from rows read back from the warehouse, without the product's
formats and arithmetic.
"""

import io
import random
import re

import pypdf
import pytest

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.tables import COMPARABLES, PROPERTIES, SCORES, TABLES
from realestate_assets.settings import get_settings
from resources.lake.store import StoreResource
from resources.partition import Partition
from tests.integration.assets.test_documents import frame, run
from tests.unit.assets.frame_io import features_spec
from tests.unit.assets.sales_view import ensure_sales
from tests.unit.domain.memo.memo_records import comparable, features_row, property_row, score_row

pytestmark = pytest.mark.integration

TERMS = load_counties(None)["king-wa"].underwriting
MEMOS = 20
MONTH = "2015-03"


def made_up(number: int) -> dict[str, dict]:
    """Rows of one property: figures of all sizes and signs, with gaps; what is derived is consistent."""
    rng = random.Random(number)
    price = rng.choice([rng.uniform(9e4, 9e5), rng.uniform(1e6, 9.9e6)])
    value = price * rng.uniform(0.8, 1.6)
    area = float(rng.randint(400, 9000))
    rent = rng.choice([None, rng.uniform(600, 9000)])
    tax = rng.choice([None, rng.uniform(500, 90_000)])
    fee = rng.choice([None, 0.0, rng.uniform(20, 900)])
    arv = rng.choice([None, value * rng.uniform(0.9, 1.3)])
    condition = rng.randint(1, 5)
    features = features_row(
        living_area_sqft=area,
        bedrooms=float(rng.randint(1, 9)),
        bathrooms=rng.choice([1.0, 1.75, 2.5]),
        condition_code=condition,
        tax_annual_usd=tax,
        hoa_monthly_usd=fee,
        price_per_sqft_usd=price / area,
        assessed_value_usd=rng.choice([None, rng.uniform(5e4, 9e6)]),
        zip_median_income_usd=rng.choice([None, rng.uniform(2e4, 2.5e5)]),
        zip_population=float(rng.randint(900, 90_000)),
        is_flood_hazard_area=rng.choice([None, True, False]),
    )
    score = score_row(
        market_value_p50_usd=value,
        market_value_p10_usd=value * 0.83,
        market_value_p90_usd=value * 1.21,
        asking_price_usd=price,
        discount_to_value_pct=100 * (value - price) / value,
        discount_probability=rng.random(),
        likely_sale_p50_usd=price * rng.uniform(0.9, 1.1),
        sale_above_ask_probability=rng.random(),
        confidence=rng.random(),
        arv_usd=arv,
        arv_low_usd=arv and arv * 0.9,
        arv_high_usd=arv and arv * 1.1,
        rent_monthly_usd=rent,
        rent_low_usd=rent and rent * 0.9,
        rent_high_usd=rent and rent * 1.1,
        bird_dog_score=rng.uniform(50, 100),
        **measures(price, value, area, condition, tax, fee, rent, arv),
    )
    return {"score": score, "features": features, "property": property_row(street=f"{number} ÉLAN ST")}


def measures(price, value, area, condition, tax, fee, rent, arv) -> dict:
    """NOI and flip of a property by the county's terms, as the scores hold them."""
    t = TERMS
    # Washington keeps the bill at a sale; a policy insures the cost of rebuilding.
    fixed = value * t.property_tax_rate if tax is None else tax
    fixed += area * t.rebuilding_usd_per_sqft * t.insurance_rate + 12 * (fee or 0.0)
    repairs = area * t.repair_usd_per_sqft[condition]
    found = {"repair_estimate_usd": repairs}
    found |= dict.fromkeys(("noi_usd", "cap_rate_pct", "flip_profit_usd", "dscr"))
    found |= dict.fromkeys(("cash_on_cash_pct", "flip_roi_pct", "max_allowable_offer_usd"))
    found["gross_rent_multiplier"] = rent and price / (12 * rent)
    if rent:
        kept = 12 * rent * (1 - t.vacancy_rate) * (1 - t.management_rate) - 12 * rent * t.maintenance_rate
        kept -= 12 * rent * t.reserve_rate + rent * t.turnover_rent_months / t.tenancy_years
        noi = kept - fixed - 12 * t.rental_utilities_monthly_usd
        cash = price * (t.down_payment_share + t.closing_cost_share) + repairs
        found |= {
            "noi_usd": noi,
            "cap_rate_pct": 100 * noi / price,
            "dscr": noi / debt(price),
            "cash_on_cash_pct": 100 * (noi - debt(price)) / cash,
        }
    if arv:
        held = (fixed + 12 * t.flip_utilities_monthly_usd) * t.holding_months / 12
        cash = price * (1 + t.closing_cost_share) + repairs + held
        profit = arv * (1 - t.selling_cost_share) - cash
        found |= {
            "flip_profit_usd": profit,
            "flip_roi_pct": 100 * profit / cash,
            "max_allowable_offer_usd": arv * t.mao_factor - repairs,
        }
    return found


def debt(price: float) -> float:
    """Twelve payments of the loan."""
    rate, months = TERMS.interest_rate / 12, TERMS.loan_term_years * 12
    return 12 * price * (1 - TERMS.down_payment_share) * rate / (1 - (1 + rate) ** -months)


def dollars(value: float) -> str:
    sign = "-" if round(value) < 0 else ""
    return f"{sign}${abs(round(value)):,}"


def per_cent(value: float) -> str:
    return f"{round(value, 1) + 0.0:.1f}%"


def likely(value: float) -> str:
    return ">99%" if value > 0.99 else "<1%" if value < 0.01 else f"{100 * value:.0f}%"


LABELS = (
    ("Asking price", "asking_price_usd", dollars),
    ("Market value", "market_value_p50_usd", dollars),
    ("Ask below market value", "discount_to_value_pct", per_cent),
    ("Likely sale value", "likely_sale_p50_usd", dollars),
    ("Sells above its ask", "sale_above_ask_probability", likely),
    ("After-repair value", "arv_usd", dollars),
    ("Maximum offer", "max_allowable_offer_usd", dollars),
    ("Cap rate", "cap_rate_pct", per_cent),
    ("Cash on cash", "cash_on_cash_pct", per_cent),
    ("Rent a month", "rent_monthly_usd", dollars),
    ("Flip return", "flip_roi_pct", per_cent),
    ("Living area", "living_area_sqft", lambda v: f"{v:,.0f} sq ft"),
    ("Bedrooms", "bedrooms", lambda v: f"{v:.0f}"),
    ("Bathrooms", "bathrooms", lambda v: f"{v:g}"),
    ("Built", "year_built", lambda v: f"{v:.0f}"),
    ("Price per sq ft", "price_per_sqft_usd", dollars),
    ("HOA fee a month", "hoa_monthly_usd", dollars),
    ("ZIP population", "zip_population", lambda v: f"{v:,.0f}"),
    ("Household income", "zip_median_income_usd", dollars),
    ("Assessed value", "assessed_value_usd", dollars),
    ("Property tax a year", "tax_annual_usd", dollars),
    ("Flood hazard area", "is_flood_hazard_area", lambda v: "Yes" if v else "No"),
    ("Net operating income", "noi_usd", dollars),
    ("Flip profit", "flip_profit_usd", dollars),
    ("Debt coverage (DSCR)", "dscr", lambda v: f"{v:.2f}"),
    ("Rent multiplier", "gross_rent_multiplier", lambda v: f"{v:,.1f}"),
)


@pytest.fixture(scope="module")
def memos(module_warehouse, tmp_path_factory):
    """Pages of all memos as text, with the rows behind them as the warehouse gives them back."""
    warehouse = module_warehouse
    lake = StoreResource(root_url=str(tmp_path_factory.mktemp("figures") / "lake"))
    features = features_spec()
    warehouse.ensure_tables([*TABLES.values(), features])
    ensure_sales(warehouse)
    rows = {f"p{k:02d}": made_up(k) for k in range(MEMOS)}
    keys = {name: {"county": "king-wa", "month": MONTH, "property_id": name} for name in rows}
    required = {"source_file": "f.csv", "is_list_price_assumed": True}
    comp = {"comp_property_id": "c1", "months_ago": 3.0}
    written = {
        SCORES: [{**r["score"], **keys[n]} for n, r in rows.items()],
        PROPERTIES: [{**r["property"], **required, **keys[n]} for n, r in rows.items()],
        COMPARABLES: [
            {**comparable(rank, adj_time_usd=137.0 * rank * number - 900), **comp, **keys[name]}
            for number, name in enumerate(rows)
            for rank in range(1, number % 9 + 1)
        ],
        features: [{**r["features"], "is_simulated": False, **keys[n]} for n, r in rows.items()],
    }
    for spec, content in written.items():
        warehouse.replace_partitions(spec, frame(spec, content), [Partition("king-wa", MONTH)])
    patch = pytest.MonkeyPatch()
    patch.setenv("MEMO_LIMIT_PER_PARTITION", str(MEMOS))
    get_settings.cache_clear()
    manifest = run(warehouse, lake, MONTH, MONTH)
    patch.undo()
    get_settings.cache_clear()
    back = {
        name: warehouse.read(f"select * from {name}").to_pandas()
        for name in ("raw.scores", "marts.features", "raw.comparables")
    }
    pages = {}
    for row in manifest.to_dict("records"):
        reader = pypdf.PdfReader(io.BytesIO(lake.read_bytes(row["pdf_path"])))
        sheets = [re.sub(r"\s+", " ", sheet.extract_text()) for sheet in reader.pages]
        pages[row["property_id"]] = sheets
    return pages, back


def row_of(frame, name: str) -> dict:
    return frame[frame["property_id"] == name].iloc[0].to_dict()


def test_twenty_memos_say_what_the_warehouse_says(memos):
    pages, back = memos
    assert len(pages) == MEMOS
    compared = 0
    for name, sheets in pages.items():
        text = " ".join(sheets)
        row = {**row_of(back["marts.features"], name), **row_of(back["raw.scores"], name)}
        for label, column, write in LABELS:
            value = row[column]
            if value is None or value != value:
                assert not re.search(f"{re.escape(label)} (-?\\$|-?\\d|Yes|No )", text), (name, label)
                continue
            assert re.search(f"{re.escape(label)} {re.escape(write(value))}(?![\\d,.])", text), (name, label)
            compared += 1
    assert compared > 350


def test_the_range_and_the_scenarios_are_those_of_the_warehouse(memos):
    pages, back = memos
    for name, sheets in pages.items():
        text, row = " ".join(sheets), row_of(back["raw.scores"], name)
        values = " ".join(dollars(row[f"market_value_{p}_usd"]) for p in ("p10", "p50", "p90"))
        assert re.search(f"Market value [a-z, ]+{re.escape(values)}", text), name
        for label, column in (("Low (P10)", "p10"), ("High (P90)", "p90")):
            assert f"{label} {dollars(row[f'market_value_{column}_usd'])}" in text
        if row["noi_usd"] == row["noi_usd"] and row["noi_usd"] is not None:
            flow = dollars(row["noi_usd"] - debt(row["asking_price_usd"]))
            assert f"Cash flow a year {flow}" in text, name


def test_the_grid_of_comparables_is_that_of_the_warehouse(memos):
    pages, back = memos
    for name, sheets in pages.items():
        text = " ".join(sheets)
        comps = back["raw.comparables"]
        comps = comps[comps["property_id"] == name].sort_values("comp_rank")
        if comps.empty:
            assert "Comparable earlier sales" not in text.replace("Comparable earlier sales: no", "")
            continue
        for label, column in (
            ("Sale price", "comp_sale_price_usd"),
            ("Adjusted price", "adjusted_price_usd"),
        ):
            assert f"{label} {' '.join(dollars(v) for v in comps[column])}" in text, (name, label)
        signed = " ".join(("+" if round(v) > 0 else "") + dollars(v) for v in comps["adj_time_usd"])
        assert f"Time {signed}" in text, name


def test_each_memo_has_two_to_four_numbered_pages(memos):
    pages, _ = memos
    for name, sheets in pages.items():
        assert 2 <= len(sheets) <= 4, (name, len(sheets))
        for number, sheet in enumerate(sheets, 1):
            assert f"Page {number} of {len(sheets)}" in sheet
            assert "ÉLAN ST · King County, WA · March 2015" in sheet
