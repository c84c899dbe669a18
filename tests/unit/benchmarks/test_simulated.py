"""Simulated homes of the table of speed, and what stands in for the product's tree of points."""

import sys
from types import SimpleNamespace

import numpy as np

from benchmarks import brute_force
from benchmarks.simulated import MONTH, descriptions, features, homes, sold_before
from realestate_assets.domain.core.geo import nearest_points


def test_homes_are_spread_over_the_months_and_have_ids_of_their_own():
    rows = features(homes(30, "2014-12", 3))
    assert rows.groupby("month").size().to_dict() == {"2014-12": 10, "2015-01": 10, "2015-02": 10}
    assert rows["property_id"].is_unique
    assert rows[["latitude", "living_area_sqft", "zip", "property_type"]].notna().all(axis=None)


def test_sales_lie_before_the_valued_month():
    sales = sold_before(200)
    assert 150 < len(sales) < 250
    assert sales["month"].max() < MONTH
    assert sales["sale_price_usd"].notna().all()


def test_descriptions_are_distinct():
    texts = descriptions(50)
    assert len(set(texts)) == len(texts) == 50


class Neighbours:
    """What is asked of scikit-learn's NearestNeighbors; it may be missing here, and starts a process."""

    def __init__(self, algorithm: str):
        assert algorithm == "brute"

    def fit(self, points):
        self.points = points
        return self

    def kneighbors(self, queries, count, return_distance):
        apart = np.linalg.norm(self.points - queries[:, None, :], axis=2)
        # Of the nearest, in no order.
        return np.argsort(apart, axis=1)[:, :count][:, ::-1]


def test_brute_force_finds_what_the_tree_finds(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.neighbors", SimpleNamespace(NearestNeighbors=Neighbours))
    monkeypatch.setattr(brute_force, "with_alternatives", lambda: None)
    dice = np.random.default_rng(1)
    points = dice.normal(size=(300, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    forced = brute_force.BruteTree(points)
    for miles, count in ((300.0, 12), (10_000.0, 12), (10_000.0, 400)):
        found = nearest_points(forced, points[:20], count, miles)
        for one, other in zip(found, nearest_points(points, points[:20], count, miles), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)
