"""An owner of record is erased from files and tables, and does not come back with the next run."""

import html
import json
import zlib
from datetime import UTC, datetime

import dagster as dg
import pandas as pd
import pyarrow.parquet as pq
import pytest

from realestate_assets.app.secret import ServiceSecret
from realestate_assets.app.suppression import key_of
from realestate_assets.assets import suppressed
from realestate_assets.assets.discovery import listings
from realestate_assets.domain.calendar.ranges import RANGE_END_TAG, RANGE_START_TAG
from realestate_assets.domain.search.payload import PROPERTY_COLUMNS
from realestate_assets.domain.tables import PROPERTIES, TABLES
from realestate_assets.domain.tables.ops import OPS_TABLES
from realestate_assets.extent import counties
from realestate_assets.operations.migrate import migrate
from realestate_assets.operations.persons import owner_tables, owners
from realestate_assets.operations.persons.wanted import wanted
from resources.errors import PermanentError
from resources.http.client import HttpClientResource
from resources.lake.files import partition_file
from resources.lake.io_manager import LakeIOManager
from resources.lake.store import StoreResource
from resources.partition import Partition
from resources.warehouse import migration
from tests.integration.service.a_market import put

pytestmark = pytest.mark.integration
COUNTY, MONTH = "harris-tx", "2024-03"
PARTITION = Partition(COUNTY, MONTH)
SECRET = "s" * 40
MEMO = f"memos/{PARTITION.hive_path}/home.html"
FIRST, SECOND, OTHER = "DOE, JANÉ", "DOE JOHN & JANE", "ROE RICHARD"
WHO = wanted(["Jane Doe"])


def fill(warehouse, lake) -> None:
    """A home of hers, one with others, one she sold; facts, a reject, an answer of a provider, a memo."""
    engine = migration.engine(warehouse.database_url())
    here = {"county": COUNTY, "month": MONTH}
    home = {
        **here, "source": "s", "is_simulated": False, "observed_date": "2024-03-01",
        "is_list_price_assumed": False, "owner_mailing_address": "3 ELM ST",
    }  # fmt: skip
    homes = [
        {"property_id": "home", "owner_name": FIRST, "owner_mailing_address": "1 ELM ST"},
        {"property_id": "ours", "owner_name": SECOND, "owner_mailing_address": "2 ELM ST"},
        {"property_id": "sold", "owner_name": OTHER, "seller_name": "JANE DOE", "buyer_name": OTHER},
    ]
    put(engine, "raw", "properties", pd.DataFrame([home | each for each in homes]))
    owned = (("home", "JANE DOE", "1 ELM ST"), ("other", OTHER, "3 ELM ST"))
    enriched = [
        {**here, "property_id": key, "owner_name": name, "owner_mailing_address": mail,
         "filled_count": 2, "simulated_count": 0}
        for key, name, mail in owned
    ]  # fmt: skip
    put(engine, "raw", "enrichments", pd.DataFrame(enriched))
    facts = [
        {**here, "property_id": key, "field": field, "provider": "p", "value": value, "is_used": True,
         "is_later_vintage": False, "cost_usd": 0.0, "simulated": False}
        for key, name, mail in owned
        for field, value in (("owner_name", name), ("owner_mailing_address", mail))
    ]  # fmt: skip
    put(engine, "raw", "enrichment_facts", pd.DataFrame(facts))
    reject = {
        **here, "source": "s", "source_file": "f", "file_sha256": "0", "source_row": 1,
        "disposition": "rejected", "reason_code": "C", "reason_codes": "C", "reason": "r",
        "raw_record": json.dumps({"owner": "DOE JANE", "lot": "7"}),
    }  # fmt: skip
    put(engine, "raw", "property_rejects", pd.DataFrame([reject]))
    now = datetime.now(UTC)
    answers = [
        {"request_key": key, "api": "a", "provider": "p", "status": 200, "content_type": "application/json",
         "url": "u", "body": zlib.compress(text.encode()), "body_bytes": 9, "retrieved_at": now,
         "expires_at": now}
        for key, text in (("hers", '{"owner": "Jane Doe"}'), ("his", '{"owner": "Richard Roe"}'))
    ]  # fmt: skip
    put(engine, "ops", "provider_responses", pd.DataFrame(answers))
    lake.write_bytes(MEMO, f"<p>{html.escape('Doe & Jane')}</p><td>Jane&nbsp;Doe</td>".encode())
    lake.write_bytes(MEMO.replace("html", "pdf"), b"%PDF")
    memo = {
        **here, "property_id": "home", "memo_rank": 1, "bird_dog_score": 80.0, "html_path": MEMO,
        "pdf_path": MEMO.replace("html", "pdf"), "pdf_sha256": "0", "html_sha256": "0",
        "template_version": "t", "is_simulated": False,
    }  # fmt: skip
    put(engine, "raw", "memos", pd.DataFrame([memo]))


@pytest.fixture
def places(warehouse, lake, tmp_path):
    warehouse = warehouse.model_copy(update={"migrations": "realestate_assets:migrations"})
    migrate(warehouse)
    warehouse.ensure_tables([*TABLES.values(), *OPS_TABLES.values()])
    fill(warehouse, lake)
    return {
        "warehouse": warehouse,
        "lake": lake,
        "landing": StoreResource(root_url=str(tmp_path / "landing")),
    }


def erase(places, is_done=True, who=WHO):
    report = owners.erase(places, counties(), who, ServiceSecret(SECRET.encode()), is_done=is_done)
    return {line.place: (line.deed, line.count) for line in report.lines if line.count}


EXPECTED = {
    "work.suppressed_owners": ("on the list", 1),
    "lake: memos": ("removed", 1),
    "raw.properties.owner_name": ("emptied", 2),
    "raw.properties.seller_name": ("emptied", 1),
    "raw.enrichments.owner_name": ("emptied", 1),
    "raw.enrichment_facts": ("emptied", 2),
    "raw.property_rejects.raw_record": ("emptied", 1),
    "ops.provider_responses": ("removed", 1),
}


def everything(places) -> str:
    """All rows of all tables, and the files of the lake, as text."""
    tables = places["warehouse"].read(
        "select table_schema || '.' || table_name as name from information_schema.tables "
        "where table_schema in ('raw', 'ops', 'work', 'app') and table_type = 'BASE TABLE'"
    )["name"]
    rows = [
        places["warehouse"].read(f"select coalesce(string_agg(t::text, ' '), '') as rows from {name} t")[
            "rows"
        ][0]
        for name in tables.to_pylist()
    ]
    files = [str(places["lake"].read_bytes(path)) for path in places["lake"].list_files()]
    return " ".join([*map(str, rows), *files]).upper()


def test_a_plan_counts_by_place_and_changes_nothing(places):
    before = everything(places)
    assert erase(places, is_done=False) == EXPECTED
    assert everything(places) == before


def test_an_erased_owner_stands_nowhere_and_others_stay(places):
    assert erase(places) == EXPECTED
    left = everything(places)
    assert "JANE" not in left and "1 ELM ST" not in left and "2 ELM ST" not in left
    assert "ROE RICHARD" in left and "3 ELM ST" in left
    (reject,) = places["warehouse"].read("select raw_record as r from raw.property_rejects")["r"].to_pylist()
    assert json.loads(reject) == {"owner": None, "lot": "7"}
    counts = places["warehouse"].read("select filled_count as n from raw.enrichments order by property_id")
    assert counts["n"].to_pylist() == [0, 2]


def test_given_again_it_finds_nothing_but_the_list(places):
    erase(places)
    assert erase(places) == {"work.suppressed_owners": ("on the list", 1)}


@pytest.mark.parametrize("step", ["columns", "rejects", "answers"])
def test_killed_at_any_step_the_next_one_finishes(places, monkeypatch, step):
    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(owner_tables, step, killed)
        with pytest.raises(KeyboardInterrupt):
            erase(places)
    erase(places)
    assert "JANE" not in everything(places)


def test_who_bears_the_name_in_another_county_is_left_alone_but_in_answers_that_say_no_county(places):
    report = erase(places, who=wanted(["Jane Doe"], ["cook-il"]))
    # Such an answer may be about either; gone, it is asked for again.
    assert report == {
        "work.suppressed_owners": ("on the list", 1), "ops.provider_responses": ("removed", 1)
    }  # fmt: skip
    assert "JANE DOE" in everything(places)


def test_an_export_shows_rows_and_places(places):
    found = owners.export(places, counties(), WHO)
    assert {row["property_id"] for row in found["rows"]["raw.properties.owner_name"]} == {"home", "ours"}
    assert found["rows"]["raw.properties.seller_name"][0]["seller_name"] == "JANE DOE"
    assert {each["place"]: each["count"] for each in found["places"]}["lake: memos"] == 1


@pytest.mark.parametrize("name", ["Doe", "", "…"])
def test_one_word_is_no_name(name):
    with pytest.raises(PermanentError, match="two words"):
        wanted([name])


def test_the_vector_index_holds_no_owner_as_the_report_says():
    personal = {column.name for column in PROPERTIES.columns if column.is_personal}
    assert not personal & set(PROPERTY_COLUMNS)


def run_listings(places) -> None:
    tags = {RANGE_START_TAG: PARTITION.key, RANGE_END_TAG: PARTITION.key}
    with dg.DagsterInstance.ephemeral() as instance:
        dg.materialize(
            [listings],
            instance=instance,
            tags=tags,
            resources={
                "landing": places["landing"],
                "lake_io": LakeIOManager(store=places["lake"]),
                "warehouse_io": _Nowhere(),
                "http": HttpClientResource(warehouse=places["warehouse"]),
                "warehouse": places["warehouse"],
            },
        )


class _Nowhere(dg.IOManager):
    """Keeps no table: what is looked at lies in the lake."""

    def handle_output(self, context: dg.OutputContext, obj: object) -> None:
        pass

    def load_input(self, context: dg.InputContext) -> object:
        raise AssertionError(context.asset_key)


def owners_in_lake(places) -> list[str]:
    with places["lake"].open_input(partition_file("raw_listings", PARTITION)) as stream:
        return [name for name in pq.read_table(stream)["owner"].to_pylist() if name]


def test_later_runs_take_the_name_out_as_they_read(places, monkeypatch):
    settings = suppressed.get_settings()
    monkeypatch.setattr(
        suppressed, "get_settings", lambda: settings.model_copy(update={"service_secret": _Secret()})
    )
    run_listings(places)
    name = owners_in_lake(places)[0]
    count = owners_in_lake(places).count(name)
    who = wanted([name])
    report = erase(places, who=who)
    assert report["lake: raw_listings"] == ("emptied", count)
    assert name not in owners_in_lake(places)
    # The generator, or a file of the county, brings the same rows again.
    run_listings(places)
    assert name not in owners_in_lake(places) and owners_in_lake(places)


class _Secret:
    """As pydantic's SecretStr gives the service's secret."""

    def get_secret_value(self) -> str:
        return SECRET


def test_a_run_without_the_secret_stops_and_does_not_bring_the_name_back(places, monkeypatch, tmp_path):
    erase(places)
    settings = suppressed.get_settings()
    away = settings.model_copy(update={"service_secret": None, "realestate_home": tmp_path / "other"})
    monkeypatch.setattr(suppressed, "get_settings", lambda: away)
    with pytest.raises(PermanentError, match="no secret"):
        suppressed.suppressed_owners(places["warehouse"])
    assert not (tmp_path / "other").exists()
    assert key_of(ServiceSecret(SECRET.encode())) != key_of(ServiceSecret(b"o" * 40))
