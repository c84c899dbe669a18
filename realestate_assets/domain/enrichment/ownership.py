"""What name and mailing address say of an owner: kind, at home or elsewhere, in the state or not, how long.

Only facts that enrichment has found usable for the month enter here, so nothing looks ahead. What is not
known stays unknown: a missing address never makes an absentee. Names are read in `owner_types`, addresses in
`mailing`.
"""

import numpy as np
import pandas as pd

from realestate_assets.domain.enrichment.mailing import (
    Mailing,
    Street,
    in_parts,
    parse_mailing,
    parse_street,
    plain_unit,
)
from realestate_assets.domain.enrichment.owner_types import classify_owners
from realestate_assets.domain.tables import OCCUPANCIES, OWNER_SIGNALS

OWNER_OCCUPIED, ABSENTEE_IN_STATE, ABSENTEE_OUT_OF_STATE, ABSENTEE, UNKNOWN = OCCUPANCIES
KEY = ("county", "month", "property_id")
PROPERTY_COLUMNS = (
    *KEY, "street", "unit", "city", "state", "zip", "owner_name", "owner_mailing_address", "owner_occupied"
)  # fmt: skip
ENRICHMENT_COLUMNS = (
    *KEY,
    "owner_name",
    "owner_mailing_address",
    "owner_mailing_state",
    "owner_since_date",
    "owner_occupied",
)
DAYS_PER_YEAR = 365.25
# A street name that begins like another may be the same one cut off, from this length on.
MIN_COMMON_LETTERS = 4


def owner_signals(
    properties: pd.DataFrame, enrichments: pd.DataFrame, states: dict[str, str]
) -> pd.DataFrame:
    """Rows of raw.owner_signals, one for each property.

    What the record itself says goes before what a provider says, for each of name, address and flag.

    Args:
        properties: PROPERTY_COLUMNS.
        enrichments: ENRICHMENT_COLUMNS; a property may be missing.
        states: state of each county, for records that name none.
    """
    known = enrichments[list(ENRICHMENT_COLUMNS)]
    frame = properties[list(PROPERTY_COLUMNS)].merge(known, "left", list(KEY), suffixes=("", "_found"))
    situs = frame[["street", "unit", "city", "zip"]].assign(
        state=frame["state"].astype("object").fillna(frame["county"].map(states))
    )
    reported = frame["owner_mailing_address"]
    line = _first(reported, frame["owner_mailing_address_found"])
    # A provider's state belongs to its own address, not to another one's.
    state = frame["owner_mailing_state"].where(reported.isna())
    says_home = _first(frame["owner_occupied"], frame["owner_occupied_found"])
    where = occupancy(situs, line, state, says_home)
    absentee = where.isin([ABSENTEE, ABSENTEE_IN_STATE, ABSENTEE_OUT_OF_STATE])
    signals = frame[list(KEY)].assign(
        owner_type=classify_owners(_first(frame["owner_name"], frame["owner_name_found"])),
        occupancy=where,
        is_absentee_owner=absentee.astype("boolean").mask(where == UNKNOWN),
        is_absentee_out_of_state=(where == ABSENTEE_OUT_OF_STATE).astype("boolean").mask(
            where.isin([UNKNOWN, ABSENTEE])
        ),
        owner_tenure_years=tenure_years(frame["owner_since_date"], frame["month"]),
    )  # fmt: skip
    return signals[OWNER_SIGNALS.column_names]


def tenure_years(since: pd.Series, month: pd.Series) -> pd.Series:
    """Years of 365.25 days from a date to the first of the month; null for a date that lies later."""
    first = pd.to_datetime(month + "-01")
    years = (first - pd.to_datetime(since)).dt.days / DAYS_PER_YEAR
    return years.where(years >= 0)


def occupancy(
    situs: pd.DataFrame, mailing: pd.Series, mailing_state: pd.Series, says_home: pd.Series
) -> pd.Series:
    """Where each owner lives: one of OCCUPANCIES.

    What a source says outright decides. Else the mailing address is compared with the property's:

    - same house number and street, and the same ZIP or city: at home. A unit of the property counts only
      where the mailing address has one too; a unit that only the mailing address has decides nothing.
    - another street, another place, or another unit of the building: elsewhere.
    - a post-office box says nothing, nor does a line without house number in the same place; but in another
      state they are elsewhere.

    Args:
        situs: street, unit, city, zip and state of each property, normalised.
        mailing: mailing address in one line.
        mailing_state: its state where a source gives it by itself.
        says_home: True or False where a source says whether the owner lives there.
    """
    mail, mail_street = _mailing_parts(mailing)
    home_street = in_parts(situs["street"], parse_street, Street)
    state = _first(mail["state"], mailing_state)
    same_zip = _same(mail["zip"], situs["zip"])[0]
    # A ZIP lies in one state: where it is the property's, a state that differs is a slip.
    other_state = _same(state, situs["state"])[1] & ~same_zip
    in_state = _same(state, situs["state"])[0] | same_zip
    elsewhere, at_home = _compared(mail, mail_street, situs, home_street)
    said = says_home.astype("boolean")
    is_home, is_away = (flags.fillna(value=False).to_numpy(bool) for flags in (said, ~said))
    away = is_away | (elsewhere & ~is_home)
    choices = {
        OWNER_OCCUPIED: is_home | (at_home & ~is_away & ~other_state),
        ABSENTEE_OUT_OF_STATE: other_state,
        ABSENTEE_IN_STATE: away & in_state,
        ABSENTEE: away,
    }
    return pd.Series(np.select(list(choices.values()), list(choices), UNKNOWN), index=situs.index)


def _mailing_parts(mailing: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    mail = in_parts(mailing, parse_mailing, Mailing)
    return mail, in_parts(mail["street"], parse_street, Street)


def _compared(
    mail: pd.DataFrame, mail_street: pd.DataFrame, situs: pd.DataFrame, home_street: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Which addresses are certainly others, and which certainly the same; neither is not certain."""
    same_street, other_street, like = _streets(mail_street, home_street)
    same_zip, other_zip = _same(mail["zip"], situs["zip"])
    same_city, other_city = _same(mail["city"], situs["city"])
    same_place = same_zip | same_city
    other_place = (other_zip & ~same_city) | (other_city & ~same_zip & ~same_street)
    has_house, has_street = (f.notna().to_numpy(bool) for f in (mail_street["number"], mail["street"]))
    same_house = same_street & same_place
    home_unit = situs["unit"].map(plain_unit, na_action="ignore")
    other_unit = same_house & _same(mail["unit"], home_unit)[1]
    extra_unit = mail["unit"].notna().to_numpy(bool) & home_unit.isna().to_numpy(bool)
    elsewhere = has_house & ((other_street & ~(like & same_place)) | other_unit)
    return elsewhere | (has_street & other_place), same_house & ~other_unit & ~extra_unit


def _streets(mail: pd.DataFrame, home: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Same street and number; certainly others; alike: one may be the other cut off or without direction.

    A direction or kind of street that one side leaves out does not part them: `4510 147TH ST` is
    `4510 W 147TH`.
    """
    same_number, other_number = _same(mail["number"], home["number"])
    same_name, other_name = _same(mail["name"], home["name"])
    conflict = _same(mail["direction"], home["direction"])[1] | _same(mail["kind"], home["kind"])[1]
    same = same_number & same_name & ~conflict
    other = other_number | other_name | (same_name & conflict)
    return same, other, same_number & other_name & _begin_alike(mail["name"], home["name"])


def _begin_alike(left: pd.Series, right: pd.Series) -> np.ndarray:
    pairs = pd.DataFrame({"left": left.fillna(""), "right": right.fillna("")})
    distinct = pairs.drop_duplicates()
    alike = [
        min(len(a), len(b)) >= MIN_COMMON_LETTERS and (a.startswith(b) or b.startswith(a))
        for a, b in distinct.itertuples(index=False)
    ]
    return pairs.merge(distinct.assign(alike=alike), "left", ["left", "right"])["alike"].to_numpy(bool)


def _same(left: pd.Series, right: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Where both are known and equal, and where both are known and differ."""
    known = left.notna().to_numpy(bool) & right.notna().to_numpy(bool)
    equal = left.to_numpy(object) == right.to_numpy(object)
    return known & equal, known & ~equal


def _first(own: pd.Series, found: pd.Series) -> pd.Series:
    return own.astype("object").where(own.notna(), found.astype("object"))
