"""Backups: what comes back is what was there, whole, once, and for nobody else to read."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyrage import x25519

from realestate_assets.assets.search import SCHEMA
from realestate_assets.domain.tables import PROPERTIES, SCORES
from realestate_assets.operations.backup import bring_back, postgres
from realestate_assets.operations.backup.make import back_up
from realestate_assets.operations.backup.places import Places, vault_store
from realestate_assets.operations.backup.snapshot import Snapshot
from realestate_assets.operations.backup.vault import Seal, Vault
from realestate_assets.operations.migrate import migrate
from realestate_assets.operations.reindex import reindex
from realestate_assets.settings import Settings
from resources.errors import PermanentError, TransientError
from resources.lake.listing import list_all
from resources.lake.store import StoreResource
from resources.partition import Partition
from resources.vectors.index import VectorIndexResource
from resources.warehouse.connections import open_connection, run
from resources.warehouse.embedded import server_uri
from resources.warehouse.migration import engine
from resources.warehouse.resource import WarehouseResource

pytestmark = pytest.mark.integration

AREAS = ("lake", "landing", "reference")
IDENTITY = x25519.Identity.generate()
EMBEDDED = "embeddings/county=king-wa/month=2015-03/data.parquet"


def no_runs() -> tuple[str, ...]:
    return ()


def silent(text: str) -> None:
    pass


def indexed(places: Places) -> int:
    return reindex(places.stores["lake"], places.warehouse, places.vector_index, silent)


def places_at(folder: Path, warehouse: WarehouseResource) -> Places:
    return Places(
        stores={
            name: StoreResource(root_url=str(folder / name)) for name in ("lake", "landing", "reference")
        },
        databases={"warehouse": warehouse.database_url()},
        warehouse=warehouse,
        vector_index=VectorIndexResource(root=str(folder / "vectors")),
        reviews_file=folder / "reviews.yaml",
        county_folder=None,
    )


@pytest.fixture
def full(tmp_path, warehouse) -> Places:
    """An installation with a little of everything."""
    places = places_at(tmp_path / "one", warehouse)
    warehouse.ensure_tables([PROPERTIES, SCORES])
    warehouse.execute("create table ops.kept (value text, at timestamptz, share float8)")
    warehouse.execute("insert into ops.kept values ('ä', '2015-03-01 12:00+00', 0.1), (null, null, null)")
    warehouse.execute(
        "insert into raw.properties (county, month, property_id, source, is_simulated, state, "
        "listing_status, observed_date, is_list_price_assumed) "
        "values ('king-wa', '2015-03', 'a', 'sample', true, 'WA', 'active', '2015-03-02', false)"
    )
    vector = np.zeros(384, dtype=np.float32)
    vector[0] = 1.0
    row = dict.fromkeys(SCHEMA.names, "x") | {
        "county": "king-wa",
        "month": "2015-03",
        "property_id": "a",
        "point_id": "00000000-0000-0000-0000-00000000000a",
        "vector": vector.tolist(),
    }
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist([row], schema=SCHEMA), sink)
    places.stores["lake"].write_bytes(EMBEDDED, sink.getvalue().to_pybytes())
    places.stores["lake"].write_bytes("memos/one.pdf", b"a memo" * 1000)
    places.stores["landing"].write_bytes("king-wa/sales/file.csv", b"a,b\n1,2\n")
    places.reviews_file.write_text("reviews: []\n")
    return places


@pytest.fixture
def empty(tmp_path, postgres_root, warehouse) -> Places:
    name = f"{warehouse.database}_restored"
    server_uri(postgres_root, name)
    yield places_at(tmp_path / "two", WarehouseResource(embedded_root=str(postgres_root), database=name))
    warehouse.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", (name,))


@pytest.fixture
def plain(tmp_path) -> Vault:
    return Vault(StoreResource(root_url=str(tmp_path / "backups")))


def taken(vault: Vault) -> Vault:
    """The same place, looked at anew."""
    return Vault(vault.store, vault.seal)


def test_what_was_deleted_comes_back_equal_with_its_index(full, empty, plain):
    snapshot, _ = back_up(full, plain, None, no_runs, silent)
    written = bring_back.restore(empty, taken(plain), snapshot, False, no_runs, silent)
    assert written == 3
    verdict = bring_back.verify_installation(empty, snapshot, silent)
    assert verdict.faults == []
    assert (verdict.files, verdict.tables, verdict.rows) == (4, 3, 3)
    indexed(empty)
    assert empty.vector_index.count("king-wa", "2015-03") == 1
    assert empty.reviews_file.read_text() == "reviews: []\n"
    assert empty.warehouse.read("select value from ops.kept order by 1")["value"].to_pylist() == ["ä", None]


def test_what_differs_afterwards_is_named(full, plain):
    snapshot, _ = back_up(full, plain, None, no_runs, silent)
    full.warehouse.execute("update ops.kept set share = 0.2 where value is not null")
    full.stores["lake"].write_bytes("memos/one.pdf", b"another")
    full.stores["lake"].write_bytes("memos/two.pdf", b"new")
    full.stores["landing"].delete("king-wa/sales/file.csv")
    full.reviews_file.write_text("reviews: {}\n")
    assert bring_back.verify_installation(full, snapshot, silent).faults == [
        "lake/memos/two.pdf is not in the backup.",
        "lake/memos/one.pdf differs.",
        "landing/king-wa/sales/file.csv is missing.",
        f"{full.reviews_file} differs.",
        "warehouse: ops.kept differs: 2 rows then, 2 rows now.",
    ]


def test_a_sealed_backup_is_read_by_its_identity_alone(full, empty, tmp_path):
    store = StoreResource(root_url=str(tmp_path / "sealed"))
    snapshot, _ = back_up(
        full, Vault(store, Seal(recipients=(str(IDENTITY.to_public()),))), None, no_runs, silent
    )
    written = b"".join(path.read_bytes() for path in (tmp_path / "sealed").rglob("*.age"))
    assert b"a memo" not in written
    assert b"king-wa" not in written
    with pytest.raises(PermanentError, match="no identity is given"):
        Vault(store).read()
    with pytest.raises(PermanentError, match="not of its recipients"):
        Vault(store, Seal(identities=(str(x25519.Identity.generate()),))).read()
    reader = Vault(store, Seal(identities=(str(IDENTITY),)))
    assert reader.read() == snapshot
    bring_back.restore(empty, reader, snapshot, False, no_runs, silent)
    assert bring_back.verify_installation(empty, snapshot, silent).faults == []
    assert str(IDENTITY) not in repr(reader)


def test_a_damaged_or_missing_piece_is_found_and_nothing_is_restored_from_it(full, empty, plain, tmp_path):
    snapshot, _ = back_up(full, plain, None, no_runs, silent)
    piece = snapshot.files["lake"]["memos/one.pdf"].pieces[0]
    path = tmp_path / "backups" / "pieces" / piece[:2] / piece
    path.write_bytes(b"b memo" * 1000)
    (fault,) = bring_back.verify_backup(taken(plain), snapshot, silent).faults
    assert fault.startswith("lake/memos/one.pdf: ")
    assert "damaged" in fault
    path.unlink()
    with pytest.raises(PermanentError, match=r"nothing was changed: lake/memos/one\.pdf.*missing"):
        bring_back.restore(empty, taken(plain), snapshot, False, no_runs, silent)
    assert empty.stores["lake"].list_files() == []


def test_what_is_there_is_replaced_only_where_that_is_asked_for(full, plain):
    snapshot, _ = back_up(full, plain, None, no_runs, silent)
    full.stores["lake"].write_bytes("memos/two.pdf", b"later")
    full.warehouse.execute("create table marts.later as select 1 as one")
    with pytest.raises(PermanentError, match=r"warehouse, lake, landing.*--replace"):
        bring_back.restore(full, plain, snapshot, False, no_runs, silent)
    assert bring_back.restore(full, plain, snapshot, True, no_runs, silent) == 0
    assert bring_back.verify_installation(full, snapshot, silent).faults == []


def test_the_next_backup_stores_what_has_changed_and_old_ones_go_with_their_pieces(full, plain):
    first, _ = back_up(full, plain, None, no_runs, silent)
    before = set(plain.store.list_files("pieces"))
    full.stores["lake"].write_bytes("memos/one.pdf", b"a new memo")
    second, gone = back_up(full, taken(plain), 1, no_runs, silent)
    assert gone == [first.name]
    after = set(plain.store.list_files("pieces"))
    assert before <= after, "pieces may be of a backup that is being made elsewhere"
    for path in after:
        plain.store.set_modified(path, plain.store.modified_ns(path) - 2 * 24 * 3600 * 10**9)
    full.stores["lake"].write_bytes("memos/two.pdf", b"one more")
    third, gone = back_up(full, taken(plain), 1, no_runs, silent)
    assert gone == [second.name]
    second, after = third, set(plain.store.list_files("pieces"))
    unchanged = {f"pieces/{p[:2]}/{p}" for p in second.files["landing"]["king-wa/sales/file.csv"].pieces}
    assert unchanged <= before & after
    old = {f"pieces/{p[:2]}/{p}" for p in first.files["lake"]["memos/one.pdf"].pieces}
    assert not old & after
    assert bring_back.verify_backup(taken(plain), second, silent).faults == []


def test_a_backup_beside_a_run_has_the_tables_of_one_moment_and_names_the_files_that_are_newer(
    full, plain, empty
):
    def meanwhile(text: str) -> None:
        if text.startswith("Dumping"):
            full.warehouse.execute("insert into ops.kept (value) values ('later')")

    def run_that_ends_now() -> tuple[str, ...]:
        full.stores["lake"].write_bytes("memos/one.pdf", b"written by a run")
        return ("a-run",)

    snapshot, _ = back_up(full, plain, None, run_that_ends_now, meanwhile)
    assert snapshot.runs_in_flight == ("a-run",)
    assert snapshot.newer_than_tables == ("memos/one.pdf",)
    assert snapshot.databases["warehouse"].tables["ops.kept"].rows == 2
    bring_back.restore(empty, taken(plain), snapshot, False, no_runs, silent)
    assert bring_back.verify_installation(empty, snapshot, silent).faults == []
    assert empty.stores["lake"].read_bytes("memos/one.pdf") == b"written by a run"


def test_backups_may_not_lie_in_what_they_back_up(full, tmp_path):
    for inside in (tmp_path / "one" / "lake" / "backups", tmp_path / "one"):
        with pytest.raises(PermanentError, match="Backups cannot lie at"):
            vault_store(str(inside), Settings(), full)


def test_a_backup_that_was_not_finished_is_none(full, plain, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Vault, "write", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            back_up(full, plain, None, no_runs, silent)
    assert taken(plain).names() == []
    with pytest.raises(PermanentError, match="There is no backup"):
        taken(plain).read()
    snapshot, _ = back_up(full, taken(plain), None, no_runs, silent)
    assert taken(plain).read() == snapshot


def test_for_another_recipient_pieces_are_written_anew(full, tmp_path):
    store, other = StoreResource(root_url=str(tmp_path / "sealed")), x25519.Identity.generate()
    for identity in (IDENTITY, other):
        seal = Seal(recipients=(str(identity.to_public()),))
        snapshot, _ = back_up(full, Vault(store, seal), None, no_runs, silent)
    reader = Vault(store, Seal(identities=(str(other),)))
    assert bring_back.verify_backup(reader, snapshot, silent).faults == []
    assert bring_back.verify_backup(Vault(store, Seal(identities=(str(IDENTITY),))), snapshot, silent).faults


def test_while_a_run_goes_on_nothing_is_replaced(full, plain):
    snapshot, _ = back_up(full, plain, None, no_runs, silent)
    full.stores["lake"].write_bytes("memos/two.pdf", b"later")
    with pytest.raises(PermanentError, match=r"1 run\(s\) are going on: a-run\."):
        bring_back.restore(full, plain, snapshot, True, lambda: ("a-run",), silent)
    assert full.stores["lake"].exists("memos/two.pdf")


def test_a_table_that_is_in_use_is_waited_for_and_told_and_nothing_is_dropped(full, monkeypatch):
    monkeypatch.setattr(postgres, "LOCK_TIMEOUT", "50ms")
    url = full.databases["warehouse"]
    with engine(url).begin() as reader:
        reader.exec_driver_sql("select * from ops.kept")
        with pytest.raises(TransientError, match="lock timeout"):
            postgres.clear(url)
    assert not postgres.is_empty(url)


def test_files_come_back_with_their_time_so_that_they_are_not_read_again(full, empty, plain):
    full.stores["landing"].set_modified("king-wa/sales/file.csv", 1_425_211_200_123_456_789)
    (before,) = list_all(full.stores["landing"], "").files
    snapshot, _ = back_up(full, plain, None, no_runs, silent)
    bring_back.restore(empty, taken(plain), snapshot, False, no_runs, silent)
    (after,) = list_all(empty.stores["landing"], "").files
    assert after.version == before.version


def test_months_that_a_backup_does_not_hold_go_out_of_the_index(full, plain):
    snapshot, _ = back_up(full, plain, None, no_runs, silent)
    later = Partition("king-wa", "2015-04")
    vector = np.ones((1, 384), dtype=np.float32)
    full.vector_index.replace_partition(later, ["00000000-0000-0000-0000-00000000000b"], vector, [{}])
    bring_back.restore(full, plain, snapshot, True, no_runs, silent)
    indexed(full)
    assert [full.vector_index.count("king-wa", month) for month in ("2015-03", "2015-04")] == [1, 0]


def test_what_people_wrote_is_not_overwritten_unless_that_is_asked_for(full, empty, plain):
    snapshot, _ = back_up(full, plain, None, no_runs, silent)
    empty.reviews_file.parent.mkdir(parents=True, exist_ok=True)
    empty.reviews_file.write_text("reviews: [another]\n")
    with pytest.raises(PermanentError, match=r"something in: \S+reviews\.yaml"):
        bring_back.restore(empty, taken(plain), snapshot, False, no_runs, silent)
    assert empty.reviews_file.read_text() == "reviews: [another]\n"
    empty.reviews_file.write_text(full.reviews_file.read_text())
    assert bring_back.restore(empty, taken(plain), snapshot, False, no_runs, silent) == 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"databases": {}}, "wanted are"),
        ({"version": "999.0"}, "made by version 999.0"),
        ({"files": {"elsewhere": {}}}, "wanted are"),
        ({"files": {"own": {"counties/../x.yaml": {"size": 0, "pieces": ()}}}}, "nothing that people write"),
        ({"files": {"own": {"other.txt": {"size": 0, "pieces": ()}}}}, "nothing that people write"),
    ],
)
def test_a_backup_that_does_not_fit_is_refused_before_anything_is_changed(full, plain, change, said):
    snapshot, _ = back_up(full, plain, None, no_runs, silent)
    full.stores["lake"].write_bytes("memos/two.pdf", b"later")
    odd = Snapshot.model_validate(snapshot.model_dump() | change)
    with pytest.raises(PermanentError, match=said):
        bring_back.restore(full, plain, odd, True, no_runs, silent)
    assert full.stores["lake"].exists("memos/two.pdf")


def test_a_snapshot_that_cannot_be_read_says_what_is_wrong_with_it(full, plain):
    snapshot, _ = back_up(full, plain, None, no_runs, silent)
    plain.store.write_bytes(f"snapshots/{snapshot.name}.json", b'{"name": "x"}')
    with pytest.raises(PermanentError, match="cannot be read: version: Field required"):
        taken(plain).read()


def test_an_address_that_does_not_answer_is_told_without_its_password():
    word = "not-to-be-told"
    url = f"postgresql://me:{word}@127.0.0.1:1/db"
    with pytest.raises(TransientError) as raised, postgres.moment(url):
        pass
    assert word not in str(raised.value)


def owned(admin, host, owner: str) -> WarehouseResource:
    """A database of a role that owns it and nothing else."""
    run(admin, f"create role {owner} login nosuperuser nocreaterole nobypassrls")
    run(admin, f"create database of_{owner} owner {owner}")
    url = f"postgresql://{owner}@/of_{owner}?host={host}"
    return WarehouseResource(url=url, migrations="realestate_assets:migrations")


def test_a_backup_of_an_owner_of_another_name_comes_back_with_policies_of_this_one(warehouse):
    parts = warehouse.connection_parts()
    host = parts["host"]
    admin = open_connection(f"postgresql://{parts['user']}@/postgres?host={host}", autocommit=True)
    tenant = "insert into app.tenants (tenant_id, slug, name) values (gen_random_uuid(), 'one', 'One')"
    try:
        first = owned(admin, host, "first_owner")
        migrate(first)
        first.execute(tenant)
        with postgres.moment(first.database_url()) as (_, name):
            blocks = list(postgres.dump(first.database_url(), name))
        run(admin, "drop database of_first_owner with (force)")
        run(admin, "drop role first_owner")
        second = owned(admin, host, "second_owner")
        postgres.restore(second.database_url(), blocks)
        migrate(second)
        assert second.read("select slug from app.tenants")["slug"].to_pylist() == ["one"]
        policies = (
            "select policyname::text as name, roles::text as roles from pg_policies "
            "where tablename = 'tenants'"
        )
        found = {row["name"]: row["roles"] for row in second.read(policies).to_pylist()}
        assert found == {"of_owner": "{second_owner}", "of_tenant": "{public}"}
        state = "relrowsecurity and relforcerowsecurity as is_forced"
        forced = second.read(f"select {state} from pg_class where oid = 'app.tenants'::regclass")
        assert forced["is_forced"].to_pylist() == [True]
    finally:
        for owner in ("first_owner", "second_owner"):
            run(admin, f"drop database if exists of_{owner} with (force)")
            run(admin, f"drop role if exists {owner}")
        admin.close()
