import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.core.geo import haversine_miles, nearest_points, on_sphere

LATITUDES, OFFSETS = st.floats(-80, 80), st.tuples(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
PLACES = st.lists(OFFSETS, min_size=1, max_size=40).map(np.array)


def test_one_degree_north_is_69_miles_and_one_east_less_by_the_cosine():
    assert haversine_miles(47.0, -122.0, 48.0, -122.0) == pytest.approx(69.09, abs=0.01)
    east = haversine_miles(47.0, -122.0, 47.0, -121.0)
    assert east == pytest.approx(69.09 * np.cos(np.radians(47.0)), abs=0.01)


def test_the_180th_meridian_does_not_tear_a_county_in_two():
    points = on_sphere(np.array([52.0]), np.array([179.99]))
    distance, _ = nearest_points(points, on_sphere(np.array([52.0]), np.array([-179.99])), 1, 5.0)
    assert distance[0, 0] == pytest.approx(0.02 * 69.09 * np.cos(np.radians(52.0)), abs=1e-3)


def test_seattle_to_portland_is_145_miles():
    assert haversine_miles(47.6062, -122.3321, 45.5152, -122.6784) == pytest.approx(145.4, abs=0.5)


@given(LATITUDES, st.floats(-180, 180), PLACES, PLACES, st.integers(1, 8), st.floats(0.5, 20.0))
def test_the_tree_finds_what_comparing_with_every_point_finds(latitude, longitude, one, other, k, limit):
    here, there = (offsets + np.array([latitude, longitude]) for offsets in (one, other))
    distance, index = nearest_points(on_sphere(*here.T), on_sphere(*there.T), k, limit)
    every = haversine_miles(here[None, :, 0], here[None, :, 1], there[:, None, 0], there[:, None, 1])
    found = index >= 0
    assert (found == np.isfinite(distance)).all()
    # A point at the very limit may fall on either side of it.
    at_least, at_most = ((every < limit + slack).sum(axis=1).clip(max=k) for slack in (-1e-6, 1e-6))
    assert ((at_least <= found.sum(axis=1)) & (found.sum(axis=1) <= at_most)).all()
    rows = np.broadcast_to(np.arange(len(there))[:, None], index.shape)
    assert np.allclose(every[rows[found], index[found]], distance[found], atol=1e-5)
    nearest = np.sort(every, axis=1)
    columns = np.broadcast_to(np.arange(k), index.shape)
    assert np.allclose(nearest[rows[found], columns[found]], distance[found], atol=1e-5)


def test_no_points_and_no_queries_find_nothing():
    none = np.empty((0, 3))
    distance, index = nearest_points(none, np.zeros((2, 3)), 3, 1.0)
    assert np.isinf(distance).all()
    assert (index == -1).all()
    assert nearest_points(np.zeros((2, 3)), none, 3, 1.0)[0].shape == (0, 3)
