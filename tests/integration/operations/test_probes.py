"""What `realestate doctor` prints of a service can be used as it stands."""

import psycopg2
import pytest

from realestate_assets.operations.probes import probe_postgres

pytestmark = pytest.mark.integration


def test_the_embedded_server_is_told_as_psql_takes_it(warehouse):
    version, _, conninfo = probe_postgres(warehouse).partition(", embedded: ")
    assert version.startswith("PostgreSQL ")
    with psycopg2.connect(conninfo) as connection, connection.cursor() as cursor:
        cursor.execute("select current_database()")
        assert cursor.fetchone() == (warehouse.database,)
    connection.close()
