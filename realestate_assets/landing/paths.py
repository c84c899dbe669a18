"""Where a file lies below the landing root, `<county>/<source>/<file>`; no other module makes such a path."""

from collections.abc import Collection, Mapping

from realestate_assets.domain.intake.file_bytes import Place

# Endings that uploading programs give to what they have not finished: browsers, FTP and copying programs.
UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart", ".download")
UNFINISHED_REASON = (
    "is an upload that is not finished, by the ending of its name: it is read once it is renamed"
)


def path_of(place: Place) -> str:
    """Where a file lies."""
    return f"{place.county_slug}/{place.source}/{place.file}"


def place_of(path: str) -> Place:
    """Which file lies there; of a path that is too short the last parts are empty."""
    county_slug, _, rest = path.partition("/")
    source, _, name = rest.partition("/")
    return Place(county_slug, source, name)


def is_landed(path: str, sources: Mapping[str, Collection[str]]) -> bool:
    """True for a file that belongs to a source of its county.

    Args:
        path: below the landing root.
        sources: names of the sources in question by county.
    """
    place = place_of(path)
    name = place.file.rpartition("/")[2]
    # A leading underscore marks a marker, as in `_SUCCESS`.
    is_data = bool(name) and not name.startswith("_") and not is_unfinished(path)
    return is_data and place.source in sources.get(place.county_slug, ())


def is_beside_landed(path: str, sources: Mapping[str, Collection[str]]) -> bool:
    """True for anything in the folder of a source of its county, and for that folder itself."""
    place = place_of(path)
    return place.source in sources.get(place.county_slug, ())


def is_unfinished(path: str) -> bool:
    """True for a file that is still being uploaded, by its name."""
    return path.lower().endswith(UNFINISHED)
