"""What the index stores beside a vector."""

from datetime import date

import pandas as pd

from realestate_assets.domain.search.payload import payloads
from realestate_assets.domain.tables import PROPERTIES, SCORES


def frame(columns, rows):
    return pd.DataFrame([{**dict.fromkeys(columns), **row} for row in rows])


def test_a_payload_has_what_is_known_and_says_what_an_offer_is_to_a_buyer():
    states = {"a": "on_offer", "b": "gone", "c": "gone", "d": "retrospective", "e": None}
    homes = [{"property_id": each, "city": "KENT"} for each in states]
    homes[0] |= {"is_waterfront": True, "latitude": 47.5, "longitude": -122.0, "garage_spaces": 2.0}
    homes[1] |= {"listing_status": "sold", "sale_date": date(2015, 3, 1), "is_waterfront": False}
    homes[2] |= {"listing_status": "withdrawn"}
    scores = [{"property_id": each, "offer_state": state} for each, state in states.items()]
    made = payloads(frame(PROPERTIES.column_names, homes), frame(SCORES.column_names, scores[::-1]))
    assert made[0] == {
        "property_id": "a",
        "city": "KENT",
        "garage_spaces": 2.0,
        "is_waterfront": 1.0,
        "status": "on_offer",
        "location": {"lat": 47.5, "lon": -122.0},
    }
    assert [each.get("status") for each in made] == ["on_offer", "sold", "off_market", "sold", None]
    assert made[1]["sale_day"] == date(2015, 3, 1).toordinal()
    assert made[1]["is_waterfront"] == 0.0
