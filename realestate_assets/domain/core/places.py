"""The place of a home: its ZIP, or where it has none the source's own code of neighbourhood or district."""

import pandas as pd

PLACE = "place"


def places_of(frame: pd.DataFrame) -> pd.Series:
    """The place of each row; null where neither is known.

    Args:
        frame: with `zip`, and `place` where the caller has read it.
    """
    zips = frame["zip"].astype(object)
    return zips.where(zips.notna(), frame[PLACE].astype(object)) if PLACE in frame else zips


def lack_zips(frame: pd.DataFrame) -> bool:
    """True where homes have a place and no ZIP."""
    return PLACE in frame and bool((frame["zip"].isna() & frame[PLACE].notna()).any())
