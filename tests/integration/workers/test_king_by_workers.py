"""King County by two workers over S3, Postgres behind PgBouncer and Redis: as one process makes it."""

import time
from pathlib import Path

import pytest

from realestate_assets.extent import get_county
from realestate_assets.landing.arrivals import land_file
from resources.lake.store import StoreResource
from resources.warehouse.resource import WarehouseResource
from tests.integration.command_line import environment, finish, start
from tests.integration.what_a_run_made import differences, files, tables
from tests.integration.workers.installation import MISSING, installation

DATA = Path(__file__).resolve().parents[3].parent / "shared" / "data"
KING = DATA / "king_county" / "kc_house_data.csv"
MONTHS = ["--months", "2014-05:2015-05"]
# What of the lake a run makes; documents are told apart by their bytes too.
MADE = ("raw_listings", "valuation_models", "promoted_models", "offer_models", "embeddings", "memos",
        "boards", "model_cards", "ratio_studies", "equity_studies")  # fmt: skip

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.integration,
    pytest.mark.long,
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
    pytest.mark.skipif(not KING.is_file(), reason="the King County file is not beside the checkout"),
]


def lake_files(lake: StoreResource) -> dict[str, str]:
    """SHA-256 of each file of the lake, of what runs make."""
    return {name: digest for folder in MADE for name, digest in files(lake, folder).items()}


def test_two_workers_make_of_king_county_what_one_process_makes(new_home, s3_server, monkeypatch):
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    home = new_home()
    alone = ["run", "--county", "king-wa", *MONTHS, "--input", str(KING), "--json"]
    report = finish(start(alone, environment(home, REFERENCE_URL=str(DATA))), timeout=2400)
    expected = tables(WarehouseResource(embedded_root=str(home / "postgres")))
    expected_files = lake_files(StoreResource(root_url=str(home / "lake")))
    with installation(new_home(), s3_server, MAX_CONCURRENT_RUNS="2", REFERENCE_URL=str(DATA)) as made:
        landing = StoreResource(
            root_url=f"{made.env['LAKE_URL']}/landing", s3_endpoint_url=s3_server.endpoint_url
        )
        land_file(landing, get_county("king-wa"), KING, None)
        made.switch_off_sensor("landed_files")
        made.add_worker("first")
        made.add_worker("second")
        made.start("daemon")
        time.sleep(20)
        backfill = ["backfill", "--county", "king-wa", *MONTHS, "--width", "13", "--json"]
        done = finish(start(backfill, made.env), timeout=2400)
        assert set(done["states"].values()) == {"done"}
        found, found_files = tables(made.warehouse), lake_files(made.lake)
    print(f"alone {report['seconds']} s, by workers {done['seconds']} s; {len(expected)} tables, "
          f"{len(expected_files)} files")  # fmt: skip
    assert report["accepted"] > 21_000 and len(expected_files) > 100
    assert differences(expected, found) == {}
    assert differences(expected_files, found_files) == {}
