"""Probes of the services this platform stands on: each says what it saw, or raises with a remedy.

`realestate doctor` and the heartbeat use them.
"""

from uuid import uuid4

from resources.errors import PermanentError
from resources.lake.files import Store
from resources.vectors.vectors import Vectors
from resources.warehouse.warehouse import Warehouse


def probe_postgres(warehouse: Warehouse) -> str:
    """The warehouse answers."""
    version = warehouse.read("select current_setting('server_version') as v").to_pylist()[0]["v"]
    if warehouse.url:
        return f"PostgreSQL {version}, DATABASE_URL"
    # No password: the embedded server is reached by its socket alone. The text is what psql takes.
    where = warehouse.connection_parts()
    conninfo = f"host={where['host']} dbname={where['dbname']} user={where['user']}"
    return f"PostgreSQL {version}, embedded: {conninfo}"


def probe_store(store: Store) -> str:
    """A file store takes a file and gives it back."""
    # A name of its own: doctor and heartbeat may look at the same moment.
    path = f"_doctor/probe-{uuid4().hex}.txt"
    store.write_bytes(path, b"probe")
    if store.read_bytes(path) != b"probe":
        raise PermanentError("what was written is not what is read", remedy=f"Check {store.uri('')}.")
    store.delete(path)
    return store.uri("")


def probe_vector_index(index: Vectors, county_slug: str) -> str:
    """The vector index opens."""
    count = index.count(county_slug)
    told = f"{'QDRANT_URL' if index.url else 'embedded Qdrant Edge'}, {count:,} points in {county_slug}"
    return f"{told}; {index.open_key}" if index.open_key else told
