"""Which advertisements are of one home: posted again, under another title, or with a slightly changed rent.

Over two fifths of a board's advertisements are such. Counted each by itself they would make one landlord's
rent the market's, and a model judged on a copy of what it learned from would look better than it is.
"""

import numpy as np
import pandas as pd

from realestate_assets.domain.rents.params import RepostParams
from realestate_assets.domain.rents.words import plain

# Joins the parts of a key; stands in no text.
PART = "\x1f"
UNKNOWN = "?"


def repost_groups(ads: pd.DataFrame, params: RepostParams) -> np.ndarray:
    """A number for each advertisement, equal for those of one home.

    Within a market two advertisements are of one home where one of these holds:

    - town, bedrooms and area are the same, and the rents lie within `max_rent_step` of the next one;
    - town, bedrooms and rent are the same, and neither tells an area;
    - rent, bedrooms and area are the same, whatever town they name;
    - town, bedrooms and the words of the title are the same, and those say something;
    - bedrooms and the words of a long title are the same;
    - street and unit are the same.

    What is joined by a third one is joined too.

    Args:
        ads: market, town, title, bedrooms, living_area_sqft, rent_monthly_usd; street and unit where known.
        params: bounds of the rules.

    Returns:
        Whole numbers from 0, in the order in which the groups first appear.
    """
    if ads.empty:
        return np.empty(0, dtype=int)
    # Heavy to import: not at each start.
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    market, town = plain(ads["market"]), plain(ads["town"])
    beds, area = _number(ads["bedrooms"]), _number(ads["living_area_sqft"])
    rent = _number(ads["rent_monthly_usd"])
    words = plain(ads["title"]).str.replace(r"\d+", " ", regex=True).str.split().str.join(" ")
    letters = words.str.len().to_numpy()
    has_area = ads["living_area_sqft"].notna().to_numpy()
    place = _key(market, town, beds)
    step = _steps(_key(place, area), ads["rent_monthly_usd"], params.max_rent_step)
    rules = [
        (_key(place, area, step), has_area),
        (_key(place, rent), ~has_area),
        (_key(market, beds, area, rent), has_area),
        (_key(place, words), letters >= params.title_letters_town),
        (_key(market, beds, words), letters >= params.title_letters_market),
    ]
    if "street" in ads:
        unit = plain(ads["unit"]) if "unit" in ads else pd.Series("", index=ads.index)
        rules.append((_key(market, plain(ads["street"]), unit, beds), ads["street"].notna().to_numpy()))
    links = [_links(key.to_numpy(), np.asarray(holds, dtype=bool)) for key, holds in rules]
    rows, firsts = (np.concatenate(side) for side in zip(*links, strict=True))
    graph = coo_matrix((np.ones(len(rows)), (rows, firsts)), shape=(len(ads), len(ads)))
    return pd.factorize(connected_components(graph, directed=False)[1])[0]


def latest_of_each(groups: np.ndarray, observed: pd.Series) -> np.ndarray:
    """Mask of the advertisement that stands for its group: the latest, of several of one day the last.

    Args:
        groups: as `repost_groups` gives them.
        observed: date of each advertisement.
    """
    order = pd.DataFrame({"group": groups, "at": pd.to_datetime(observed).to_numpy()})
    order = order.sort_values("at", kind="stable", na_position="first")
    kept = order.drop_duplicates("group", keep="last").index.to_numpy()
    mask = np.zeros(len(groups), dtype=bool)
    mask[kept] = True
    return mask


def _links(key: np.ndarray, holds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each row for which the rule holds, and the first row of the same key."""
    rows = np.flatnonzero(holds)
    codes = pd.factorize(key[rows])[0]
    first = np.zeros(codes.max(initial=-1) + 1, dtype=int)
    first[codes[::-1]] = rows[::-1]
    return rows, first[codes]


def _steps(key: pd.Series, rent: pd.Series, step: float) -> pd.Series:
    """A number that rises, within a key by rent, wherever the next rent is more than a step above."""
    order = pd.DataFrame({"key": key.to_numpy(), "rent": rent.to_numpy(float)}).sort_values(
        ["key", "rent"], kind="stable"
    )
    is_new = (order["key"] != order["key"].shift()) | (order["rent"] > order["rent"].shift() * (1 + step))
    return pd.Series(is_new.cumsum().sort_index().to_numpy().astype(str), index=key.index)


def _number(values: pd.Series) -> pd.Series:
    """Numbers as text; the unknown is alike."""
    number = pd.to_numeric(values, errors="coerce").astype(float).round(1)
    return number.astype(object).where(number.notna(), UNKNOWN).astype(str)


def _key(*parts: pd.Series) -> pd.Series:
    joined = parts[0].astype(str)
    for part in parts[1:]:
        joined = joined + PART + part.astype(str)
    return joined
