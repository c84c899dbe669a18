"""A small flood map that answers queries as an ArcGIS layer does, for the tests of the FEMA provider."""

import json

import shapely

from resources.http.api import ApiRequest, Failure
from tests.unit.providers.api_fakes import FakeClient, Reply, said


def zone(code: str, shape: shapely.Geometry, flag: str | None = "F", **told) -> dict:
    """A feature of the layer; outlines of several parts and holes are a flat list of rings."""
    attributes = {"FLD_ZONE": code, "ZONE_SUBTY": None, "SFHA_TF": flag, "STATIC_BFE": -9999.0, **told}
    return {"attributes": attributes, "geometry": {"rings": rings_of(shape)}, "shape": shape}


def rings_of(shape: shapely.Geometry) -> list[list[list[float]]]:
    parts = shapely.get_parts(shape)
    return [
        [list(point) for point in ring.coords] for part in parts for ring in (part.exterior, *part.interiors)
    ]


class FloodMap:
    """Answers with the zones that any point of a query lies in; `limit` cuts a reply as a service does."""

    def __init__(self, *zones: dict, limit: int = 2_000, with_outlines: bool = True) -> None:
        self.zones, self.limit, self.with_outlines = zones, limit, with_outlines
        self.columns = ("FLD_ZONE", "ZONE_SUBTY", "SFHA_TF", "STATIC_BFE", "LEN_UNIT")

    def __call__(self, request: ApiRequest) -> Reply | Failure:
        if request.method == "GET":
            return said({"fields": [{"name": name, "type": "esriFieldTypeString"} for name in self.columns]})
        form = dict(request.form)
        asked = shapely.MultiPoint(points_of(request))
        found = [zone for zone in self.zones if zone["shape"].intersects(asked)]
        keys = ["attributes"]
        if self.with_outlines and form["returnGeometry"] == "true":
            keys.append("geometry")
        features = [{key: zone[key] for key in keys} for zone in found[: self.limit]]
        return said({"features": features, "exceededTransferLimit": len(found) > self.limit})

    def client(self, **settings) -> FakeClient:
        """A session with the map."""
        return FakeClient(self, **settings)


def points_of(request: ApiRequest) -> list[list[float]]:
    """Longitude and latitude of the points a query asks about."""
    geometry = json.loads(dict(request.form)["geometry"])
    return geometry["points"] if "points" in geometry else [[geometry["x"], geometry["y"]]]
