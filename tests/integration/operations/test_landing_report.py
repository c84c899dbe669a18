"""The landing area as an operator sees it: every file, and why it is not read."""

import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from realestate_assets.landing.area import watch
from realestate_assets.landing.watch import Cursor
from realestate_assets.operations.landing_report import landing_report
from resources.lake.store import StoreResource

pytestmark = pytest.mark.integration

ROWS = b"apn,street,city,state,zip,list_price,status,list_date\n"


def test_every_file_is_listed_with_what_became_of_it(tmp_path, warehouse):
    landing = StoreResource(root_url=str(tmp_path / "landing"))
    for path in (
        "king-wa/listings/bad.csv",
        "king-wa/listings/half.csv.part",
        "king-wa/listings/_SUCCESS",
        "king-wa/listings/.DS_Store",
        "king-wa/listngs/a.csv",
        "kingwa/listings/a.csv",
        "top.csv",
    ):
        landing.write_bytes(path, b"nothing,of,use\n1,2,3\n")
    (tmp_path / "landing/king-wa/listings" / os.fsdecode(b"latin-\xe9.csv")).write_bytes(ROWS)
    assert {e["path"]: e["state"] for e in landing_report(landing, warehouse)} == {
        "king-wa/listings/bad.csv": "new",
        "king-wa/listings/half.csv.part": "unfinished",
        "king-wa/listings/_SUCCESS": "left alone",
        "king-wa/listings/.DS_Store": "left alone",
        "king-wa/listings/latin-\\udce9.csv": "not read",
        "king-wa/listngs": "not read",
        "kingwa": "not read",
        "top.csv": "not read",
    }
    looking = watch(landing, warehouse)
    now = datetime.now(UTC)
    for seconds in (0, 60):
        at = now + timedelta(seconds=seconds)
        type(looking)(**{**vars(looking), "now": lambda at=at: at}).scan(Cursor())
    found = {entry["path"]: entry for entry in landing_report(landing, warehouse, ["king-wa"])}
    assert found["_quarantine/king-wa/listings/bad.csv"]["state"] == "quarantined"
    assert "lacks the required columns" in found["_quarantine/king-wa/listings/bad.csv"]["reason"]
    assert "meant is perhaps listings" in found["king-wa/listngs"]["reason"]
    assert "top.csv" not in found and "king-wa/listings/bad.csv" not in found
    json.dumps(list(found.values()))
