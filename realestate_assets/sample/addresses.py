"""Addresses, parcel numbers and owners of the sample, in the many spellings real records have."""

import numpy as np
import pandas as pd

from realestate_assets.domain.counties.county import County

Text = np.ndarray  # of dtype object

_NAMES = (
    "Oak Maple Cedar Pine Elm Walnut Willow Birch Chestnut Spruce Hickory Magnolia Laurel Juniper Sycamore "
    "Aspen Poplar Cypress Lincoln Washington Jefferson Madison Jackson Franklin Monroe Adams Lakeview "
    "Hillcrest Sunset Highland Meadow Park River Valley Spring Forest Prospect Summit Orchard Garden Church "
    "Mill Ridge Canyon Vista Harbor Bayview Fairview Greenwood Riverside Country Heritage Heather Ivy"
)
STREET_NAMES = _NAMES.split()
SUFFIXES = {
    "Street": ("Street", "St", "St.", "ST"),
    "Avenue": ("Avenue", "Ave", "Ave.", "AVE"),
    "Drive": ("Drive", "Dr", "Dr.", "DR"),
    "Road": ("Road", "Rd", "Rd.", "RD"),
    "Lane": ("Lane", "Ln", "Ln.", "LN"),
    "Court": ("Court", "Ct", "Ct.", "CT"),
    "Place": ("Place", "Pl", "Pl.", "PL"),
    "Boulevard": ("Boulevard", "Blvd", "Blvd.", "BLVD"),
    "Way": ("Way", "Way", "Way", "WAY"),
    "Terrace": ("Terrace", "Ter", "Ter.", "TER"),
}
DIRECTIONS = {
    "": ("", ""),
    "North": ("N", "N."),
    "South": ("S", "S."),
    "East": ("E", "E."),
    "West": ("W", "W."),
}
UNIT_WORDS = ("#", "Apt ", "Unit ", "Apt. ", "# ")
# Where owners from elsewhere get their post; those of the county's own state are left out.
AWAY = (
    ("Portland", "OR", "97205"),
    ("Boise", "ID", "83702"),
    ("Denver", "CO", "80202"),
    ("Salt Lake City", "UT", "84101"),
    ("Omaha", "NE", "68102"),
    ("Minneapolis", "MN", "55402"),
    ("Columbus", "OH", "43215"),
    ("Boston", "MA", "02108"),
    ("Newark", "NJ", "07102"),
    ("Richmond", "VA", "23219"),
)


def text(values: np.ndarray | pd.Series) -> Text:
    """Whole numbers as text; what is missing as None."""
    numbers = np.asarray(values, dtype="float64")
    there = np.isfinite(numbers)
    out = np.full(len(numbers), None, dtype=object)
    out[there] = numbers[there].astype("int64").astype(str)
    return out


def pick(options: tuple[str, ...] | list[str], rng: np.random.Generator, count: int) -> Text:
    """One of the options for each row."""
    return np.array(options, dtype=object)[rng.integers(len(options), size=count)]


def parcel_numbers(serial: np.ndarray, groups: tuple[int, ...]) -> Text:
    """Running numbers as hyphenated parcel numbers, leading zeros kept."""
    digits = pd.Series(serial).astype(str).str.zfill(sum(groups))
    ends = np.cumsum(groups)
    parts = [digits.str.slice(end - size, end) for size, end in zip(groups, ends, strict=True)]
    return parts[0].str.cat(parts[1:], sep="-").to_numpy(dtype=object)


def situs(homes: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Street line as typed by somebody (`street`), in one spelling (`plain`), and the unit of condos.

    House numbers are drawn without repetition, so that no two homes of a month share an address by chance.
    """
    count = len(homes)
    number = 100 + rng.choice(max(19_800, 4 * count), size=count, replace=False)
    number = text(number)
    name = pick(STREET_NAMES, rng, count)
    suffix = rng.integers(len(SUFFIXES), size=count)
    spellings = np.array(list(SUFFIXES.values()), dtype=object)
    directions = np.array([("", "", ""), *((k, *v) for k, v in DIRECTIONS.items() if k)], dtype=object)
    side = np.where(rng.random(count) < 0.3, rng.integers(1, len(directions), count), 0)
    typed_side = directions[side, rng.integers(0, 3, count)]
    typed = spellings[suffix, rng.integers(0, 4, count)]
    streets = pd.DataFrame(
        {
            "street": _line(number, typed_side, name, typed),
            "plain": _line(number, directions[side, 0], name, spellings[suffix, 0]),
        }
    )
    loud = rng.random(count) < 0.15
    streets.loc[loud, "street"] = streets.loc[loud, "street"].str.upper()
    flat = text(rng.integers(1, 20, count) * 100 + rng.integers(1, 24, count))
    streets["unit"] = np.where(homes["kind"] == 1, pick(UNIT_WORDS, rng, count) + flat, None)
    return streets


def _line(number: Text, side: Text, name: Text, suffix: Text) -> Text:
    between = np.where(side == "", " ", " " + side + " ")
    return number + between + name + " " + suffix


def mailing(
    homes: pd.DataFrame, plain: Text, city: Text, zips: Text, county: County, rng: np.random.Generator
) -> Text:
    """The owner's postal address on one line: the home, a box in the county, or another state."""
    count = len(homes)
    place = homes["owner_place"].to_numpy()
    tail = ", " + city + ", " + county.state + " " + zips
    other = rng.permutation(count)
    away = [f", {name}, {state} {code}" for name, state, code in AWAY if state != county.state]
    box = "PO Box " + text(rng.integers(100, 9_999, count))
    street = text(rng.integers(100, 9_999, count)) + " " + pick(STREET_NAMES, rng, count) + " St"
    lines = np.select(
        [place == "home", place == "state"],
        [plain + tail, box + tail[other]],
        street + pick(away, rng, count),
    )
    return lines.astype(object)
