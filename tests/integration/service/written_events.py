"""Events as runs write them, and what of them a tenant is told."""

import uuid
from datetime import UTC, datetime

import psycopg2

from realestate_assets.app.sign_in import tenant_named
from realestate_assets.operations.events import feed

BASE = "/api/v1"
ADD = (
    "insert into ops.events (county, month, event_id, event_type, event_time, property_id, correlation_id, "
    "source, payload) values (%s, '2015-03', %s, %s, %s, %s, 'run', 'scores', '{\"bird_dog_score\": 71}')"
)


def add_events(warehouse, count, county="king-wa", kind="property.scored", at=None, commit=True):
    """Events as a run writes them; the open connection where they are not committed."""
    connection = psycopg2.connect(warehouse.database_url())
    ids = [str(uuid.uuid4()) for _ in range(count)]
    with connection.cursor() as cursor:
        for each in ids:
            cursor.execute(ADD, (county, each, kind, at or datetime.now(UTC), str(uuid.uuid4())))
    if not commit:
        return ids, connection
    connection.commit()
    connection.close()
    return ids


def tenant(parts, slug):
    with parts.transaction(None) as session:
        return tenant_named(session, slug)[0]


def all_after(parts, slug, position=0, **chosen):
    with parts.transaction(tenant(parts, slug)) as session:
        return feed.events_after(session, position, feed.Chosen(**chosen), 1000)
