"""Flood zones at points: which zone is whose, how many calls, and that no answer is never low risk."""

from datetime import date

import numpy as np
import pyarrow.compute as pc
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.counties.providers.fema import FemaFloodProvider
from realestate_assets.providers.fema import FIELDS, FemaFlood
from realestate_assets.providers.fema_points import distinct_points
from realestate_assets.providers.fema_zones import read_zones, zones_of_points
from resources.errors import PermanentError
from resources.http.api import Failure
from tests.unit.providers.api_fakes import FakeClient, enrichment_request, facts_by_key, said
from tests.unit.providers.flood_map import FloodMap, points_of, zone

WEST, EAST = shapely.box(-122.4, 47.4, -122.3, 47.5), shapely.box(-122.3, 47.4, -122.2, 47.5)
IN_WEST, IN_EAST = {"latitude": 47.45, "longitude": -122.35}, {"latitude": 47.45, "longitude": -122.25}
NOWHERE = {"latitude": 47.6, "longitude": -122.35}
CODE = ("flood_zone_code",)


def fema(handler, **config) -> tuple[FemaFlood, FakeClient]:
    client = handler if isinstance(handler, FakeClient) else FakeClient(handler)
    settings = FemaFloodProvider(kind="fema_nfhl", name="flood", **config)
    return FemaFlood(settings, client, load_counties()["king-wa"]), client


def column(facts, field: str, name: str = "value") -> list:
    return [fact[name] for (_, of), fact in sorted(facts_by_key(facts).items()) if of == field]


def test_each_point_gets_the_zone_it_lies_in_from_one_call():
    flood_map = FloodMap(
        zone("AE", WEST, "T", STATIC_BFE=9.5), zone("X", EAST, ZONE_SUBTY="AREA OF MINIMAL FLOOD HAZARD")
    )
    provider, client = fema(flood_map)
    facts = provider.fetch(enrichment_request(IN_WEST, IN_EAST, NOWHERE, fields=FIELDS))
    assert column(facts, "flood_zone_code") == ["AE", "X", None]
    assert column(facts, "is_flood_hazard_area") == ["true", "false", None]
    assert column(facts, "base_flood_elevation_ft") == ["9.5", None, None]
    assert column(facts, "base_flood_elevation_ft", "reason_code") == [None, "NULL_IN_SOURCE", "NO_COVERAGE"]
    assert len(client.requests) == 1
    form = dict(client.requests[0].form)
    assert (form["geometryType"], form["outSR"], form["f"]) == ("esriGeometryMultipoint", "4326", "json")
    assert client.requests[0].path == "28/query"


def test_nothing_mapped_is_unknown_and_never_low_risk():
    provider, _ = fema(FloodMap())
    facts = provider.fetch(enrichment_request(IN_WEST, fields=FIELDS))
    assert set(facts["reason_code"].to_pylist()) == {"NO_COVERAGE"}
    assert facts["value"].null_count == 3


@pytest.mark.parametrize("code", ["AREA NOT INCLUDED", "OPEN WATER", "", None])
def test_what_the_map_leaves_out_is_not_covered(code):
    provider, _ = fema(FloodMap(zone(code, WEST)))
    facts = provider.fetch(enrichment_request(IN_WEST, fields=FIELDS))
    assert set(facts["reason_code"].to_pylist()) == {"NO_COVERAGE"}


def test_the_hazard_of_zone_d_is_undetermined_whatever_its_flag_says():
    provider, _ = fema(FloodMap(zone("D", WEST, "F")))
    facts = facts_by_key(provider.fetch(enrichment_request(IN_WEST, fields=FIELDS)))
    assert facts["p0", "flood_zone_code"]["value"] == "D"
    assert facts["p0", "is_flood_hazard_area"]["reason_code"] == "NULL_IN_SOURCE"


def test_of_several_zones_the_most_hazardous_counts():
    ladder = [
        zone("X", WEST, "F", ZONE_SUBTY="AREA OF MINIMAL FLOOD HAZARD"),
        zone("D", WEST, "F"),
        zone("X", WEST, "F", ZONE_SUBTY="0.2 PCT ANNUAL CHANCE FLOOD HAZARD", STATIC_BFE=7.0),
        zone("A", WEST, "T"),
        zone("AE", WEST, "T", STATIC_BFE=8.0),
        zone("AE", WEST, "T", STATIC_BFE=9.0),
        zone("AE", WEST, "T", ZONE_SUBTY="FLOODWAY"),
        zone("VE", WEST, "T"),
    ]
    told = [
        ("X", None),
        ("D", None),
        ("X", "7"),
        ("A", None),
        ("AE", "8"),
        ("AE", "9"),
        ("AE", None),
        ("VE", None),
    ]
    for count, expected in enumerate(told, start=1):
        for zones in (ladder[:count], ladder[:count][::-1]):
            provider, _ = fema(FloodMap(*zones))
            facts = provider.fetch(enrichment_request(IN_WEST, fields=FIELDS))
            found = column(facts, "flood_zone_code") + column(facts, "base_flood_elevation_ft")
            assert tuple(found) == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (-9999.0, "Feet", None),
        (-9999, None, None),
        (-8888, None, None),
        (None, None, None),
        ("high", None, None),
        ("12.5", None, "12.5"),
        (0.0, "Feet", "0"),
        (-3.0, "Feet", "-3"),
        (10, "Meters", "32.81"),
    ],
)
def test_an_elevation_is_in_feet_and_a_sentinel_is_null(value, unit, expected):
    provider, _ = fema(FloodMap(zone("AE", WEST, "T", STATIC_BFE=value, LEN_UNIT=unit)))
    facts = provider.fetch(enrichment_request(IN_WEST, fields=("base_flood_elevation_ft",)))
    assert facts["value"].to_pylist() == [expected]


def test_a_point_is_asked_about_once_for_all_its_properties_and_months():
    provider, client = fema(FloodMap(zone("X", WEST)))
    near = {"latitude": 47.450001, "longitude": -122.350004}
    rows = [IN_WEST, {**IN_WEST, "month": "2014-06"}, near, {"latitude": None, "longitude": -122.3}]
    facts = provider.fetch(enrichment_request(*rows, fields=CODE))
    assert points_of(client.requests[0]) == [[-122.35, 47.45]]
    assert column(facts, "flood_zone_code", "reason_code") == [None, None, None, "NO_KEY"]


def test_no_coordinates_send_nothing():
    provider, client = fema(FloodMap())
    nowhere = {"latitude": None, "longitude": None}
    facts = provider.fetch(enrichment_request(nowhere, fields=CODE))
    assert (column(facts, "flood_zone_code", "reason_code"), client.requests) == (["NO_KEY"], [])
    assert provider.fetch(enrichment_request(fields=CODE)).num_rows == 0
    assert provider.fetch(enrichment_request(IN_WEST, fields=("zoning_code",))).num_rows == 0


def test_the_map_is_as_old_as_the_day_it_was_asked():
    provider, _ = fema(FloodMap(zone("X", WEST)))
    facts = provider.fetch(enrichment_request(IN_WEST, fields=CODE))
    assert facts["vintage"].to_pylist() == [date(2024, 3, 9)]
    assert facts["source_url"].to_pylist() == ["https://api.example/28/query"]


def test_a_reply_cut_short_is_asked_for_in_halves_and_costs_add_up():
    stripes = [
        zone(f"A{n}", shapely.box(-122.4 + n / 100, 47.4, -122.391 + n / 100, 47.5), "T") for n in range(10)
    ]
    places = [{"latitude": 47.45, "longitude": -122.395 + n / 100} for n in range(10)]
    provider, client = fema(FakeClient(FloodMap(*stripes, limit=3), cost_usd=0.01))
    facts = provider.fetch(enrichment_request(*places, fields=FIELDS))
    assert column(facts, "flood_zone_code") == [f"A{n}" for n in range(10)]
    assert max(len(points_of(request)) for request in client.requests[-4:]) <= 3
    assert round(pc.sum(facts["cost_usd"]).as_py(), 6) == round(0.01 * len(client.requests), 6)


def test_one_point_in_more_zones_than_a_reply_holds_is_a_failure():
    provider, _ = fema(FloodMap(zone("X", WEST), zone("AE", WEST, "T"), limit=1))
    facts = provider.fetch(enrichment_request(IN_WEST, fields=CODE))
    assert facts["reason_code"].to_pylist() == ["BAD_ANSWER"]


def test_without_outlines_every_point_is_asked_about_by_itself():
    flood_map = FloodMap(zone("AE", WEST, "T"), zone("X", EAST), with_outlines=False)
    provider, client = fema(FakeClient(flood_map, cost_usd=0.01))
    facts = provider.fetch(enrichment_request(IN_WEST, IN_EAST, NOWHERE, fields=CODE))
    assert column(facts, "flood_zone_code") == ["AE", "X", None]
    assert column(facts, "flood_zone_code", "reason_code") == [None, None, "NO_COVERAGE"]
    kinds = [dict(request.form)["geometryType"] for request in client.requests]
    assert kinds == ["esriGeometryMultipoint", *["esriGeometryPoint"] * 3]
    assert pc.sum(facts["cost_usd"]).as_py() == pytest.approx(0.04)


def test_a_zone_without_outline_beside_others_is_looked_for_point_by_point():
    lost = zone("AE", EAST, "T")
    lost["geometry"] = None
    provider, client = fema(FloodMap(zone("X", WEST), lost))
    facts = provider.fetch(enrichment_request(IN_WEST, IN_EAST, fields=CODE))
    assert column(facts, "flood_zone_code") == ["X", "AE"]
    assert len(client.requests) == 2


def test_too_many_single_points_are_left_unasked():
    provider, client = fema(FloodMap(zone("X", WEST), with_outlines=False), single_points_at_most=1)
    near = {"latitude": 47.46, "longitude": -122.35}
    facts = provider.fetch(enrichment_request(IN_WEST, near, fields=CODE))
    assert facts["reason_code"].to_pylist() == ["BAD_ANSWER"] * 2
    assert len(client.requests) == 1


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ({"code": 400, "message": "Failed to execute query.", "details": []}, "BAD_ANSWER"),
        ({"code": 500, "message": "Server object extension 'featureserver' not found."}, "PROVIDER_FAILED"),
        ({"code": 499, "message": "Token Required"}, "KEY_MISSING"),
    ],
)
def test_an_error_object_at_http_200_is_a_failure(error, reason):
    provider, client = fema(lambda request: said({"error": error}))
    facts = provider.fetch(enrichment_request(IN_WEST, IN_EAST, fields=CODE))
    assert facts["reason_code"].to_pylist() == [reason] * 2
    assert len(client.requests) == (2 if reason == "BAD_ANSWER" else 1)


def test_a_page_for_people_is_a_failure():
    provider, _ = fema(lambda request: (200, b"<html>maintenance</html>"))
    facts = provider.fetch(enrichment_request(IN_WEST, fields=CODE))
    assert facts["reason_code"].to_pylist() == ["BAD_ANSWER"]


def test_a_failed_call_is_the_reason_of_its_points_alone():
    flood_map = FloodMap(zone("X", WEST), zone("X", EAST))

    def handler(request):
        is_west = points_of(request)[0][0] < -122.3
        return Failure.PROVIDER_FAILED if is_west else flood_map(request)

    provider, _ = fema(handler, points_per_request=1)
    facts = provider.fetch(enrichment_request(IN_WEST, IN_EAST, fields=CODE))
    assert column(facts, "flood_zone_code", "reason_code") == ["PROVIDER_FAILED", None]


@pytest.mark.parametrize("name", ["FLD_ZONE", "SFHA_TF"])
def test_a_column_that_is_gone_stops_the_provider_and_is_named(name):
    changed = zone("X", WEST)
    changed["attributes"] = {k: v for k, v in changed["attributes"].items() if k != name}
    provider, _ = fema(FloodMap(changed))
    with pytest.raises(PermanentError, match=f"king-wa, source flood, field {name}"):
        provider.fetch(enrichment_request(IN_WEST, fields=CODE))


def test_a_query_refused_for_a_column_that_is_gone_names_it():
    flood_map = FloodMap()
    flood_map.columns = ("FLD_ZONE", "ZONE_SUBTY", "SFHA_TF", "LEN_UNIT")

    def handler(request):
        refused = {"error": {"code": 400, "message": "Failed to execute query.", "details": []}}
        return said(refused) if request.method == "POST" else flood_map(request)

    provider, _ = fema(handler)
    with pytest.raises(PermanentError, match="no column STATIC_BFE"):
        provider.fetch(enrichment_request(IN_WEST, fields=CODE))


def test_holes_islands_and_parts_are_told_apart_by_both_ways_of_writing_them():
    ring = shapely.box(-122.4, 47.4, -122.2, 47.5) - shapely.box(-122.36, 47.44, -122.24, 47.46)
    island = shapely.box(-122.31, 47.449, -122.29, 47.451)
    round_lake = shapely.Point(-122.22, 47.42).buffer(0.01)
    shape = shapely.union_all([ring - round_lake, island])
    points = np.array(
        [[-122.39, 47.45], [-122.35, 47.45], [-122.30, 47.45], [-122.5, 47.45], [-122.22, 47.42]]
    )
    for geometry in (zone("A", shape)["geometry"], shapely.geometry.mapping(shape)):
        zones = read_zones(
            [{"attributes": {"FLD_ZONE": "A", "SFHA_TF": "T"}, "geometry": geometry}], "c", "s"
        )
        assert zones_of_points(zones, points, 0.0).tolist() == [0, -1, 0, -1, -1]


def test_a_gap_between_simplified_outlines_leaves_no_point_without_a_zone():
    gap = 0.000005
    west = shapely.box(-122.4, 47.4, -122.3 - gap, 47.5)
    provider, _ = fema(lambda request: FloodMap(zone("X", WEST))(request), coordinate_decimals=7)
    zones = read_zones([zone("AE", west, "T"), zone("X", EAST)], "king-wa", "flood")
    point = np.array([[-122.3 - gap / 2, 47.45]])
    assert zones_of_points(zones, point, 0.0).tolist() == [-1]
    assert zones_of_points(zones, point, 0.00002).tolist() == [0]
    assert provider.fetch(enrichment_request(IN_WEST, fields=CODE))["value"].to_pylist() == ["X"]


def test_batches_are_compact():
    rng = np.random.default_rng(7)
    latitude, longitude = rng.uniform(47.2, 47.8, 4_000), rng.uniform(-122.5, -121.5, 4_000)
    row, points = distinct_points(latitude, longitude, 5)
    assert np.allclose(points[row], np.column_stack([longitude, latitude]), atol=1e-5)
    boxes = [np.ptp(points[start : start + 100], axis=0) for start in range(0, len(points), 100)]
    # Ideal: a fortieth of the points in a fortieth of the area, which is 0.6 square degrees in all.
    assert np.mean([width * height for width, height in boxes]) < 2 * 0.6 / 40


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=25),
    st.lists(
        st.tuples(*[st.integers(0, 30)] * 2, *[st.integers(1, 12)] * 2, st.sampled_from("AXDV")), max_size=6
    ),
    st.integers(1, 7),
    st.booleans(),
)
def test_batches_change_nothing_of_what_one_point_alone_would_be_told(places, boxes, limit, with_outlines):
    shapes = [(shapely.box(x, y, x + w, y + h), code) for x, y, w, h, code in boxes]
    zones = [  # outlines of different lengths
        zone(code, shape.buffer(0.2) if code in "DV" else shape, "T" if code in "AV" else "F")
        for shape, code in shapes
    ]
    flood_map = FloodMap(*zones, limit=6, with_outlines=with_outlines)
    rows = [{"longitude": x + 0.5, "latitude": y + 0.5} for x, y in places]
    provider, _ = fema(flood_map, points_per_request=limit)
    facts = provider.fetch(enrichment_request(*rows, fields=FIELDS))
    assert facts.num_rows == 3 * len(rows)
    by_key = facts_by_key(facts)
    assert all((fact["value"] is None) == bool(fact["reason_code"]) for fact in by_key.values())
    for place, row in enumerate(rows):
        here = shapely.Point(row["longitude"], row["latitude"])
        codes = [z["attributes"]["FLD_ZONE"] for z in zones if z["shape"].contains(here)]
        expected = min(codes, key="VADX".index, default=None)
        assert by_key[f"p{place}", "flood_zone_code"]["value"] == expected
