"""Rows of one property, for the tests of the memo: a full one to be varied."""

import json
from datetime import UTC, date, datetime
from typing import Any

from realestate_assets.domain.memo.record import MemoRecord


def reason(code: str, text: str, direction: str, weight: float) -> dict:
    return {
        "code": code,
        "text": text,
        "value": 1.0,
        "benchmark": 2.0,
        "weight": weight,
        "direction": direction,
    }


def score_row(**changes: object) -> dict:
    row = {
        "county": "king-wa",
        "month": "2015-03",
        "property_id": "11111111-1111-5111-8111-111111111111",
        "value_status": "valued",
        "model_kind": "county",
        "model_id": "9f8e7d6c5b4a",
        "market_value_p10_usd": 512_300.0,
        "market_value_p50_usd": 601_250.4,
        "market_value_p90_usd": 705_800.0,
        "asking_price_usd": 500_000.0,
        "offer_state": "on_offer",
        "is_asking_price_assumed": True,
        "discount_to_value_pct": 16.84,
        "discount_probability": 0.912,
        "likely_sale_p10_usd": 470_000.0,
        "likely_sale_p50_usd": 497_000.0,
        "likely_sale_p90_usd": 520_000.0,
        "likely_sale_basis": "county",
        "likely_sale_sales": 1_778,
        "likely_sale_reason": None,
        "sale_above_ask_probability": 0.31,
        "gain_probability": 0.034,
        "gain_basis": "county",
        "gain_median_pct": 42.4,
        "gain_cases": 3_841,
        "gain_reason": None,
        "arv_usd": 640_000.0,
        "arv_low_usd": 590_000.0,
        "arv_high_usd": 690_000.0,
        "comparable_count": 8,
        "repair_estimate_usd": 30_000.0,
        "max_allowable_offer_usd": 418_000.0,
        "rent_monthly_usd": 2_400.0,
        "rent_low_usd": 2_160.0,
        "rent_high_usd": 2_640.0,
        "noi_usd": 13_355.7,
        "cap_rate_pct": 2.6711,
        "cash_on_cash_pct": -9.7547,
        "dscr": 0.446,
        "gross_rent_multiplier": 17.36,
        "flip_profit_usd": 38_964.25,
        "flip_roi_pct": 7.0865,
        "equity_usd": None,
        "ltv_pct": None,
        "component_undervaluation": 0.88,
        "component_yield": 0.22,
        "component_equity": 0.61,
        "component_motivation": None,
        "component_market": 0.9,
        "component_condition": 0.55,
        "component_data_confidence": 0.81,
        "confidence": 0.84,
        "bird_dog_score": 68.4321,
        "score_class": "good",
        "review_reasons": "[]",
        "needs_review": False,
        "class_limit": None,
        "reasons": json.dumps(
            {
                "positive": [
                    reason(
                        "LIKELY_GAIN",
                        "Of 100 homes like this, 3.4 resold for 1.25 times the ask",
                        "positive",
                        8.1,
                    ),
                    reason("NEIGHBORHOOD_MULTIPLIER", "Bellevue: market x 1.25", "positive", 2.2),
                ],
                "negative": [reason("LOW_CAP_RATE", "Cap rate of only 3.4%", "negative", 4.4)],
            }
        ),
        "neighborhood": "Bellevue",
        "neighborhood_multiplier": 1.25,
        "config_version": "0123456789ab",
        "is_simulated": False,
    }
    return {**row, **changes}


def features_row(**changes: object) -> dict:
    row = {
        "living_area_sqft": 2000.0,
        "lot_area_sqft": 7242.0,
        "bedrooms": 3.0,
        "bathrooms": 2.25,
        "stories": 2.0,
        "year_built": 1951,
        "age_years": 64.0,
        "condition_code": 3,
        "quality_code": 7,
        "view_code": 0,
        "is_waterfront": False,
        "price_per_sqft_usd": 250.0,
        "last_sale_price_usd": 310_000.0,
        "last_sale_date": date(2008, 6, 1),
        "years_since_last_sale": 6.75,
        "appreciation_since_last_sale_pct": 61.3,
        "assessed_value_usd": 455_000.0,
        "assessed_to_market_ratio": 0.757,
        "tax_annual_usd": None,
        "zip_median_price_per_sqft_usd": 262.1,
        "zip_price_per_sqft_trend_pct": 6.42,
        "zip_sale_count": 212.0,
        "zip_population": 27_946.0,
        "zip_median_income_usd": 108_000.0,
        "zip_median_rent_usd": 1_610.0,
        "bedroom_rent_usd": 2_400.0,
        "is_absentee_owner": None,
        "is_flood_hazard_area": None,
        "latitude": 47.61,
        "longitude": -122.19,
    }
    return {**row, **changes}


def property_row(**changes: object) -> dict:
    row = {
        "property_id": "11111111-1111-5111-8111-111111111111",
        "source": "king_county_sales",
        "is_simulated": False,
        "street": "1234 NE 8TH ST",
        "unit": None,
        "city": "BELLEVUE",
        "state": "WA",
        "zip": "98004",
        "apn": "0123456789",
        "url": "https://example.com/listing/1",
        "property_type": "single_family",
        "listing_status": "sold",
        "observed_date": date(2015, 3, 14),
        "year_renovated": 1991,
        "basement_sqft": 400.0,
        "description": None,
    }
    return {**row, **changes}


def fact(field: str, **changes: object) -> dict:
    row = {
        "field": field,
        "provider": "us_zip_demographics",
        "value": "1",
        "is_used": True,
        "source_url": "https://api.census.gov",
        "retrieved_at": datetime(2024, 1, 2, tzinfo=UTC),
        "vintage": date(2013, 12, 31),
        "simulated": False,
    }
    return {**row, **changes}


def comparable(rank: int, **changes: object) -> dict:
    row = {
        "comp_rank": rank,
        "comp_street": f"{rank}00 LAKE WASHINGTON BLVD SE",
        "comp_zip": "98004",
        "comp_latitude": 47.61 + 0.002 * rank,
        "comp_longitude": -122.19 - 0.001 * rank,
        "comp_sale_date": date(2014, 12, rank),
        "comp_sale_price_usd": 600_000.0 + 1000 * rank,
        "comp_living_area_sqft": 1900.0 + 10 * rank,
        "comp_bedrooms": 3.0,
        "comp_bathrooms": 2.5,
        "comp_year_built": 1960 + rank,
        "distance_mi": 0.1 * rank,
        "similarity": 0.95 - 0.02 * rank,
        "adj_time_usd": 5_000.0,
        "adj_living_area_usd": -12_345.0,
        "adj_lot_area_usd": 0.0,
        "adj_bedrooms_usd": 0.0,
        "adj_bathrooms_usd": -2_000.0,
        "adj_age_usd": -900.0,
        "adj_quality_usd": 15_000.0,
        "adj_condition_usd": 4_000.0,
        "adj_repair_usd": 11_000.0,
        "adj_gross_pct": 6.5,
        "adj_net_pct": 1.45,
        "adjusted_price_usd": 609_755.0 + 1000 * rank,
        "weight": 0.125,
        "is_simulated": False,
    }
    return {**row, **changes}


def market_rows(months: int = 10, last: str = "2015-02") -> list[dict]:
    """Sales by month up to `last`, of the county and of the property's ZIP."""
    end = int(last[:4]) * 12 + int(last[5:7]) - 1
    names = [f"{k // 12}-{k % 12 + 1:02d}" for k in range(end - months + 1, end + 1)]
    return [
        {"month": month, "zip": place, "sale_count": count, "median_price_per_sqft_usd": level + 2.0 * k}
        for place, count, level in (("ALL", 900, 240.0), ("98004", 12, 330.0))
        for k, month in enumerate(names)
    ]


def contribution_rows() -> list[dict]:
    """From the county's median to the P50 of `score_row`."""
    causes = [
        ("base", None, 450_000.0),
        ("living_area_sqft", "2,000 sq ft", 61_250.4),
        ("zip_median_price_per_sqft_usd", "$262 per sq ft", 98_000.0),
        ("is_waterfront", "No", -12_500.0),
        ("year_built", "1951", -4_000.0),
        ("other", None, 8_500.0),
    ]
    return [{"feature": f, "feature_value": v, "contribution_usd": c} for f, v, c in causes]


def record(comps: int = 8, **parts: Any) -> MemoRecord:
    return MemoRecord(
        score=parts.get("score", score_row()),
        features=parts.get("features", features_row()),
        property=parts.get("property", property_row()),
        enrichment=parts.get("enrichment", {"zoning_code": "R-5"}),
        facts=parts.get(
            "facts",
            [
                fact("zip_population"),
                fact("zip_median_income_usd"),
                fact("zip_median_rent_usd"),
                fact("bedroom_rent_usd", provider="hud_fmr", source_url=None, vintage=date(2014, 12, 31)),
                fact("flood_zone_code", is_used=False, value=None),
            ],
        ),
        comparables=parts.get("comparables", [comparable(k + 1) for k in range(comps)]),
        market=parts.get("market", market_rows()),
        contributions=parts.get("contributions", ()),
    )
