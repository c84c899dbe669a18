"""The service with a small market behind it, on a port of this machine, as people open it."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd
import sqlalchemy as sa
import uvicorn

from realestate_assets.app.prepare import make_views
from realestate_assets.service.application import create_app
from realestate_assets.service.parts import Parts
from resources.lake.store import StoreResource
from tests.integration.service.a_market import NEWEST, Market, put

HOSTILE = "<script>alert(1)</script>\"'&"
REASONS = {
    "positive": [{"code": "UNDERVALUED", "text": f"Asks 12% less {HOSTILE}", "points": 12.0}],
    "negative": [{"code": "OLD_ROOF", "text": "Condition is poor", "points": -3.0}],
}
MEMO = "memos/county=king-wa/month=2015-04/a.html"
UNDERWRITING_SQL = """
update raw.scores set
    reasons = :reasons, arv_usd = round(market_value_p50_usd * 1.15),
    arv_low_usd = round(market_value_p50_usd),
    arv_high_usd = round(market_value_p50_usd * 1.3), repair_estimate_usd = 30000,
    rent_monthly_usd = round(market_value_p50_usd * 0.005), comparable_count = 5,
    likely_sale_p10_usd = round(asking_price_usd * 0.94),
    likely_sale_p50_usd = round(asking_price_usd * 0.99),
    likely_sale_p90_usd = round(asking_price_usd * 1.04), cap_rate_pct = 4.2, noi_usd = 21000,
    review_reasons = '[{"code": "LOW_PRICE", "text": "The ask is very low", "cleared": null}]',
    needs_review = (substr(property_id, 36, 1) = '7')
"""


@dataclass(frozen=True)
class Furnished:
    """A market, the home with a memo, and the one whose address is markup."""

    market: Market
    chosen: str
    hostile: str


def furnish(parts: Parts, lake: StoreResource) -> Furnished:
    """A market with what pages show: underwriting, reasons, a memo, simulated homes, text that is markup."""
    parts.resources["lake"] = lake
    market = Market(parts.resources["warehouse"], lake)
    hostile = str(market.scores["king-wa"]["property_id"].iloc[3])
    with market.engine.begin() as connection:
        connection.execute(sa.text(UNDERWRITING_SQL), {"reasons": json.dumps(REASONS)})
        connection.execute(sa.text(FIPS_SQL))
        connection.execute(sa.text("update marts.features set is_simulated = true where county = 'cook-il'"))
        chosen = connection.execute(sa.text(CHOSEN_SQL), {"month": NEWEST, "other": hostile}).scalar_one()
        renamed = sa.text("update marts.features set street = :street where property_id = :id")
        connection.execute(renamed, {"street": HOSTILE, "id": hostile})
    memo = {
        "county": "king-wa", "month": NEWEST, "property_id": chosen, "memo_rank": 1, "bird_dog_score": 71.0,
        "pdf_path": MEMO.replace(".html", ".pdf"), "html_path": MEMO, "pdf_sha256": "0", "html_sha256": "0",
        "template_version": "1", "render_key": "1", "model_id": "m", "is_simulated": False,
    }  # fmt: skip
    put(market.engine, "raw", "memos", pd.DataFrame([memo]))
    for table, rows in BEHIND.items():
        put(
            market.engine,
            *table,
            pd.DataFrame([{"county": "king-wa", "month": NEWEST, **row} for row in rows]),
        )
    moved = {
        "county": "king-wa", "month": NEWEST, "property_id": chosen, "config_version": "v1",
        "version_number": 1, "bird_dog_score": 71.0, "change_explanation": HOSTILE,
    }  # fmt: skip
    with market.engine.begin() as connection:
        connection.execute(sa.text(EARLIER_SQL), {"month": "2015-03", "id": chosen})
    put(market.engine, "marts", "score_history", pd.DataFrame([moved]))
    lake.write_bytes(MEMO, b"<!DOCTYPE html><html lang=en><title>The memo</title><h1>Investor memo</h1>")
    make_views(parts.resources["warehouse"].database_url())
    return Furnished(market, chosen, hostile)


# What is known of the county's data and model.
BEHIND = {
    ("raw", "ratio_studies"): [
        {"grouping": "county_year", "group_value": "all", "n": 60, "median_ratio": 1.01, "cod": 9.8,
         "prd": 1.01, "prb": 0.2, "mdape_pct": 7.1, "interval_coverage": 0.8, "is_simulated": False},
        {"grouping": "zip", "group_value": "98103", "n": 12, "median_ratio": 0.8, "cod": None, "prd": None,
         "prb": None, "mdape_pct": None, "interval_coverage": None, "is_simulated": True},
    ],
    ("marts", "data_quality"): [
        {"metric": "received", "detail": "all", "metric_value": 67.0, "is_passed": None},
        {"metric": "rejected", "detail": "all", "metric_value": 7.0, "is_passed": None},
        {"metric": "rejected_for", "detail": "PRICE_NOMINAL", "metric_value": 7.0, "is_passed": None},
        {"metric": "filled_pct", "detail": "year_built", "metric_value": 96.0, "is_passed": None},
        {"metric": "volume_ratio", "detail": "all", "metric_value": 0.4, "is_passed": False},
        {"metric": "check", "detail": "scores.are_complete", "metric_value": 0.0, "is_passed": False},
    ],
    ("marts", "field_provenance"): [
        {"field": "flood_zone_code", "provider": "fema", "fact_count": 60, "answered_count": 58,
         "used_count": 58, "agreement_pct": None, "newest_vintage_date": None, "simulated_count": 1},
    ],
}  # fmt: skip
# The chosen home a month earlier.
EARLIER_SQL = """
with feature as (
    select (jsonb_populate_record(f, jsonb_build_object('month', cast(:month as text)))).*
    from marts.features f where f.property_id = :id and f.month = '2015-04'
), made as (insert into marts.features select * from feature returning property_id)
insert into raw.scores select (jsonb_populate_record(s, jsonb_build_object('month', cast(:month as text)))).*
from raw.scores s where s.property_id = :id and s.month = '2015-04'
"""
FIPS_SQL = """
update ops.counties set fips = case county
    when 'king-wa' then '53033' when 'cook-il' then '17031' else '48453' end
"""
CHOSEN_SQL = """
select s.property_id from raw.scores s join raw.comparables c using (county, month, property_id)
where s.county = 'king-wa' and s.month = :month and s.bird_dog_score is not null and s.property_id <> :other
order by s.bird_dog_score desc, s.property_id limit 1
"""


@contextmanager
def opened(parts: Parts) -> Iterator[str]:
    """The address of the service while it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(create_app(parts), host="127.0.0.1", port=port, log_config=None, access_log=False)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not server.started and time.monotonic() < until:
        time.sleep(0.05)
    assert server.started
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(30)
