"""The places that a sentence may name: cities, neighbourhoods and landmarks of a county, and the counties."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.search.facts import Circle
from realestate_assets.domain.search.tokens import Token, phrase_at, tokens_of

CITY, AREA, LANDMARK = "city", "area", "landmark"
# Where a ZIP's middle is all that is known of a place: what lies around it, and a step further to be near it.
ZIP_MILES, NEAR_MILES = 2.0, 1.0


@dataclass(frozen=True)
class KnownPlace:
    """A place by name; `circle` where its position is known, ZIPs where it is made of them."""

    name: str
    kind: str
    circle: Circle | None = None
    zips: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gazetteer:
    """What names stand for; without any, no place is understood.

    `counties` are named in full ("clark county"), `short_counties` after "in" ("in clark").
    """

    places: Mapping[tuple[str, ...], KnownPlace] = field(default_factory=dict)
    counties: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    short_counties: Mapping[tuple[str, ...], str] = field(default_factory=dict)

    def place_at(self, tokens: list[Token], at: int) -> tuple[KnownPlace, int] | None:
        """The place whose name begins at a token."""
        return phrase_at(tokens, at, self.places)

    @property
    def words(self) -> frozenset[str]:
        """Names of one word, which a slip may have been meant as."""
        return frozenset(key[0] for key in self.places if len(key) == 1 and key[0].isalpha())

    @property
    def parts(self) -> frozenset[str]:
        """All words of all names: none of them is a slip."""
        return frozenset(word for key in (*self.places, *self.counties) for word in key)


def gazetteer(county: County, counties: Iterable[County] = ()) -> Gazetteer:
    """The places of a county: those that its file names, its target neighbourhoods, its cities.

    Args:
        county: whose places are meant.
        counties: that may be named, as "King County".
    """
    found: dict[tuple[str, ...], KnownPlace] = {}
    for place in _sample_cities(county):
        _add(found, place)
    for hood in county.neighborhoods:
        before = found.get(_key(hood.name))
        _add(found, KnownPlace(hood.name, AREA, before.circle if before else None, hood.zips))
    for each in county.places:
        before = found.get(_key(each.name))
        circle = Circle(each.name, each.latitude, each.longitude, each.radius_miles)
        _add(found, KnownPlace(each.name, each.kind, circle, before.zips if before else ()))
    # A city whose name the county shares ("Orange") is meant as the county where "county" follows.
    named = {_key(each.name): each.slug for each in (*counties, county)}
    short = {
        key[:-1]: slug for key, slug in named.items() if key[-1:] == ("county",) and key[:-1] not in found
    }
    return Gazetteer(found, named, short)


def _key(name: str) -> tuple[str, ...]:
    return tuple(token.text for token in tokens_of(name))


def _add(found: dict[tuple[str, ...], KnownPlace], place: KnownPlace) -> None:
    if key := _key(place.name):
        found[key] = place


def _sample_cities(county: County) -> list[KnownPlace]:
    """The cities of the sample, each around the middle of its ZIPs."""
    if county.sample is None:
        return []
    by_city: dict[str, list[str]] = {}
    for zip_code, city in county.sample.cities.items():
        by_city.setdefault(city, []).append(zip_code)
    places = []
    for city, zips in by_city.items():
        middles = [county.sample.zips[each][:2] for each in zips if each in county.sample.zips]
        middle = np.mean(middles, axis=0) if middles else None
        circle = Circle(city, float(middle[0]), float(middle[1]), ZIP_MILES) if middle is not None else None
        places.append(KnownPlace(city, CITY, circle))
    return places
