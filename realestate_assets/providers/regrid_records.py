"""What a Regrid reply says: its parcels, and where in a parcel each field stands.

A parcel's columns are those of Regrid's schema, below `properties.fields`; a column without a value is left
out, numbers and coordinates may come as text, and zero is how amounts, years and areas are left out.
"""

import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.convert import clean, to_number
from realestate_assets.domain.core.parcel_numbers import normalize_apn
from realestate_assets.domain.counties.column_map import UNIT_FACTORS
from realestate_assets.providers.records import days, joined, nonzero, year_ends
from realestate_assets.providers.replies import as_text, read_json, reply_drift
from resources.http.api import ApiAnswer, Failure

BY_NUMBER, BY_POINT = "parcels/apn", "parcels/point"
# Every number a county may know a parcel by.
NUMBERS = (
    "parcelnumb_no_formatting",
    "parcelnumb",
    "state_parcelnumb",
    "account_number",
    "tax_id",
    "alt_parcelnumb1",
    "alt_parcelnumb2",
    "alt_parcelnumb3",
)
# Field -> column of the schema that it is as it stands.
SAME = {
    "zoning_code": "zoning",
    "tax_annual_usd": "taxamt",
    "last_sale_price_usd": "saleprice",
    "last_sale_date": "saledate",
    "owner_since_date": "saledate",
    "roll_living_area_sqft": "recrdareano",
    "roll_year_built": "yearbuilt",
    "geocoded_latitude": "lat",
    "geocoded_longitude": "lon",
    "census_tract": "census_tract",
    "owner_mailing_state": "mail_state2",
}
MADE = (
    "parcel_area_sqft",
    "flood_zone_code",
    "is_flood_hazard_area",
    "assessed_value_usd",
    "roll_market_value_usd",
    "roll_use_code",
    "owner_name",
    "owner_mailing_address",
)
FIELDS = (*SAME, *MADE)
HELPERS = (
    *NUMBERS,
    *("geoid", "address", "parval", "parvaltype", "taxyear", "usecode", "usedesc", "owner", "owner2"),
    *("mailadd", "mail_address2", "mail_city", "mail_state2", "mail_zip"),
    *("ll_gissqft", "ll_gisacre", "sqft", "gisacre"),
    *("ll_last_refresh", "ll_updated_at", "fema_flood_zone", "fema_flood_zone_data_date"),
)
ZERO_IS_UNKNOWN = (
    "tax_annual_usd",
    "last_sale_price_usd",
    "roll_living_area_sqft",
    "roll_year_built",
)
# Zones that are special flood hazard areas; `AREA NOT INCLUDED` is none, though it begins with an A.
HAZARD = r"^(A(E|H|O|R|99|\d{1,2})?|V(E|\d{1,2})?)$"
NO_HAZARD = r"^(X|B|C)$"
ZONE = r"^(A(E|H|O|R|99|\d{1,2})?|V(E|\d{1,2})?|X|B|C|D)$"
ASSESSED, MARKET = r"(?i)assess", r"(?i)market|apprais"
NOTHING = pa.scalar(None, pa.string())


def read_parcels(answer: ApiAnswer, county_slug: str, source: str) -> tuple[list[dict], Failure | None, str]:
    """The parcels of a reply; none where there is no such parcel. What else a reply holds is passed over.

    Raises:
        PermanentError: the reply is not of the form Regrid promises.
    """
    reply, failure, message = read_json(answer, errors_are_read=True)
    if failure is not None or reply is None:
        return [], failure, message
    parcels = reply.get("parcels") if isinstance(reply, dict) else None
    if parcels is None and (said := _error(reply, answer)):
        return [], Failure.BAD_ANSWER, said
    features = parcels.get("features") if isinstance(parcels, dict) else None
    if not isinstance(features, list):
        raise reply_drift("the reply has no parcels.", "parcels", county_slug, source)
    fields = [_fields(feature) for feature in features]
    if None in fields:
        raise reply_drift("a parcel of the reply has no fields.", "properties.fields", county_slug, source)
    # What was found by its number has one; a road found by a point has none.
    numbered = any(name in one for one in fields if one for name in NUMBERS)
    if features and not numbered and answer.request.endpoint == BY_NUMBER:
        raise reply_drift("no parcel found by its number has one.", "parcelnumb", county_slug, source)
    return features, None, ""


def record_table(features: list[dict]) -> pa.Table:
    """One row a parcel: texts of all fields, and of the helpers."""
    fields = [_fields(feature) or {} for feature in features]
    texts = {
        name: clean(pa.array([as_text(one.get(name)) for one in fields], pa.string()))
        for name in dict.fromkeys((*HELPERS, *SAME.values()))
    }
    numbers = {name: normalize_apn(texts[name]) for name in NUMBERS}
    same = {field: texts[column] for field, column in SAME.items()}
    same |= {field: nonzero(same[field]) for field in ZERO_IS_UNKNOWN}
    return pa.table(texts | numbers | same | _made(texts))


def record_vintages(records: pa.Table) -> dict[str, pa.Array]:
    """Last day each field of a record describes.

    Values and taxes are of their tax year, the flood zone of its map. A last sale is true from its day until
    the next one. The rest is as the county had it when Regrid last fetched it.
    """
    refreshed = pc.coalesce(days(records["ll_last_refresh"]), days(records["ll_updated_at"]))
    dates = dict.fromkeys(FIELDS, refreshed)
    roll = pc.coalesce(year_ends(records["taxyear"]), refreshed)
    dates |= dict.fromkeys(("assessed_value_usd", "roll_market_value_usd", "tax_annual_usd"), roll)
    flood = pc.coalesce(days(records["fema_flood_zone_data_date"]), refreshed)
    dates |= dict.fromkeys(("flood_zone_code", "is_flood_hazard_area"), flood)
    sold = pc.coalesce(days(records["last_sale_date"]), refreshed)
    return dates | dict.fromkeys(("last_sale_price_usd", "last_sale_date", "owner_since_date"), sold)


def _made(texts: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """Fields that are made from several columns."""
    zone = pc.utf8_upper(texts["fema_flood_zone"])
    hazard = pc.if_else(pc.match_substring_regex(zone, HAZARD), "true", NOTHING)
    harmless = pc.if_else(pc.match_substring_regex(zone, NO_HAZARD), "false", NOTHING)
    value, kind = nonzero(texts["parval"]), texts["parvaltype"]
    area = [nonzero(texts["ll_gissqft"]), _acres(texts["ll_gisacre"])]
    area += [nonzero(texts["sqft"]), _acres(texts["gisacre"])]
    street = joined([texts["mailadd"], texts["mail_address2"]], " ")
    place = joined([texts["mail_city"], joined([texts["mail_state2"], texts["mail_zip"]], " ")], ", ")
    return {
        "parcel_area_sqft": pc.coalesce(*area),
        "flood_zone_code": pc.if_else(pc.match_substring_regex(zone, ZONE), zone, NOTHING),
        "is_flood_hazard_area": pc.coalesce(hazard, harmless),
        # What the county calls neither assessed nor market (`TOTAL`, `TAXABLE`) is not guessed at.
        "assessed_value_usd": pc.if_else(pc.match_substring_regex(kind, ASSESSED), value, NOTHING),
        "roll_market_value_usd": pc.if_else(pc.match_substring_regex(kind, MARKET), value, NOTHING),
        "roll_use_code": pc.coalesce(texts["usecode"], texts["usedesc"]),
        "owner_name": joined([texts["owner"], texts["owner2"]], " & "),
        "owner_mailing_address": pc.if_else(pc.is_valid(street), joined([street, place], ", "), NOTHING),
    }


def _acres(text: pa.Array) -> pa.Array:
    square_feet = pc.multiply(to_number(text)[0], UNIT_FACTORS["acre"])
    return nonzero(pc.round(square_feet, 1).cast(pa.string()))


def _fields(feature: object) -> dict | None:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    fields = properties.get("fields") if isinstance(properties, dict) else None
    return fields if isinstance(fields, dict) else None


def _error(reply: object, answer: ApiAnswer) -> str | None:
    keys = ("error", "errors", "message")
    said = next((reply[key] for key in keys if reply.get(key)), None) if isinstance(reply, dict) else None
    if said:
        return f"{answer.request.endpoint}: {str(said)[:160]}"
    failed = answer.status is not None and answer.status >= 400
    return f"{answer.request.endpoint} answered with HTTP {answer.status}" if failed else None
