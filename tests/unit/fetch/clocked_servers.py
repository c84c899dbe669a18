"""Servers of each kind that is fetched, on any clock: what they read in a query, and what they write."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from resources.http.api import ApiAnswer, ApiRequest
from tests.unit.fetch.landed_apis import Layer

FORMAT = "%Y-%m-%dT%H:%M:%S"


@dataclass(frozen=True)
class Sale:
    """A record: when it was sold, and when somebody says that it was seen."""

    pin: str
    sold: datetime
    seen: str | None = None


class Direct:
    """An ApiClient that hands requests to a function instead of a network."""

    base_url = "https://api.test/odata"

    def __init__(self, answer: Callable[[ApiRequest], object]) -> None:
        self.answer, self.sent = answer, set[str]()

    def send_all(self, requests: Sequence[ApiRequest]) -> list[ApiAnswer]:
        """Answers in order."""
        bodies = [json.dumps(self.answer(request)) for request in requests]
        for body in bodies:
            self.sent |= set(re.findall(r'"(?:PIN|pin)": "(\d+)"', body))
        return [
            ApiAnswer(request, request.path, 200, body.encode(), "application/json")
            for request, body in zip(requests, bodies, strict=True)
        ]


def arcgis(sales: Sequence[Sale], clock: ZoneInfo) -> Callable[[ApiRequest], object]:
    """A layer: it writes milliseconds since 1970, and reads literals on its own clock."""

    class Clocked(Layer):
        def value(self, literal: str) -> int:
            text = re.fullmatch(r"timestamp '(.*)'", literal)[1]
            return int(datetime.fromisoformat(text).replace(tzinfo=clock).timestamp() * 1000)

    layer = Clocked(
        [
            {
                "OBJECTID": n,
                "PIN": s.pin,
                "SOLD": int(s.sold.timestamp() * 1000),
                "price": 1.0,
                "note": s.seen,
            }
            for n, s in enumerate(sales)
        ]
    )

    def answer(request: ApiRequest) -> object:
        form = dict(request.form or request.params)
        if not request.path.endswith("/query"):
            return layer.metadata()
        found = layer.matching(form)
        if form.get("returnCountOnly") == "true":
            return {"count": len(found)}
        return {"features": [layer.feature(record) for record in found]}

    return answer


def odata(sales: Sequence[Sale], clock: ZoneInfo) -> Callable[[ApiRequest], object]:
    """An OData resource that takes no heed of the zone in a literal, and writes times with its own offset."""

    def answer(request: ApiRequest) -> object:
        params = dict(request.params)
        low, high = re.findall(r"(?:ge|lt) (\S+?)Z?(?= |$|\))", params["$filter"])
        rows = [
            {"ListingKey": s.pin, "pin": s.pin, "sold": s.sold.astimezone(clock).isoformat(), "price": 1.0}
            | {"note": s.seen}
            for s in sales
            if low <= s.sold.astimezone(clock).strftime(FORMAT) < high
        ]
        skip = int(params.get("$skip", 0))
        return {"@odata.count": len(rows), "value": rows[skip:]}

    return answer


def soda(sales: Sequence[Sale], clock: ZoneInfo) -> Callable[[ApiRequest], object]:
    """A Socrata dataset of fixed timestamps: literals are read on its clock, times are written in UTC."""
    utc = ZoneInfo("UTC")

    def answer(request: ApiRequest) -> object:
        params = dict(request.params)
        bounds = re.findall(r"'(.*?)\.000'", params["$where"])
        low, high = bounds or ("", "~")
        rows = [
            {"pin": s.pin, "sold": f"{s.sold.astimezone(utc).strftime(FORMAT)}.000Z", "price": "1"}
            | ({"note": s.seen} if s.seen is not None else {})
            for s in sales
            if low <= s.sold.astimezone(clock).strftime(FORMAT) < high
        ]
        at = int(params.get("$offset", 0))
        return rows[at : at + int(params.get("$limit", 1000))]

    return answer


SERVERS = {"arcgis": arcgis, "reso": odata, "socrata": soda}
