"""What an advertisement's own words say: kind of home, amenities, baths and area; amounts are left out.

An amount in a title is the rent itself: a model that read it would have seen what it is to tell.
"""

import numpy as np
import pandas as pd

# The kinds are those of `properties`; the first that is named counts, so that the narrower ones come first.
KINDS = {
    "townhouse": r"town ?(?:house|home)s?",
    "condo": r"condos?|condominiums?",
    "multi_family": r"duplex(?:es)?|triplex|fourplex|multi ?family",
    "manufactured": r"manufactured|mobile home|trailer",
    "apartment": r"apartments?|apts?|apt homes?|flat|loft|high ?rise",
    "single_family": r"houses?|bungalow|cottage|craftsman|single family|rambler|homes?",
}
# What else moves a rent; each is a flag.
AMENITIES = {
    "says_room": r"rooms? (?:for|in|to)|private room|bedroom for rent|shared",
    "says_studio": r"studios?|efficiency",
    "says_accessory": r"adu|mother in law|in law|basement|guest house|carriage house|cottage",
    "says_furnished": r"furnished|corporate",
    "says_parking": r"parking|garage|carport",
    "says_laundry": r"laundry|washer|w d|wd",
    "says_pool": r"pool",
    "says_view": r"views?|ocean|water ?front|penthouse",
    "says_luxury": r"luxury|luxurious|lux|designer|upscale",
    "says_new": r"new|brand|renovated|remodeled|updated",
    "says_assisted": r"section 8|sec 8|affordable|income (?:restricted|limits?)|tax credit|voucher",
    "says_senior": r"senior|55 plus|62 plus|55",
    "says_student": r"students?|campus|university",
    "says_short_term": r"month to month|short term|sublet|sublease|weekly|daily|vacation",
    "says_utilities": r"utilities (?:included|paid)|utils? incl|all utilities|includes utilities",
}
TYPES = ("unknown", *KINDS)
MONEY = r"\$\s?\d[\d,.]*k?|\b\d{1,2},\d{3}\b|\b\d{3,}(?:\.\d+)?\b"
AREA = r"\b(\d{3,4})\s?\+?-?\s?(?:sq\.?\s?f|sf\b|sqft)"
ROOMS = (
    r"\b[0-9]\s?(?:bedrooms?|bdrms?|beds?|bds?|brs?|b|x|/)\s?[/,x&\-]?\s?"
    r"([1-6](?:\.5)?)\s?(?:bathrooms?|baths?|bths?|ba|b)?\b"
)


def plain(text: pd.Series) -> pd.Series:
    """Lower-case words parted by one blank, nothing else; missing is empty."""
    known = text.astype(object).where(text.notna(), "").astype(str).str.lower()
    return known.str.replace(r"[^a-z0-9]+", " ", regex=True).str.strip()


def without_money(title: pd.Series) -> pd.Series:
    """Titles in lower case without amounts of money and other numbers of three digits or more."""
    known = title.astype(object).where(title.notna(), "").astype(str).str.lower()
    return known.str.replace(MONEY, " ", regex=True)


def says(words: pd.Series, pattern: str) -> np.ndarray:
    """1 where the words hold the pattern as whole words, else 0."""
    return words.str.contains(rf"\b(?:{pattern})\b", regex=True).to_numpy(dtype=float)


def advertised(title: pd.Series) -> pd.DataFrame:
    """What titles say, one row each: `kind` (of TYPES), `baths`, `area_sqft`, and the flags of AMENITIES.

    Args:
        title: advertisements' titles or remarks; a missing one says nothing.
    """
    raw = title.astype(object).where(title.notna(), "").astype(str).str.lower()
    words = plain(without_money(title))
    kind = pd.Series("unknown", index=title.index, dtype=object)
    for name, pattern in reversed(KINDS.items()):
        kind = kind.where(says(words, pattern) == 0, name)
    flags = {name: says(words, pattern) for name, pattern in AMENITIES.items()}
    return pd.DataFrame(
        {
            "kind": kind,
            "baths": raw.str.extract(ROOMS, expand=False).astype(float),
            "area_sqft": raw.str.extract(AREA, expand=False).astype(float),
            **flags,
        },
        index=title.index,
    )
