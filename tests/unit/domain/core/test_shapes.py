"""Points in outlines: holes, several outlines, borders, and coordinates that are no degrees."""

import json

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.core.shapes import (
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


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(["NaN", "Infinity", "-Infinity", "", "abc", "12.5"]),
    st.floats(),
    st.integers(-(10**400), 10**400),
    st.lists(st.floats(), max_size=2),
)
CORNER = st.one_of(st.lists(ODD, max_size=4), ODD)
RING = st.one_of(st.lists(CORNER, max_size=6), ODD)


@given(
    st.one_of(
        st.fixed_dictionaries({}, optional={"x": ODD, "y": ODD}),
        st.fixed_dictionaries({"points": st.lists(CORNER, max_size=4)}),
        st.fixed_dictionaries({"paths": st.lists(RING, max_size=3)}),
        st.fixed_dictionaries({"rings": st.lists(RING, max_size=3)}),
    )
)
def test_any_esri_geometry_is_a_place_or_none_and_never_an_exception(geometry):
    longitude, latitude = middles(esri_outlines([geometry]))
    assert np.isfinite(longitude[0]) == np.isfinite(latitude[0])
    assert (longitude[0], latitude[0]) != (0, 0) or "rings" in geometry or "paths" in geometry


@given(
    st.sampled_from(["Point", "MultiPoint", "LineString", "Polygon", "MultiPolygon", "Nothing"]),
    st.one_of(RING, st.lists(RING, max_size=3)),
)
def test_any_geojson_geometry_is_a_place_or_none_and_never_an_exception(kind, coordinates):
    try:
        json.dumps(coordinates, allow_nan=False)
    except ValueError:
        return  # not JSON: the reader of the reply has refused it
    longitude, latitude = middles(geojson_outlines([{"type": kind, "coordinates": coordinates}]))
    assert np.isfinite(longitude[0]) == np.isfinite(latitude[0])


def test_numbers_as_text_are_numbers_and_what_is_none_is_no_place():
    geometries = [
        {"x": "-122.25", "y": "47.5"},
        {"x": "NaN", "y": "NaN"},
        {"x": 0, "y": 0},
        {"x": None, "y": None},
        {"points": [[-122.25, 47.5], [-122.0, 47.0]]},
        {"paths": [[[-122.0, 47.0], [-122.0, 48.0]]]},
        {"rings": [[[0, 1], [0, 3], [2, 3], [2, 1]]]},
        {"rings": [[["NaN", "NaN"], [0, 3], [2, 3], [2, 1]]]},
    ]
    longitude, latitude = middles(esri_outlines(geometries))
    assert np.isfinite(longitude).tolist() == [True, False, False, False, True, True, True, False]
    assert (longitude[0], latitude[0]) == (-122.25, 47.5)
    assert (longitude[4], latitude[4]) in {(-122.25, 47.5), (-122.0, 47.0)}
    assert (longitude[6], latitude[6]) == (1.0, 2.0), "a ring that is not closed is closed"
