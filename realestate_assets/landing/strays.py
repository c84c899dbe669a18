"""Files and folders below the landing root that belong to no source of a county: nobody reads them.

A misspelled folder is told by its name, once, instead of each of its files.
"""

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches

from realestate_assets.landing.paths import place_of

# Folders of the platform's own, such as `_quarantine`, and what desktops and copying programs drop.
NOT_LANDED = ("_", ".")


def strays_of_a_county(paths: Iterable[str], folders: Mapping[str, Collection[str]]) -> dict[str, str]:
    """What lies in a county's folder and in none of its sources', by path with the reason.

    Args:
        paths: of files below the landing root.
        folders: county -> names of the folders that are read for it, or filled by it.
    """
    found = {}
    for path in paths:
        place = place_of(path)
        known = folders.get(place.county_slug, ())
        if place.source in known or place.source.startswith(NOT_LANDED):
            continue
        if not place.file:
            found[path] = (
                f"lies beside the folders of the sources and is not read{_named('Put it into', known)}"
            )
        else:
            folder = f"{place.county_slug}/{place.source}"
            of_none = f"is a folder of no source of {place.county_slug}: what lies in it is not read"
            found[folder] = of_none + _named("Sources", known, place.source)
    return found


def strays_at_the_root(
    there: Iterable[str], files: Iterable[str], counties: Collection[str], unusable: Collection[str]
) -> dict[str, str]:
    """Folders of no county, and files beside the counties' folders, by name with the reason.

    Args:
        there: names of the folders at the root that are not empty.
        files: names of the files at the root.
        counties: slugs of the counties.
        unusable: slugs of those whose county file cannot be used.
    """
    found = {}
    for name in there:
        if name in unusable:
            found[name] = "is not read: the county's file cannot be used (realestate doctor says why)"
        elif name not in counties and not name.startswith(NOT_LANDED):
            of_none = "is a folder of no county: what lies in it is not read"
            found[name] = of_none + _named("Counties", counties, name)
    for name in files:
        if not name.startswith(NOT_LANDED):
            found[name] = "lies beside the counties' folders and is not read: put it into <county>/<source>/"
    return found


def _named(what: str, known: Collection[str], name: str = "") -> str:
    close = get_close_matches(name.lower(), known, n=1) if name else []
    meant = f"; meant is perhaps {close[0]}" if close else ""
    return f". {what}: {', '.join(sorted(known)) or 'none'}{meant}"
