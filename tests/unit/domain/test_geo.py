import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.geo import haversine_miles, nearest_points, project

COORDINATES = st.lists(
    st.tuples(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3)), min_size=1, max_size=40
).map(np.array)


def test_one_degree_north_is_69_miles_and_one_east_less_by_the_cosine():
    xy = project(np.array([48.0, 47.0]), np.array([-122.0, -121.0]), (47.0, -122.0))
    assert xy[0] == pytest.approx([0.0, 69.09], abs=0.01)
    assert xy[1] == pytest.approx([69.09 * np.cos(np.radians(47.0)), 0.0], abs=0.01)


def test_the_180th_meridian_does_not_tear_a_county_in_two():
    xy = project(np.array([52.0, 52.0]), np.array([179.99, -179.99]), (52.0, 179.99))
    assert np.hypot(*(xy[1] - xy[0])) < 1.0


def test_seattle_to_portland_is_145_miles():
    assert haversine_miles(47.6062, -122.3321, 45.5152, -122.6784) == pytest.approx(145.4, abs=0.5)


@given(st.floats(-60, 60), st.floats(-180, 180), COORDINATES)
def test_flat_distances_agree_with_the_sphere_within_two_percent(latitude, longitude, offsets):
    latitudes, longitudes = latitude + offsets[:, 0], longitude + offsets[:, 1]
    flat = np.hypot(*project(latitudes, longitudes, (latitude, longitude)).T)
    sphere = haversine_miles(latitude, longitude, latitudes, longitudes)
    assert np.allclose(flat, sphere, rtol=0.02, atol=1e-3)


@given(COORDINATES, COORDINATES, st.integers(1, 8), st.floats(0.05, 0.5))
def test_the_tree_finds_what_comparing_with_every_point_finds(points, queries, k, limit):
    distance, index = nearest_points(points, queries, k, limit)
    every = np.hypot(*(queries[:, None, :] - points[None, :, :]).transpose(2, 0, 1))
    expected = np.sort(np.where(every < limit, every, np.inf), axis=1)[:, :k]
    assert np.allclose(distance[:, : expected.shape[1]], expected)
    assert np.isinf(distance[:, expected.shape[1] :]).all()
    found = index >= 0
    assert (found == np.isfinite(distance)).all()
    rows = np.broadcast_to(np.arange(len(queries))[:, None], index.shape)
    assert np.allclose(every[rows[found], index[found]], distance[found])


def test_no_points_and_no_queries_find_nothing():
    none = np.empty((0, 2))
    distance, index = nearest_points(none, np.zeros((2, 2)), 3, 1.0)
    assert np.isinf(distance).all()
    assert (index == -1).all()
    assert nearest_points(np.zeros((2, 2)), none, 3, 1.0)[0].shape == (0, 3)
