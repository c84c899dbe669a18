"""Records whose street is the property's, however they spell it."""

import numpy as np
import pyarrow as pa
import pytest

from realestate_assets.providers.matching import Pairs, same_streets


def alike(street: str, unit: str | None, line: str, state: str = "WA") -> bool:
    properties = pa.table({"street": pa.array([street]), "unit": pa.array([unit], pa.string())})
    pair = Pairs(np.array([0]), np.array([0]), np.array([1]))
    lines = pa.chunked_array([pa.array([line], pa.string())])
    return bool(same_streets(properties, lines, pair, state)[0])


@pytest.mark.parametrize(
    ("street", "unit", "line"),
    [
        ("100 MAIN ST", "APT 5", "100 Main Street #5"),
        ("100 MAIN ST", "UNIT 5", "100 MAIN ST, APARTMENT NO. 5"),
        ("100 MAIN ST", "REAR", "100 Main Street Rear"),
        ("100 FM 1960 W", None, "100 Farm to Market Road 1960 West"),
        ("100 OBRIEN LN", None, "100 OʻBrien Lane"),
        ("12-14 MAIN ST", None, "12 - 14 MAIN STREET"),
    ],
)
def test_a_record_is_the_property_s_in_any_spelling(street, unit, line):
    assert alike(street, unit, line)


@pytest.mark.parametrize(
    ("street", "unit", "line"),
    [
        ("100 MAIN ST", "APT 4", "100 Main St Hangar 4"),
        ("100 MAIN ST", "APT 4", "100 Main St Suite 4"),
        ("100 MAIN ST", "APT 4", "100 Main St"),
        ("100 FM 1960 W", None, "100 FM 1960 E"),
        ("100 FM 1960 W", None, "100 Farm to Market Road"),
        ("100 N ST", None, "100 North Street"),
    ],
)
def test_a_record_of_another_place_is_not(street, unit, line):
    assert not alike(street, unit, line)
