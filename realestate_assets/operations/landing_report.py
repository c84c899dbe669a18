"""What lies in the landing area and what became of each file: also of those that nobody reads."""

import json
from collections.abc import Iterable, Iterator, Sequence

from realestate_assets.extent import counties, unusable_counties
from realestate_assets.landing.area import all_folders
from realestate_assets.landing.inspection import QUARANTINE
from realestate_assets.landing.ledger import known_files
from realestate_assets.landing.paths import UNFINISHED_REASON, is_landed, is_unfinished, place_of
from realestate_assets.landing.strays import strays_at_the_root, strays_of_a_county
from resources.errors import PermanentError
from resources.lake.files import Store
from resources.lake.listing import StoredFile, list_all, top_level
from resources.warehouse.warehouse import Warehouse

REASON_SUFFIX = ".reason.json"
FETCHED, NEW, UNFINISHED, LEFT_ALONE, NOT_READ = "fetched", "new", "unfinished", "left alone", "not read"


def landing_report(landing: Store, warehouse: Warehouse, chosen: Sequence[str] = ()) -> list[dict]:
    """One entry a file, and one a folder that is not read, by path.

    Args:
        landing: the landing area.
        warehouse: holds the ledger of landed files.
        chosen: slugs of counties; all, and what belongs to none, where it is empty.

    Returns:
        Dicts of path, state (of the ledger, or one of this module), rows, months and reason.

    Raises:
        PermanentError: the store refuses.
        TransientError: it does not answer.
    """
    found = [entry for slug in chosen or counties() for entry in _county(landing, warehouse, slug)]
    found += [
        each for each in _quarantined(landing) if not chosen or place_of(each["was"]).county_slug in chosen
    ]
    if not chosen:
        strays = strays_at_the_root(*top_level(landing), all_folders(), unusable_counties())
        found += [_entry(path, NOT_READ, f"It {why}.") for path, why in strays.items()]
    return sorted(found, key=lambda entry: entry["path"])


def _county(landing: Store, warehouse: Warehouse, slug: str) -> Iterator[dict]:
    folders = all_folders()
    try:
        page = list_all(landing, slug)
    except PermanentError as error:
        yield _entry(slug, NOT_READ, str(error))  # a link in the county's place
        return
    yield from _landed(warehouse, [file for file in page.files if is_landed(file.path, folders)])
    strays = strays_of_a_county([*(file.path for file in page.files), *page.unusable], folders)
    for file in page.files:
        inside = place_of(file.path).source in folders[slug]
        if inside and is_unfinished(file.path):
            yield _entry(file.path, UNFINISHED, f"It {UNFINISHED_REASON}.")
        elif inside and not is_landed(file.path, folders):
            yield _entry(file.path, LEFT_ALONE, "Its name begins with an underscore, as markers do.")
    for path in page.hidden:
        yield _entry(path, LEFT_ALONE, "A part of its name begins with a dot.")
    for path, why in {**page.unusable, **strays}.items():
        yield _entry(path, NOT_READ, f"It {why}.")


def _landed(warehouse: Warehouse, files: Iterable[StoredFile]) -> Iterator[dict]:
    files = list(files)
    apis = {slug: {source.name for source in county.api_sources} for slug, county in counties().items()}
    known = known_files(warehouse, {file.path for file in files})
    for file in files:
        place, row = place_of(file.path), known.get(file.path)
        if place.source in apis[place.county_slug]:
            yield _entry(file.path, FETCHED, "")
        elif row is None or row.version != file.version:
            yield _entry(file.path, NEW, "The sensor has not looked at this version yet.")
        else:
            yield _entry(file.path, row.state, row.reason, row.row_count, row.months)


def _quarantined(landing: Store) -> Iterator[dict]:
    there = {file.path for file in list_all(landing, QUARANTINE).files}
    for path in there:
        if path.endswith(REASON_SUFFIX):
            continue
        told = {}
        if f"{path}{REASON_SUFFIX}" in there:
            told = json.loads(landing.read_bytes(f"{path}{REASON_SUFFIX}"))
        was = told.get("path", path.removeprefix(f"{QUARANTINE}/"))
        yield {**_entry(path, "quarantined", told.get("reason", "")), "was": was}


def _entry(path: str, state: str, reason: str, rows: int | None = None, months: Sequence[str] = ()) -> dict:
    return {"path": path, "state": state, "rows": rows, "months": list(months), "reason": reason}
