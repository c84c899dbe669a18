"""The simulated provider: made-up, plausible, and the same in every process."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.providers.base import EnrichmentRequest
from realestate_assets.providers.simulated import SimulatedProvider
from tests.unit.providers.enrich_frames import properties

KING = load_counties()["king-wa"]
FIELDS = SimulatedProvider.fields


def told(table: pa.Table, fields: tuple[str, ...] = FIELDS) -> dict:
    facts = SimulatedProvider(KING).fetch(EnrichmentRequest("king-wa", table, fields)).to_pylist()
    assert len(facts) == table.num_rows * len(fields)
    return {(fact["property_id"], fact["field"]): fact for fact in facts}


def test_another_process_makes_up_the_same_values():
    code = (
        "from tests.unit.providers.test_simulated_provider import told, properties;"
        "facts = told(properties({}, {'zip': '98118'}));"
        "print(sorted((key, fact['value']) for key, fact in facts.items()))"
    )
    expected = str(sorted((k, f["value"]) for k, f in told(properties({}, {"zip": "98118"})).items()))
    environment = {**os.environ, "PYTHONHASHSEED": "99"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == expected


def test_rents_yield_five_to_nine_percent_of_the_home_value_and_rise_with_bedrooms():
    rows = [{"zip": code, "bedrooms": 3.0} for code in KING.sample.zips]
    facts = told(properties(*rows))
    for index in range(len(rows)):
        value = float(facts[f"p{index}", "zip_median_home_value_usd"]["value"])
        rent = float(facts[f"p{index}", "bedroom_rent_usd"]["value"])
        assert 0.049 < 12 * rent / value < 0.091
    rooms = told(properties(*({"bedrooms": float(n)} for n in range(9))), ("bedroom_rent_usd",))
    rents = [float(rooms[f"p{n}", "bedroom_rent_usd"]["value"]) for n in range(9)]
    assert rents == sorted(rents) and len(set(rents[:6])) == 6


def test_home_values_follow_the_level_of_the_zip_and_the_market_of_the_year_before():
    facts = told(properties({}, {"zip": "98023"}, {"month": "2016-05"}))
    dear, cheap, later = (float(facts[f"p{i}", "zip_median_home_value_usd"]["value"]) for i in range(3))
    assert dear > 2 * cheap
    assert later == pytest.approx(dear * 1.08, rel=0.001)
    assert facts["p0", "zip_population"]["vintage"] == date(2014, 12, 31)
    assert facts["p2", "zip_population"]["vintage"] == date(2015, 12, 31)


def test_a_home_without_zip_or_bedrooms_gets_no_zip_figures():
    facts = told(properties({"zip": None}, {"bedrooms": None}))
    assert facts["p0", "zip_population"]["reason_code"] == "NO_KEY"
    assert facts["p0", "bedroom_rent_usd"]["value"] is None
    assert facts["p1", "bedroom_rent_usd"]["reason_code"] == "NO_KEY"
    assert facts["p1", "zip_population"]["value"] is not None


def test_flood_zones_are_mostly_low_risk_sometimes_hazard_and_sometimes_unknown():
    facts = told(properties(*({"property_id": f"id-{i}"} for i in range(2_000))))
    zones = [fact["value"] for (_, field), fact in facts.items() if field == "flood_zone_code"]
    hazard = [fact["value"] for (_, field), fact in facts.items() if field == "is_flood_hazard_area"]
    assert 0.84 < zones.count("X") / 2_000 < 0.90
    assert 0.06 < hazard.count("true") / 2_000 < 0.10
    assert zones.count(None) == hazard.count(None) > 50


def test_everything_it_says_is_labelled_simulated():
    facts = told(properties({}, {"zip": None}))
    assert all(f["simulated"] and f["provider"] == "simulated" and f["cost_usd"] == 0 for f in facts.values())
