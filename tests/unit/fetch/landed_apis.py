"""Sources over local servers: a layer, an OData resource, and the client that asks them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import parse_qs

from realestate_assets.domain.counties.api_sources import ApiSource, ArcgisSource, ResoSource, SocrataSource
from realestate_assets.domain.counties.county import County, load_counties
from realestate_assets.fetch.months import Wanted
from tests.http_server import LocalServer, Plain, json_reply
from tests.unit.providers.plain_client import PlainClient

KINDS = {"socrata": SocrataSource, "arcgis": ArcgisSource, "reso": ResoSource}
COLUMNS = {"apn": "pin", "observed_date": "sold", "sale_price_usd": "price"}


def source(kind: str, **said: object) -> ApiSource:
    """A source with the usual columns."""
    usual = {
        "socrata": {"dataset": "wvhk-k5uv", "date_column": "sold"},
        "arcgis": {"layer": "/Sales/FeatureServer/0", "date_column": "sold"},
        "reso": {"date_column": "CloseDate"},
    }[kind]
    base = {"kind": kind, "name": "sales", "api": "portal", "columns": COLUMNS, **usual, **said}
    return KINDS[kind].model_validate(base)


def wanted(kind: str, limit: int | None = None, **said: object) -> Wanted:
    """The source as one of Cook County."""
    return Wanted(cook(limit), source(kind, **said))


def cook(limit: int | None = None) -> County:
    """Cook County with a limit of records a month."""
    return load_counties()["cook-il"].model_copy(update={"max_rows_per_month": limit})


@contextmanager
def served(handler, path: str = "") -> Iterator[tuple[LocalServer, PlainClient]]:
    """A server, and a client whose base address ends in a path."""
    with LocalServer(handler) as server:
        yield server, PlainClient(f"{server.url}{path}")


def milliseconds(text: str) -> int:
    """A moment as ArcGIS sends it."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


class Layer:
    """An ArcGIS layer of sales: `records` are attributes; the date column is `SOLD`, in its own spelling."""

    def __init__(
        self,
        records: list[dict],
        page: int = 1000,
        can_page: bool = True,
        flags: bool = True,
        offsets: bool = True,
    ) -> None:
        self.records, self.page, self.can_page = records, page, can_page
        # Whether it says that a page was cut, and whether it takes an offset as it says it does.
        self.flags, self.offsets = flags, offsets
        self.date_kind, self.geometry, self.miscount = "esriFieldTypeDate", None, []

    def __call__(self, method: str, path: str, query: dict, body: bytes, headers: dict) -> Plain:
        if not path.endswith("/query"):
            return json_reply(self.metadata())
        form = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
        found = self.matching(form)
        if form.get("returnCountOnly") == "true":
            return json_reply({"count": len(found) + (self.miscount.pop() if self.miscount else 0)})
        if form.get("returnIdsOnly") == "true":
            return json_reply({"objectIdFieldName": "OBJECTID", "objectIds": [r["OBJECTID"] for r in found]})
        start = int(form.get("resultOffset", 0)) if self.can_page and self.offsets else 0
        shown = found[start : start + self.page]
        reply = {"features": [self.feature(r) for r in shown]}
        if self.can_page and self.flags and len(found) > start + self.page:
            reply["exceededTransferLimit"] = True
        return json_reply(reply)

    def metadata(self) -> dict:
        kinds = {"OBJECTID": "esriFieldTypeOID", "PIN": "esriFieldTypeString", "SOLD": self.date_kind}
        kinds |= {"price": "esriFieldTypeDouble", "note": "esriFieldTypeString"}
        return {
            "name": "Sales",
            "objectIdField": "OBJECTID",
            "maxRecordCount": self.page,
            "advancedQueryCapabilities": {"supportsPagination": self.can_page},
            "fields": [{"name": name, "type": kind} for name, kind in kinds.items()],
        }

    def matching(self, form: dict[str, str]) -> list[dict]:
        if ids := form.get("objectIds"):
            return [r for r in self.records if str(r["OBJECTID"]) in ids.split(",")]
        low, high = re.search(r"SOLD >= (.*?) AND SOLD < ([^)]*)", form["where"]).groups()
        return [r for r in self.records if self.value(low) <= r["SOLD"] < self.value(high)]

    def value(self, literal: str) -> int | str:
        if self.date_kind == "esriFieldTypeDate":
            return milliseconds(re.fullmatch(r"timestamp '(.*)'", literal)[1])
        if self.date_kind == "esriFieldTypeDateOnly":
            return re.fullmatch(r"DATE '(.*)'", literal)[1]
        return int(literal) if self.date_kind == "esriFieldTypeInteger" else literal.strip("'")

    def feature(self, record: dict) -> dict:
        return {"attributes": record} | ({"geometry": self.geometry} if self.geometry else {})
