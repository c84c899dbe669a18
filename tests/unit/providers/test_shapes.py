"""Points in outlines: holes, several outlines, borders, and coordinates that are no degrees."""

import json

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.providers.shapes import (
    esri_outlines,
    geojson_outlines,
    in_degrees,
    middles,
    multipoint,
    pairs_inside,
)


def square(west: float, south: float, side: float) -> list[list[float]]:
    east, north = west + side, south + side
    return [[west, south], [west, north], [east, north], [east, south], [west, south]]


def test_a_point_in_a_hole_lies_outside_whatever_way_the_ring_turns():
    hole = square(1, 1, 1)
    for ring in (hole, hole[::-1]):
        outlines = esri_outlines([{"rings": [square(0, 0, 3), ring]}])
        points, found = pairs_inside(outlines, np.array([0.5, 1.5]), np.array([0.5, 1.5]))
        assert (points.tolist(), found.tolist()) == ([0], [0])


def test_a_point_may_lie_in_several_outlines_and_features_without_one_are_passed_over():
    rings = [{"rings": [square(0, 0, 2)]}, None, {}, {"rings": [square(1, 1, 2)]}]
    points, found = pairs_inside(esri_outlines(rings), np.array([1.5, 9.0]), np.array([1.5, 9.0]))
    assert (points.tolist(), found.tolist()) == ([0, 0], [0, 3])


def test_no_outline_and_no_point_give_no_pair():
    nobody = np.array([], dtype=float)
    assert pairs_inside(esri_outlines([]), np.array([1.0]), np.array([1.0]))[0].size == 0
    assert pairs_inside(esri_outlines([{"rings": [square(0, 0, 2)]}]), nobody, nobody)[0].size == 0


def test_geojson_and_broken_geometry_are_read():
    outlines = geojson_outlines(
        [
            {"type": "Polygon", "coordinates": [square(0, 0, 2)]},
            None,
            {"type": "Polygon", "coordinates": [[[0, 0]]]},
        ]
    )
    assert outlines[1] is None and outlines[2] is None
    assert pairs_inside(outlines, np.array([1.0]), np.array([1.0]))[1].tolist() == [0]


def test_the_middle_lies_inside_also_of_an_l():
    ell = [[0, 0], [0, 9], [1, 9], [1, 1], [9, 1], [9, 0], [0, 0]]
    outlines = esri_outlines([{"rings": [ell]}, None, {"x": -122.3, "y": 47.6}])
    longitude, latitude = middles(outlines)
    assert outlines[0].contains(shapely.Point(longitude[0], latitude[0]))
    assert np.isnan(longitude[1]) and (longitude[2], latitude[2]) == (-122.3, 47.6)


def test_state_plane_feet_are_no_degrees():
    assert in_degrees(esri_outlines([{"x": -118.27, "y": 33.83}, None]))
    assert not in_degrees(esri_outlines([{"x": 6474022.25, "y": 1748978.69}]))


def test_a_multipoint_says_its_reference():
    text = multipoint(np.array([-122.3]), np.array([47.6]))
    assert json.loads(text) == {"points": [[-122.3, 47.6]], "spatialReference": {"wkid": 4326}}


@given(st.lists(st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), max_size=6), max_size=4))
def test_no_rings_break_the_reader(rings):
    outlines = esri_outlines([{"rings": [[list(corner) for corner in ring] for ring in rings]}])
    pairs_inside(outlines, np.array([0.5]), np.array([0.5]))
    assert in_degrees(outlines)
