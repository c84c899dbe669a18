"""The list of owners who asked to be forgotten, as a run applies it to what it receives."""

from realestate_assets.app.secret import FILE, service_secret
from realestate_assets.app.suppression import Suppression, key_of, suppression
from realestate_assets.settings import get_settings
from resources.errors import PermanentError
from resources.warehouse.resource import WarehouseResource

THERE_SQL = "select to_regclass('work.suppressed_owners') is not null as is_there"
LIST_SQL = "select name_hash, key_mark from work.suppressed_owners"


def suppressed_owners(warehouse: WarehouseResource) -> Suppression:
    """The list; an empty one where nobody asked.

    Raises:
        PermanentError: there is one, and this process has not got the secret it was made under.
    """
    if not warehouse.read(THERE_SQL)["is_there"][0].as_py():
        return Suppression(b"")
    rows = warehouse.read(LIST_SQL)
    if not rows.num_rows:
        return Suppression(b"")
    settings = get_settings()
    given = settings.service_secret.get_secret_value() if settings.service_secret else None
    if not given and not (settings.home / FILE).exists():
        raise PermanentError(
            "Owners asked to be forgotten, and this process has no secret to know their names by.",
            field="SERVICE_SECRET",
            remedy="Give every process that runs the graph the secret of the service.",
        )
    key = key_of(service_secret(given, settings.home))
    pairs = zip(rows["name_hash"].to_pylist(), rows["key_mark"].to_pylist(), strict=True)
    return suppression(pairs, key)
