"""Migrations: one history for all, done once, whole or not at all, beside those who read and write."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from realestate_assets.operations import migrate as operation
from realestate_assets.operations.migrate import SPECS
from resources.errors import PermanentError, TransientError
from resources.ops_tables import ALERTS
from resources.warehouse import migration
from resources.warehouse.resource import WarehouseResource
from resources.warehouse.table_spec import Column
from tools import new_revision

pytestmark = pytest.mark.integration

HISTORY = "realestate_assets:migrations"
ENV = Path(operation.__file__).parents[1] / "migrations" / "env.py"


def with_history(warehouse: WarehouseResource, location: str = HISTORY) -> WarehouseResource:
    return warehouse.model_copy(update={"migrations": location})


def history(folder: Path, *bodies: str) -> str:
    """A history of its own: revision 0001 runs the first body, and so on."""
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text(ENV.read_text())
    before = None
    for number, body in enumerate(bodies, start=1):
        name = f"{number:04d}"
        (folder / "versions" / f"{name}.py").write_text(
            f"from alembic import op\nrevision = {name!r}\ndown_revision = {before!r}\n\n\n"
            f"def upgrade():\n    op.execute({body!r})\n"
        )
        before = name
    return str(folder)


MAKE = "create table ops.kept (value text); insert into ops.kept values ('as it was')"
EXTEND = "alter table ops.kept add column more text"
BREAK = EXTEND + "; select 1 / 0"


def test_the_history_ends_where_the_table_specs_are(warehouse):
    migration.upgrade(warehouse._url(), HISTORY)
    assert new_revision.differences(warehouse._url()) == ""


def test_a_column_that_the_history_lacks_is_found_and_written_down(warehouse, monkeypatch):
    more = replace(ALERTS, columns=(*ALERTS.columns, Column("owner", "text", "Who looks after it.")))
    changed = [more if spec.name == more.name else spec for spec in SPECS]
    monkeypatch.setattr(new_revision, "SPECS", changed)
    migration.upgrade(warehouse._url(), HISTORY)
    code = new_revision.differences(warehouse._url())
    assert code.count("op.") == 1
    assert "op.add_column('alerts'" in code
    assert "'owner'" in code
    with pytest.raises(PermanentError, match=r"owner.*write its revision"):
        with_history(warehouse).ensure_tables(changed)


def test_a_column_that_the_specs_drop_stays_for_the_version_before_and_need_not_be_filled(
    warehouse, monkeypatch
):
    fewer = replace(ALERTS, columns=tuple(each for each in ALERTS.columns if each.name != "held_back"))
    monkeypatch.setattr(new_revision, "SPECS", [fewer if s.name == fewer.name else s for s in SPECS])
    migration.upgrade(warehouse._url(), HISTORY)
    code = new_revision.differences(warehouse._url())
    assert "drop_column" not in code
    assert "op.alter_column('alerts', 'held_back'" in code
    assert "nullable=True" in code.rpartition("held_back")[2]


def test_a_new_database_is_made_by_the_history_and_described_by_the_specs(warehouse):
    historic = with_history(warehouse)
    assert historic.revision() is None
    historic.ensure_tables([ALERTS])
    assert historic.revision() == migration.newest(HISTORY)
    comment = "select obj_description('ops.alerts'::regclass) as comment"
    assert historic.read(comment)["comment"].to_pylist() == [ALERTS.comment]


def test_of_many_who_upgrade_at_once_one_does_it_and_all_find_it_done(warehouse):
    done, failed = [], []

    def run() -> None:
        try:
            done.append(operation.migrate(with_history(warehouse)))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted(each.is_change for each in done) == [False, False, False, True]
    assert {each.left for each in done} == {migration.newest(HISTORY)}


def test_an_upgrade_that_fails_in_its_second_revision_leaves_the_first_alone(warehouse, tmp_path):
    url = warehouse._url()
    location = history(tmp_path / "history", MAKE, BREAK)
    migration.upgrade(url, location, to="0001")
    with pytest.raises(PermanentError, match="division by zero"):
        migration.upgrade(url, location)
    assert migration.current(url) == "0001"
    assert warehouse.read("select * from ops.kept").to_pylist() == [{"value": "as it was"}]


def test_an_upgrade_that_fails_on_a_new_database_leaves_nothing(warehouse, tmp_path):
    with pytest.raises(PermanentError, match="division by zero"):
        migration.upgrade(warehouse._url(), history(tmp_path / "history", MAKE, BREAK))
    assert migration.current(warehouse._url()) is None
    assert warehouse.read("select to_regclass('ops.kept')::text as t")["t"].to_pylist() == [None]


def test_the_code_before_works_on_a_database_that_a_newer_one_has_extended(warehouse, tmp_path):
    url, both = warehouse._url(), history(tmp_path / "both", MAKE, EXTEND)
    before = with_history(warehouse, history(tmp_path / "before", MAKE))
    migration.upgrade(url, both)
    done = migration.upgrade(url, before.migrations)
    assert (done.found, done.left) == ("0002", "0002")
    assert "newer one upgraded" in operation.in_words(done, operation.newest(before))
    before.execute("insert into ops.kept (value) values ('by the version before')")
    rows = warehouse.read("select * from ops.kept order by value").to_pylist()
    assert rows == [
        {"value": "as it was", "more": None},
        {"value": "by the version before", "more": None},
    ]


def test_an_upgrade_does_not_wait_for_ever_for_a_table_in_use(warehouse, tmp_path, monkeypatch):
    url, location = warehouse._url(), history(tmp_path / "history", MAKE, EXTEND)
    migration.upgrade(url, location, to="0001")
    monkeypatch.setattr(migration, "LOCK_TIMEOUT", "200ms")
    with migration.engine(url).begin() as reader:
        reader.execute(text("select * from ops.kept"))
        with pytest.raises(TransientError, match="lock timeout"):
            migration.upgrade(url, location)
    assert migration.upgrade(url, location).left == "0002"


def test_no_message_of_an_upgrade_shows_the_password():
    with pytest.raises(TransientError) as refused:
        migration.upgrade("postgresql://ann:hunter2@127.0.0.1:1/x", HISTORY)
    assert "hunter2" not in str(refused.value)


def test_the_command_tells_upgrades_and_asks_for_nothing_twice(warehouse, monkeypatch):
    from realestate_assets.cli.app import app
    from realestate_assets.settings import get_settings

    monkeypatch.setenv("DATABASE_URL", warehouse._url())
    get_settings.cache_clear()
    newest, runner = migration.newest(HISTORY), CliRunner()
    check = runner.invoke(app, ["migrate", "--check"])
    assert check.exit_code == 1
    assert "without a version" in check.output
    first = runner.invoke(app, ["migrate"])
    assert first.exit_code == 0
    assert f"from no version to {newest}" in first.output
    again = runner.invoke(app, ["migrate", "--json"])
    assert again.exit_code == 0
    assert f'"found": "{newest}"' in again.output
    assert '"status": "ok"' in again.output
    get_settings.cache_clear()
