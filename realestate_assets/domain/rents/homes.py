"""One form for advertisements and for properties: what both say of a home that a rent can hang on."""

import numpy as np
import pandas as pd

from realestate_assets.domain.rents.cleaning import believable_area
from realestate_assets.domain.rents.params import CleaningParams
from realestate_assets.domain.rents.words import AMENITIES, TYPES, advertised, plain

MOST_BEDROOMS = 6
# What a town's name holds beside the place: the state.
STATES = (
    "al|ak|az|ar|ca|co|ct|de|dc|fl|ga|hi|id|il|ia|ks|ky|la|me|md|ma|mi|mn|ms|mo|mt|ne|nv|nh|nj|nm|ny|nc|nd|"
    "oh|ok|or|pa|ri|sc|sd|tn|tx|ut|vt|va|wa|wv|wi|wy|usa"
)
# Kinds of advertisements that a property's type has another word for.
SAME_KIND = {"apartment": "multi_family", "land": "unknown", "other": "unknown"}
OPTIONAL = ("zip", "place", "latitude", "longitude", "property_type", "bathrooms", "title")


def homes(frame: pd.DataFrame, params: CleaningParams) -> pd.DataFrame:
    """Rows of advertisements or properties as the model reads them, in their order with a new index.

    What a title says fills in where the columns say nothing. A property's own remarks are not read: they
    speak to buyers, and a word that is missing there says nothing of the rent.

    Args:
        frame: market, town, bedrooms and living_area_sqft; OPTIONAL columns where they are known.
        params: bounds of an area.

    Returns:
        market, town (words without the state), zip, place (text, "" unknown), beds (0 to 6, missing unknown),
        log_area, baths, latitude, longitude (missing unknown), kind (of TYPES), the flags of AMENITIES.
    """
    known = frame.reset_index(drop=True)
    known = known.assign(**{name: None for name in OPTIONAL if name not in known})
    told = advertised(known["title"])
    own = known["property_type"].astype(object).where(known["property_type"].notna(), told["kind"])
    kind = own.map(lambda name: SAME_KIND.get(name, name))
    beds = _float(known["bedrooms"])
    beds = beds.where(beds.notna() | (told["says_studio"] == 0), 0.0).clip(upper=MOST_BEDROOMS)
    area = believable_area(_float(known["living_area_sqft"]).fillna(told["area_sqft"]), params)
    town = plain(known["town"]).str.replace(rf"\b(?:{STATES})\b", " ", regex=True)
    return pd.DataFrame(
        {
            "market": known["market"].astype(str),
            "town": town.str.split().str.join(" "),
            "zip": plain(known["zip"]),
            "place": plain(known["place"]),
            "beds": beds,
            "log_area": np.log(area),
            "baths": _float(known["bathrooms"]).fillna(told["baths"]),
            "latitude": _float(known["latitude"]),
            "longitude": _float(known["longitude"]),
            "kind": kind.where(kind.isin(TYPES), "unknown"),
            **{name: told[name] for name in AMENITIES},
        }
    )


def _float(values: pd.Series) -> pd.Series:
    return pd.to_numeric(values, errors="coerce").astype(float)
