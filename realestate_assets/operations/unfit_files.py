"""Files that people were told are unfit: which were taken, mended or are gone since."""

from collections.abc import Collection

from realestate_assets.landing.area import all_folders
from realestate_assets.landing.inspection import QUARANTINE
from realestate_assets.landing.ledger import LandingLedger
from realestate_assets.landing.states import ADMITTED, DUPLICATE, INSPECTING, NO_VERSION, WAITING, LandedFile
from resources.errors import PermanentError, TransientError
from resources.lake.files import Store
from resources.warehouse.warehouse import Warehouse

GONE = "It is gone."


def no_longer_unfit(
    landing: Store, warehouse: Warehouse, told: Collection[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """Which of the files are unfit no longer, with how that came.

    Args:
        landing: the landing area.
        warehouse: where the ledger of landed files is.
        told: path and version that was unfit.
    """
    ledger = LandingLedger(warehouse)
    known = ledger.of_paths({path for path, _ in told})
    found = {}
    for path, version in told:
        if how := _how(landing, path, version, known.get(path)):
            found[path, version] = how
    # Of what was no data the ledger keeps nothing: lies it there again, that is told again.
    ledger.forget({path for (path, version), how in found.items() if version == NO_VERSION and how == GONE})
    return found


def _how(landing: Store, path: str, version: str, now: LandedFile | None) -> str | None:
    if now is not None and now.state == ADMITTED:
        return f"It was read: {now.row_count or 0:,} rows."
    if now is not None and now.state == DUPLICATE:
        return f"It has {now.reason}."
    if now is not None and now.state in (WAITING, INSPECTING):
        return None
    if now is not None and now.version != version:
        return "Another version of it was landed, which is told by itself."
    if _is_folder_of_ours(path):
        return "What lies in it is read now."
    return None if _is_there(landing, path) else GONE


def _is_folder_of_ours(path: str) -> bool:
    """Whether a folder that was nobody's has become one of a county, or of a source of it."""
    county_slug, _, source = path.partition("/")
    folders = all_folders()
    return source in folders[county_slug] if source and county_slug in folders else path in folders


def _is_there(landing: Store, path: str) -> bool:
    """Whether it lies where it was landed, or where it was put aside; what cannot be looked at does."""
    try:
        if landing.exists(path) or landing.list_files(path):
            return True
        folder, _, name = f"{QUARANTINE}/{path}".rpartition("/")
        aside = [each.rpartition("/")[2] for each in landing.list_files(folder, recursive=False)]
    except (PermanentError, TransientError):
        # A link, or a name that no path may hold; or the service is away.
        return True
    # A second file of that name has the time in its own.
    return any(each.startswith(name) and not each.endswith(".reason.json") for each in aside)
