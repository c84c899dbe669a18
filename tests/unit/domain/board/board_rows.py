"""Rows of the marts for the tests of the deal board: full ones, to be varied."""

from realestate_assets.domain.board.columns import COLUMNS

HOSTILE = {
    "script": "</script><script>window.hostile = 1</script>",
    "tag": '<img src=x onerror="window.hostile = 1"><b>bold</b>',
    "comment": "<!--<script>",
    "attribute": "\" onmouseover='window.hostile = 1' x=\"",
    "template": "{{ 7 * 7 }}{% raw %}${7 * 7}",
    "right to left": "\u202egnp.exe \u05e9\u05dc\u05d5\u05dd \u0627\u0644\u0639\u0631\u0628\u064a\u0629",
    "emoji": "\U0001f3e0\U0001f468\u200d\U0001f469\u200d\U0001f467 haus",
    "long": "x" * 5000,
    "separators": 'a,b;c\t"d"\r\ne\u2028f',
    "formula": '=HYPERLINK("http://example.com","x")',
    "plus": "+1+cmd|' /C calc'!A0",
    "minus": "-2+3",
    "at": "@SUM(A1:A9)",
    "tab": "\t=1+1",
    "blank": "  =1+1",
    "wide": "\uff1d1+1",
}


def deal(rank: int = 1, **changes: object) -> dict:
    """A row of marts.deal_board with its property's name."""
    row = {column.name: None for column in COLUMNS} | {
        "county": "king-wa",
        "month": "2015-03",
        "rank_in_partition": rank,
        "property_id": f"00000000-0000-5000-8000-{rank:012d}",
        "property": f"{100 + rank} Elm St",
        "city": "Seattle",
        "state": "WA",
        "zip": f"9810{rank % 4}",
        "latitude": 47.5 + rank / 1000,
        "longitude": -122.3 + (rank % 17) / 100,
        "property_type": "single_family",
        "offer_state": "on_offer",
        "listing_status": "active",
        "days_on_market": 12.0,
        "first_seen_month": None,
        "first_asking_price_usd": None,
        "asking_price_cut_pct": None,
        "price_cut_count": None,
        "sale_price_usd": None,
        "sale_date": None,
        "bedrooms": 3.0,
        "bathrooms": 2.25,
        "living_area_sqft": 1640.0,
        "year_built": 1989,
        "asking_price_usd": 200_000.0 + 1_000 * rank,
        "is_asking_price_assumed": False,
        "price_per_sqft_usd": 122.5,
        "market_value_p10_usd": 250_000.4,
        "market_value_p50_usd": 300_000.6,
        "market_value_p90_usd": 350_000.5,
        "discount_to_value_pct": 33.25 - rank,
        "discount_probability": 0.9123456,
        "rent_monthly_usd": 1_500.0,
        "cap_rate_pct": 5.04 + (rank % 7) / 10,
        "cash_on_cash_pct": -3.84,
        "bird_dog_score": max(1.0, 84.96 - rank),
        "score_class": "poor",
        "needs_review": False,
        "class_limit": None,
        "confidence": 0.8,
        "top_positive_reason": "Asking price is below market value",
        "top_negative_reason": "Cash-on-cash return of -3.8%",
        "is_simulated": False,
    }
    score = row["bird_dog_score"]
    row["score_class"] = next(
        name for name, least in (("excellent", 65), ("good", 50), ("fair", 35), ("poor", 0)) if score >= least
    )
    return row | changes


def trend(month: str = "2015-03", zip_code: str = "ALL", **changes: object) -> dict:
    """A row of marts.market_trends."""
    return {
        "county": "king-wa",
        "month": month,
        "zip": zip_code,
        "is_simulated": False,
        "property_count": 20,
        "active_listing_count": 5,
        "sale_count": 12,
        "median_sale_price_usd": 450_000.0,
        "median_price_per_sqft_usd": 244.46,
        "median_price_per_sqft_change_pct": 1.0,
        "median_days_on_market": None,
    } | changes


def metric(name: str, value: float, detail: str = "all", is_passed: bool | None = None) -> dict:
    """A row of marts.data_quality."""
    return {
        "county": "king-wa",
        "month": "2015-03",
        "metric": name,
        "detail": detail,
        "metric_value": value,
        "is_passed": is_passed,
    }
