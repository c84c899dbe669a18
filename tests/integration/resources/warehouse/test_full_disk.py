"""A disk of the server that is full: Postgres says so itself, and nobody waits for it."""

import os
import subprocess
from collections.abc import Iterator

import pytest

from resources.errors import PermanentError
from resources.warehouse import connections as postgres
from resources.warehouse import embedded

pytestmark = pytest.mark.integration


@pytest.fixture
def small_tablespace(postgres_root) -> Iterator[str]:
    """A tablespace of the shared server on a disk of four megabytes."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    folder = postgres_root.parent / "small-disk"
    folder.mkdir()
    owner = next(postgres_root.rglob("PG_VERSION")).stat()
    options = f"size=4m,uid={owner.st_uid},gid={owner.st_gid},mode=700"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        folder.rmdir()
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    url = embedded.server_uri(postgres_root, "postgres")
    connection = postgres.open_connection(url, autocommit=True)
    postgres.run(connection, f"create tablespace small location '{folder}'")
    yield "small"
    postgres.run(connection, "drop tablespace small")
    connection.close()
    subprocess.run(["umount", str(folder)], check=True)
    folder.rmdir()


def test_a_full_disk_of_the_server_is_said_at_once_and_the_transaction_is_gone(small_tablespace, warehouse):
    with warehouse.connect() as connection:
        postgres.run(connection, f"create table filled (t text) tablespace {small_tablespace}")
    sql = "insert into filled select repeat(md5(n::text), 20) from generate_series(1, 20000) as n"
    attempts = []
    with pytest.raises(PermanentError) as caught:
        warehouse._transaction(lambda connection: (attempts.append(1), postgres.run(connection, sql)))
    assert len(attempts) == 1
    said = " ".join(str(caught.value).split())
    assert "No space left on device" in said and "The disk of the Postgres server is full" in said
    assert "free" in said and "run again" in said
    with warehouse.connect() as connection:
        assert postgres.query(connection, "select count(*) as n from filled") == [{"n": 0}]
        postgres.run(connection, "drop table filled")
