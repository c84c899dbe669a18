"""A recommendation says what a home has in common with the saved one."""

from realestate_assets.operations.kept.reasons import NOTHING, reason_of

SAVED = {
    "street": "12 ELM ST", "property_type": "townhouse", "bedrooms": 3.0, "living_area_sqft": 1500.0,
    "asking_price_usd": 500_000.0, "is_waterfront": False, "latitude": 47.6, "longitude": -122.3,
    "zip": "98103",
}  # fmt: skip


def test_what_is_alike_is_said():
    home = SAVED | {"living_area_sqft": 2500.0, "asking_price_usd": 900_000.0, "latitude": 47.605}
    assert reason_of(home, SAVED) == "like 12 ELM ST that you saved: townhouse, 3 beds, near it"


def test_what_is_far_is_not_near_and_its_zip_is_said():
    home = SAVED | {"latitude": 47.7, "property_type": "condo", "bedrooms": 1.0}
    assert reason_of(home, SAVED) == "like 12 ELM ST that you saved: of its size, at its price, in 98103 too"


def test_what_is_unknown_is_alike_in_nothing():
    unknown = dict.fromkeys(SAVED)
    assert reason_of(unknown, SAVED).endswith(NOTHING)
    assert reason_of(unknown, unknown) == f"like a home that you saved: {NOTHING}"
    assert reason_of(SAVED, unknown).startswith("like a home")
