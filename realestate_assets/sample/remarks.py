"""The remarks of a generated listing: sentences made from its own attributes, so that search finds them."""

import numpy as np
import pandas as pd

from realestate_assets.sample.addresses import Text, pick, text

NOUNS = ("home", "condo", "townhouse", "multi-family house", "manufactured home")
WALLS = ("Brick", "Stucco", "Wood-sided", "Stone-fronted", "Shingled", "Painted")
CONDITIONS = (
    "Sold as is: needs a full renovation from roof to floor.",
    "Dated inside and priced for somebody who likes to work.",
    "Kept in good order with room for your own ideas.",
    "Well maintained, with fresh paint and a newer kitchen.",
    "Beautifully updated and ready to move in.",
)
VIEWS = (
    "",
    " A peek of the hills from upstairs.",
    " A pleasant view over the neighborhood.",
    " Wide views in the evening sun.",
    " Sweeping panoramic views.",
)
# A sale closes the listing; a few open ones say that the owner is in a hurry.
HURRY = (" Motivated seller, bring all offers.", " Estate sale.", " Price reduced for a quick sale.")


def remarks(homes: pd.DataFrame, city: Text, rng: np.random.Generator) -> Text:
    """One text a home."""
    count = len(homes)
    kind = homes["kind"].to_numpy()
    built = homes["year_built"].to_numpy()
    style = np.select(
        [built < 1942, built < 1968, built < 1995], ["craftsman ", "mid-century ", "classic "], "modern "
    )
    style = np.where(kind == 0, style, "").astype(object)
    beds = homes["bedrooms"].to_numpy()
    rooms = np.where(beds == 0, "studio ", text(beds) + "-bedroom ").astype(object)
    opening = pick(WALLS, rng, count) + " " + rooms + style + np.array(NOUNS, dtype=object)[kind]
    size = " of " + text(homes["living_area_sqft"]) + " sq ft in " + city + ", built in " + text(built) + ". "
    extras = _when(homes["waterfront"], " Right on the water with its own shore.")
    extras = extras + _when(homes["basement_sqft"] > 0, " Finished basement.")
    extras = extras + _when(homes["garage"] == 2, " Two-car garage.")
    extras = extras + _when(homes["garage"] >= 3, " Three-car garage.")
    extras = extras + _when(homes["lot_area_sqft"] > 14_000, " Large lot with old trees.")
    renovated = homes["year_renovated"].notna().to_numpy()
    year = np.where(
        renovated, " Renovated in " + np.where(renovated, text(homes["year_renovated"]), "") + ".", ""
    )
    hurry = np.where((homes["status"] == "active") & (rng.random(count) < 0.15), pick(HURRY, rng, count), "")
    condition = np.array(CONDITIONS, dtype=object)[homes["condition"].to_numpy() - 1]
    view = np.array(VIEWS, dtype=object)[homes["view"].to_numpy()]
    return opening + size + condition + view + extras + year.astype(object) + hurry.astype(object)


def _when(condition: pd.Series, sentence: str) -> Text:
    return np.where(condition, sentence, "").astype(object)
